"""What staff see of what was deleted at its source: a mark on lead, list and register, and no words of it."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.item import Item
from models.lead_item import LeadItem
from models.settings import Settings
from models.store.gone import withdraw
from tests.review.factories import make_item, make_lead
from tests.review.test_register import promote
from tests.review.visitor import Visitor

MARK = "verwijderd bij de bron"


def take_out(session: Session, settings: Settings, title: str) -> None:
    """The items with this title are deleted at their source."""
    items = session.scalars(select(Item.id).where(Item.title == title)).all()
    assert items
    withdraw(session, items, settings, datetime.now(UTC))
    session.commit()


def test_a_lead_goes_on_without_the_words_and_says_why(
    ada: Visitor, session: Session, settings: Settings
) -> None:
    lead = make_lead(session, title="Zwanenbrug in eigen beheer")
    other = make_item(session, title="Brug van bewoners")
    session.add(LeadItem(lead_id=lead.id, item_id=other.id, added_at=lead.opened_at))
    session.commit()

    take_out(session, settings, "Zwanenbrug in eigen beheer")

    ada.get("/")
    assert MARK in ada.main
    assert "Zwanenbrug" not in ada.main
    ada.get(f"/signalen/{lead.id}")
    assert MARK in ada.main
    assert "Zwanenbrug" not in ada.main
    assert "adres en titel zijn verwijderd" in ada.main


def test_a_lead_with_nothing_left_leaves_the_queue(
    ada: Visitor, session: Session, settings: Settings
) -> None:
    lead = make_lead(session, title="Zwanenbrug in eigen beheer")
    session.commit()

    take_out(session, settings, "Zwanenbrug in eigen beheer")

    ada.get("/")
    assert MARK not in ada.main
    ada.get(f"/signalen/{lead.id}")
    assert "De bron heeft dit verwijderd." in ada.main
    assert "bewaartermijn" not in ada.main


def test_the_register_keeps_staff_s_own_words_with_the_mark(
    ada: Visitor, session: Session, settings: Settings
) -> None:
    promote(ada, session, title="Deelkast", url="https://koerier.example/kast")

    take_out(session, settings, "Deelkast")

    ada.get("/register")
    assert MARK in ada.main
    ada.get(ada.page.cssselect(".scout-card__title a")[0].get("href"))
    assert MARK in ada.main
    assert "Bewoners doen dit samen, elke week opnieuw." in ada.main
    assert "https://koerier.example/kast" not in {link.get("href") for link in ada.page.cssselect("main a")}
