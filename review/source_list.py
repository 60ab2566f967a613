"""The list of sources: which of them are asked for, by state, kind, municipality and name, page by page.

There may be ten thousand. What is needed to choose among them is read in one query and kept for a short time;
all else is read for the sources of one page, anew each time.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.health import state_of
from models.source import Source
from models.store.health import SourceHealth, Uncovered, coverage, source_healths
from models.store.rhythm import accepted_leads, day_of
from models.words import SourceKind, SourceState
from review.asked import CONTROLS, MUNICIPALITY
from review.kept import Kept
from review.source_texts import STATES

#: Sources on one page.
PAGE = 30
#: Seconds that the list is kept. What somebody does on a page here shows at once: see :func:`forget`.
SECONDS = 60
#: Largest page number that is looked at, and most characters of a name that is searched for.
LAST_PAGE, NAME_LIMIT = 10_000, 100
#: What is asked for to see only sources that are not of one municipality.
NOWHERE = "geen"

#: All that is needed to choose, the state included.
COLUMNS = (
    Source.key,
    Source.title,
    Source.kind,
    Source.url,
    Source.municipality_code,
    Source.enabled,
    Source.removed_at,
    Source.terms_checked,
    Source.last_visit_at,
    Source.consecutive_failures,
    Source.signs,
    Source.paused,
)

#: State -> its place in the list.
ORDER = {state: place for place, state in enumerate(STATES)}


@dataclass(frozen=True, slots=True)
class Line:
    """One source, as far as it is needed to choose."""

    key: str
    title: str
    #: What is searched: title, key and address in small letters.
    words: str
    kind: SourceKind
    municipality_code: str | None
    state: SourceState


@dataclass(frozen=True)
class Asked:
    """What the address asks for; None and empty = all."""

    state: SourceState | None
    kind: SourceKind | None
    #: CBS code, or :data:`NOWHERE`.
    municipality: str | None
    name: str
    page: int

    def address(self) -> dict[str, Any]:
        """As addresses carry it, without the page."""
        return {
            "toestand": self.state.value if self.state else None,
            "soort": self.kind.value if self.kind else None,
            "gemeente": self.municipality,
            "naam": self.name or None,
        }


@dataclass(frozen=True)
class Page:
    """The sources of one page of the list."""

    sources: list[SourceHealth]
    #: How many are asked for, on all pages together.
    count: int
    number: int
    last: int


def asked() -> Asked:
    """What the address asks for; what can't be meant counts as not asked."""
    state, kind = request.args.get("toestand", ""), request.args.get("soort", "")
    code, page = request.args.get("gemeente", ""), request.args.get("pagina", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    return Asked(
        state=SourceState(state) if state in set(SourceState) else None,
        kind=SourceKind(kind) if kind in set(SourceKind) else None,
        municipality=code if code == NOWHERE or MUNICIPALITY.fullmatch(code) else None,
        name=CONTROLS.sub(" ", request.args.get("naam", "")).strip()[:NAME_LIMIT],
        page=min(max(number, 1), LAST_PAGE),
    )


def page_of(session: Session, lines: list[Line], wanted: Asked, *, now: datetime) -> Page:
    """The page that is asked for, or the last one if there are fewer."""
    chosen = _chosen(lines, wanted)
    last = max(1, -(-len(chosen) // PAGE))
    number = min(wanted.page, last)
    keys = [line.key for line in chosen[(number - 1) * PAGE : number * PAGE]]
    known = accepted(session, now=now)
    healths = source_healths(session, now=now, keys=keys, accepted=known) if keys else []
    found = {one.key: one for one in healths}
    return Page([found[key] for key in keys if key in found], len(chosen), number, last)


def _chosen(lines: list[Line], wanted: Asked) -> list[Line]:
    """One condition after the other, and only those that are asked for: there may be ten thousand lines."""
    # What was removed is in nobody's way unless it is asked for.
    if wanted.state:
        lines = [line for line in lines if line.state is wanted.state]
    elif lines and lines[-1].state is SourceState.REMOVED:
        lines = [line for line in lines if line.state is not SourceState.REMOVED]
    if wanted.kind:
        lines = [line for line in lines if line.kind is wanted.kind]
    if wanted.municipality:
        code = None if wanted.municipality == NOWHERE else wanted.municipality
        lines = [line for line in lines if line.municipality_code == code]
    for word in wanted.name.casefold().split():
        lines = [line for line in lines if word in line.words]
    return lines


def lines_of(session: Session, *, now: datetime) -> list[Line]:
    """All sources: those that ask for attention first, then by title. Some seconds old at most."""

    def read() -> list[Line]:
        today = day_of(now)
        found = [
            Line(
                row.key,
                row.title,
                f"{row.title} {row.key} {row.url}".casefold(),
                row.kind,
                row.municipality_code,
                state_of(row, today=today),
            )
            for row in session.execute(select(*COLUMNS).where(Source.kind != SourceKind.HANDIN))
        ]
        return sorted(found, key=lambda line: (ORDER[line.state], line.title.casefold(), line.key))

    lines: list[Line] = _kept().get("lines", read)[0]
    return lines


def counts_of(lines: list[Line]) -> dict[SourceState, int]:
    """How many sources there are of each state, in the order of the list; four states always."""
    counted = Counter(line.state for line in lines)
    always = {SourceState.HEALTHY, SourceState.ODD, SourceState.FAILING, SourceState.PAUSED}
    return {state: counted[state] for state in STATES if counted[state] or state in always}


def uncovered(session: Session, *, now: datetime) -> list[Uncovered]:
    """Participating municipalities without a healthy source this week. Some seconds old at most."""
    found: list[Uncovered] = _kept().get("coverage", lambda: coverage(session, now=now))[0]
    return found


def accepted(session: Session, *, now: datetime) -> dict[str, int]:
    """Source key -> leads of it that were promoted or known. Five minutes old at most: a figure."""
    kept: Kept = current_app.extensions["scout_sources_accepted"]
    found: dict[str, int] = kept.get("accepted", lambda: accepted_leads(session, now=now))[0]
    return found


def paused_by_person(session: Session, keys: list[str]) -> set[str]:
    """Which of these were paused by a person, in whose own words the reason is."""
    query = select(Source.key).where(Source.key.in_(keys), Source.paused_by_id.is_not(None))
    return set(session.scalars(query))


def forget() -> None:
    """Drop what is kept: a page here has changed a source."""
    current_app.extensions["scout_sources"] = Kept(SECONDS)


def _kept() -> Kept:
    kept: Kept = current_app.extensions["scout_sources"]
    return kept
