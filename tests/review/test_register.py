"""The register: its list, its pages, finding an entry, and the way back to lead and sources."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.words import Phase, Role
from tests.review.factories import ARNHEM, RHEDEN, make_lead
from tests.review.visitor import Visitor


def promote(visitor: Visitor, session: Session, **lead: object) -> int:
    """Promote a new lead of this kind; returns its number."""
    made = make_lead(session, **lead)  # type: ignore[arg-type]
    session.commit()
    visitor.get(f"/signalen/{made.id}")
    for _ in range(2):
        # What looks like an entry that is there is shown first, and taken when it is sent again.
        visitor.send(f"/signalen/{made.id}/opnemen", summary="Bewoners doen dit samen, elke week opnieuw.")
        if visitor.answer.status_code == 200:
            break
    if "Staat dit al in het register?" in visitor.main:
        visitor.send(f"/signalen/{made.id}/opnemen")
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


def test_the_list_is_newest_first_and_found_by_words_and_municipality(ada: Visitor, session: Session) -> None:
    promote(ada, session, title="Buurttuin Noord", municipality=ARNHEM)
    promote(ada, session, title="100% zelf gemaakt", municipality=RHEDEN)
    promote(ada, session, title="Moestuin Velp", municipality=RHEDEN)

    ada.get("/register")
    assert ada.titles == ["Moestuin Velp", "100% zelf gemaakt", "Buurttuin Noord"]
    assert "3 initiatieven" in ada.main
    ada.get("/register?zoek=TUIN")
    assert ada.titles == ["Moestuin Velp", "Buurttuin Noord"]
    ada.get("/register?zoek=100%25+zelf")
    assert ada.titles == ["100% zelf gemaakt"]
    ada.get(f"/register?zoek=tuin&gemeente={RHEDEN}")
    assert ada.titles == ["Moestuin Velp"]
    ada.get("/register?zoek=bestaatniet")
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


def test_the_register_is_narrowed_by_theme_and_phase_and_says_so(ada: Visitor, session: Session) -> None:
    promote(ada, session, title="Buurttuin Noord", theme="groen")
    promote(ada, session, title="Eettafel Velp", theme="voedsel", municipality=RHEDEN)
    for entry in session.scalars(select(Initiative).where(Initiative.theme == "voedsel")):
        entry.phase = Phase.GUIDED
    session.commit()

    ada.get("/register?thema=groen")
    assert ada.titles == ["Buurttuin Noord"]
    ada.get("/register?fase=begeleid")
    assert ada.titles == ["Eettafel Velp"]
    ada.get(f"/register?fase=begeleid&gemeente={RHEDEN}&thema=voedsel&zoek=eettafels")
    assert ada.titles == ["Eettafel Velp"]
    words = [chip.text_content() for chip in ada.page.cssselect(".scout-chip__words")]
    assert words == ["Zoekt: eettafels", "Rheden", "Voedsel", "Begeleid"]
    ada.get(ada.page.cssselect(".scout-chips__all")[0].get("href"))
    assert len(ada.titles) == 2


def test_the_form_of_the_register_gives_an_address_with_only_what_was_chosen(
    ada: Visitor, session: Session
) -> None:
    promote(ada, session, title="Buurttuin Noord", theme="groen")
    ada.get("/register")

    ada.get("/register", query_string={**ada.form("/register"), "thema": "groen"})

    assert ada.answer.request.url.endswith("/register?thema=groen")


@pytest.mark.parametrize(
    "query",
    [
        "thema=x",
        "fase=x",
        "fase=%00",
        "gemeente=x",
        "zoek=%00",
        "na=x",
        "na=-1",
        "voor=99999999999",
        "score=5",
    ],
)
def test_nonsense_in_the_address_shows_the_whole_register(ada: Visitor, session: Session, query: str) -> None:
    promote(ada, session, title="Buurttuin Noord")

    assert ada.get("/register?" + query).status_code == 200
    assert ada.titles == ["Buurttuin Noord"]
    assert not ada.page.cssselect(".scout-chip")


def test_a_municipality_searches_its_own_part_of_the_register(
    ada: Visitor, sign_in: Callable[..., Visitor], session: Session
) -> None:
    promote(ada, session, title="Buurttuin Noord", municipality=ARNHEM)
    promote(ada, session, title="Buurttuin Velp", municipality=RHEDEN)
    clerk = sign_in("c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")

    clerk.get("/register?zoek=buurttuin")

    assert clerk.titles == ["Buurttuin Noord"]
    assert "1 initiatief" in clerk.main
    assert not clerk.page.cssselect("[name=gemeente]")
    clerk.get(f"/register?gemeente={RHEDEN}")
    assert clerk.titles == []
    assert "Rheden" not in clerk.main
