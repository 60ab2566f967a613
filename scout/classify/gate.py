"""May a newly trained model replace the one in use? Both recipes, trained without what they are compared on.

Compared is average precision on the frozen set (``scout/data/frozen.toml``) as a whole and by municipality
size, kind and theme, and on the decisions that a keyed hash holds out. What differs between the two models
is only which decisions they learnt from.
"""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models import geo
from scout.classify.blend import Blend, answers, blended
from scout.classify.corpus import CorpusError, Example
from scout.classify.encoder import artefact
from scout.classify.hashing import Vector
from scout.classify.learning import Taught
from scout.classify.training import Fitted, Progress, fit

FROZEN = Path(__file__).resolve().parent.parent / "data" / "frozen.toml"
#: Below this many inhabitants -> name of the class. In the frozen set each has 31 to 48 initiatives.
SIZES = ((30_000, "under 30,000"), (50_000, "30,000 to 50,000"), (100_000, "50,000 to 100,000"))
LARGEST, NOWHERE = "100,000 and more", "not known"
#: Texts of each label that a part needs; with fewer one text decides.
LEAST = 5
#: Resamplings of the paired bootstrap, and what they start from.
RESAMPLINGS, SEED = 4_000, 588
#: One-sided: chance that two equally good models are called a regression, or an improvement, on all of the
#: texts, or on any part of one breakdown: its parts share the chance. Of 18 comparisons of recipes that were
#: equally good or better, 5 were refused when every part had the whole chance, none when shared; decisions of
#: which three in ten were wrong were refused both ways (2026-11-22).
CHANCE = 0.05

Doubles = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Compared:
    """Texts with the scores of both models; one of each an entry."""

    labels: Labels
    before: Doubles
    after: Doubles
    #: Minimal set or lead: what is drawn as a whole.
    groups: npt.NDArray[np.str_]
    #: How many texts each one stands for.
    weights: Doubles

    def where(self, mask: Labels) -> "Compared":
        """Some of them."""
        return Compared(
            self.labels[mask], self.before[mask], self.after[mask], self.groups[mask], self.weights[mask]
        )

    @property
    def enough(self) -> bool:
        """Whether there are texts enough of each label to tell anything."""
        initiatives = int(self.labels.sum())
        return min(initiatives, len(self.labels) - initiatives) >= LEAST


#: Breakdown -> its parts: name, and which texts.
Breakdowns = dict[str, list[tuple[str, Labels]]]


class Verdict(StrEnum):
    """What the difference on one part means."""

    BETTER = "better"
    SAME = "same"  # within the noise
    WORSE = "worse"
    TOO_FEW = "too few"  # texts to tell


@dataclass(frozen=True, slots=True)
class Part:
    """Both models on some of the texts."""

    #: ``frozen`` or ``decisions``.
    on: str
    #: ``all``, ``size``, ``kind`` or ``theme``, and which one.
    by: str
    name: str
    texts: int
    initiatives: int
    #: Average precision; None when there are too few texts to tell.
    before: float | None
    after: float | None
    #: The difference lies above ``low`` and below ``high``: each as sure as :data:`CHANCE` says.
    low: float | None
    high: float | None
    verdict: Verdict


@dataclass(frozen=True)
class Comparison:
    """A candidate beside the model in use."""

    parts: tuple[Part, ...]

    def which(self, verdict: Verdict) -> list[Part]:
        """The parts with this verdict."""
        return [part for part in self.parts if part.verdict is verdict]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json`` and the card."""
        return {
            "improved": [_called(part) for part in self.which(Verdict.BETTER)],
            "regressed": [_called(part) for part in self.which(Verdict.WORSE)],
            "parts": [
                {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()}
                for row in map(asdict, self.parts)
            ],
        }

    def as_lines(self) -> Iterator[str]:
        """For a terminal: one line for each part that could be judged."""
        names = f"{'average precision on':<36}{'texts':>6}{'init.':>6}{'now':>8}{'new':>8}{'change':>8}"
        yield names + "   surely above, below"
        for part in self.parts:
            if part.before is None or part.after is None:
                continue
            yield (
                f"{_called(part):<36}{part.texts:>6}{part.initiatives:>6}{part.before:>8.3f}{part.after:>8.3f}"
                f"{part.after - part.before:>+8.3f}   {part.low:+.3f}, {part.high:+.3f}"
                + (f"  {part.verdict}" if part.verdict is not Verdict.SAME else "")
            )
        few = [_called(part) for part in self.which(Verdict.TOO_FEW)]
        if few:
            yield "too few texts to tell: " + ", ".join(few)


def _called(part: Part) -> str:
    return f"{part.on}, all" if part.by == "all" else f"{part.on}, {part.by} {part.name}"


@lru_cache
def frozen_files() -> frozenset[str]:
    """File stems of the corpus that belong to the frozen set."""
    return frozenset(tomllib.loads(FROZEN.read_text("utf-8"))["files"])


def compare(
    examples: Sequence[Example],
    vectors: Sequence[Vector],
    new: Sequence[Taught],
    old: Sequence[Taught],
    *,
    held_out: Callable[[Taught], bool],
    progress: Progress | None = None,
) -> Comparison:
    """Train both recipes without the frozen texts and without what is held out, and compare them there.

    Args:
        vectors: of the examples.
        new, old: what decisions taught the candidate and the model in use.
        held_out: whether a row serves for comparison only.

    Raises:
        CorpusError: nothing but the frozen texts is left to learn from.
    """
    frozen = np.array([example.source in frozen_files() for example in examples], dtype=bool)
    rest = [n for n, out in enumerate(frozen) if not out]
    if len({examples[n].initiative for n in rest}) < 2:
        raise CorpusError("the corpus has nothing to learn from beside the frozen texts: add other files")
    judged = [row for row in new if held_out(row)]
    texts = [example for example, out in zip(examples, frozen, strict=True) if out]
    seen = [vector for vector, out in zip(vectors, frozen, strict=True) if out]
    models = []
    for number, rows in enumerate((old, new)):
        fitted = fit(
            [examples[n] for n in rest],
            taught=[row for row in rows if not held_out(row)],
            vectors=[vectors[n] for n in rest],
            progress=_share(progress, number),
        )
        models.append((scores_of(fitted, texts, seen), logits_of(fitted, [row.vector for row in judged])))
    (texts_before, rows_before), (texts_after, rows_after) = models
    return Comparison(
        (
            *frozen_parts(texts, texts_before, texts_after),
            *_decision_parts(judged, rows_before, rows_after),
        )
    )


def logits_of(fitted: Fitted, vectors: Sequence[Vector]) -> Doubles:
    """Log-odds of the first stage."""
    rows = fitted.space.matrix(list(vectors))
    result: Doubles = rows @ fitted.weights.astype(np.float64) + fitted.bias
    return result


def scores_of(fitted: Fitted, texts: Sequence[Example], vectors: Sequence[Vector]) -> Doubles:
    """Log-odds of both stages; of the first where no encoder is at hand."""
    first = logits_of(fitted, vectors)
    blend = Blend.of(fitted.card["blend"])
    if blend is None:
        return first
    # What the encoder says of these texts comes from one that had not learnt from them.
    unseen = artefact.out_of_fold(artefact.SHIPPED)
    return blended(blend, first, answers([text.id for text in texts], unseen.logits()))


def size_of(code: str | None) -> str:
    """Class of inhabitants of a municipality."""
    inhabitants = _inhabitants().get(code or "")
    if inhabitants is None:
        return NOWHERE
    return next((name for below, name in SIZES if inhabitants < below), LARGEST)


@lru_cache
def _inhabitants() -> dict[str, int]:
    return {facts.code: facts.inhabitants for facts in geo.municipalities()}


def frozen_parts(texts: Sequence[Example], before: Doubles, after: Doubles) -> Iterator[Part]:
    labels = np.array([text.initiative for text in texts], dtype=bool)
    groups = np.array([text.group for text in texts], dtype=np.str_)
    sizes = np.array([size_of(geo.municipality_code(text.municipality)) for text in texts], dtype=np.str_)
    kinds = np.array([text.kind for text in texts], dtype=np.str_)
    themes = np.array([text.theme for text in texts], dtype=np.str_)
    yield from _judged(
        "frozen",
        {
            "all": [("", np.ones(len(texts), dtype=bool))],
            "size": [(name, sizes == name) for name in (*(name for _, name in SIZES), LARGEST, NOWHERE)],
            "kind": [(str(name), kinds == name) for name in np.unique(kinds)],
            # Other texts have no theme: the initiatives of each theme are told from all of them.
            "theme": [(str(name), (themes == name) | ~labels) for name in np.unique(themes) if name],
        },
        Compared(labels, before, after, groups, np.ones(len(texts))),
    )


def _decision_parts(rows: Sequence[Taught], before: Doubles, after: Doubles) -> Iterator[Part]:
    labels = np.array([row.initiative for row in rows], dtype=bool)
    leads = np.array([str(row.lead) for row in rows], dtype=np.str_)
    weights = np.array([row.weight for row in rows], dtype=np.float64)
    sizes = np.array([size_of(row.municipality) for row in rows], dtype=np.str_)
    yield from _judged(
        "decisions",
        {
            "all": [("", np.ones(len(rows), dtype=bool))],
            "size": [(str(name), sizes == name) for name in np.unique(sizes)],
        },
        Compared(labels, before, after, leads, weights),
    )


def _judged(on: str, breakdowns: Breakdowns, compared: Compared) -> Iterator[Part]:
    for by, chosen in breakdowns.items():
        parts = [(name, compared.where(mask)) for name, mask in chosen]
        enough = sum(part.enough for _, part in parts)
        for name, part in parts:
            yield judge((on, by, name), part, chance=CHANCE / max(enough, 1))


def judge(called: tuple[str, str, str], part: Compared, *, chance: float) -> Part:
    """Both models on one part, with the noise of a paired bootstrap over groups."""
    texts, initiatives = len(part.labels), int(part.labels.sum())
    if not part.enough:
        return Part(*called, texts, initiatives, None, None, None, None, Verdict.TOO_FEW)
    _, codes = np.unique(part.groups, return_inverse=True)
    count = int(codes.max()) + 1
    draws = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), size=RESAMPLINGS)
    # The first row is the texts as they are.
    times = np.concatenate((np.ones((1, count)), draws)).astype(np.float64)
    counts: Doubles = times[:, codes] * part.weights
    old, new = (average_precisions(part.labels, scores, counts) for scores in (part.before, part.after))
    differences = new[1:] - old[1:]
    differences = differences[~np.isnan(differences)]
    low, high = (float(np.quantile(differences, share)) for share in (chance, 1 - chance))
    verdict = Verdict.WORSE if high < 0 else Verdict.BETTER if low > 0 else Verdict.SAME
    return Part(*called, texts, initiatives, float(old[0]), float(new[0]), low, high, verdict)


def average_precisions(labels: Labels, scores: Doubles, counts: Doubles) -> Doubles:
    """Average precision for each row of counts (how often each text occurs); NaN without any initiative."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.append(np.nonzero(np.diff(ranked))[0], len(ranked) - 1)
    hits = np.cumsum(counts[:, order] * labels[order], axis=1)[:, ends]
    seen = np.cumsum(counts[:, order], axis=1)[:, ends]
    gained = np.diff(hits, axis=1, prepend=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(seen > 0, hits / seen, 0.0)
        result: Doubles = (gained * precision).sum(axis=1) / hits[:, -1]
    return result


def _share(progress: Progress | None, number: int) -> Progress | None:
    """Progress of one of the two trainings as a part of both."""
    if progress is None:
        return None
    shown = progress
    return lambda stage, done, total: shown("compare", number * total + done, 2 * total)
