"""What people hand in: checking it, keeping it until the scout takes it, and what became of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import geo
from models.addresses import LONGEST, address_key, canonical, is_inside
from models.handed_in import HandedIn
from models.keys import keyed_hash
from models.post_links import is_account, without_name
from models.settings import Settings
from models.words import Channel, Outcome

#: Most characters of each text.
LIMITS = {"url": LONGEST, "title": 200, "summary": 3000}
#: Hand-ins read at a time.
CHUNK = 200

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class HandInProblem(StrEnum):
    """What can be wrong with one field."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NO_ADDRESS = "no_address"
    #: An address of a machine of one's own.
    INSIDE = "inside"
    #: The address of somebody's account instead of a post.
    ACCOUNT = "account"
    #: No such municipality.
    UNKNOWN = "unknown"
    #: Another municipality than that of the account.
    NOT_YOURS = "not_yours"
    #: A day that is no day.
    NO_DAY = "no_day"
    FUTURE = "future"
    TOO_OLD = "too_old"


class InvalidHandInError(Exception):
    """Fields that can't be taken, each with its problem."""

    def __init__(self, problems: dict[str, HandInProblem]) -> None:
        super().__init__(", ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class HandIn:
    """One thing that a person hands in."""

    channel: Channel
    #: In own words; what the scout reads.
    summary: str
    #: http or https; empty for a flyer or a talk.
    url: str = ""
    title: str = ""
    #: CBS code; None = the text says where it plays.
    municipality_code: str | None = None
    published_on: date | None = None
    #: Whether its maker agrees; None = not asked.
    consent: bool | None = None
    #: A municipality's own initiative.
    own: bool = False
    #: Keyed hash of what it came from; a second one with the same is not kept. None = always a new one.
    origin_key: str | None = None


def checked(one: HandIn, settings: Settings, *, today: date) -> HandIn:
    """A hand-in in the form in which it is kept: clean texts, one spelling of the address, no handle in it.

    Raises:
        InvalidHandInError: at least one field can't be taken; all of them are named.
    """
    url, title = one.url.strip(), " ".join(_CONTROLS.sub(" ", one.title).split())
    summary = _CONTROLS.sub(" ", one.summary.replace("\r\n", "\n").replace("\r", "\n")).strip()
    problems: dict[str, HandInProblem] = {}
    if url:
        url, wrong = _address(url, settings)
        if wrong is not None:
            problems["url"] = wrong
    if len(title) > LIMITS["title"]:
        problems["title"] = HandInProblem.TOO_LONG
    if not summary:
        problems["summary"] = HandInProblem.EMPTY
    elif len(summary) > LIMITS["summary"]:
        problems["summary"] = HandInProblem.TOO_LONG
    code = one.municipality_code or None
    if code is not None and geo.municipality_code(code) != code:
        problems["municipality_code"] = HandInProblem.UNKNOWN
    if one.published_on is not None:
        if one.published_on > today:
            problems["published_on"] = HandInProblem.FUTURE
        elif one.published_on < today - timedelta(days=settings.max_age_days):
            problems["published_on"] = HandInProblem.TOO_OLD
    if problems:
        raise InvalidHandInError(problems)
    return replace(one, url=url, title=title, summary=summary, municipality_code=code)


def _address(url: str, settings: Settings) -> tuple[str, HandInProblem | None]:
    """The one spelling of an address without a handle in it, and why it can't be kept."""
    if len(url) > LONGEST:
        return "", HandInProblem.TOO_LONG
    clean = canonical(url)
    if not clean:
        return "", HandInProblem.NO_ADDRESS
    if is_inside(clean) and not settings.allow_private_addresses:
        return "", HandInProblem.INSIDE
    clean = without_name(clean)
    return clean, HandInProblem.ACCOUNT if is_account(clean) else None


def origin_of_words(secret: bytes, one: HandIn, account_id: int) -> str:
    """``HandIn.origin_key`` of a form or a row of a file: the same words by the same account."""
    return keyed_hash(
        secret,
        "handed in",
        str(account_id),
        address_key(one.url),
        one.title,
        one.summary,
        one.municipality_code or "",
        one.published_on.isoformat() if one.published_on else "",
    )


def with_origin(session: Session, origin_key: str | None) -> HandedIn | None:
    """The hand-in that came from this already, if there is one."""
    if origin_key is None:
        return None
    return session.scalar(select(HandedIn).where(HandedIn.origin_key == origin_key))


def hand_in(session: Session, one: HandIn, *, account_id: int | None, now: datetime) -> HandedIn:
    """Keep what was handed in until the scout takes it. The caller commits.

    Args:
        one: as :func:`checked` gives it.
        account_id: who handed it in; None = somebody without an account, let in by the settings.

    Returns:
        Its row; the one that is there already when it came from the same.
    """
    known = with_origin(session, one.origin_key)
    if known is not None:
        return known
    row = HandedIn(handed_in_by_id=account_id, handed_in_at=now, **vars(one))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Another one was just as quick with the very same.
        known = with_origin(session, one.origin_key)
        if known is None:
            raise
        return known
    return row


def waiting(session: Session, *, after: int = 0, limit: int = CHUNK) -> list[HandedIn]:
    """Hand-ins that the scout has not taken, oldest first.

    Args:
        after: only those with a higher number.
    """
    return list(
        session.scalars(
            select(HandedIn)
            .where(HandedIn.taken_at.is_(None), HandedIn.id > after)
            .order_by(HandedIn.id)
            .limit(limit)
        )
    )


def taken(session: Session, hand_in_id: int, *, outcome: Outcome, item_id: int | None, now: datetime) -> bool:
    """Note what became of a hand-in, and forget its words. The caller commits, together with the item.

    Returns:
        Whether it was still waiting; when not, the caller must store nothing for it.
    """
    done = session.execute(
        update(HandedIn)
        .where(HandedIn.id == hand_in_id, HandedIn.taken_at.is_(None))
        .values(taken_at=now, outcome=outcome, item_id=item_id, url="", title="", summary="")
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def count_waiting(session: Session) -> int:
    """How many hand-ins the scout has not taken."""
    return session.scalar(select(func.count(HandedIn.id)).where(HandedIn.taken_at.is_(None))) or 0


def handed_municipalities(session: Session, item_ids: Iterable[int]) -> dict[int, str | None]:
    """Items that somebody handed in -> the municipality that the last of them named, None = none did."""
    found: dict[int, str | None] = {}
    wanted: Sequence[int] = sorted(set(item_ids))
    for start in range(0, len(wanted), CHUNK):
        rows = session.execute(
            select(HandedIn.item_id, HandedIn.municipality_code)
            .where(HandedIn.item_id.in_(wanted[start : start + CHUNK]))
            .order_by(HandedIn.id)
        )
        for item_id, code in rows:
            if item_id is not None:
                found[item_id] = code or found.get(item_id)
    return found
