"""Consultants: entering them, changing them, and taking them out. Each municipality keeps its own; staff all.

The caller commits; on SQLite the session must be one that writes, so that two who change wait for each other.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from models.base import ZONE, utc_now
from models.consultant import Consultant
from models.labels import Labels
from models.municipality import Municipality
from models.store.audit import AuditRow, audit_page, record
from models.store.consultant_drafts import (
    WRITTEN,
    ConsultantDraft,
    InvalidConsultantError,
    differences,
    problems_of,
    tidy,
    written_of,
)
from models.store.round_leavers import Why, consultant_left, period_changed
from models.store.round_rules import hold_open_rounds
from models.store.viewer import Viewer

#: Days that a consultant is kept after the period, or without an end of it after the last change: 12 months.
KEEP_DAYS = 365
#: What tells who a consultant is; empty once they were taken out.
BLANKED = ("name", "email", "function", "experience", "employer_name", "employer_email")
#: Fields whose values are codes, numbers and days, which the audit log may hold -> their names there.
CODED = {
    "expertise": "expertise",
    "languages": "languages",
    "period_from": "from",
    "period_until": "until",
    "most": "most",
    "radius_km": "radius_km",
    "place_key": "place_key",
    "available": "available",
}
#: Consultants that are looked at together when those past their term go.
BATCH = 200


class ConsultantError(Exception):
    """A consultant can't be changed; nothing was."""


class ConsultantNotFoundError(ConsultantError):
    """No consultant with this number that this viewer may see."""


class ConsultantNotAllowedError(ConsultantError):
    """This account may not change this consultant, or not in this way."""


class StaleConsultantError(ConsultantError):
    """Somebody else changed the consultant since it was shown."""

    def __init__(self, version: int, changes: list[AuditRow]) -> None:
        super().__init__("the consultant has changed since it was shown")
        #: The version that it has now.
        self.version = version
        #: What was changed since, the newest first.
        self.changes = changes

    @property
    def fields(self) -> list[str]:
        """Fields that others changed since."""
        found = {name for row in self.changes for name in row.after.get("fields", [])}
        return [name for name in WRITTEN if name in found]


def add_consultant(
    session: Session,
    draft: ConsultantDraft,
    *,
    viewer: Viewer,
    labels: Labels,
    now: datetime | None = None,
) -> Consultant:
    """Enter a consultant.

    Args:
        labels: the known themes, kinds of expertise and languages.

    Raises:
        ConsultantNotAllowedError: the account may not write, or not for this municipality.
        InvalidConsultantError: fields that can't be taken, an address among them that is there already.
    """
    now, draft = now or utc_now(), tidy(draft)
    _check_writer(viewer, draft.municipality_code)
    # Held until the transaction ends, so that two who enter the same one at once are not both let through.
    session.scalar(
        select(Municipality.code)
        .where(Municipality.code == draft.municipality_code)
        .with_for_update(key_share=True)
    )
    problems = problems_of(session, draft, labels)
    if problems:
        raise InvalidConsultantError(problems)
    row = Consultant(**written_of(draft), added_by_id=viewer.account_id, added_at=now, updated_at=now)
    session.add(row)
    session.flush()
    after = {"done": "added", "municipality": row.municipality_code, "hours": row.half_hours / 2}
    record(session, viewer.account_id, "consultant", "consultant", row.id, after=after, at=now)
    return row


def change_consultant(
    session: Session,
    consultant_id: int,
    draft: ConsultantDraft,
    *,
    viewer: Viewer,
    version: int,
    labels: Labels,
    now: datetime | None = None,
) -> Consultant:
    """Correct what is written about a consultant; what is the same as before counts as not changed.

    Args:
        version: ``Consultant.version`` as shown to the person who writes.

    Raises:
        ConsultantNotFoundError, StaleConsultantError, InvalidConsultantError: nothing was changed.
        ConsultantNotAllowedError: also when it should go to another municipality.
    """
    now, draft = now or utc_now(), tidy(draft)
    hold_open_rounds(session)
    row = hold(session, viewer, consultant_id, version)
    if draft.municipality_code != row.municipality_code:
        raise ConsultantNotAllowedError("a consultant stays with the own municipality")
    if draft.email != row.email:
        session.scalar(
            select(Municipality.code)
            .where(Municipality.code == row.municipality_code)
            .with_for_update(key_share=True)
        )
    problems = problems_of(session, draft, labels, consultant_id=consultant_id)
    if problems:
        raise InvalidConsultantError(problems)
    changed = differences(row, draft)
    _note(session, row, viewer, changed, now)
    return row


def set_available(
    session: Session,
    consultant_id: int,
    available: bool,
    *,
    viewer: Viewer,
    version: int,
    now: datetime | None = None,
) -> Consultant:
    """Say whether a consultant can be asked for new rounds.

    Raises:
        ConsultantNotFoundError, ConsultantNotAllowedError, StaleConsultantError: nothing was changed.
    """
    hold_open_rounds(session)
    row = hold(session, viewer, consultant_id, version)
    if row.available is not available:
        _note(session, row, viewer, {"available": (row.available, available)}, now or utc_now())
    return row


def remove_consultant(
    session: Session,
    consultant_id: int,
    *,
    viewer: Viewer,
    version: int,
    now: datetime | None = None,
) -> None:
    """Take a consultant out: who it is goes at once; that there was one, and its numbers, stay.

    Raises:
        ConsultantNotFoundError, ConsultantNotAllowedError, StaleConsultantError: nothing was changed.
    """
    hold_open_rounds(session)
    row = hold(session, viewer, consultant_id, version)
    _blank(session, row, viewer.account_id, "removed", now or utc_now())


def forget_consultants(session: Session, *, now: datetime) -> int:
    """Take out whose period ended more than :data:`KEEP_DAYS` ago. The caller commits.

    Returns:
        How many went.
    """
    moment = now - timedelta(days=KEEP_DAYS)
    day = moment.astimezone(ZONE).date()
    over = or_(
        Consultant.period_until < day,
        and_(Consultant.period_until.is_(None), Consultant.updated_at <= moment),
    )
    hold_open_rounds(session)
    rows = session.scalars(
        select(Consultant)
        .where(Consultant.removed_at.is_(None), over)
        .order_by(Consultant.id)
        .limit(BATCH)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        _blank(session, row, None, "past its term", now)
    return len(rows)


def hold(session: Session, viewer: Viewer, consultant_id: int, version: int) -> Consultant:
    """The consultant, fresh and held until the transaction ends, if this viewer may change it.

    Raises:
        ConsultantNotFoundError, ConsultantNotAllowedError, StaleConsultantError
    """
    row = session.scalar(
        select(Consultant)
        .where(
            Consultant.id == consultant_id,
            Consultant.removed_at.is_(None),
            viewer.scope(Consultant.municipality_code),
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise ConsultantNotFoundError(f"there is no consultant {consultant_id}")
    _check_writer(viewer, row.municipality_code)
    if row.version != version:
        found, _more = audit_page(
            session,
            action="consultant",
            object_kind="consultant",
            object_id=str(consultant_id),
            limit=max(1, row.version - version),
        )
        raise StaleConsultantError(row.version, found)
    return row


def _check_writer(viewer: Viewer, municipality_code: str) -> None:
    own = viewer.answers and municipality_code == viewer.municipality_code
    if not (viewer.decides or own):
        raise ConsultantNotAllowedError("this account may not write for this municipality")


def _note(
    session: Session, row: Consultant, viewer: Viewer, changed: dict[str, tuple[Any, Any]], now: datetime
) -> None:
    """Write a change into the row and the audit log; nothing when nothing changed."""
    if not changed:
        return
    for name, (_before, after) in changed.items():
        setattr(row, name, after)
    row.version += 1
    row.updated_at = now
    if "available" in changed and not row.available:
        consultant_left(session, row.id, Why.UNAVAILABLE, now=now, account_id=viewer.account_id)
    if "period_until" in changed:
        period_changed(session, row, now=now, account_id=viewer.account_id)
    sides: list[dict[str, Any]] = [{}, {"fields": [name for name in WRITTEN if name in changed]}]
    for name, pair in changed.items():
        for side, value in zip(sides, pair, strict=True):
            if name in CODED:
                side[CODED[name]] = value.isoformat() if isinstance(value, date) else value
            elif name == "half_hours":
                side["hours"] = value / 2
    record(
        session,
        viewer.account_id,
        "consultant",
        "consultant",
        row.id,
        before=sides[0],
        after=sides[1],
        at=now,
    )


def _blank(session: Session, row: Consultant, account_id: int | None, why: str, now: datetime) -> None:
    for name in BLANKED:
        setattr(row, name, "")
    row.place_key = None
    row.available = False
    row.version += 1
    row.updated_at = row.removed_at = now
    consultant_left(session, row.id, Why.REMOVED, now=now, account_id=account_id)
    record(session, account_id, "consultant", "consultant", row.id, after={"done": why}, at=now)
