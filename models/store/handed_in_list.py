"""What was handed in and what became of it, as people may see it; and whether an address is known already."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from models.account import Account
from models.addresses import address_key
from models.handed_in import HandedIn
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.store.items import CHUNK, url_key
from models.store.viewer import Viewer
from models.words import Channel, LeadStatus, Outcome

#: Hand-ins on one page.
PAGE_SIZE = 25
#: Outcomes after which there is no item; of all others nobody is told more than that it was taken.
REFUSED = frozenset(
    {Outcome.NO_TEXT, Outcome.NO_LINK, Outcome.LANGUAGE, Outcome.TOO_OLD, Outcome.SUPPRESSED, Outcome.ERROR}
)


class HandedInNotFoundError(Exception):
    """No hand-in with this number that this viewer may see."""


class Became(StrEnum):
    """What became of a hand-in, as far as the viewer may know."""

    WAITING = "waiting"
    #: It stands in a lead that the viewer may see.
    LEAD = "lead"
    #: Taken, and no more can be told: not grouped yet, gone since, or not for this viewer.
    TAKEN = "taken"
    #: Its address was there already; said to staff only, for it may be of another municipality.
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True)
class HandedInRow:
    """One hand-in as shown to whoever handed it in, and to colleagues of the same municipality."""

    id: int
    at: datetime
    channel: Channel
    #: The viewer handed it in.
    mine: bool
    #: Its words are there only while it waits.
    url: str
    title: str
    summary: str
    municipality_code: str | None
    own: bool
    became: Became
    #: Only where it was refused.
    outcome: Outcome | None = None
    lead_id: int | None = None
    #: Empty once the lead's words are gone.
    lead_title: str = ""
    lead_status: LeadStatus | None = None


@dataclass(frozen=True)
class HandedInPage:
    """One page of hand-ins, newest first, and where older ones begin (None = there are none)."""

    rows: list[HandedInRow]
    after: int | None


@dataclass(frozen=True)
class KnownAddress:
    """An address that is there already, as far as the viewer may know."""

    #: The lead it stands in; None = it was handed in and waits.
    lead_id: int | None = None


def _mine(viewer: Viewer) -> ColumnElement[bool]:
    """Own hand-ins; an officer's are those of the whole municipality, and never those from before.

    A program that staff made for a municipality follows what its account handed in for that one.
    """
    if viewer.decides:
        return HandedIn.handed_in_by_id == viewer.account_id
    colleagues = select(Account.id).where(Account.municipality_code == viewer.municipality_code)
    by = or_(HandedIn.handed_in_by_id.in_(colleagues), HandedIn.handed_in_by_id == viewer.account_id)
    return and_(viewer.scope(HandedIn.municipality_code), by)


def handed_in_page(
    session: Session, viewer: Viewer, *, after: int | None = None, limit: int = PAGE_SIZE
) -> HandedInPage:
    """What this viewer handed in, newest first.

    Args:
        after: only older ones than this.
    """
    query = select(HandedIn).where(_mine(viewer)).order_by(HandedIn.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(HandedIn.id < after)
    found = list(session.scalars(query))
    rows = found[:limit]
    leads = _leads(session, viewer, {row.item_id for row in rows if row.item_id is not None})
    return HandedInPage(
        [_row(row, viewer, leads.get(row.item_id or 0)) for row in rows],
        rows[-1].id if len(found) > limit else None,
    )


def handed_in_row(session: Session, viewer: Viewer, hand_in_id: int) -> HandedInRow:
    """One of these hand-ins.

    Raises:
        HandedInNotFoundError: it does not exist, or is not for this viewer.
    """
    row = session.scalar(select(HandedIn).where(HandedIn.id == hand_in_id, _mine(viewer)))
    if row is None:
        raise HandedInNotFoundError(f"there is no hand-in {hand_in_id}")
    items = [row.item_id] if row.item_id is not None else []
    return _row(row, viewer, _leads(session, viewer, items).get(row.item_id or 0))


def _row(row: HandedIn, viewer: Viewer, lead: Any) -> HandedInRow:
    if row.taken_at is None:
        became = Became.WAITING
    elif row.outcome in REFUSED:
        became = Became.REFUSED
    elif lead is not None:
        became = Became.LEAD
    else:
        known = viewer.decides and row.outcome is Outcome.DUPLICATE
        became = Became.KNOWN if known else Became.TAKEN
    return HandedInRow(
        id=row.id,
        at=row.handed_in_at,
        channel=row.channel,
        mine=row.handed_in_by_id == viewer.account_id,
        url=row.url,
        title=row.title,
        summary=row.summary,
        municipality_code=row.municipality_code,
        own=row.own,
        became=became,
        outcome=row.outcome if became is Became.REFUSED else None,
        **({} if lead is None else {"lead_id": lead[0], "lead_title": lead[1], "lead_status": lead[2]}),
    )


def _leads(session: Session, viewer: Viewer, item_ids: Collection[int]) -> dict[int, Any]:
    """Item -> number, title and status of its newest lead, of those that the viewer may see."""
    found: dict[int, Any] = {}
    numbers = sorted(item_ids)
    for start in range(0, len(numbers), CHUNK):
        of_these = LeadItem.item_id.in_(numbers[start : start + CHUNK])
        for item_id, *lead in session.execute(
            select(LeadItem.item_id, Lead.id, Lead.title, Lead.status)
            .join(Lead, Lead.id == LeadItem.lead_id)
            # By their numbers: SQLite would go through all leads of the municipality.
            .where(of_these, Lead.id.in_(select(LeadItem.lead_id).where(of_these)))
            .where(viewer.scope(Lead.municipality_code))
            .order_by(Lead.id)
        ):
            found[item_id] = tuple(lead)
    return found


def known_addresses(
    session: Session, secret: bytes, viewer: Viewer, urls: Collection[str]
) -> dict[str, KnownAddress]:
    """Those of the addresses that are in a lead or wait already; only what the viewer may see counts.

    Args:
        urls: as :func:`models.store.handed_in.checked` gives them.
    """
    keys = {url_key(secret, address_key(url)): url for url in urls if url}
    wanted = sorted(keys)
    items: dict[int, str] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        for item_id, key in session.execute(select(Item.id, Item.url_key).where(Item.url_key.in_(chunk))):
            items[item_id] = keys[key]
    found = {
        items[item_id]: KnownAddress(lead[0]) for item_id, lead in _leads(session, viewer, items).items()
    }
    # Few wait at any time, and their addresses stand there in clear.
    seen = None if viewer.decides else _mine(viewer)
    waits = select(HandedIn.url).where(HandedIn.taken_at.is_(None), HandedIn.url != "")
    spellings = {address_key(url): url for url in urls if url}
    for url in session.scalars(waits if seen is None else waits.where(seen)) if spellings else ():
        known = spellings.get(address_key(url))
        if known is not None:
            found.setdefault(known, KnownAddress())
    return found
