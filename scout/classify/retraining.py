"""``scout train``: learn from the decisions made since, and use the result only where nothing got worse."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from models.settings import Settings
from scout.classify.card import Pointer, current_version, read_pointer, write_pointer
from scout.classify.corpus import read_corpus
from scout.classify.gate import Comparison, Verdict, compare
from scout.classify.learning import Taught, fingerprint_of, is_held_out
from scout.classify.model import (
    Model,
    ModelError,
    load_version,
    lock,
    make_current,
    product_version,
    put_aside,
    remembered,
    train_and_keep,
    usable,
    version_of,
)
from scout.classify.training import Progress, fit, vectors_of


class Ending(StrEnum):
    """What came of a training."""

    FIRST = "first"  # there was no model yet
    REPLACED = "replaced"
    KEPT = "kept"  # the one in use stays: the new one was worse somewhere, or was left by hand
    UNCHANGED = "unchanged"  # nothing new to learn from


@dataclass(frozen=True)
class TrainReport:
    """What training gave."""

    ending: Ending
    #: Version in use from now on.
    version: str
    #: Version that was in use before, None when there was none.
    before: str | None
    #: Version that was trained; None when there was nothing to train.
    candidate: str | None
    #: Of the version in use.
    card: dict[str, Any]
    seconds: float
    #: None when both would have learnt from the same.
    comparison: Comparison | None = None
    #: Asked for with ``--force``.
    forced: bool = False
    #: Sentences for people.
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            **self.card,
            "outcome": str(self.ending),
            "version": self.version,
            "before": self.before,
            "candidate": self.candidate,
            "forced": self.forced,
            "comparison": self.comparison.as_dict() if self.comparison else None,
            "notes": self.notes,
            "seconds": round(self.seconds, 1),
        }

    def as_text(self) -> str:
        """For a terminal."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.comparison is not None:
            yield f"{self.candidate} (new) beside what is in use, neither trained on the texts below:"
            yield from self.comparison.as_lines()
            yield ""
        yield from self.notes
        figures, decisions = self.card["figures"]["all"], self.card["decisions"]
        yield (
            f"model {self.version} is in use: {self.card['texts']} texts and {decisions['items']} items "
            f"decided on; on files not trained on: average precision {figures['average_precision']:.3f}, "
            f"at threshold {figures['threshold']:.3f} recall {figures['recall']:.2f} and precision "
            f"{figures['precision']:.2f}; {self.seconds:.0f} s"
        )


def train(
    settings: Settings,
    taught: Sequence[Taught] = (),
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> TrainReport:
    """Train from the corpus and from decisions; use the result unless it is worse on any part.

    Args:
        taught: what the standing decisions teach.
        force: use it anyway, and train also when there is nothing new.

    Raises:
        CorpusError: the corpus can't be used.
        OSError: the folder can't be written.
    """
    began = time.monotonic()
    with lock(settings):
        before = current_version(settings)
        in_use = usable(settings)
        product = product_version()
        wanted = version_of(product, taught)
        note = _nothing_to_do(settings, in_use, wanted)
        if in_use is not None and note is not None and not force:
            ending = Ending.UNCHANGED if in_use.version == wanted else Ending.KEPT
            return TrainReport(
                ending, in_use.version, before, None, in_use.card, time.monotonic() - began, notes=[note]
            )
        old = remembered(settings)
        examples = read_corpus()
        vectors = vectors_of(examples)
        comparison = None
        if fingerprint_of(old) != fingerprint_of(taught):
            secret = settings.effective_secret_key
            comparison = compare(
                examples,
                vectors,
                taught,
                old,
                held_out=lambda row: is_held_out(secret, row),
                progress=progress,
            )
        fitted = fit(examples, taught=taught, vectors=vectors, progress=progress)
        gate = {"gate": {"against": before, "forced": force, **_short(comparison)}}
        refused = comparison is not None and bool(comparison.which(Verdict.WORSE)) and not force
        if refused:
            model = in_use or train_and_keep(settings, taught=old, progress=progress)
            put_aside(settings, fitted, taught, product=product, more=gate)
            ending = Ending.KEPT
        else:
            model = make_current(settings, fitted, taught, product=product, more=gate)
            ending = Ending.REPLACED if before else Ending.FIRST
        return TrainReport(
            ending,
            model.version,
            before,
            wanted,
            model.card,
            time.monotonic() - began,
            comparison,
            force,
            list(_notes(ending, wanted, before, comparison)),
        )


def _nothing_to_do(settings: Settings, in_use: Model | None, wanted: str) -> str | None:
    """Why there is nothing to train, in a sentence; None where there is."""
    if in_use is None:
        return None
    if in_use.version == wanted:
        return "nothing was decided since this model was trained: there is nothing new to learn from"
    pointer = read_pointer(settings)
    if pointer is not None and pointer.chosen_for and pointer.before == wanted:
        return (
            f"somebody went back from {wanted} to this model, and nothing was decided since: kept "
            "(`scout train --back` goes there again, `scout train --force` trains anyway)"
        )
    return None


def _short(comparison: Comparison | None) -> dict[str, Any]:
    if comparison is None:
        return {}
    told = comparison.as_dict()
    return {"improved": told["improved"], "regressed": told["regressed"]}


def _notes(
    ending: Ending, candidate: str, before: str | None, comparison: Comparison | None
) -> Iterator[str]:
    told = _short(comparison)
    if told.get("improved"):
        yield "improved on: " + "; ".join(told["improved"])
    if told.get("regressed"):
        yield "got worse on: " + "; ".join(told["regressed"])
    if ending is Ending.KEPT:
        yield f"{candidate} is not used; `scout train --force` uses it anyway"
    elif ending is Ending.REPLACED and before != candidate:
        yield (
            f"{candidate} replaces {before}; `scout train --back` undoes that, "
            "`scout flag --again` scores the open leads anew"
        )


def go_back(settings: Settings) -> Pointer:
    """Use the version before the present one again; done twice, all is as it was.

    Raises:
        ModelError: there is none, or it can't be used by this product.
    """
    with lock(settings):
        pointer = read_pointer(settings)
        if pointer is None or pointer.before is None:
            raise ModelError("there is no earlier model to go back to")
        try:
            load_version(settings, pointer.before)
        except (FileNotFoundError, NotADirectoryError):
            raise ModelError(f"the earlier model {pointer.before} is gone: run scout train") from None
        back = Pointer(pointer.before, pointer.version, chosen_for=product_version())
        write_pointer(settings, back)
        return back
