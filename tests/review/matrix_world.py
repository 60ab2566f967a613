"""A network with two municipalities for the route matrix: every text holds a word that tells whose it is."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.decision import Decision
from models.initiative import Initiative
from models.initiative_change import InitiativeChange, InitiativeNote
from models.item import Item
from models.lead import Lead
from models.lead_note import LeadNote
from models.prediction import Prediction
from models.second_look import SecondLook
from models.source import Source
from models.store.audit import record
from models.words import (
    DecisionKind,
    LeadStatus,
    Phase,
)
from tests.review.factories import ARNHEM, RHEDEN, make_item, make_lead, make_source
from tests.review.matrix_channels import add_channels, add_consultants, add_hand_ins, add_report, add_shares
from tests.review.matrix_people import CANARY, PLACES, SEARCHED, SOURCE_CANARY, STAFF_CANARY, World
from tests.review.matrix_rounds import add_round
from tests.review.matrix_shared import add_shared_rounds


def source_of(session: Session, code: str | None) -> str:
    """Key of the source of a municipality, made if it is not there; that of none is known to all."""
    key = f"bron-{(code or 'zonder').lower()}"
    if session.get(Source, key) is None:
        make_source(session, key, f"{SOURCE_CANARY[code]} nieuws", municipality_code=code)
    return key


def build_municipality(session: Session, world: World, code: str | None) -> None:
    """Leads of every status with decisions, notes and second looks, and their initiatives in the register.

    The texts of two municipalities differ in their canaries only, so that all of it looks alike.
    """
    staff = session.get_one(Account, world.accounts["collega"])
    key = source_of(session, code)
    world.leads[code], world.initiatives[code], world.decisions[code] = [], [], []
    world.sources.append(key)
    world.batches[code], world.looks[code] = [f"reeks{(code or 'zonder').lower()}"], []
    for number, status in enumerate(LeadStatus):
        for again in range(2 if code == RHEDEN else 1):
            lead = _lead(session, code, key, status, 0.95 - number / 20 - again / 100)
            world.leads[code].append(lead.id)
            if lead.place_key is not None and lead.place_key not in world.places:
                world.places.append(lead.place_key)
            session.add(
                LeadNote(
                    lead_id=lead.id,
                    account_id=staff.id,
                    text=f"Notitie {STAFF_CANARY} over {CANARY[code]}.",
                    made_at=datetime.now(UTC),
                )
            )
            record(session, staff.id, "note", "lead", lead.id, after={"characters": 40})
            if status is not LeadStatus.OPEN:
                _decided(session, world, code, lead, staff)
    add_hand_ins(session, world, code)
    add_shares(session, world, code)
    add_channels(session, world, code)
    add_report(session, world, code)
    add_consultants(session, world, code)
    add_round(session, world, code)
    session.flush()


def entangle(session: Session, world: World) -> None:
    """Ties between what is of one municipality and what is of the other, as staff may make them."""
    for own, other in ((ARNHEM, RHEDEN), (RHEDEN, ARNHEM)):
        _approved(session, world, own)
        merged = _of_status(session, world, own, LeadStatus.MERGED)
        merged.merged_into_id = _of_status(session, world, other, LeadStatus.OPEN).id
        known = _of_status(session, world, own, LeadStatus.KNOWN)
        staff = world.accounts["collega"]
        session.add(
            Decision(
                lead_id=known.id,
                kind=DecisionKind.KNOWN,
                old_status=LeadStatus.KNOWN,
                new_status=LeadStatus.KNOWN,
                account_id=staff,
                note=f"Zie {STAFF_CANARY}.",
                initiative_id=world.initiatives[other][0],
                made_at=datetime.now(UTC),
            )
        )
    add_shared_rounds(session, world)
    session.flush()


def _lead(session: Session, code: str | None, source: str, status: LeadStatus, score: float) -> Lead:
    canary, searched = CANARY[code], SEARCHED[code]
    item: Item = make_item(
        session,
        title=f"Buurttuin {canary} met {searched}",
        text=f"Bewoners leggen samen een tuin aan: {canary}, {searched}.",
        snippet=f"Bewoners leggen samen een tuin aan met {canary} en {searched}.",
        score=score,
        source=source,
        url=f"https://{source}.example/{canary}/{status.value}",
        municipality=code,
    )
    prediction = session.scalars(select(Prediction).where(Prediction.item_id == item.id)).one()
    prediction.initiative_name = f"De {canary}"
    prediction.organisation_name = f"Stichting {canary}"
    lead = make_lead(
        session,
        title=item.title,
        score=score,
        status=status,
        municipality=code,
        place=PLACES.get(code or "", ""),
        items=[item],
    )
    lead.initiative_name, lead.organisation_name = prediction.initiative_name, prediction.organisation_name
    if status is not LeadStatus.OPEN:
        lead.decided_at = datetime.now(UTC)
    if status is LeadStatus.SNOOZED:
        lead.snoozed_until = datetime.now(UTC) + timedelta(days=20)
    session.flush()
    return lead


KIND_OF = {
    LeadStatus.SNOOZED: DecisionKind.SNOOZE,
    LeadStatus.PROMOTED: DecisionKind.PROMOTE,
    LeadStatus.REJECTED: DecisionKind.REJECT,
    LeadStatus.KNOWN: DecisionKind.KNOWN,
    LeadStatus.MERGED: DecisionKind.MERGE,
}


def _decided(session: Session, world: World, code: str | None, lead: Lead, staff: Account) -> None:
    """What was decided on a lead, and the register entry that came of it."""
    kind = KIND_OF.get(lead.status)
    if kind is None:
        return
    now = datetime.now(UTC)
    entry = None
    if kind is DecisionKind.PROMOTE and code is not None:
        entry = Initiative(
            name=f"De {CANARY[code]}",
            summary=f"Samen tuinieren: {CANARY[code]} en {SEARCHED[code]}.",
            municipality_code=code,
            place_key=lead.place_key,
            theme="groen",
            question=f"Hoe houden we de {CANARY[code]} open?",
            link=f"https://voorbeeld.example/{CANARY[code]}",
            contact=f"Stichting {CANARY[code]}",
            phase=Phase.SIGNALLED,
            lead_id=lead.id,
            created_by_id=staff.id,
            created_at=now,
            updated_at=now,
        )
        session.add(entry)
        session.flush()
        world.initiatives[code].append(entry.id)
        _written_about(session, entry, code, staff)
    decision = Decision(
        lead_id=lead.id,
        kind=kind,
        old_status=LeadStatus.OPEN,
        new_status=lead.status,
        account_id=staff.id,
        reason="overheid" if kind is DecisionKind.REJECT else "",
        note=f"Reden {STAFF_CANARY} over {CANARY[code]}.",
        initiative_id=entry.id if entry else None,
        batch=world.batches[code][0] if kind in (DecisionKind.REJECT, DecisionKind.KNOWN) else None,
        made_at=now,
    )
    session.add(decision)
    session.flush()
    world.decisions[code].append(decision.id)
    record(
        session,
        staff.id,
        "decide",
        "lead",
        lead.id,
        before={"status": "open"},
        after={"status": lead.status.value},
    )
    if kind in (DecisionKind.PROMOTE, DecisionKind.REJECT):
        look = SecondLook(decision_id=decision.id, lead_id=lead.id, drawn_at=now)
        session.add(look)
        session.flush()
        world.looks[code].append(look.id)


def _written_about(session: Session, entry: Initiative, code: str, staff: Account) -> None:
    """Notes for colleagues and for the municipality, and what the entry was before."""
    now = datetime.now(UTC)
    for text, shared in ((f"Intern {STAFF_CANARY}.", False), (f"Voor u: {CANARY[code]}.", True)):
        session.add(
            InitiativeNote(initiative_id=entry.id, account_id=staff.id, at=now, text=text, shared=shared)
        )
    before = {"name": [f"Vroeger {CANARY[code]}", entry.name], "phase": ["gestopt", "gesignaleerd"]}
    session.add(InitiativeChange(initiative_id=entry.id, account_id=staff.id, at=now, fields=before))


def _approved(session: Session, world: World, code: str) -> None:
    """An entry that others may see: what they may not see of it holds the canary, what they may does not."""
    now = datetime.now(UTC)
    entry = Initiative(
        name="Repaircafé uit de matrix",
        summary=f"Samen met {CANARY[code]}.",
        municipality_code=code,
        theme="circulair",
        question=f"Wie kent {CANARY[code]}?",
        link="https://repaircafe.example/",
        links=[f"https://{CANARY[code]}.example/"],
        contact=f"info@{CANARY[code]}.example",
        phase=Phase.GUIDED,
        created_by_id=world.accounts[code],
        created_at=now,
        updated_at=now,
        approved_at=now,
    )
    session.add(entry)
    session.flush()
    _written_about(session, entry, code, session.get_one(Account, world.accounts["collega"]))


def _of_status(session: Session, world: World, code: str, status: LeadStatus) -> Lead:
    return next(
        lead for lead in (session.get_one(Lead, one) for one in world.leads[code]) if lead.status is status
    )
