"""A network with two municipalities for the route matrix: every text holds a word that tells whose it is."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account, RoleRow
from models.api_client import ApiClient
from models.decision import Decision
from models.digest import DigestMail, DigestSubscription
from models.errand import Errand
from models.feed_address import FeedAddress
from models.initiative import Initiative
from models.initiative_change import InitiativeChange, InitiativeNote
from models.invitation import Invitation
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.lead_note import LeadNote
from models.passkey import Passkey
from models.prediction import Prediction
from models.saved_view import SavedView
from models.second_look import SecondLook
from models.share import Share
from models.store.audit import record
from models.store.events import tell
from models.store.handed_in import HandIn, hand_in, taken
from models.store.invitations import invite
from models.store.uploads import save_upload
from models.webhook import Delivery, Webhook
from models.words import (
    Answer,
    Channel,
    DecisionKind,
    DeliveryState,
    Ending,
    ErrandKind,
    EventKind,
    LeadStatus,
    Outcome,
    Phase,
    Role,
    Scope,
    ShareStatus,
)
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_item, make_lead, make_source

#: In every text of leads and register of a municipality, and of what has none.
CANARY = {ARNHEM: "kwartelstaart", RHEDEN: "mosterdvlinder", None: "niemandsleeuwerik"}
#: Words in the same texts that are searched for; pages repeat what was asked, so they prove nothing.
SEARCHED = {ARNHEM: "zilverdistel", RHEDEN: "gouddistel", None: "kruisdistel"}
#: In titles of sources, which the public page about privacy may name.
SOURCE_CANARY = {ARNHEM: "arendsbode", RHEDEN: "roerdompbode", None: "uilenbode"}
#: In what staff write to each other: notes, reasons for undoing, names of their own views.
STAFF_CANARY = "dagkoekoek"
#: In names of people: of staff, and of the officers of each municipality.
PEOPLE = {"staff": "steenbreek", ARNHEM: "zeggemier", RHEDEN: "zeggekorf"}
#: In e-mail addresses: of everybody.
MAILBOX = "postvak-anemoon"
#: In name and address of somebody who was invited.
INVITED = "genodigde-vuurvlinder"

PLACES = {ARNHEM: "Klarendal", RHEDEN: "Velp"}
MUNICIPALITIES = {ARNHEM: "Arnhem", RHEDEN: "Rheden"}


@dataclass
class World:
    """Numbers of all there is, by municipality (None = without one) where it belongs to one."""

    leads: dict[str | None, list[int]] = field(default_factory=dict)
    initiatives: dict[str | None, list[int]] = field(default_factory=dict)
    decisions: dict[str | None, list[int]] = field(default_factory=dict)
    batches: dict[str | None, list[str]] = field(default_factory=dict)
    looks: dict[str | None, list[int]] = field(default_factory=dict)
    #: Keys of places that leads are in.
    places: list[str] = field(default_factory=list)
    #: By account: staff, and the officer of each municipality.
    views: dict[str, list[int]] = field(default_factory=dict)
    invitations: list[int] = field(default_factory=list)
    #: Last part of the address of an open invitation.
    token: str = ""
    passkeys: list[int] = field(default_factory=list)
    accounts: dict[str, int] = field(default_factory=dict)
    #: Files handed in, by account.
    uploads: dict[str, list[int]] = field(default_factory=dict)
    #: Keys of sources, and what was asked of the scout.
    sources: list[str] = field(default_factory=list)
    errands: list[int] = field(default_factory=list)
    shares: dict[str | None, list[int]] = field(default_factory=dict)
    #: Channels; of None those of the network itself.
    feeds: dict[str | None, list[int]] = field(default_factory=dict)
    subscriptions: dict[str | None, list[int]] = field(default_factory=dict)
    webhooks: dict[str | None, list[int]] = field(default_factory=dict)
    clients: dict[str | None, list[int]] = field(default_factory=dict)
    deliveries: dict[str | None, list[int]] = field(default_factory=dict)


def build_people(session: Session, secret: bytes) -> World:
    """Accounts of every role, and one that is closed; all with the password of the factories."""
    world = World()
    for key, role in (
        ("beoordelaar", Role.REVIEWER),
        ("collega", Role.REVIEWER),
        ("projectleider", Role.PROJECT_LEADER),
        ("beheerder", Role.ADMIN),
        ("functionaris", Role.PRIVACY_OFFICER),
        ("gesloten", Role.REVIEWER),
        (ARNHEM, Role.MUNICIPALITY),
        (RHEDEN, Role.MUNICIPALITY),
    ):
        name = f"{PEOPLE.get(key, PEOPLE['staff'])} {key}"
        account = _account(session, email_of(key), name, role, key if key in MUNICIPALITIES else "")
        world.accounts[key] = account.id
        _view(session, world, key)
    now = datetime.now(UTC)
    _invitation, world.token = invite(
        session,
        secret,
        f"{INVITED}@voorbeeld.example",
        by_id=world.accounts["beheerder"],
        name=f"Bea {INVITED}",
        roles=[Role.REVIEWER.value],
    )
    session.add(
        Passkey(
            account_id=world.accounts["collega"],
            credential_id=b"0123456789abcdef",
            public_key=b"key",
            backup_state=False,
            device_type="single_device",
            create_datetime=now,
            lastuse_datetime=now,
            name=f"sleutel van {STAFF_CANARY}",
            usage="secondary",
        )
    )
    errand = Errand(
        kind=ErrandKind.PROBE,
        url=f"https://{STAFF_CANARY}.example/",
        asked_by_id=world.accounts["collega"],
        asked_at=now,
        result={},
    )
    session.add(errand)
    session.flush()
    world.errands = [errand.id]
    world.invitations = list(session.scalars(select(Invitation.id)))
    world.passkeys = list(session.scalars(select(Passkey.id)))
    return world


def _account(session: Session, email: str, name: str, role: Role, municipality: str) -> Account:
    """One account; the first password is hashed, the others share its hash, for hashing takes long."""
    hashed = session.scalar(select(Account.password).limit(1))
    if hashed is None:
        return make_account(session, email, name=name, roles=[role], municipality=municipality)
    account = Account(
        email=email,
        name=name,
        password=hashed,
        fs_uniquifier=secrets.token_hex(32),
        municipality_code=municipality or None,
        created_at=datetime.now(UTC),
        roles=[session.get(RoleRow, role.value) or RoleRow(name=role.value)],
    )
    session.add(account)
    session.flush()
    return account


def email_of(key: str) -> str:
    """E-mail address of one of the accounts."""
    return f"{key.lower()}.{MAILBOX}@voorbeeld.example"


def build_municipality(session: Session, world: World, code: str | None) -> None:
    """Leads of every status with decisions, notes and second looks, and their initiatives in the register.

    The texts of two municipalities differ in their canaries only, so that all of it looks alike.
    """
    staff = session.get_one(Account, world.accounts["collega"])
    key = f"bron-{(code or 'zonder').lower()}"
    make_source(session, key, f"{SOURCE_CANARY[code]} nieuws", municipality_code=code)
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
    _handed_in(session, world, code)
    _shares(session, world, code)
    _channels(session, world, code)
    session.flush()


def _handed_in(session: Session, world: World, code: str | None) -> None:
    """A hand-in that waits, one that is in a lead, and a file; by the officer, else by staff."""
    key = code or "collega"
    account_id, now = world.accounts[key], datetime.now(UTC)
    one = HandIn(
        channel=Channel.FORM,
        summary=f"Ingebracht over {CANARY[code]}.",
        url=f"https://inbreng.example/{CANARY[code]}",
        title=f"Inbreng {CANARY[code]}",
        municipality_code=code,
    )
    hand_in(session, one, account_id=account_id, now=now)
    row = hand_in(session, one, account_id=account_id, now=now)
    item_id = session.scalar(select(LeadItem.item_id).where(LeadItem.lead_id == world.leads[code][0]))
    taken(session, row.id, outcome=Outcome.NEW, item_id=item_id, now=now)
    upload = save_upload(
        session, account_id=account_id, name=f"{CANARY[code]}.csv", rows=[one], mistakes=[], now=now
    )
    world.uploads.setdefault(key, []).append(upload.id)


def _shares(session: Session, world: World, code: str | None) -> None:
    """Shares that wait, were answered, are in contact, closed and taken back, of leads and of an entry."""
    world.shares[code] = []
    if code is None:
        return
    now, staff = datetime.now(UTC), world.accounts["collega"]
    of: list[dict[str, int]] = [{"lead_id": number} for number in world.leads[code][:5]]
    of.append({"initiative_id": world.initiatives[code][0]})
    standing = (
        ShareStatus.SEEN,
        ShareStatus.ANSWERED,
        ShareStatus.IN_CONTACT,
        ShareStatus.CLOSED,
        ShareStatus.WITHDRAWN,
        ShareStatus.SEEN,
    )
    for what, status in zip(of, standing, strict=True):
        answered = status is not ShareStatus.SEEN
        share = Share(
            municipality_code=code,
            status=status,
            offered_by_id=staff,
            offered_at=now,
            message=f"Kent u {CANARY[code]}?",
            seen_at=now,
            answer=Answer.TAKEN_UP if answered else None,
            answered_by_id=world.accounts[code] if answered else None,
            answered_at=now if answered else None,
            answer_note=f"Wij bellen {CANARY[code]}." if answered else "",
            ending=Ending.STOPPED if status is ShareStatus.CLOSED else None,
            ended_at=now if status is ShareStatus.CLOSED else None,
            **what,
        )
        session.add(share)
        session.flush()
        world.shares[code].append(share.id)
        record(
            session, staff, "share", "share", share.id, after={"status": "offered", "municipality": code}
        )
        tell(session, EventKind.SHARE_OFFERED, municipality_code=code, share=share, at=now)


def _mailboxes(session: Session, code: str | None, by_id: int, at: datetime) -> list[int]:
    """A shared mailbox that gets the digest, which was sent once."""
    if code is None:
        return []
    subscription = DigestSubscription(
        municipality_code=code,
        email=f"{CANARY[code]}@gemeente.example",
        created_by_id=by_id,
        created_at=at,
        salt=code,
    )
    session.add(subscription)
    session.flush()
    mail = DigestMail(
        subscription_id=subscription.id, day=at.date(), message_id=f"<{CANARY[code]}@a>", sent_at=at
    )
    session.add(mail)
    return [subscription.id]


def _channels(session: Session, world: World, code: str | None) -> None:
    """A feed address, a program, and a webhook with an event that did not arrive."""
    now = datetime.now(UTC)
    made = {"municipality_code": code, "created_by_id": world.accounts["beheerder"], "created_at": now}
    webhook = Webhook(
        url=f"http://127.0.0.1:9/{CANARY[code]}", name=f"Haak {CANARY[code]}", secret="onleesbaar", **made
    )
    client = ApiClient(
        client_id=f"programma{code or 'zonder'}".lower(),
        name=f"Programma {CANARY[code]}",
        secret_hash="geen",
        scopes=[Scope.LEADS_READ.value, Scope.SHARES_READ.value],
        account_id=world.accounts["beheerder"],
        **made,
    )
    session.add_all([webhook, client])
    session.flush()
    world.clients[code] = [client.id]
    world.webhooks[code], world.deliveries[code], world.feeds[code] = [webhook.id], [], []
    world.subscriptions[code] = _mailboxes(session, code, world.accounts["beheerder"], now)
    if code is None:
        return
    entry = session.get_one(Initiative, world.initiatives[code][0])
    event = tell(session, EventKind.INITIATIVE_ENTERED, municipality_code=code, initiative=entry, at=now)
    feed = FeedAddress(name=f"Lezer {CANARY[code]}", token_hash=f"hash van {code}", **made)
    delivery = Delivery(
        webhook_id=webhook.id,
        event_id=event.id,
        state=DeliveryState.GIVEN_UP,
        waiting_since=now,
        last_problem="timeout",
        attempts=9,
    )
    session.add_all([feed, delivery])
    session.flush()
    world.feeds[code], world.deliveries[code] = [feed.id], [delivery.id]
    webhook.last_event_id = event.id


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
    session.flush()


def _view(session: Session, world: World, key: str) -> None:
    """A private and a shared view of one account."""
    canary = CANARY.get(key, STAFF_CANARY)
    for shared in (False, True):
        view = SavedView(
            account_id=world.accounts[key],
            name=f"{'Gedeelde' if shared else 'Eigen'} weergave {canary} {key.lower()}",
            query=f"zoek={canary}",
            shared=shared,
            created_at=datetime.now(UTC),
        )
        session.add(view)
        session.flush()
        world.views.setdefault(key, []).append(view.id)


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
