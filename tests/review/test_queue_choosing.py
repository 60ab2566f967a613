"""Choosing leads from the queue: filters, addresses that can be sent on, and what a card tells."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from models.lead import Lead
from models.lead_claim import CLAIM_TERM, LeadClaim
from models.store.search import refresh
from models.words import LeadStatus, Role
from review import choices
from tests.review.factories import ARNHEM, RHEDEN, make_lead, make_source, place_key
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


def settle(session: Session) -> None:
    """What a run does after it: words are searched for, and lists in memory are read afresh."""
    session.commit()
    while refresh(session):
        session.commit()
    session.rollback()
    choices.forget_kept()


@pytest.fixture
def mixed(session: Session) -> dict[str, Lead]:
    """Leads that differ in everything that can be chosen, by title."""
    make_source(session, "bode", "Arnhemse Bode")
    make_source(session, "weekblad", "Rhedens Weekblad", municipality_code=RHEDEN)
    leads = [
        make_lead(
            session, title="Deelkast", score=0.95, place="Presikhaaf", theme="circulair", source="bode"
        ),
        make_lead(session, title="Moestuin", score=0.75, place="Klarendal", theme="groen", age_days=5),
        make_lead(
            session, title="Eettafel", score=0.6, municipality=RHEDEN, theme="voedsel", source="weekblad"
        ),
        make_lead(
            session, title="Fietsles", score=0.35, municipality=RHEDEN, theme="mobiliteit", age_days=20
        ),
        make_lead(session, title="Vergadering", score=0.1, municipality=None, theme=None),
    ]
    settle(session)
    return {lead.title: lead for lead in leads}


def chips(visitor: Visitor) -> dict[str, str]:
    """Words of what was chosen -> address without it."""
    return {
        chip.cssselect(".scout-chip__words")[0].text_content(): chip.get("href")
        for chip in visitor.page.cssselect(".scout-chip")
    }


@pytest.mark.parametrize(
    ("query", "titles", "chip"),
    [
        (f"gemeente={ARNHEM}", {"Deelkast", "Moestuin"}, "Arnhem"),
        ("thema=voedsel", {"Eettafel"}, "Voedsel"),
        ("score=5", {"Deelkast"}, "Score: zeer waarschijnlijk"),
        ("score=4", {"Moestuin"}, "Score: waarschijnlijk"),
        ("score=3", {"Eettafel"}, "Score: goed mogelijk"),
        ("score=2", {"Fietsles"}, "Score: mogelijk"),
        ("score=1", {"Vergadering"}, "Score: onzeker"),
        ("bron=bode", {"Deelkast"}, "Bron: Arnhemse Bode"),
        ("bron=Arnhemse Bode", {"Deelkast"}, "Bron: Arnhemse Bode"),
        ("bron=weekBLAD", {"Eettafel"}, "Bron: Rhedens Weekblad"),
        ("leeftijd=3", {"Deelkast", "Eettafel", "Vergadering"}, "Gevonden: hooguit 3 dagen geleden"),
        (
            "leeftijd=10",
            {"Deelkast", "Eettafel", "Vergadering", "Moestuin"},
            "Gevonden: hooguit 10 dagen geleden",
        ),
        ("zoek=fietsles", {"Fietsles"}, "Zoekt: fietsles"),
        ("toegewezen=mij", set(), "Toegewezen aan mij"),
    ],
)
def test_each_choice_narrows_the_list_and_stands_above_it_with_a_cross(
    ada: Visitor, mixed: dict[str, Lead], query: str, titles: set[str], chip: str
) -> None:
    ada.get("/?" + query)

    assert set(ada.titles) == titles
    assert list(chips(ada)) == [chip]
    ada.get(chips(ada)[chip])
    assert set(ada.titles) == set(mixed)
    assert chips(ada) == {}


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("zoek=tuin", "Volgorde nieuwste eerst"),
        ("leeftijd=10", "Volgorde nieuwste eerst"),
        ("leeftijd=10&volgorde=score", "Volgorde nieuwste eerst"),
        ("score=5", "Volgorde hoogste score eerst"),
        (f"gemeente={ARNHEM}", "Volgorde gemengd hoogste score eerst Vooral kansrijke signalen, "),
    ],
)
def test_the_list_says_the_order_that_it_has(
    ada: Visitor, session: Session, mixed: dict[str, Lead], query: str, order: str
) -> None:
    make_lead(session, title="Nieuwe tuin", score=0.9)
    session.commit()

    ada.get("/?" + query)

    (said,) = ada.page.cssselect(".scout-list .scout-order")
    assert " ".join(said.text_content().split()).startswith(order)
    assert bool(said.cssselect("a")) == ("gemengd" in order)


def test_a_neighbourhood_goes_with_its_municipality(
    ada: Visitor, session: Session, mixed: dict[str, Lead]
) -> None:
    key = place_key(session, ARNHEM, "Presikhaaf")
    session.rollback()

    ada.get(f"/?gemeente={ARNHEM}&buurt={key}")
    assert ada.titles == ["Deelkast"]
    assert list(chips(ada)) == ["Arnhem", "Presikhaaf"]
    (selected,) = ada.page.cssselect("#filter-buurt option[selected]")
    assert (selected.get("value"), selected.getparent().tag) == (key, "optgroup")
    ada.get(chips(ada)["Arnhem"])
    assert set(ada.titles) == set(mixed)
    for query in (f"buurt={key}", f"gemeente={RHEDEN}&buurt={key}"):
        ada.get("/?" + query)
        assert "Presikhaaf" not in chips(ada)
        assert len(ada.titles) in (2, 5)


def test_choices_add_up_and_all_are_cleared_at_once(ada: Visitor, mixed: dict[str, Lead]) -> None:
    ada.get(f"/?gemeente={RHEDEN}&thema=mobiliteit&score=2&volgorde=score")

    assert ada.titles == ["Fietsles"]
    assert "1 signaal gevonden" in ada.main
    ada.get(chips(ada)["Score: mogelijk"])
    assert list(chips(ada)) == ["Rheden", "Vervoer"]
    assert ada.form("/")["volgorde"] == "score"
    (clear,) = ada.page.cssselect(".scout-chips__all")
    ada.get(clear.get("href"))
    assert set(ada.titles) == set(mixed)


def test_the_form_leads_to_an_address_that_holds_only_what_was_chosen(
    ada: Visitor, mixed: dict[str, Lead]
) -> None:
    ada.get("/")
    filled = {**ada.form("/"), "thema": "groen", "bron": "onbekend"}

    ada.get("/", query_string=filled)

    assert ada.titles == ["Moestuin"]
    assert parse_qs(urlsplit(ada.answer.request.url).query) == {"thema": ["groen"], "bron": ["onbekend"]}


def test_the_choice_goes_along_to_a_lead_and_to_the_next_page(ada: Visitor, session: Session) -> None:
    for number in range(30):
        make_lead(session, title=f"Tuin {number:02}", score=0.9 - number / 1000)
    settle(session)
    chosen = {
        "gemeente": [ARNHEM],
        "thema": ["groen"],
        "score": ["5"],
        "zoek": ["tuin"],
        "volgorde": ["score"],
    }

    ada.get("/?" + "&".join(f"{name}={value[0]}" for name, value in chosen.items()))

    assert "Een keuze uit 30 signalen" in ada.main
    for selector in (".scout-card__title a", "a[rel=next]"):
        query = parse_qs(urlsplit(ada.page.cssselect(selector)[0].get("href")).query)
        query.pop("na", None)
        assert query == chosen


@pytest.mark.parametrize(
    "query",
    [
        "gemeente=gm0202",
        "gemeente=%00",
        "buurt=alias:GM0202:presikhaaf",
        "buurt=%27%3B--",
        "thema=bestaatniet",
        "status=OPEN",
        "score=0",
        "score=6",
        "score=4.5",
        "leeftijd=0",
        "leeftijd=-1",
        "leeftijd=99999999999999999999",
        "leeftijd=366",
        "toegewezen=0",
        "toegewezen=9999",
        "toegewezen=99999999999999999999",
        "toegewezen=x",
        "bron=%00",
        "bron=bestaatniet",
        "zoek=%20%20",
        "zoek=%00",
        "volgorde=DROP",
        "onbekend=1",
        "alles=2",
        "score=%D9%A3",
    ],
)
def test_what_can_not_be_meant_counts_as_not_asked(ada: Visitor, mixed: dict[str, Lead], query: str) -> None:
    assert ada.get("/?" + query).status_code == 200

    assert set(ada.titles) == set(mixed)
    assert chips(ada) == {}
    assert "?" not in ada.page.cssselect(".scout-card__title a")[0].get("href")


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "a OR b",
        "title:x",
        "tuin*",
        "NEAR(a b)",
        "-",
        "(",
        "%",
        "_",
        "' OR 1=1 --",
        "x" * 5000,
        "😀",
        "AND",
    ],
)
def test_any_words_can_be_searched_for(ada: Visitor, mixed: dict[str, Lead], text: str) -> None:
    assert ada.get("/", query_string={"zoek": text}).status_code == 200
    assert ada.page.cssselect("#filter-zoek")[0].get("value") == text[:100]


def test_a_source_that_can_be_several_is_asked_back(ada: Visitor, session: Session) -> None:
    make_source(session, "post-duiven", "Duiven Post")
    make_source(session, "post-elst", "Elst Post")
    make_lead(session, title="Uit Elst", source="post-elst")
    make_lead(session, title="Uit Duiven", source="post-duiven")
    settle(session)

    ada.get("/?bron=post&thema=groen")
    assert "Welke bron bedoelt u met ‘post’?" in ada.main
    assert len(ada.titles) == 2
    (meant,) = [link for link in ada.page.cssselect(".scout-which a") if link.text == "Elst Post"]
    ada.get(meant.get("href"))
    assert ada.titles == ["Uit Elst"]
    assert list(chips(ada)) == ["Groen en tuinen", "Bron: Elst Post"]
    ada.get("/?bron=nergens")
    assert "Er is geen bron met ‘nergens’ in de naam." in ada.main


def test_few_fields_are_in_sight_until_more_are_used(ada: Visitor, mixed: dict[str, Lead]) -> None:
    ada.get(f"/?gemeente={ARNHEM}&status=open&zoek=kast")
    assert not ada.page.cssselect("#keuze details[open]")
    ada.get("/?thema=groen")
    assert ada.page.cssselect("#keuze details[open]")


def test_a_card_tells_who_has_it_in_hand_and_who_is_looking_now(
    ada: Visitor, sign_in: SignIn, session: Session, mixed: dict[str, Lead]
) -> None:
    bob = sign_in("bob@voorbeeld.example")
    mixed["Deelkast"].assignee_id = bob.account_id
    now = datetime.now(UTC)
    for title, age in (("Moestuin", timedelta(0)), ("Eettafel", CLAIM_TERM)):
        session.add(LeadClaim(lead_id=mixed[title].id, account_id=bob.account_id, claimed_at=now - age))
    session.commit()

    ada.get("/")
    facts = {
        card.cssselect(".scout-card__title")[0].text_content(): card.cssselect(".scout-facts")[
            0
        ].text_content()
        for card in ada.page.cssselect(".scout-card")
    }
    assert "toegewezen aan Bob" in facts["Deelkast"]
    assert "Bob bekijkt dit nu" in facts["Moestuin"]
    assert "bekijkt" not in facts["Eettafel"]
    bob.get("/")
    assert "toegewezen aan u" in bob.main
    assert "bekijkt dit nu" not in bob.main


def test_leads_are_found_by_who_has_them_in_hand(
    ada: Visitor, sign_in: SignIn, session: Session, mixed: dict[str, Lead]
) -> None:
    bob = sign_in("bob@voorbeeld.example")
    mixed["Deelkast"].assignee_id = bob.account_id
    mixed["Moestuin"].assignee_id = ada.account_id
    session.commit()

    ada.get("/?toegewezen=mij")
    assert ada.titles == ["Moestuin"]
    ada.get(f"/?toegewezen={bob.account_id}")
    assert ada.titles == ["Deelkast"]
    assert list(chips(ada)) == ["Toegewezen aan Bob"]
    ada.get("/?toegewezen=niemand")
    assert set(ada.titles) == {"Eettafel", "Fietsles", "Vergadering"}


def test_a_municipality_chooses_from_its_own_and_learns_nothing_of_others(
    sign_in: SignIn, session: Session, mixed: dict[str, Lead]
) -> None:
    clerk = sign_in("c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    bob = sign_in("bob@voorbeeld.example")
    mixed["Deelkast"].assignee_id = bob.account_id
    session.add(
        LeadClaim(lead_id=mixed["Moestuin"].id, account_id=bob.account_id, claimed_at=datetime.now(UTC))
    )
    session.commit()
    key = place_key(session, ARNHEM, "Presikhaaf")
    session.rollback()

    clerk.get("/")
    assert set(clerk.titles) == {"Deelkast", "Moestuin"}
    assert "2 signalen wachten op een besluit" in clerk.main
    assert "Bob" not in clerk.answer.text
    for field in ("gemeente", "toegewezen"):
        assert not clerk.page.cssselect(f"[name={field}]")
    assert not clerk.page.cssselect("a[href^='/tweede-blik']")
    clerk.get(f"/?buurt={key}")
    assert clerk.titles == ["Deelkast"]
    for query in (f"toegewezen={bob.account_id}", "toegewezen=mij", "bron=weekblad", "bron=Rhedens"):
        clerk.get("/?" + query)
        assert set(clerk.titles) == {"Deelkast", "Moestuin"}
        assert "Rhedens Weekblad" not in clerk.answer.text
    for query in (f"gemeente={RHEDEN}", f"gemeente={RHEDEN}&thema=voedsel", "zoek=Eettafel", "thema=voedsel"):
        clerk.get("/?" + query)
        assert clerk.titles == []
        assert "Rheden" not in clerk.main
        assert not {"Eettafel", "Fietsles"} & set(clerk.main.replace("zoekt: eettafel", "").split())


def test_an_empty_choice_says_what_to_do(ada: Visitor, mixed: dict[str, Lead]) -> None:
    ada.get("/?zoek=xyzzy")
    assert "Probeer een ander of een korter woord." in ada.main
    ada.get(f"/?gemeente={ARNHEM}&thema=dieren")
    assert "Haal een van uw keuzes weg." in ada.main
    assert ada.page.cssselect("#telling")[0].text_content().strip() == "Geen signalen gevonden"


@contextmanager
def queries(engine: Engine) -> Iterator[list[str]]:
    """Statements that are sent meanwhile."""
    sent: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_a_longer_list_asks_the_database_no_more_often(
    ada: Visitor, engine: Engine, session: Session
) -> None:
    asked = []
    for number in (3, 17):
        for n in range(number):
            make_lead(session, title=f"Signaal {n}", place="Presikhaaf").assignee_id = ada.account_id
        session.commit()
        ada.get(f"/?gemeente={ARNHEM}")
        with queries(engine) as sent:
            ada.get(f"/?gemeente={ARNHEM}")
        asked.append(len(sent))

    assert len(ada.titles) == 20
    assert asked[0] == asked[1]
    assert not [one for one in sent if "count(" in one.lower() and "FROM lead " in one]


def test_decided_leads_are_listed_with_their_status(ada: Visitor, session: Session) -> None:
    make_lead(session, title="Uitgesteld", status=LeadStatus.SNOOZED).wake_on_news = True
    session.commit()

    ada.get("/?status=snoozed")

    assert ada.titles == ["Uitgesteld"]
    assert "terug zodra er nieuws is" in ada.main
    assert list(chips(ada)) == ["Status: uitgesteld"]
    assert "1 signaal met status ‘uitgesteld’" in ada.main
