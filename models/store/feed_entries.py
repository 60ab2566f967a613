"""What stands in the Atom feed of a municipality: one entry for each share and each initiative of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.event import Event
from models.initiative import Initiative
from models.lead import Lead
from models.place import Place
from models.share import Share
from models.words import EventKind, Phase, ShareStatus

#: Events that are about a share; the others are about an initiative.
OF_SHARES = (EventKind.SHARE_OFFERED, EventKind.SHARE_CHANGED, EventKind.SHARE_WITHDRAWN)
#: Entries on one page of the feed.
PAGE_SIZE = 50


@dataclass(frozen=True)
class FeedEntry:
    """One share or initiative, as far as the feed tells of it: no text of it, no names of people."""

    #: Number of the newest event about it: the place in the feed.
    event_id: int
    #: Whether it is a share; else an initiative.
    is_share: bool
    #: Number of the share or initiative.
    id: int
    #: When it changed last, as told outside.
    updated_at: datetime
    #: When it was offered or entered.
    published_at: datetime
    #: No longer to be shown: withdrawn, or gone to another municipality. What follows is empty then.
    gone: bool
    title: str = ""
    #: Slug of ``config/labels.toml``.
    theme: str | None = None
    #: Name of the place in the municipality.
    place: str | None = None
    status: ShareStatus | None = None
    phase: Phase | None = None


def feed_page(
    session: Session, municipality_code: str, *, before: int | None = None, limit: int = PAGE_SIZE
) -> tuple[list[FeedEntry], int | None]:
    """Shares and initiatives of a municipality by their newest event, and where the next page begins.

    For who holds the address of its feed, so there is no viewer; the address stands for the municipality.

    Args:
        before: only what changed last before the event of this number; None = from the newest.

    Returns:
        The entries, and the number to go on from; None = there are no more.
    """
    events = _newest_events(session, municipality_code, before, limit + 1)
    page = events[:limit]
    shares = _shares(session, {one.share_id for one in page if one.kind in OF_SHARES})
    entered = _initiatives(session, {one.initiative_id for one in page if one.kind not in OF_SHARES})
    entries = [
        _share_entry(one, *shares[one.share_id or 0])
        if one.kind in OF_SHARES
        else _initiative_entry(one, entered[one.initiative_id or 0])
        for one in page
    ]
    places = {one.place for one in entries if one.place is not None}
    rows = session.execute(select(Place.key, Place.name).where(Place.key.in_(places))).all()
    named = {row[0]: row[1] for row in rows}
    entries = [replace(one, place=named.get(one.place or "")) for one in entries]
    return entries, page[-1].id if len(events) > limit else None


def _newest_events(session: Session, code: str, before: int | None, limit: int) -> list[Event]:
    """The newest event about each share and each initiative."""
    later = aliased(Event)
    of_shares = Event.kind.in_(OF_SHARES)
    is_share = later.kind.in_(OF_SHARES)
    # Along the events about the same, which are few: asked together, or with the plain column of the
    # municipality, SQLite reads all its later events for each.
    newer = select(later.id).where(later.id > Event.id, func.coalesce(later.municipality_code, "") == code)
    told_again = or_(
        of_shares & newer.where(is_share, later.share_id == Event.share_id).exists(),
        ~of_shares & newer.where(~is_share, later.initiative_id == Event.initiative_id).exists(),
    )
    about_something = or_(
        and_(of_shares, Event.share_id.is_not(None)), and_(~of_shares, Event.initiative_id.is_not(None))
    )
    query = (
        select(Event)
        .where(
            Event.municipality_code == code,
            about_something,
            ~told_again,
        )
        .order_by(Event.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query if before is None else query.where(Event.id < before)))


def _shares(session: Session, numbers: set[int | None]) -> dict[int, tuple[Share, Initiative | Lead | None]]:
    """Shares with what they are of, as far as that is (still) of their municipality."""
    rows = session.execute(
        select(Share, Lead, Initiative)
        .outerjoin(Lead, and_(Lead.id == Share.lead_id, Lead.municipality_code == Share.municipality_code))
        .outerjoin(
            Initiative,
            and_(
                Initiative.id == Share.initiative_id,
                Initiative.municipality_code == Share.municipality_code,
                Initiative.withdrawn_at.is_(None),
            ),
        )
        .where(Share.id.in_(numbers))
    )
    # In staff's own words once it is in the register.
    return {row[0].id: (row[0], row[2] or row[1]) for row in rows}


def _initiatives(session: Session, numbers: set[int | None]) -> dict[int, Initiative]:
    return {one.id: one for one in session.scalars(select(Initiative).where(Initiative.id.in_(numbers)))}


def _share_entry(event: Event, share: Share, about: Initiative | Lead | None) -> FeedEntry:
    entry = FeedEntry(event.id, True, share.id, event.at, share.offered_at, gone=True)
    withdrawn = share.status is ShareStatus.WITHDRAWN or share.municipality_code != event.municipality_code
    if withdrawn or about is None:
        return entry
    title = about.name if isinstance(about, Initiative) else about.title
    return replace(
        entry, gone=False, title=title, theme=about.theme, place=about.place_key, status=share.status
    )


def _initiative_entry(event: Event, about: Initiative) -> FeedEntry:
    entry = FeedEntry(event.id, False, about.id, event.at, about.created_at, gone=True)
    if about.withdrawn_at is not None or about.municipality_code != event.municipality_code:
        return entry
    return replace(
        entry, gone=False, title=about.name, theme=about.theme, place=about.place_key, phase=about.phase
    )
