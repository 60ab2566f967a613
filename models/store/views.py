"""Saved views: choices of leads under a name, one's own and those that colleagues share."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from models.account import Account, AccountRole
from models.base import utc_now
from models.saved_view import SavedView
from models.store.audit import record
from models.store.viewer import STAFF, Viewer
from models.words import Role

#: What an address of the queue may carry; anything else, a page say, is left out of a view.
KEYS = (
    "gemeente",
    "buurt",
    "thema",
    "status",
    "score",
    "bron",
    "leeftijd",
    "toegewezen",
    "zoek",
    "volgorde",
)
#: Most characters of a name and of one value, and most views of one account.
NAME_LIMIT, VALUE_LIMIT, VIEW_LIMIT = 80, 120, 50


class ViewProblem(StrEnum):
    """Why a view can't be saved or removed."""

    NO_NAME = "no_name"
    NAME_TOO_LONG = "name_too_long"
    TOO_MANY = "too_many"
    NOT_YOURS = "not_yours"  # or not there
    NOT_ALLOWED = "not_allowed"


SENTENCES = {
    ViewProblem.NO_NAME: "a view needs a name",
    ViewProblem.NAME_TOO_LONG: f"the name of a view has at most {NAME_LIMIT} characters",
    ViewProblem.TOO_MANY: f"one account has at most {VIEW_LIMIT} views",
    ViewProblem.NOT_YOURS: "there is no such view that this account may remove",
    ViewProblem.NOT_ALLOWED: "this account may not read leads",
}


class ViewError(Exception):
    """A view can't be saved or removed; nothing was changed."""

    def __init__(self, reason: ViewProblem) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason


@dataclass(frozen=True)
class ViewRow:
    """One view as shown."""

    id: int
    name: str
    #: As the address of the queue carries it, without the question mark.
    query: str
    shared: bool
    #: Saved by whoever is looking.
    own: bool
    #: Name of who saved it, else the e-mail address.
    by: str


def clean(query: str) -> str:
    """The known parts of an address, each once, in one fixed order; unknown and empty ones left out."""
    found: dict[str, str] = {}
    for key, value in parse_qsl(query.removeprefix("?"), errors="replace", max_num_fields=None):
        if key in KEYS and key not in found and value.strip():
            found[key] = " ".join(value.split())[:VALUE_LIMIT]
    return urlencode({key: found[key] for key in KEYS if key in found})


def save_view(session: Session, viewer: Viewer, name: str, query: str, shared: bool) -> SavedView:
    """Keep a choice under a name; one that this account has by this name already is replaced.

    Args:
        query: as the address of the queue carries it; see :func:`clean`.
        shared: colleagues see it too: staff that of staff, a municipality that of its own people.

    Raises:
        ViewError: nothing was changed.
    """
    if not viewer.reads:
        raise ViewError(ViewProblem.NOT_ALLOWED)
    title = " ".join(name.split())
    if not title:
        raise ViewError(ViewProblem.NO_NAME)
    if len(title) > NAME_LIMIT:
        raise ViewError(ViewProblem.NAME_TOO_LONG)
    own = select(SavedView).where(SavedView.account_id == viewer.account_id)
    view = session.scalar(own.where(SavedView.name == title))
    before = _told(view) if view is not None else {}
    if view is None:
        count = session.scalar(select(func.count()).select_from(own.subquery())) or 0
        if count >= VIEW_LIMIT:
            raise ViewError(ViewProblem.TOO_MANY)
        view = SavedView(account_id=viewer.account_id, name=title, created_at=utc_now())
        session.add(view)
    view.query, view.shared = clean(query), shared
    session.flush()
    record(session, viewer.account_id, "view", "view", view.id, before=before, after=_told(view))
    return view


def views_of(session: Session, viewer: Viewer) -> list[ViewRow]:
    """The views that somebody sees: own ones first, then shared ones, by name."""
    if not viewer.reads:
        return []
    rows = session.execute(
        select(SavedView, func.coalesce(func.nullif(Account.name, ""), Account.email))
        .join(Account, Account.id == SavedView.account_id)
        .where(
            or_(
                SavedView.account_id == viewer.account_id,
                and_(SavedView.shared, Account.active, _colleague(viewer)),
            )
        )
    ).all()
    found = [
        ViewRow(view.id, view.name, view.query, view.shared, own=view.account_id == viewer.account_id, by=by)
        for view, by in rows
    ]
    return sorted(found, key=lambda row: (not row.own, row.name.casefold(), row.id))


def remove_view(session: Session, viewer: Viewer, view_id: int) -> None:
    """Remove an own view; who manages accounts may remove shared ones of staff too.

    Raises:
        ViewError: nothing was changed.
    """
    known = {row.id: row for row in views_of(session, viewer)}
    row = known.get(view_id)
    if row is None or not (row.own or viewer.manages):
        raise ViewError(ViewProblem.NOT_YOURS)
    view = session.get_one(SavedView, view_id)
    record(session, viewer.account_id, "view", "view", view.id, before=_told(view))
    session.delete(view)
    session.flush()


def _colleague(viewer: Viewer) -> ColumnElement[bool]:
    """Condition on an account: works where the viewer works."""
    staff = (
        select(AccountRole.account_id)
        .where(AccountRole.account_id == Account.id, AccountRole.role_name.in_(sorted(STAFF)))
        .exists()
    )
    if viewer.decides:
        return staff
    clerk = (
        select(AccountRole.account_id)
        .where(AccountRole.account_id == Account.id, AccountRole.role_name == Role.MUNICIPALITY)
        .exists()
    )
    return and_(clerk, ~staff, Account.municipality_code == viewer.municipality_code)


def _told(view: SavedView) -> dict[str, object]:
    """A view for the log: which filters it has, never what was typed into them."""
    return {"shared": view.shared, "filters": ",".join(key for key, _ in parse_qsl(view.query))}
