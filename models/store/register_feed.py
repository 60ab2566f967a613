"""What changed in the register since a number: for matching modules that keep up with it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, and_, false, or_, select, true, union
from sqlalchemy.orm import Session

from models.event import Event
from models.initiative import Initiative
from models.search import read
from models.store.initiatives import InitiativeRow, initiative_rows
from models.store.search import matching_entries
from models.store.viewer import Viewer
from models.words import EventKind


@dataclass(frozen=True)
class ChangedRow:
    """One entry that was entered, changed or taken out, as it stands now."""

    #: To be given back as ``number`` to go on from here.
    change_number: int
    id: int
    #: No longer in the register, or no longer of this viewer's municipality.
    withdrawn: bool
    #: The entry; None when it is withdrawn.
    initiative: InitiativeRow | None


def changed_since(
    session: Session, viewer: Viewer, number: int, *, limit: int, after_id: int = 0
) -> list[ChangedRow]:
    """Entries whose newest change has a number above this one, in the order of their changes.

    Each comes once, as it stands now. Who goes on from the last row's number misses nothing: numbers become
    visible in their order.

    Args:
        number: -1 = from the beginning. Entries from before changes were counted have number 0.
        after_id: of the entries with exactly ``number`` those with a higher id come too; only needed among
            those with number 0.
    """
    # One statement: of two, the second could see more than the first, and what lies between would be missed.
    asked = _changed(viewer, number, after_id)
    changes = (asked if viewer.decides else union(asked, _gone_elsewhere(viewer, number))).subquery()
    found = session.execute(select(changes).order_by(changes.c.at, changes.c.id).limit(limit)).all()
    rows = initiative_rows(session, viewer, [row.id for row in found if not row.withdrawn])
    return [
        ChangedRow(row.at, row.id, row.withdrawn or row.id not in rows, rows.get(row.id)) for row in found
    ]


def entries_with(session: Session, text: str, numbers: Collection[int]) -> set[int]:
    """Those of these entries in which something is found (:func:`models.search.read`)."""
    terms = read(text)
    if not terms:
        return set()
    found = Initiative.id.in_(matching_entries(session, terms))
    return set(session.scalars(select(Initiative.id).where(Initiative.id.in_(numbers), found)))


def _changed(viewer: Viewer, number: int, after_id: int) -> Select[int, int, bool]:
    """Entries that changed, of those that this viewer may see."""
    again = and_(Initiative.change_number == number, Initiative.id > after_id)
    return select(
        Initiative.change_number.label("at"),
        Initiative.id.label("id"),
        Initiative.withdrawn_at.is_not(None).label("withdrawn"),
    ).where(
        viewer.scope(Initiative.municipality_code),
        or_(Initiative.change_number > number, again if after_id else false()),
    )


def _gone_elsewhere(viewer: Viewer, number: int) -> Select[int, int, bool]:
    """Entries that went to another municipality: for this one they are withdrawn."""
    return (
        select(Event.id.label("at"), Initiative.id.label("id"), true().label("withdrawn"))
        .join(Initiative, Initiative.id == Event.initiative_id)
        .where(
            viewer.scope(Event.municipality_code),
            Event.kind == EventKind.INITIATIVE_WITHDRAWN,
            Event.id > number,
            Initiative.municipality_code != Event.municipality_code,
        )
    )
