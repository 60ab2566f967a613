"""The register: its list, its pages, finding an entry, and the way back to lead and sources."""

from sqlalchemy.orm import Session

from tests.review.factories import ARNHEM, RHEDEN, make_lead
from tests.review.visitor import Visitor


def promote(visitor: Visitor, session: Session, **lead: object) -> int:
    """Promote a new lead of this kind; returns its number."""
    made = make_lead(session, **lead)  # type: ignore[arg-type]
    session.commit()
    visitor.get(f"/signalen/{made.id}")
    visitor.send(f"/signalen/{made.id}/opnemen", summary="Bewoners doen dit samen, elke week opnieuw.")
    assert "staat nu in het register" in visitor.notices
    return made.id


def test_an_entry_shows_its_facts_its_sources_and_its_history(ada: Visitor, session: Session) -> None:
    lead = promote(ada, session, title="Deelkast", place="Presikhaaf", url="https://koerier.example/kast")
    ada.get("/register")
    ada.get(ada.page.cssselect(".scout-card__title a")[0].get("href"))

    assert ada.heading == "Deelkast"
    for words in (
        "Bewoners doen dit samen, elke week opnieuw.",
        "Presikhaaf, Arnhem",
        "Groen en tuinen",
        "gesignaleerd",
        "Ada nam dit op in het register",
    ):
        assert words in ada.main
    links = {link.get("href") for link in ada.page.cssselect("main a")}
    assert {"https://koerier.example/kast", f"/signalen/{lead}"} <= links


def test_the_list_is_newest_first_and_found_by_part_of_a_name_and_municipality(
    ada: Visitor, session: Session
) -> None:
    promote(ada, session, title="Buurttuin Noord", municipality=ARNHEM)
    promote(ada, session, title="100% zelf gemaakt", municipality=RHEDEN)
    promote(ada, session, title="Moestuin Velp", municipality=RHEDEN)

    ada.get("/register")
    assert ada.titles == ["Moestuin Velp", "100% zelf gemaakt", "Buurttuin Noord"]
    assert "3 initiatieven" in ada.main
    ada.get("/register?naam=TUIN")
    assert ada.titles == ["Moestuin Velp", "Buurttuin Noord"]
    ada.get("/register?naam=%25")
    assert ada.titles == ["100% zelf gemaakt"]
    ada.get(f"/register?naam=tuin&gemeente={RHEDEN}")
    assert ada.titles == ["Moestuin Velp"]
    ada.get("/register?naam=bestaatniet")
    assert "Niets gevonden" in ada.main


def test_pages_of_the_register_hold_every_entry_once(ada: Visitor, session: Session) -> None:
    wanted = [f"Initiatief {number}" for number in range(30)]
    for title in wanted:
        promote(ada, session, title=title)

    ada.get("/register")
    first = ada.titles
    ada.get(ada.page.cssselect("a[rel=next]")[0].get("href"))
    second = ada.titles
    ada.get(ada.page.cssselect("a[rel=prev]")[0].get("href"))

    assert first + second == wanted[::-1]
    assert ada.titles == first


def test_an_empty_register_says_how_it_gets_filled(ada: Visitor) -> None:
    ada.get("/register")

    assert "Het register is nog leeg" in ada.main


def test_what_staff_typed_stays_text(ada: Visitor, session: Session) -> None:
    made = make_lead(session)
    session.commit()
    ada.get(f"/signalen/{made.id}")
    attack = "<script>alert(1)</script>"

    ada.send(f"/signalen/{made.id}/opnemen", name=attack, summary=attack, question=attack, contact=attack)

    ada.get("/register")
    assert attack not in ada.answer.text
    ada.get(ada.page.cssselect(".scout-card__title a")[0].get("href"))
    assert attack not in ada.answer.text
    assert ada.heading == attack
