"""What is agreed about an initiative in a round: who hosts the consultant, and how much help it asks for."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.initiative import Initiative
from models.round import RoundInitiative
from models.store.audit import record
from models.store.consultant_drafts import is_email
from models.store.round_rules import OPEN, RoundError, RoundNotFoundError, RoundStateError, in_state
from models.store.round_writers import hold_as_writer, may_write
from models.store.viewer import Viewer
from models.words import RoundState

#: Most characters of each text.
LIMITS = {"host_name": 120, "host_email": 254}
#: Fewest and most: hours that the host frees, and half hours of help in the round.
RANGES = {"host_hours": (1, 2000), "half_hours": (1, 4000)}
#: Fields in the order of the form. The last two are part of the problem that is frozen.
WRITTEN = ("host_name", "host_email", "host_hours", "half_hours", "language")


class HostProblem(StrEnum):
    """What can be wrong with one field."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NO_EMAIL = "no_email"
    #: No number, or too small or too large.
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN = "unknown"


class InvalidHostError(RoundError):
    """Fields that can't be taken, each with its problem. Nothing was changed."""

    def __init__(self, problems: Mapping[str, HostProblem]) -> None:
        super().__init__(", ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = dict(problems)


class StaleHostError(RoundError):
    """Somebody else filled this in since it was shown. Nothing was changed."""


def set_host(
    session: Session,
    round_id: int,
    initiative_id: int,
    *,
    viewer: Viewer,
    name: str,
    email: str,
    hours: int,
    half_hours: int,
    language: str,
    languages: Collection[str] | None = None,
    seen: str | None = None,
    now: datetime | None = None,
) -> RoundInitiative:
    """Say who at the municipality meets the consultant, and what is needed: the municipality, or a leader.

    Args:
        name, email: contact person at the municipality, and the address of their work.
        hours: that the municipality frees for it.
        half_hours: of help that is asked for in this round; like the language only while it is made up.
        languages: the known ones; None = any.
        seen: :func:`fingerprint` of what the person who writes saw; None = does not matter.

    Raises:
        RoundNotFoundError: no such round, or this initiative is not in it, or not of this municipality.
        RoundNotAllowedError, RoundStateError, InvalidHostError, StaleHostError: nothing was changed.
    """
    now = now or utc_now()
    row = hold_as_writer(session, viewer, round_id, now)
    in_state(row, *OPEN)
    one = session.scalar(
        select(RoundInitiative)
        .join(Initiative, Initiative.id == RoundInitiative.initiative_id)
        .where(
            RoundInitiative.round_id == row.id,
            RoundInitiative.initiative_id == initiative_id,
            RoundInitiative.out_at.is_(None),
            may_write(viewer),
        )
        .execution_options(populate_existing=True)
    )
    if one is None:
        raise RoundNotFoundError(f"initiative {initiative_id} is not in round {round_id}")
    new = {
        "host_name": " ".join(name.split()),
        "host_email": email.strip().lower(),
        "host_hours": hours,
        "half_hours": half_hours,
        "language": language,
    }
    changed = [field for field in WRITTEN if getattr(one, field) != new[field]]
    if seen is not None and seen != fingerprint(one) and changed:
        raise StaleHostError("this was filled in by somebody else since it was shown")
    problems = _problems(new, languages)
    if problems:
        raise InvalidHostError(problems)
    if row.state is not RoundState.SEEDING and {"half_hours", "language"} & set(changed):
        raise RoundStateError("hours and language are agreed on already", row.state)
    if not changed:
        return one
    for field in changed:
        setattr(one, field, new[field])
    # Numbers and codes only: who it is stands in no log.
    after: dict[str, object] = {"initiative": initiative_id, "fields": changed}
    if "half_hours" in changed:
        after["hours"] = half_hours / 2
    record(session, viewer.account_id, "round", "round", row.id, after=after, at=now)
    return one


def fingerprint(row: object) -> str:
    """A short hash of what is agreed, by which somebody else's change is noticed.

    Args:
        row: a :class:`RoundInitiative`, or the row of a list with the same fields.
    """
    values = json.dumps([getattr(row, field) for field in WRITTEN])
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def _problems(values: Mapping[str, object], languages: Collection[str] | None) -> dict[str, HostProblem]:
    problems = {}
    for field, limit in LIMITS.items():
        text = str(values[field])
        if not text:
            problems[field] = HostProblem.EMPTY
        elif len(text) > limit:
            problems[field] = HostProblem.TOO_LONG
    if "host_email" not in problems and not is_email(str(values["host_email"])):
        problems["host_email"] = HostProblem.NO_EMAIL
    for field, (least, most) in RANGES.items():
        value = values[field]
        if not isinstance(value, int) or not least <= value <= most:
            problems[field] = HostProblem.OUT_OF_RANGE
    if languages is not None and values["language"] not in languages:
        problems["language"] = HostProblem.UNKNOWN
    return {field: problems[field] for field in WRITTEN if field in problems}
