"""Making a round up: which initiatives and which consultants are in it.

Whoever leads rounds puts initiatives and consultants in; a municipality that takes part in the network puts
forward initiatives of its own. The caller commits.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.consultant import Consultant
from models.initiative import Initiative
from models.round import Round, RoundConsultant, RoundInitiative, RoundVote
from models.store.audit import record
from models.store.round_rules import hold_round, in_state
from models.store.round_writers import hold_as_writer, may_write, part_takers, with_time
from models.store.viewer import Viewer
from models.words import RoundState

#: Most initiatives or consultants that are put in at once.
AT_ONCE = 500


class Refusal(StrEnum):
    """Why an initiative or consultant was not put in."""

    #: Not (any more) in the register, or not of this municipality; no consultant who can be asked.
    GONE = "weg"
    #: Its municipality takes no part in the network today.
    NO_PART = "doet_niet_mee"
    #: No hours, or none in the days of the round.
    NO_TIME = "geen_tijd"


@dataclass(frozen=True)
class Put:
    """What came of putting in."""

    #: Numbers of those that were put in, and of those that were in it already.
    added: tuple[int, ...]
    already: tuple[int, ...]
    #: Number -> why not.
    refused: dict[int, Refusal]


def seed(
    session: Session,
    round_id: int,
    initiative_ids: Collection[int],
    *,
    viewer: Viewer,
    now: datetime | None = None,
) -> Put:
    """Put initiatives into a round that is being made up; what can't be put in is told and left out.

    The hours of help come from the register, and are 0 where nobody estimated them.

    Args:
        initiative_ids: at most :data:`AT_ONCE`.

    Raises:
        RoundNotFoundError, RoundNotAllowedError: a municipality puts only its own in, while it takes part.
        RoundStateError: the round is not being made up any more. Nothing was changed.
    """
    now = now or utc_now()
    row = hold_as_writer(session, viewer, round_id, now)
    in_state(row, RoundState.SEEDING)
    wanted = sorted(set(initiative_ids))[:AT_ONCE]
    entries = session.scalars(
        select(Initiative)
        .where(
            Initiative.id.in_(wanted),
            Initiative.withdrawn_at.is_(None),
            may_write(viewer),
        )
        .order_by(Initiative.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    part = part_takers(session, {one.municipality_code for one in entries}, now)
    present = _present(session, row.id, [one.id for one in entries])
    refused = dict.fromkeys(set(wanted) - {one.id for one in entries}, Refusal.GONE)
    added, already = [], []
    for entry in entries:
        known = present.get(entry.id)
        if known is not None and known.out_at is None:
            already.append(entry.id)
        elif entry.municipality_code not in part:
            refused[entry.id] = Refusal.NO_PART
        elif known is not None:
            # It fell out before, and is back in the register: with the host that was agreed.
            known.out_at, known.out_why = None, ""
            known.seeded_by_id, known.seeded_at = viewer.account_id, now
            added.append(entry.id)
        else:
            session.add(
                RoundInitiative(
                    round_id=row.id,
                    initiative_id=entry.id,
                    half_hours=2 * (entry.hours or 0),
                    seeded_by_id=viewer.account_id,
                    seeded_at=now,
                )
            )
            added.append(entry.id)
    _note(session, row, viewer, {"initiatives put in": added}, now)
    return Put(tuple(added), tuple(already), refused)


def unseed(
    session: Session,
    round_id: int,
    initiative_id: int,
    *,
    viewer: Viewer,
    now: datetime | None = None,
) -> None:
    """Take an initiative out of a round that is being made up, with the points that it was given before.

    One that is not in it (any more) counts as taken out.

    Raises:
        RoundNotFoundError, RoundNotAllowedError, RoundStateError: nothing was changed.
    """
    now = now or utc_now()
    row = hold_as_writer(session, viewer, round_id, now)
    in_state(row, RoundState.SEEDING)
    found = session.scalar(
        select(RoundInitiative)
        .join(Initiative, Initiative.id == RoundInitiative.initiative_id)
        .where(
            RoundInitiative.round_id == row.id,
            RoundInitiative.initiative_id == initiative_id,
            may_write(viewer),
        )
    )
    if found is None:
        return
    session.execute(
        delete(RoundVote).where(RoundVote.round_id == row.id, RoundVote.initiative_id == initiative_id)
    )
    session.delete(found)
    _note(session, row, viewer, {"initiatives taken out": [initiative_id]}, now)


def put_consultants(
    session: Session,
    round_id: int,
    consultant_ids: Collection[int],
    *,
    viewer: Viewer,
    now: datetime | None = None,
) -> Put:
    """Put consultants into a round until its problem is frozen; who can't be put in is told and left out.

    Args:
        consultant_ids: at most :data:`AT_ONCE`.

    Raises:
        RoundNotFoundError, RoundNotAllowedError, RoundStateError: nothing was changed.
    """
    now = now or utc_now()
    row = hold_round(session, viewer, round_id)
    in_state(row, RoundState.SEEDING, RoundState.SELECTION)
    wanted = sorted(set(consultant_ids))[:AT_ONCE]
    people = session.scalars(
        select(Consultant)
        .where(Consultant.id.in_(wanted), Consultant.removed_at.is_(None), Consultant.available)
        .order_by(Consultant.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    part = part_takers(session, {one.municipality_code for one in people}, now)
    in_time = set(
        session.scalars(select(Consultant.id).where(Consultant.id.in_(wanted), with_time(row, now)))
    )
    present = {
        one.consultant_id: one
        for one in session.scalars(
            select(RoundConsultant).where(
                RoundConsultant.round_id == row.id, RoundConsultant.consultant_id.in_(wanted)
            )
        )
    }
    refused = dict.fromkeys(set(wanted) - {one.id for one in people}, Refusal.GONE)
    added, already = [], []
    for one in people:
        known = present.get(one.id)
        if known is not None and known.out_at is None:
            already.append(one.id)
            continue
        if one.municipality_code not in part or one.id not in in_time:
            refused[one.id] = Refusal.NO_TIME if one.municipality_code in part else Refusal.NO_PART
            continue
        if known is None:
            known = RoundConsultant(round_id=row.id, consultant_id=one.id)
            session.add(known)
        known.half_hours, known.most, known.added_at = one.half_hours, one.most, now
        known.out_at, known.out_why = None, ""
        added.append(one.id)
    _note(session, row, viewer, {"consultants put in": added}, now)
    return Put(tuple(added), tuple(already), refused)


def take_out_consultant(
    session: Session,
    round_id: int,
    consultant_id: int,
    *,
    viewer: Viewer,
    now: datetime | None = None,
) -> None:
    """Take a consultant out of a round before its problem is frozen.

    One who is not in it (any more) counts as taken out.

    Raises:
        RoundNotFoundError, RoundNotAllowedError, RoundStateError: nothing was changed.
    """
    now = now or utc_now()
    row = hold_round(session, viewer, round_id)
    in_state(row, RoundState.SEEDING, RoundState.SELECTION)
    found = session.get(RoundConsultant, (row.id, consultant_id))
    if found is not None:
        session.delete(found)
        _note(session, row, viewer, {"consultants taken out": [consultant_id]}, now)


def _present(session: Session, round_id: int, numbers: Sequence[int]) -> dict[int, RoundInitiative]:
    rows = session.scalars(
        select(RoundInitiative).where(
            RoundInitiative.round_id == round_id, RoundInitiative.initiative_id.in_(numbers)
        )
    )
    return {one.initiative_id: one for one in rows}


def _note(
    session: Session, row: Round, viewer: Viewer, done: dict[str, Sequence[int]], now: datetime
) -> None:
    """Tell the log what was done with which numbers; nothing when there are none."""
    for words, numbers in done.items():
        if numbers:
            after = {"done": words, "numbers": list(numbers)}
            record(session, viewer.account_id, "round", "round", row.id, after=after, at=now)
