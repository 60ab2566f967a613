"""Who is in the network of the route matrix, and the words that tell whose a text is."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account, RoleRow
from models.errand import Errand
from models.invitation import Invitation
from models.municipality import Municipality
from models.passkey import Passkey
from models.saved_view import SavedView
from models.store.invitations import invite
from models.words import (
    ErrandKind,
    Role,
)
from tests.review.factories import ARNHEM, RHEDEN, make_account

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
#: What nobody may see yet: values of an automatic pairing while the one by hand goes on.
HIDDEN = ("987654", "987.654", "kiekendief")
#: Owner of what both municipalities may see.
SHARED = "*"

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
    consultants: dict[str | None, list[int]] = field(default_factory=dict)
    #: Files of consultants, by account.
    imports: dict[str, list[int]] = field(default_factory=dict)
    #: Matching rounds and their matches, by who may see them: one municipality, or :data:`SHARED`.
    rounds: dict[str | None, list[int]] = field(default_factory=dict)
    matches: dict[str | None, list[int]] = field(default_factory=dict)
    #: Match -> its round.
    round_of: dict[int, int] = field(default_factory=dict)
    #: What is in the shared rounds: argument of a route -> number, with whose it is.
    parts: list[dict[str, tuple[int, str]]] = field(default_factory=list)
    #: Lessons; to change them is for staff only, whether others see them or not.
    lessons: list[int] = field(default_factory=list)


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
        add_views(session, world, key)
        if key in MUNICIPALITIES:
            # Who takes part is known to all of them.
            session.get_one(Municipality, key).participates_from = date(2026, 1, 1)
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


def add_views(session: Session, world: World, key: str) -> None:
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
