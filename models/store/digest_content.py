"""What a digest to a municipality tells: from events of a range, as things stand now.

Titles, themes, places and numbers to link by; never scores, remarks or anything of another municipality.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.event import Event
from models.initiative import Initiative
from models.municipality import Municipality
from models.place import Place
from models.store.share_rules import Move
from models.store.shares_list import ShareRow, shares_numbered, waiting_shares
from models.store.viewer import Viewer
from models.words import EventKind, Role, ShareStatus

#: Events read at a time.
PORTION = 500
#: What an event of a share says was done, when its municipality is to look at it again.
REMINDERS = (Move.REMIND, Move.ASK_AGAIN)

#: Kind of an event of the register, the one that says most last: what is told of an entry with several.
OF_ENTRIES = (EventKind.INITIATIVE_CHANGED, EventKind.INITIATIVE_ENTERED, EventKind.INITIATIVE_WITHDRAWN)


@dataclass(frozen=True)
class EntryLine:
    """One entry of the register as a digest names it."""

    id: int
    name: str
    theme: str | None
    place: str | None
    municipality: str
    what: EventKind


@dataclass(frozen=True)
class MunicipalityNews:
    """All that one digest tells a municipality."""

    #: Waiting for an answer: new since the digest before, and those of which it was reminded since.
    new: tuple[ShareRow, ...]
    reminded: tuple[ShareRow, ...]
    #: Taken back.
    withdrawn: tuple[ShareRow, ...]
    entries: tuple[EntryLine, ...]
    #: How many wait for an answer in all, and how many entries it has in the register.
    waiting: int
    in_register: int

    @property
    def empty(self) -> bool:
        """Whether nothing happened that it need be told."""
        return not (self.new or self.reminded or self.withdrawn or self.entries)


def municipality_news(session: Session, code: str, *, after: int, through: int) -> MunicipalityNews:
    """What a municipality is told of events above one number and up to another."""
    offered: set[int] = set()
    reminded: set[int] = set()
    taken_back: set[int] = set()
    entries: dict[int, EventKind] = {}
    for event in events_between(session, after, through, code):
        if event.share_id is not None:
            if event.kind is EventKind.SHARE_OFFERED:
                offered.add(event.share_id)
            elif event.kind is EventKind.SHARE_WITHDRAWN:
                taken_back.add(event.share_id)
            elif event.data.get("done") in REMINDERS:
                reminded.add(event.share_id)
        elif event.initiative_id is not None and event.kind in OF_ENTRIES:
            known = entries.get(event.initiative_id, event.kind)
            entries[event.initiative_id] = max(known, event.kind, key=OF_ENTRIES.index)
    viewer = Viewer(account_id=0, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=code)
    shares = {one.id: one for one in share_rows(session, viewer, offered | reminded | taken_back)}
    waiting = {number for number, one in shares.items() if one.waits and one.there}
    gone = {number for number, one in shares.items() if one.status is ShareStatus.WITHDRAWN}

    asked = {shares[number].initiative_id for number in (offered | reminded) & waiting}

    def lines(numbers: Iterable[int]) -> tuple[ShareRow, ...]:
        return tuple(shares[number] for number in sorted(numbers))

    return MunicipalityNews(
        new=lines(offered & waiting),
        reminded=lines((reminded - offered) & waiting),
        # What came and went within one digest was never told of.
        withdrawn=lines((taken_back - offered) & gone),
        # What it is asked about is told there.
        entries=tuple(one for one in _entries(session, code, entries) if one.id not in asked),
        waiting=waiting_shares(session, viewer),
        in_register=session.scalar(
            select(func.count())
            .select_from(Initiative)
            .where(Initiative.municipality_code == code, Initiative.withdrawn_at.is_(None))
        )
        or 0,
    )


def events_between(
    session: Session, after: int, through: int, municipality_code: str | None = None
) -> Iterator[Event]:
    """Events above one number and up to another, oldest first; of one municipality, or of all."""
    while after < through:
        query = select(Event).where(Event.id > after, Event.id <= through).order_by(Event.id).limit(PORTION)
        if municipality_code is not None:
            query = query.where(Event.municipality_code == municipality_code)
        portion = session.scalars(query).all()
        yield from portion
        after = portion[-1].id if len(portion) == PORTION else through


def share_rows(session: Session, viewer: Viewer, numbers: Iterable[int]) -> Iterator[ShareRow]:
    """Shares by number, as this viewer may see them; those that there are not (any more) are left out."""
    wanted = sorted(numbers)
    for start in range(0, len(wanted), PORTION):
        yield from shares_numbered(session, viewer, wanted[start : start + PORTION])


def _entries(session: Session, code: str, kinds: dict[int, EventKind]) -> Iterator[EntryLine]:
    wanted = sorted(kinds)
    for start in range(0, len(wanted), PORTION):
        query = entry_query().where(
            Initiative.id.in_(wanted[start : start + PORTION]),
            # One that moved to another municipality is that one's.
            Initiative.municipality_code == code,
        )
        row: Any
        for row in session.execute(query):
            if row.withdrawn_at is not None and kinds[row.id] is EventKind.INITIATIVE_CHANGED:
                # It went after this range; that is for the next digest.
                continue
            yield entry_of(row, kinds[row.id])


def entry_of(row: Any, what: EventKind) -> EntryLine:
    """A row of :func:`entry_query` as a line."""
    return EntryLine(row.id, row[1], row.theme, row[3], row[4], what)


def entry_query() -> Any:
    """Columns of :class:`EntryLine` but the last, and when it was taken out."""
    return (
        select(
            Initiative.id,
            Initiative.name,
            Initiative.theme,
            Place.name,
            Municipality.name,
            Initiative.withdrawn_at,
        )
        .join(Municipality, Municipality.code == Initiative.municipality_code)
        .join(Place, Place.key == Initiative.place_key, isouter=True)
        .order_by(Initiative.id)
    )
