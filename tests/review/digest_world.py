"""A network whose municipalities get digests: subscriptions, shares and a moment at which digests are due."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.settings import Settings
from models.share import Share
from models.store.digests import subscribe
from models.store.shares_offering import offer_lead
from models.store.viewer import Viewer
from models.words import Rhythm, Role
from tests.mailbox import Mailbox
from tests.review.factories import ARNHEM, make_account, make_lead, viewer_of

#: A Thursday, and the Monday after it; eight in the morning in Amsterdam.
THURSDAY = datetime(2026, 11, 19, 7, 0, tzinfo=UTC)
MONDAY = THURSDAY + timedelta(days=4)
DAY = timedelta(days=1)


def mailing(settings: Settings, mailbox: Mailbox) -> Settings:
    """These settings, with that server to send through."""
    return settings.model_copy(
        update={
            "mail_out": mailbox.address,
            "mail_from": "netwerk@voorbeeld.example",
            "public_url": "https://scout.example",
        }
    )


def person(session: Session, email: str, role: Role = Role.REVIEWER, municipality: str = "") -> Viewer:
    """Somebody with an account, made when it is not there."""
    account = session.scalar(select(Account).where(Account.email == email))
    if account is None:
        account = make_account(session, email, name="", roles=[role], municipality=municipality)
    return viewer_of(account)


def officer(session: Session, code: str = ARNHEM) -> Viewer:
    """Somebody who works for a municipality."""
    return person(session, f"bode-{code.lower()}@gemeente.example", Role.MUNICIPALITY, code)


def staff(session: Session) -> Viewer:
    """Somebody of the network who may do everything."""
    return person(session, "ada@voorbeeld.example", Role.ADMIN)


def share(session: Session, title: str, code: str = ARNHEM, *, place: str = "", at: datetime) -> Share:
    """A lead given to the municipality that it concerns."""
    lead = make_lead(session, title=title, municipality=code, place=place)
    return offer_lead(session, lead.id, viewer=staff(session), now=at)


def own_digest(
    session: Session, code: str = ARNHEM, *, rhythm: Rhythm = Rhythm.DAILY, at: datetime = THURSDAY
) -> int:
    """An officer of a municipality gets its digest at the own address, from the day after ``at``."""
    viewer = officer(session, code)
    email = session.scalar(select(Account.email).where(Account.id == viewer.account_id)) or ""
    return subscribe(session, email, viewer=viewer, municipality_code=code, own=True, rhythm=rhythm, now=at)


def mailboxes(session: Session, count: int, code: str = ARNHEM, *, at: datetime = THURSDAY) -> list[str]:
    """Shared mailboxes of a municipality that get its daily digest; at most 20 of one."""
    emails = [f"post{number}-{code.lower()}@gemeente.example" for number in range(count)]
    for email in emails:
        subscribe(
            session,
            email,
            viewer=staff(session),
            municipality_code=code,
            rhythm=Rhythm.DAILY,
            now=at,
        )
    return emails
