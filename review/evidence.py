"""Showing why a lead was flagged: marked passages and reasons in words. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

#: Characters of a source's text that are shown at most (DESIGN 7).
SNIPPET = 150
#: Reasons shown on a lead page; the heaviest go first.
REASONS = 8


@dataclass(frozen=True)
class Part:
    """A piece of a snippet."""

    text: str
    #: It is evidence.
    marked: bool


@dataclass(frozen=True)
class Reason:
    """One reason for (or against) a flag, with the passages of the snippet that show it."""

    name: str
    passages: tuple[str, ...]
    weight: float

    @property
    def in_favour(self) -> bool:
        """It speaks for a citizen initiative."""
        return self.weight > 0


def parts(snippet: str, evidence: Iterable[dict[str, Any]]) -> list[Part]:
    """Cut a snippet into marked and unmarked pieces; overlapping evidence becomes one piece.

    Only evidence in favour is marked. Offsets outside the snippet are ignored. The pieces are
    plain text: the template escapes them.
    """
    shown = snippet[:SNIPPET]
    marked = [False] * len(shown)
    for entry in evidence:
        span = _span(entry, len(shown))
        if span is not None and _weight(entry) > 0:
            marked[span[0] : span[1]] = [True] * (span[1] - span[0])
    pieces: list[Part] = []
    start = 0
    for end in range(1, len(shown) + 1):
        if end == len(shown) or marked[end] != marked[start]:
            pieces.append(Part(shown[start:end], marked[start]))
            start = end
    return pieces


def reasons(snippet: str, evidence: Iterable[dict[str, Any]], names: dict[str, str]) -> list[Reason]:
    """Reasons by weight, the heaviest first, each once with its passages.

    Args:
        names: reason -> name on screen; a reason without one is shown as it is.
    """
    shown = snippet[:SNIPPET]
    weights: dict[str, float] = {}
    passages: dict[str, dict[str, None]] = {}
    for entry in evidence:
        reason = str(entry.get("reason") or "").strip()
        if not reason:
            continue
        weights[reason] = weights.get(reason, 0.0) + _weight(entry)
        found = passages.setdefault(reason, {})
        span = _span(entry, len(shown))
        if span is not None:
            found[shown[span[0] : span[1]].strip()] = None
    ordered = sorted(weights, key=lambda reason: -abs(weights[reason]))
    return [
        Reason(names.get(reason, reason), tuple(filter(None, passages[reason])), weights[reason])
        for reason in ordered[:REASONS]
        if weights[reason]
    ]


def _span(entry: dict[str, Any], length: int) -> tuple[int, int] | None:
    start, end = entry.get("start"), entry.get("end")
    if isinstance(start, int) and isinstance(end, int) and 0 <= start < end and start < length:
        return start, min(end, length)
    return None


def _weight(entry: dict[str, Any]) -> float:
    weight = entry.get("weight")
    return float(weight) if isinstance(weight, (int, float)) else 1.0
