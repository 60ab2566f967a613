"""Files of things to hand in: kept for a day, so that whoever sent one can look before it counts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from models.handed_in import Upload
from models.store.handed_in import HandIn, hand_in, origin_of_words, with_origin
from models.words import Channel

#: Time after which a file goes, handed in or not.
KEEP = timedelta(days=1)


class UploadNotFoundError(Exception):
    """No file with this number of this account."""


def as_row(one: HandIn) -> dict[str, Any]:
    """A hand-in as :attr:`Upload.rows` holds it."""
    return {
        "url": one.url,
        "title": one.title,
        "summary": one.summary,
        "municipality_code": one.municipality_code,
        "published_on": one.published_on.isoformat() if one.published_on else None,
        "own": one.own,
    }


def save_upload(
    session: Session,
    *,
    account_id: int,
    name: str,
    rows: Sequence[HandIn],
    mistakes: Sequence[Mapping[str, Any]],
    now: datetime,
) -> Upload:
    """Keep what was read from a file. The caller commits.

    Args:
        name: of the file, for the screen.
        rows: what is good in it, checked.
        mistakes: ``{"row", "column", "why"}`` of the rest.
    """
    upload = Upload(
        account_id=account_id,
        uploaded_at=now,
        name=name[:200],
        rows=[as_row(one) for one in rows],
        mistakes=[dict(one) for one in mistakes],
    )
    session.add(upload)
    session.flush()
    return upload


def upload_of(session: Session, account_id: int, upload_id: int) -> Upload:
    """A file that this account sent.

    Raises:
        UploadNotFoundError: there is none with this number, or it is somebody else's.
    """
    found = session.scalar(select(Upload).where(Upload.id == upload_id, Upload.account_id == account_id))
    if found is None:
        raise UploadNotFoundError(f"there is no file {upload_id} of this account")
    return found


def confirm(
    session: Session,
    upload_id: int,
    *,
    account_id: int,
    municipality_code: str | None,
    secret: bytes,
    now: datetime,
) -> int:
    """Hand in all good rows of a file, once. The caller commits.

    Args:
        municipality_code: that of an officer, for every row; None = as the rows say.

    Returns:
        How many were new; 0 when the file was handed in before.

    Raises:
        UploadNotFoundError: there is none with this number, or it is somebody else's.
    """
    upload = upload_of(session, account_id, upload_id)
    rows = list(upload.rows)
    claimed = session.execute(
        update(Upload)
        .where(Upload.id == upload_id, Upload.confirmed_at.is_(None))
        # Its words now stand with the hand-ins.
        .values(confirmed_at=now, rows=[])
        .execution_options(synchronize_session=False)
    )
    if not cast("CursorResult[Any]", claimed).rowcount:
        return 0
    new = 0
    for row in rows:
        one = HandIn(
            channel=Channel.UPLOAD,
            url=row["url"],
            title=row["title"],
            summary=row["summary"],
            municipality_code=municipality_code or row["municipality_code"],
            published_on=date.fromisoformat(row["published_on"]) if row["published_on"] else None,
            own=bool(row["own"]),
        )
        origin = origin_of_words(secret, one, account_id)
        if with_origin(session, origin) is None:
            hand_in(session, HandIn(**{**vars(one), "origin_key": origin}), account_id=account_id, now=now)
            new += 1
    return new


def forget_uploads(session: Session, *, now: datetime) -> int:
    """Remove files older than :data:`KEEP`. The caller commits.

    Returns:
        How many went.
    """
    gone = session.execute(
        delete(Upload).where(Upload.uploaded_at <= now - KEEP).execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", gone).rowcount
