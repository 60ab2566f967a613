"""Shares, initiatives and events for the tests of feeds and webhooks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.event import Event
from models.initiative import Initiative
from models.share import Share
from models.store.events import tell
from models.store.viewer import Viewer
from models.webhook import Delivery
from models.words import DeliveryState, EventKind, Role
from tests.review.factories import ARNHEM, make_account, make_lead, viewer_of

#: When these stories begin.
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def keeper(session: Session) -> Viewer:
    """The project leader, who keeps the channels of all."""
    return _viewer(session, "leider@voorbeeld.example", Role.PROJECT_LEADER, "")


def officer(session: Session, municipality: str = ARNHEM) -> Viewer:
    """Somebody of a municipality."""
    return _viewer(session, f"{municipality.lower()}@voorbeeld.example", Role.MUNICIPALITY, municipality)


def _viewer(session: Session, email: str, role: Role, municipality: str) -> Viewer:
    known = session.scalar(select(Account).where(Account.email == email))
    return viewer_of(known or make_account(session, email, roles=[role], municipality=municipality))


def make_share(session: Session, municipality: str = ARNHEM, **lead: object) -> Share:
    """A lead that was offered to its municipality, without an event."""
    share = Share(
        municipality_code=municipality,
        lead_id=make_lead(session, municipality=municipality, **lead).id,  # type: ignore[arg-type]
        offered_by_id=keeper(session).account_id,
        offered_at=START,
    )
    session.add(share)
    session.flush()
    return share


def make_initiative(session: Session, name: str = "De Kamperweg", municipality: str = ARNHEM) -> Initiative:
    """An entry of the register, without an event."""
    entry = Initiative(
        name=name,
        summary="Samen een tuin aanleggen.",
        municipality_code=municipality,
        theme="groen",
        created_by_id=keeper(session).account_id,
        created_at=START,
        updated_at=START,
    )
    session.add(entry)
    session.flush()
    return entry


def events_of(
    session: Session, share: Share, count: int = 1, *, start: datetime = START, every: float = 60
) -> list[Event]:
    """Some changes of a share, one after the other."""
    return [
        tell(
            session,
            EventKind.SHARE_CHANGED,
            municipality_code=share.municipality_code,
            share=share,
            at=start + timedelta(seconds=number * every),
        )
        for number in range(count)
    ]


def states(session: Session, webhook_id: int) -> list[DeliveryState]:
    """How far each delivery of a webhook is, oldest event first."""
    return found(
        session, select(Delivery.state).where(Delivery.webhook_id == webhook_id).order_by(Delivery.event_id)
    )


def found(session: Session, query: Any) -> list[Any]:
    """What a query of one column gives now, without keeping the lock that others write under."""
    session.expire_all()
    rows = list(session.scalars(query))
    session.rollback()
    return rows
