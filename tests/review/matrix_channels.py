"""What municipalities of the route matrix handed in, what they were given, and how they hear of things."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.api_client import ApiClient
from models.consultant import Consultant, ConsultantImport
from models.digest import DigestMail, DigestSubscription
from models.feed_address import FeedAddress
from models.initiative import Initiative
from models.lead_item import LeadItem
from models.report import EngagementProfile, ReportMade
from models.share import Share
from models.store.audit import record
from models.store.events import tell
from models.store.handed_in import HandIn, hand_in, taken
from models.store.reports import Figures
from models.store.uploads import save_upload
from models.webhook import Delivery, Webhook
from models.words import (
    Answer,
    Channel,
    DeliveryState,
    Ending,
    EventKind,
    Outcome,
    Scope,
    ShareStatus,
)
from tests.review.factories import ARNHEM, RHEDEN
from tests.review.matrix_people import CANARY, SEARCHED, World


def add_hand_ins(session: Session, world: World, code: str | None) -> None:
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


def add_shares(session: Session, world: World, code: str | None) -> None:
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
        record(session, staff, "share", "share", share.id, after={"status": "offered", "municipality": code})
        tell(session, EventKind.SHARE_OFFERED, municipality_code=code, share=share, at=now)


def add_consultants(session: Session, world: World, code: str | None) -> None:
    """One that can be asked and one that can't, and a file of them that was sent and not taken over."""
    world.consultants[code] = []
    key, now = code or "collega", datetime.now(UTC)
    for number, available in enumerate((True, False) if code is not None else ()):
        one = Consultant(
            municipality_code=code,
            name=f"Cor {CANARY[code]} {number}",
            email=f"{CANARY[code]}{number}@gemeente.example",
            function=f"adviseur {CANARY[code]}",
            expertise=["subsidies"],
            themes={"groen": 3},
            languages=["nl"],
            experience=f"Hielp bij {CANARY[code]} en {SEARCHED[code]}.",
            half_hours=24,
            employer_name=f"Chef {CANARY[code]}",
            employer_email=f"chef-{CANARY[code]}@gemeente.example",
            available=available,
            added_by_id=world.accounts["collega"],
            added_at=now,
            updated_at=now,
        )
        session.add(one)
        session.flush()
        world.consultants[code].append(one.id)
        after = {"done": "added", "municipality": code}
        record(session, world.accounts["collega"], "consultant", "consultant", one.id, after=after)
    sent = ConsultantImport(
        account_id=world.accounts[key],
        uploaded_at=now,
        name=f"{CANARY[code]}.csv",
        rows=[],
        mistakes=[{"row": 2, "column": "naam", "why": "problem:name:empty"}],
    )
    session.add(sent)
    session.flush()
    world.imports.setdefault(key, []).append(sent.id)


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


def add_channels(session: Session, world: World, code: str | None) -> None:
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


def add_report(session: Session, world: World, code: str | None) -> None:
    """A report that was closed, and profiles of residents in groups of the municipality's own."""
    now = datetime.now(UTC)
    session.add(
        ReportMade(
            municipality_code=code,
            first_day=now.date(),
            last_day=now.date(),
            made_by_id=world.accounts["collega"],
            made_at=now,
            figures=Figures({"leads_opened": 987 if code is None else 3}).kept(),
        )
    )
    neighbourhood = {ARNHEM: "BU02020733", RHEDEN: "BU02750100"}.get(code or "")
    if code is not None and neighbourhood is not None:
        session.add(
            EngagementProfile(
                neighbourhood_code=neighbourhood,
                municipality_code=code,
                shares={f"Groep {CANARY[code]}": 0.6, "Rest": 0.4},
                uploaded_by_id=world.accounts[code],
                uploaded_at=now,
            )
        )
