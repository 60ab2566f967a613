"""Reading shares: lists, single ones and counts, for whoever may see them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, case, false, func, or_, select, true, union
from sqlalchemy.orm import Session, aliased

from models.account import Account
from models.initiative import Initiative
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.municipality import Municipality
from models.place import Place
from models.share import Share
from models.store.paging import newest_first
from models.store.share_rules import WAITING, ShareNotFoundError
from models.store.viewer import Viewer
from models.words import Answer, Ending, ShareStatus

#: Shares on one page.
PAGE_SIZE = 25
#: Characters of a snippet that stand for a title when there is none.
TITLE_LENGTH = 80


@dataclass(frozen=True)
class ShareRow:
    """One share as shown."""

    id: int
    municipality_code: str
    municipality: str
    #: The lead that was given or that the initiative was made of; None = none, or it is not for this viewer.
    lead_id: int | None
    initiative_id: int | None
    #: Name of the initiative, else title of the lead; empty when its content is gone, or when it went to
    #: another municipality and this viewer may not see that.
    title: str
    place: str | None
    theme: str | None
    #: Where it can be read about; may be empty.
    link: str
    status: ShareStatus
    version: int
    offered_at: datetime
    message: str
    seen_at: datetime | None
    answer: Answer | None
    answered_at: datetime | None
    #: Name of who answered, else the e-mail address; None = nobody, or staff for who is not.
    answered_by: str | None
    answer_note: str
    later_on: date | None
    due_on: date | None
    reminded_at: datetime | None
    in_contact_at: datetime | None
    ended_at: datetime | None
    ending: Ending | None
    ending_note: str
    answered_by_id: int | None = None
    #: There is something to open: not gone, still of this municipality, not out of the register.
    there: bool = True
    #: When the lead was found that is in no register; its content goes after its own term.
    lead_opened_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """The municipality still has to answer."""
        return self.status in WAITING

    @property
    def overdue(self) -> bool:
        """It was reminded and has not answered."""
        return self.waits and self.reminded_at is not None


@dataclass(frozen=True)
class SharePage:
    """One page of shares, newest first, with where the neighbouring pages begin."""

    rows: list[ShareRow]
    before: int | None
    after: int | None
    total: int


#: Fields of a row that are columns of the share itself.
OWN_COLUMNS = (
    "status",
    "version",
    "offered_at",
    "message",
    "seen_at",
    "answer",
    "answered_at",
    "answered_by_id",
    "answer_note",
    "later_on",
    "due_on",
    "reminded_at",
    "in_contact_at",
    "ended_at",
    "ending",
    "ending_note",
)
_lead = aliased(Lead)
_of_initiative = Share.initiative_id.is_not(None)
#: Where it is now; what went to another municipality is not for the one that it was given to any more.
_IN = case((_of_initiative, Initiative.municipality_code), else_=_lead.municipality_code)
_OWN = func.coalesce(Share.municipality_code == _IN, False)
_TITLE = case(
    (_of_initiative, Initiative.name),
    else_=func.coalesce(func.nullif(_lead.title, ""), func.substr(_lead.snippet, 1, TITLE_LENGTH)),
)
_LINK = case(
    (_of_initiative, Initiative.link),
    else_=select(func.min(Item.url))
    .join(LeadItem, LeadItem.item_id == Item.id)
    .where(LeadItem.lead_id == Share.lead_id, Item.url != "")
    .scalar_subquery(),
)
_THEME = case((_of_initiative, Initiative.theme), else_=_lead.theme)
_PLACE = case((_of_initiative, Initiative.place_key), else_=_lead.place_key)


def _rows(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Named as in :class:`ShareRow`."""
    seen = true() if viewer.decides else _OWN
    there = (
        true()
        if viewer.decides
        else and_(_OWN, Initiative.withdrawn_at.is_(None), _of_initiative | _lead.purged_at.is_(None))
    )
    # What is in the register may come of a lead of another municipality, or of none.
    known = or_(Share.lead_id.is_not(None), viewer.scope(_lead.municipality_code))
    own_people = true() if viewer.decides else Account.municipality_code == Share.municipality_code
    columns: dict[str, Any] = {
        "id": Share.id,
        "municipality_code": Share.municipality_code,
        "municipality": Municipality.name,
        "lead_id": case((known, func.coalesce(Share.lead_id, Initiative.lead_id))),
        "initiative_id": Share.initiative_id,
        "title": case((seen, func.coalesce(_TITLE, "")), else_=""),
        "place": case((seen, Place.name)),
        "theme": case((seen, _THEME)),
        "link": case((seen, func.coalesce(_LINK, "")), else_=""),
        **{name: getattr(Share, name) for name in OWN_COLUMNS},
        "answered_by": case((own_people, func.coalesce(func.nullif(Account.name, ""), Account.email))),
        "there": case((there, true()), else_=false()),
        "lead_opened_at": case((_of_initiative, None), else_=_lead.opened_at),
    }
    return (
        select(*(column.label(name) for name, column in columns.items()))
        .join_from(Share, Municipality, Municipality.code == Share.municipality_code)
        .join(Initiative, Initiative.id == Share.initiative_id, isouter=True)
        .join(_lead, _lead.id == func.coalesce(Share.lead_id, Initiative.lead_id), isouter=True)
        .join(Place, Place.key == _PLACE, isouter=True)
        .join(Account, Account.id == Share.answered_by_id, isouter=True)
        .where(viewer.scope(Share.municipality_code))
    )


def get_share(session: Session, viewer: Viewer, share_id: int) -> ShareRow:
    """One share.

    Raises:
        ShareNotFoundError: it does not exist, or is not for this viewer.
    """
    found = session.execute(_rows(viewer).where(Share.id == share_id)).one_or_none()
    if found is None:
        raise ShareNotFoundError(f"there is no share {share_id}")
    return ShareRow(**found._mapping)


def shares_numbered(session: Session, viewer: Viewer, numbers: Collection[int]) -> list[ShareRow]:
    """Shares by number; those that do not exist or are not for this viewer are left out."""
    found = session.execute(_rows(viewer).where(Share.id.in_(numbers)).order_by(Share.id))
    return [ShareRow(**row._mapping) for row in found]


def shares_about(
    session: Session, viewer: Viewer, *, lead_id: int | None = None, initiative_id: int | None = None
) -> list[ShareRow]:
    """All shares of a lead and what was made of it, or of an entry of the register; newest first."""
    wanted = []
    if lead_id is not None:
        made = select(Initiative.id).where(Initiative.lead_id == lead_id)
        wanted += [Share.lead_id == lead_id, Share.initiative_id.in_(made)]
    if initiative_id is not None:
        wanted.append(Share.initiative_id == initiative_id)
    # Each along an index of its own: asked together, all shares would be looked at.
    numbers = union(*(select(Share.id).where(one) for one in wanted))
    query = _rows(viewer).where(Share.id.in_(numbers)).order_by(Share.id.desc())
    return [ShareRow(**found._mapping) for found in session.execute(query)]


def share_page(
    session: Session,
    viewer: Viewer,
    *,
    status: ShareStatus | Collection[ShareStatus] | None = None,
    waiting: bool = False,
    overdue: bool = False,
    municipality_code: str | None = None,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE_SIZE,
    counted: bool = True,
) -> SharePage:
    """One page of shares, newest first.

    Args:
        status: only those of this status, or of one of these.
        waiting: only those that wait for an answer.
        overdue: only those that wait although the municipality was reminded.
        after: show older ones than this share.
        before: show the ones just newer than this share instead.
        counted: False = ``total`` is not asked for, and 0.
    """
    wanted = [viewer.scope(Share.municipality_code)]
    if status is not None:
        wanted.append(Share.status.in_([status] if isinstance(status, ShareStatus) else sorted(status)))
    if waiting or overdue:
        wanted.append(Share.status.in_(sorted(WAITING)))
    if overdue:
        wanted.append(Share.reminded_at.is_not(None))
    if municipality_code is not None:
        wanted.append(Share.municipality_code == municipality_code)
    total = session.scalar(select(func.count()).select_from(Share).where(*wanted)) if counted else 0
    page = newest_first(
        session,
        _rows(viewer),
        Share.id,
        lambda row: ShareRow(**row._mapping),
        wanted=wanted,
        after=after,
        before=before,
        limit=limit,
    )
    return SharePage(rows=page.rows, before=page.before, after=page.after, total=total or 0)


def waiting_shares(session: Session, viewer: Viewer) -> int:
    """How many shares wait for an answer, of those that this viewer may see."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Share)
            .where(viewer.scope(Share.municipality_code), Share.status.in_(sorted(WAITING)))
        )
        or 0
    )
