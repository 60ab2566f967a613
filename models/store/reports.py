"""Reports: figures of one municipality, or of the whole network, over some days. Counts, no written text.

``reports_counts`` asks the database, ``reports_places`` says where something is, ``reports_made`` keeps the
figures of reports that were closed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.municipality import Municipality
from models.store import reports_counts as counts
from models.store.reports_period import Period
from models.store.viewer import Viewer
from models.words import Answer, Ending, LeadStatus, Phase, ShareStatus

#: Numbers of one municipality in a report of the network.
OF_EACH = (
    "leads_opened",
    "leads_promoted",
    "shares_offered",
    "shares_answered",
    "shares_waiting",
    "entered",
    "in_register",
)
#: Every number that a report has, in the order of the page. Those that end in ``_now`` stand apart in words:
#: they are of the moment the report is made, all others of its days.
NUMBERS = (
    "leads_opened",
    "leads_promoted",
    "leads_rejected",
    "leads_known",
    "shares_offered",
    "shares_answered",
    *(f"answer_{answer.value}" for answer in Answer),
    "days_median",
    "days_longest",
    "shares_lapsed",
    "shares_in_contact",
    "shares_closed",
    *(f"ending_{ending.value}" for ending in Ending),
    "shares_waiting",
    "entered",
    "moves",
    "in_register",
    *(f"phase_{phase.value}" for phase in Phase),
)
#: Numbers that say how things stand when the report is made.
STANDING = frozenset({"shares_waiting", "in_register", *(f"phase_{phase.value}" for phase in Phase)})
#: Stands for "none" among themes and municipalities: JSON has texts for keys only.
WITHOUT = ""


class UnknownReportError(Exception):
    """No municipality with this code that this viewer may see a report of, or not of the network."""


@dataclass(frozen=True)
class Figures:
    """What a report tells."""

    #: Key of :data:`NUMBERS` -> number; None = there is none, as the median of no answers.
    numbers: Mapping[str, float | None]
    #: Theme (or :data:`WITHOUT`) -> leads that came in, that were promoted, and entries in the register now.
    themes: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    #: Phase before and after -> how often entries made that step.
    moves: Mapping[tuple[str, str], int] = field(default_factory=dict)
    #: Of the network: CBS code (or :data:`WITHOUT`) -> its numbers, those of :data:`OF_EACH`.
    municipalities: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """As ``ReportMade.figures`` keeps them."""
        return {
            "numbers": dict(self.numbers),
            "themes": {theme: list(row) for theme, row in self.themes.items()},
            "moves": {f"{old}>{new}": count for (old, new), count in self.moves.items()},
            "municipalities": {code: dict(row) for code, row in self.municipalities.items()},
        }

    @classmethod
    def of_kept(cls, kept: Mapping[str, Any]) -> "Figures":
        """What :meth:`kept` made; words that are gone since then stay as they are."""
        return cls(
            numbers=dict(kept["numbers"]),
            themes={theme: (row[0], row[1], row[2]) for theme, row in kept["themes"].items()},
            moves={_pair(words): count for words, count in kept["moves"].items()},
            municipalities={code: dict(row) for code, row in kept["municipalities"].items()},
        )


def check_reportable(session: Session, viewer: Viewer, code: str | None) -> str:
    """Name of the municipality; empty for the network.

    Raises:
        UnknownReportError: it does not exist, or is not for this viewer.
    """
    if code is None:
        if not viewer.decides:
            raise UnknownReportError("a report of the network is for staff")
        return ""
    name = session.scalar(
        select(Municipality.name).where(Municipality.code == code, viewer.scope(Municipality.code))
    )
    if name is None:
        raise UnknownReportError(f"there is no municipality {code}")
    return name


def figures_of(session: Session, viewer: Viewer, code: str | None, period: Period) -> Figures:
    """The figures of one municipality over these days; of the whole network when ``code`` is None.

    Raises:
        UnknownReportError: it does not exist, or is not for this viewer.
    """
    check_reportable(session, viewer, code)
    asked = counts.Asked(session, viewer, code, period)
    numbers: Counter[str] = Counter()
    each: dict[str, Counter[str]] = {}
    themes: dict[str, list[int]] = {}

    def add(of: str | None, key: str, count: int) -> None:
        numbers[key] += count
        if code is None and key in OF_EACH:
            each.setdefault(of or WITHOUT, Counter())[key] += count

    for of, theme, count in counts.leads_opened(asked):
        add(of, "leads_opened", count)
        themes.setdefault(theme or WITHOUT, [0, 0, 0])[0] += count
    for of, status, theme, count in counts.leads_decided(asked):
        add(of, f"leads_{status.value}", count)
        if status is LeadStatus.PROMOTED:
            themes.setdefault(theme or WITHOUT, [0, 0, 0])[1] += count
    days = _of_shares(asked, add)
    for of, count in counts.entered(asked):
        add(of, "entered", count)
    for theme, phase, count in counts.register_now(asked):
        numbers[f"phase_{phase.value}"] += count
        themes.setdefault(theme or WITHOUT, [0, 0, 0])[2] += count
    for of, count in counts.entries_now(asked):
        add(of, "in_register", count)
    moves = counts.phase_moves(asked)
    numbers["moves"] = sum(moves.values())
    if code is None:
        for of in counts.taking_part(session, period):
            each.setdefault(of, Counter())
    return Figures(
        numbers={
            **{key: numbers[key] for key in NUMBERS},
            "days_median": median(days) if days else None,
            "days_longest": max(days, default=None),
        },
        themes={theme: (row[0], row[1], row[2]) for theme, row in themes.items() if any(row)},
        moves=moves,
        municipalities={of: {key: row[key] for key in OF_EACH} for of, row in each.items()},
    )


def _of_shares(asked: counts.Asked, add: counts.Add) -> list[int]:
    """Count all about shares; gives the working days that each answer took."""
    for of, row in counts.shares(asked):
        add(of, "shares_offered", row.offered)
        add(of, "shares_in_contact", row.in_contact)
        if row.status in (ShareStatus.OFFERED, ShareStatus.SEEN):
            add(of, "shares_waiting", row.count)
        if row.status is ShareStatus.CLOSED and row.ending is not None:
            add(of, "shares_closed", row.ended)
            add(of, f"ending_{row.ending.value}", row.ended)
    for of, count in counts.lapsed(asked):
        add(of, "shares_lapsed", count)
    days = []
    for of, answer, took in counts.answers(asked):
        add(of, "shares_answered", 1)
        add(of, f"answer_{answer.value}", 1)
        days.append(took)
    return days


def _pair(words: str) -> tuple[str, str]:
    old, _sep, new = words.partition(">")
    return old, new
