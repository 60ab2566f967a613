"""``scout evaluate``: the model against labelled texts, with everything broken down.

Against labelled JSON lines, or, without a file, against the corpus by models that never saw the file a text
stands in.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from models import geo
from models.settings import Settings
from scout.classify.corpus import CorpusError, Example, example_of, read_corpus
from scout.classify.figures import at_threshold, ranking, reliability
from scout.classify.model import ensure_model
from scout.classify.pipeline import Recogniser, Text
from scout.classify.scoring import BadLineError, Warn, object_of
from scout.places import place

#: Inhabitants from which on a municipality is of the next size.
MIDDLING, LARGE = 25_000, 100_000


@lru_cache
def _sizes() -> dict[str, str]:
    """Name of a municipality -> how large it is."""
    return {
        one.name: "large"
        if one.inhabitants >= LARGE
        else "middling"
        if one.inhabitants >= MIDDLING
        else "small"
        for one in geo.municipalities()
    }


#: Name of a breakdown -> the part that a text belongs to.
BREAKDOWNS: dict[str, Callable[[Example], str]] = {
    "file": lambda example: example.source,
    "kind": lambda example: example.kind or "-",
    "difficulty": lambda example: "hard" if example.hard else "plain",
    "size": lambda example: _sizes().get(example.municipality, "-"),
    "theme": lambda example: example.theme or "-",
}


class Said(Protocol):
    """What a model said of one text."""

    @property
    def score(self) -> float:
        """0.0 to 1.0."""

    @property
    def flagged(self) -> bool:
        """At or above the threshold."""

    @property
    def theme(self) -> str | None:
        """Slug."""

    @property
    def theme_score(self) -> float:
        """0.0 to 1.0."""


@dataclass(frozen=True)
class EvaluationReport:
    """Figures over the lines that could be used."""

    figures: dict[str, Any]
    #: Every line could be used.
    fine: bool

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return self.figures

    def as_text(self) -> str:
        """For a terminal: one table for recognition, then calibration, theme and location."""
        return "\n".join(_lines(self.figures))


@dataclass(frozen=True)
class _Case:
    example: Example
    #: Code of the municipality that the text determines; "" = none; None = not known.
    municipality: str | None


def evaluate_lines(settings: Settings, lines: Iterable[bytes | str], *, warn: Warn) -> EvaluationReport:
    """Judge each labelled line and compare.

    Lines have ``label`` (``initiative`` or ``other``), ``title`` and ``text``, and where known
    ``municipality`` (name or code; empty where the text determines none), ``theme``, ``hard``, ``kind``.

    Args:
        warn: gets one sentence for each line that can't be used, and one if texts are from the
            corpus that the model was trained on.
    """
    cases: list[_Case] = []
    fine = True
    for number, line in enumerate(lines, start=1):
        try:
            row = object_of(line)
            if row is not None:
                cases.append(_case(row, number))
        except (BadLineError, CorpusError) as error:
            fine = False
            warn(f"line {number}: {error}")
    recogniser = Recogniser.load(settings)
    began = time.perf_counter()
    judged = list(recogniser.judge(Text(case.example.title, case.example.text) for case in cases))
    seconds = time.perf_counter() - began
    trained_on = {(example.title, example.text) for example in read_corpus()}
    seen = sum((case.example.title, case.example.text) in trained_on for case in cases)
    if seen:
        warn(f"{seen} of {len(cases)} texts were trained on: the figures flatter the model")
    figures = {
        "model": recogniser.model.version,
        "trained_on": seen,
        "items_per_second": len(cases) / seconds if cases else None,
        **_figures(
            cases, judged, [judgement.municipality_code for judgement in judged], recogniser.threshold
        ),
    }
    return EvaluationReport(figures, fine)


def evaluate_corpus(settings: Settings) -> EvaluationReport:
    """Judge each text of the product's own corpus by a model that never saw the file it stands in.

    Places are found by rules that nothing is trained for: they are held against all labels as they are.

    Raises:
        CorpusError: the corpus can't be used.
    """
    from scout.classify.held_out import judge_unseen

    examples = read_corpus()
    cases = [
        _Case(one, (geo.municipality_code(one.municipality) or "") if one.municipality else "")
        for one in examples
    ]
    fitted, judged = judge_unseen(examples)
    codes = [place(one.title, one.text).location.municipality_code for one in examples]
    blend = fitted.card["blend"]
    labels = np.array([one.initiative for one in examples], dtype=bool)
    figures = {
        "model": ensure_model(settings).version,
        "trained_on": 0,
        "items_per_second": None,
        "asked": sum(one.asked for one in judged),
        "first_stage": ranking(labels, np.array([one.first_score for one in judged])),
        **_figures(cases, judged, codes, blend["threshold"] if blend else fitted.threshold),
    }
    return EvaluationReport(figures, True)


def _case(row: dict[str, Any], number: int) -> _Case:
    row = {"id": str(row.get("id", number)), **{key: value for key, value in row.items() if key != "id"}}
    for key in ("title", "text"):
        row[key] = row.get(key) if row.get(key) is not None else ""
    example = example_of(row, "lines", "this line")
    if "municipality" not in row:
        return _Case(example, None)
    if not example.municipality:
        return _Case(example, "")
    code = geo.municipality_code(example.municipality)
    if code is None:
        raise BadLineError(f"no municipality is called {example.municipality!r}")
    return _Case(example, code)


def _figures(
    cases: Sequence[_Case], judged: Sequence[Said], codes: Sequence[str | None], threshold: float
) -> dict[str, Any]:
    labels = np.array([case.example.initiative for case in cases], dtype=bool)
    scores = np.array([judgement.score for judgement in judged], dtype=float)
    flagged = np.array([judgement.flagged for judgement in judged], dtype=bool)
    # A text without words is never flagged; as -1 it stays below every threshold here, too.
    compared = np.where(flagged | (scores < threshold), scores, -1.0)
    result: dict[str, Any] = {
        "recognition": {**ranking(labels, scores), **at_threshold(labels, compared, threshold)},
        "reliability": reliability(labels, scores),
        "breakdown": {},
        "confusion": _confusion(cases, flagged),
        "theme": _theme(cases, judged),
        "location": _location(cases, codes),
    }
    for name, part_of in BREAKDOWNS.items():
        parts = np.array([part_of(case.example) for case in cases], dtype=np.str_)
        result["breakdown"][name] = {
            str(part): {
                **ranking(labels[parts == part], scores[parts == part]),
                **at_threshold(labels[parts == part], compared[parts == part], threshold),
            }
            for part in np.unique(parts)
        }
    return result


def _confusion(
    cases: Sequence[_Case], flagged: np.ndarray[Any, np.dtype[np.bool_]]
) -> dict[str, dict[str, int]]:
    """By difficulty: initiatives flagged and missed, others flagged and left."""
    table: dict[str, dict[str, int]] = {}
    for case, flag in zip(cases, flagged.tolist(), strict=True):
        row = table.setdefault(
            BREAKDOWNS["difficulty"](case.example),
            {"initiative_flagged": 0, "initiative_missed": 0, "other_flagged": 0, "other_left": 0},
        )
        label = "initiative" if case.example.initiative else "other"
        row[f"{label}_{'flagged' if flag else 'missed' if case.example.initiative else 'left'}"] += 1
    return table


def _theme(cases: Sequence[_Case], judged: Sequence[Said]) -> dict[str, Any]:
    """Of the initiatives with a known theme, how many got it, and how sure the model was."""
    pairs = [
        (case.example.theme == judgement.theme, judgement.theme_score)
        for case, judgement in zip(cases, judged, strict=True)
        if case.example.initiative and case.example.theme
    ]
    right = sum(hit for hit, _ in pairs)
    return {
        "texts": len(pairs),
        "right": right,
        "share": right / len(pairs) if pairs else None,
        "mean_score": float(np.mean([score for _, score in pairs])) if pairs else None,
    }


def _location(cases: Sequence[_Case], codes: Sequence[str | None]) -> dict[str, Any]:
    """Right, wrong and abstained where the text determines a municipality; guessed where it does not."""
    counts = {"determined": 0, "right": 0, "wrong": 0, "abstained": 0, "undetermined": 0, "guessed": 0}
    for case, said in zip(cases, codes, strict=True):
        if case.municipality is None:
            continue
        if case.municipality == "":
            counts["undetermined"] += 1
            counts["guessed"] += said is not None
            continue
        counts["determined"] += 1
        outcome = "abstained" if said is None else "right" if said == case.municipality else "wrong"
        counts[outcome] += 1
    determined, undetermined = counts["determined"], counts["undetermined"]
    return {
        **counts,
        "right_share": counts["right"] / determined if determined else None,
        "wrong_share": counts["wrong"] / determined if determined else None,
        "guessed_share": counts["guessed"] / undetermined if undetermined else None,
    }


#: Column heading -> key of a recognition row.
COLUMNS = {
    "texts": "texts",
    "init.": "initiatives",
    "AP": "average_precision",
    "R@P.90": "recall_at_precision_0.90",
    "R@P.85": "recall_at_precision_0.85",
    "P@R.95": "precision_at_recall_0.95",
    "prec.": "precision",
    "recall": "recall",
    "missed": "missed",
    "ECE": "calibration_error",
}


def _lines(figures: dict[str, Any]) -> list[str]:
    head = f"{'':<22}" + "".join(f"{name:>8}" for name in COLUMNS)
    recognition = figures["recognition"]
    out = [
        f"model {figures['model']}, threshold {recognition['threshold']:.4f}"
        + (f", {figures['items_per_second']:,.0f} items/s" if figures["items_per_second"] else ""),
        "",
        head,
        _row("all", recognition),
    ]
    if "first_stage" in figures:
        out.append(_row("first stage alone", figures["first_stage"]))
    for name, parts in figures["breakdown"].items():
        out += [_row(f"{name} {part}", row) for part, row in parts.items()]
    out += ["", "reliability: mean score -> share of initiatives (texts)"]
    out.append(
        "  ".join(f"{b['score']:.2f} -> {b['share']:.2f} ({b['texts']})" for b in figures["reliability"])
        or "  none"
    )
    out += ["", f"{'confusion':<22}{'init. flagged':>15}{'missed':>8}{'other flagged':>15}{'left':>8}"]
    for name, cells in figures["confusion"].items():
        flagged, missed, alarms, left = cells.values()
        out.append(f"{name:<22}{flagged:>15}{missed:>8}{alarms:>15}{left:>8}")
    theme, location = figures["theme"], figures["location"]
    out.append("")
    out.append(f"theme: right {theme['right']} of {theme['texts']} initiatives ({_share(theme['share'])})")
    out.append(
        f"location: right {location['right']}, wrong {location['wrong']}, abstained {location['abstained']} "
        f"of {location['determined']} that determine one ({_share(location['right_share'])} right); guessed "
        f"{location['guessed']} of {location['undetermined']} others ({_share(location['guessed_share'])})"
    )
    return out


def _row(name: str, row: dict[str, Any]) -> str:
    cells = []
    for key in COLUMNS.values():
        value = row.get(key)
        cells.append(f"{'-' if value is None else value if isinstance(value, int) else f'{value:.3f}':>8}")
    return f"{name:<22}" + "".join(cells)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f} %"
