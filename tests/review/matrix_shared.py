"""Matching rounds for the matrices in which both municipalities are, one in each state that there is work in.

What all municipalities of a round may see (name, question, summary of an initiative, name and address of a
consultant who is matched) holds no canary here; all the rest does. What nobody may see yet holds
:data:`HIDDEN`.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.initiative import Initiative
from models.initiative_change import InitiativeNote
from models.round import (
    Round,
    RoundConsultant,
    RoundInitiative,
    RoundJob,
    RoundMark,
    RoundMunicipality,
    RoundPair,
    RoundVote,
)
from models.words import JobPurpose, PairingKind, Phase, RoundState
from review.round_problem import frozen_text
from tests.review.matrix_matches import (
    BOTH,
    OTHER,
    add_answers,
    add_approved_lesson,
    add_match,
    finish_match,
)
from tests.review.matrix_people import CANARY, HIDDEN, SHARED, STAFF_CANARY, World

LENDER = "GM0228"
STATES = (
    RoundState.SEEDING,
    RoundState.SELECTION,
    RoundState.PAIRING,
    RoundState.COMPARING,
    RoundState.PROPOSING,
    RoundState.DEPLOYED,
)
#: An automatic pairing that nobody may see yet: the words and numbers of :data:`HIDDEN` as they are kept.
HIDDEN_VALUE, HIDDEN_RULE = 987_654, HIDDEN[-1]


def add_shared_rounds(session: Session, world: World) -> None:
    """One round in each of :data:`STATES`, and an approved lesson."""
    now = datetime.now(UTC)
    entries = {code: _entry(session, world, code, now) for code in BOTH}
    people = {code: _consultant(session, world, code, now) for code in (*BOTH, LENDER)}
    for state in STATES:
        _round(session, world, state, entries, people, now)
    add_approved_lesson(session, world, now)


def _entry(session: Session, world: World, code: str, now: datetime) -> Initiative:
    """What others may see of it in a round holds no canary."""
    entry = Initiative(
        name="Buurtmoestuin uit de matrix",
        summary="Bewoners telen samen groente.",
        question="Wie helpt met subsidie?",
        municipality_code=code,
        theme="groen",
        expertise=["subsidies"],
        hours=10,
        link=f"https://moestuin.example/{CANARY[code]}",
        links=[f"https://{CANARY[code]}.example/moestuin"],
        contact=f"moestuin@{CANARY[code]}.example",
        phase=Phase.GUIDED,
        created_by_id=world.accounts[code],
        created_at=now,
        updated_at=now,
    )
    session.add(entry)
    session.flush()
    session.add(
        InitiativeNote(
            initiative_id=entry.id,
            account_id=world.accounts["collega"],
            at=now,
            text=f"{STAFF_CANARY} over {CANARY[code]}.",
            shared=False,
        )
    )
    world.initiatives[code].append(entry.id)
    return entry


def _consultant(session: Session, world: World, code: str, now: datetime) -> Consultant:
    """Of whom a host may see name, function, address and municipality once there is a match."""
    canary = CANARY.get(code, STAFF_CANARY)
    one = Consultant(
        municipality_code=code,
        name=f"Vera uit {code}",
        email=f"vera@{code.lower()}.example",
        function="adviseur",
        expertise=["subsidies"],
        themes={"groen": 2},
        languages=["nl"],
        experience=f"Hielp bij {canary}.",
        half_hours=80,
        most=5,
        employer_name=f"Chef {canary}",
        employer_email=f"chef@{canary}.example",
        added_by_id=world.accounts["collega"],
        added_at=now,
        updated_at=now,
    )
    session.add(one)
    session.flush()
    if code in BOTH:
        world.consultants[code].append(one.id)
    return one


def _round(
    session: Session,
    world: World,
    state: RoundState,
    entries: Mapping[str, Initiative],
    people: Mapping[str, Consultant],
    now: datetime,
) -> None:
    far, staff = STATES.index(state), world.accounts["projectleider"]
    row = Round(
        name=f"Ronde van allebei, {state.value}",
        state=state,
        first_day=date(2027, 1, 4),
        last_day=date(2027, 6, 30),
        created_by_id=staff,
        created_at=now,
    )
    session.add(row)
    session.flush()
    world.rounds.setdefault(SHARED, []).append(row.id)
    _put_in(session, world, row, entries, people, now)
    for code in BOTH:
        world.parts.append(
            {
                "round_id": (row.id, SHARED),
                "initiative_id": (entries[code].id, code),
                "consultant_id": (world.consultants[code][0], code),
            }
        )
    if far >= STATES.index(RoundState.SELECTION):
        _vote(session, world, row, entries, now)
    if far >= STATES.index(RoundState.PAIRING):
        row.snapshot, row.snapshot_hash = frozen_text(session, row)
        row.frozen_at = now
        row.minutes, row.worked_at = 12.0, now
        _pair(session, world, row, PairingKind.BY_HAND, now)
        _worked_out(session, world, row, now, hidden=state is RoundState.PAIRING)
    if far >= STATES.index(RoundState.COMPARING):
        row.paired_at = now
    if far >= STATES.index(RoundState.PROPOSING):
        row.chosen = PairingKind.BY_HAND
        _pair(session, world, row, PairingKind.FINAL, now)
    if state is RoundState.PROPOSING:
        for code in BOTH:
            match = add_match(session, world, row, entries[code], people[OTHER[code]], SHARED, now)
            add_answers(session, world, match, code, now)
    if state is RoundState.DEPLOYED:
        for code in BOTH:
            match = add_match(session, world, row, entries[code], people[LENDER], code, now)
            finish_match(session, match, code, now)


def _put_in(
    session: Session,
    world: World,
    row: Round,
    entries: Mapping[str, Initiative],
    people: Mapping[str, Consultant],
    now: datetime,
) -> None:
    decided = STATES.index(row.state) >= STATES.index(RoundState.PAIRING)
    for code, entry in entries.items():
        session.add(
            RoundInitiative(
                round_id=row.id,
                initiative_id=entry.id,
                half_hours=20,
                host_name=f"Gastheer {CANARY[code]}",
                host_email=f"gastheer@{CANARY[code]}.example",
                host_hours=8,
                seeded_by_id=world.accounts[code],
                seeded_at=now,
                selected=True if decided else None,
            )
        )
        # Its first consultant is there under its own name; the second fell out.
        numbers = [*world.consultants[code][:2], people[code].id]
        for number in numbers:
            out = number == numbers[1]
            session.add(
                RoundConsultant(
                    round_id=row.id,
                    consultant_id=number,
                    half_hours=40,
                    most=2,
                    added_at=now,
                    out_at=now if out else None,
                    out_why="unavailable" if out else "",
                )
            )
        if row.state is not RoundState.SEEDING:
            session.add(RoundMunicipality(round_id=row.id, municipality_code=code))
    session.add(
        RoundConsultant(round_id=row.id, consultant_id=people[LENDER].id, half_hours=80, most=5, added_at=now)
    )
    session.flush()


def _vote(
    session: Session, world: World, row: Round, entries: Mapping[str, Initiative], now: datetime
) -> None:
    for code in BOTH:
        for town, entry in entries.items():
            session.add(
                RoundVote(
                    round_id=row.id,
                    municipality_code=code,
                    initiative_id=entry.id,
                    points=0 if town == code else 7,
                    conflict=town == code,
                    account_id=world.accounts[code],
                    at=now,
                )
            )
    session.flush()


def _pair(session: Session, world: World, row: Round, kind: PairingKind, now: datetime) -> None:
    """Each initiative with the consultant of the other who stands there under its own name."""
    staff = world.accounts["projectleider"]
    for code in BOTH:
        initiative_id, consultant_id = world.initiatives[code][-1], world.consultants[OTHER[code]][0]
        hidden = kind is PairingKind.AUTOMATIC and row.state is RoundState.PAIRING
        session.add(
            RoundPair(
                round_id=row.id,
                kind=kind,
                initiative_id=initiative_id,
                consultant_id=consultant_id,
                fit=613,
                broken=[HIDDEN_RULE] if hidden else ["te_ver"],
                by_id=None if kind is PairingKind.AUTOMATIC else staff,
                at=now,
            )
        )
        if kind is PairingKind.BY_HAND:
            session.add(
                RoundMark(
                    round_id=row.id,
                    initiative_id=initiative_id,
                    consultant_id=consultant_id,
                    pinned=True,
                    reason=f"{STAFF_CANARY} vindt dit goed voor {CANARY[code]}.",
                    by_id=staff,
                    at=now,
                )
            )
    session.flush()


def _worked_out(session: Session, world: World, row: Round, now: datetime, *, hidden: bool) -> None:
    """The automatic pairing, and one that is still worked on."""
    _pair(session, world, row, PairingKind.AUTOMATIC, now)
    value = HIDDEN_VALUE if hidden else 2
    rule = HIDDEN_RULE if hidden else "te_ver"
    found = [[world.initiatives[code][-1], world.consultants[OTHER[code]][0], 613, [rule]] for code in BOTH]
    gaps = [{"aim": "served", "value": value, "bound": value + 1, "proved": False}]
    asked: dict[str, Any] = {
        "round_id": row.id,
        "purpose": JobPurpose.BESIDE,
        "problem": row.snapshot,
        "problem_hash": row.snapshot_hash,
        "seconds": 20.0,
        "asked_by_id": world.accounts["projectleider"],
        "asked_at": now,
        "attempts": 1,
    }
    progress = {"aim": "served", "value": value, "bound": value + 1, "seconds": 1.5}
    session.add(
        RoundJob(
            **asked, progress=progress, done_at=now, result={"pairs": found, "gaps": gaps, "stopped": True}
        )
    )
    session.add(
        RoundJob(**asked, progress=progress, taken_until=now + timedelta(seconds=30), result={})
        if hidden
        else RoundJob(**asked, progress={}, cancelled_at=now, result={})
    )
    session.flush()
