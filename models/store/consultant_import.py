"""Files of consultants: kept for a day, so that whoever sent one can look before it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from models.consultant import ConsultantImport
from models.labels import Labels
from models.store.consultant_drafts import ConsultantDraft, InvalidConsultantError
from models.store.consultants import ConsultantError, add_consultant, change_consultant
from models.store.round_rules import hold_open_rounds
from models.store.viewer import Viewer

#: Time after which a file goes, taken over or not.
KEEP = timedelta(days=1)


class ImportNotFoundError(Exception):
    """No file with this number of this account."""


@dataclass(frozen=True)
class ImportRow:
    """One good row of a file."""

    #: As spreadsheets count; the header is row 1.
    number: int
    draft: ConsultantDraft
    #: The consultant that has this address already, and its version; None = a new one.
    consultant_id: int | None = None
    version: int | None = None
    #: Fields that the file says otherwise; none = it says what is there.
    changed: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether it adds somebody."""
        return self.consultant_id is None


@dataclass(frozen=True)
class Imported:
    """What taking over a file did."""

    added: int
    changed: int
    #: Numbers of rows that were not taken: somebody changed or added the same one after the file was shown.
    skipped: tuple[int, ...] = ()


def save_import(
    session: Session,
    *,
    account_id: int,
    name: str,
    rows: Sequence[ImportRow],
    mistakes: Sequence[Mapping[str, Any]],
    now: datetime,
) -> ConsultantImport:
    """Keep what was read from a file. The caller commits.

    Args:
        name: of the file, for the screen.
        rows: what is good in it, checked.
        mistakes: ``{"row", "column", "why"}`` of the rest.
    """
    kept = ConsultantImport(
        account_id=account_id,
        uploaded_at=now,
        name=name[:200],
        rows=[_packed(row) for row in rows],
        mistakes=[dict(one) for one in mistakes],
    )
    session.add(kept)
    session.flush()
    return kept


def import_of(session: Session, account_id: int, import_id: int) -> ConsultantImport:
    """A file that this account sent.

    Raises:
        ImportNotFoundError: there is none with this number, or it is somebody else's.
    """
    found = session.scalar(
        select(ConsultantImport).where(
            ConsultantImport.id == import_id, ConsultantImport.account_id == account_id
        )
    )
    if found is None:
        raise ImportNotFoundError(f"there is no file {import_id} of this account")
    return found


def rows_of(kept: ConsultantImport) -> list[ImportRow]:
    """The good rows of a file; none once it was taken over."""
    return [_unpacked(row) for row in kept.rows]


def confirm_import(
    session: Session, import_id: int, *, viewer: Viewer, labels: Labels, now: datetime
) -> Imported:
    """Take over all good rows of a file, once: all in one transaction, which the caller commits.

    A row whose consultant was changed or entered since the file was shown is left out.

    Raises:
        ImportNotFoundError: there is none with this number, or it is somebody else's.
    """
    rows = rows_of(import_of(session, viewer.account_id, import_id))
    claimed = session.execute(
        update(ConsultantImport)
        .where(ConsultantImport.id == import_id, ConsultantImport.confirmed_at.is_(None))
        # What it says now stands with the consultants.
        .values(confirmed_at=now, rows=[])
        .execution_options(synchronize_session=False)
    )
    if not cast("CursorResult[Any]", claimed).rowcount:
        return Imported(0, 0)
    hold_open_rounds(session)
    added = changed = 0
    skipped: list[int] = []
    for row in rows:
        try:
            if row.consultant_id is None:
                add_consultant(session, row.draft, viewer=viewer, labels=labels, now=now)
                added += 1
            elif row.changed:
                change_consultant(
                    session,
                    row.consultant_id,
                    row.draft,
                    viewer=viewer,
                    version=row.version or 0,
                    labels=labels,
                    now=now,
                )
                changed += 1
        except (ConsultantError, InvalidConsultantError):
            skipped.append(row.number)
    return Imported(added, changed, tuple(skipped))


def forget_imports(session: Session, *, now: datetime) -> int:
    """Remove files older than :data:`KEEP`. The caller commits.

    Returns:
        How many went.
    """
    gone = session.execute(
        delete(ConsultantImport)
        .where(ConsultantImport.uploaded_at <= now - KEEP)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", gone).rowcount


_DAYS = ("period_from", "period_until")


def _packed(row: ImportRow) -> dict[str, Any]:
    draft = asdict(row.draft)
    for name in _DAYS:
        draft[name] = draft[name].isoformat() if draft[name] else None
    return {
        "number": row.number,
        "draft": draft,
        "consultant_id": row.consultant_id,
        "version": row.version,
        "changed": list(row.changed),
    }


def _unpacked(row: Mapping[str, Any]) -> ImportRow:
    draft = dict(row["draft"])
    for name in _DAYS:
        draft[name] = date.fromisoformat(draft[name]) if draft[name] else None
    for name in ("expertise", "languages"):
        draft[name] = tuple(draft[name])
    return ImportRow(
        row["number"],
        ConsultantDraft(**draft),
        row["consultant_id"],
        row["version"],
        tuple(row["changed"]),
    )
