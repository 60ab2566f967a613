"""The queue: what stands in it, in which order, and that nothing in it can do harm."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.attention import Shares
from models.base import utc_now
from models.database import session_factory
from models.settings import Settings
from models.store.attention import arrange
from models.words import LeadStatus
from review.shown import ago
from tests.review.factories import ARNHEM, NIJMEGEN, RHEDEN, evidence_of, make_item, make_lead
from tests.review.visitor import Visitor


def put_in_order(engine: Engine, settings: Settings) -> None:
    """What the last stage of a run does."""
    arrange(session_factory(engine, writes=False), session_factory(engine), Shares.of(settings))


@pytest.fixture
def two_towns(session: Session, engine: Engine, settings: Settings) -> list[str]:
    """Five likely leads in Arnhem, one in Rheden and one drawn there; the titles in mixed order."""
    for number, score in enumerate((0.98, 0.97, 0.96, 0.95, 0.94), start=1):
        make_lead(session, title=f"Arnhem {number}", score=score)
    make_lead(session, title="Rheden", score=0.8, municipality=RHEDEN)
    make_lead(session, title="Loting", score=0.04, municipality=RHEDEN).drawn = 0.02
    session.commit()
    put_in_order(engine, settings)
    return ["Arnhem 1", "Rheden", "Arnhem 2", "Arnhem 3", "Arnhem 4", "Loting", "Arnhem 5"]


def test_the_queue_gives_every_municipality_its_turn_and_on_request_the_highest_score_first(
    ada: Visitor, two_towns: list[str]
) -> None:
    ada.get("/")
    assert ada.titles == two_towns
    current = [link.text_content() for link in ada.page.cssselect(".scout-order a[aria-current]")]
    assert current == ["gemengd"]

    (by_score,) = [a for a in ada.page.cssselect(".scout-order a") if a.text == "hoogste score eerst"]
    ada.get(by_score.get("href"))
    assert ada.titles == [*(f"Arnhem {number}" for number in range(1, 6)), "Rheden", "Loting"]
    ada.get("/?gemeente=" + RHEDEN)
    assert ada.titles == ["Rheden", "Loting"]


@pytest.mark.parametrize("order", ["", "&volgorde=score"])
def test_the_next_lead_follows_the_order_in_use_and_filters_stay(
    ada: Visitor, two_towns: list[str], order: str
) -> None:
    ada.get("/?status=open" + order)
    wanted, seen = list(ada.titles), []
    ada.get(ada.page.cssselect(".scout-card__title a")[0].get("href"))

    while ada.heading != "Signalen":
        seen.append(ada.heading)
        (action,) = [action for action in ada.actions if action.endswith("/al-bekend")]
        ada.send(action)

    assert seen == wanted
    assert ("volgorde=score" in ada.answer.request.url) == bool(order)
    ada.get(f"/?gemeente={ARNHEM}{order}")
    assert ada.form("/").get("volgorde") == ("score" if order else None)
    assert ada.form("/")["gemeente"] == ARNHEM or ada.titles == []


def test_a_drawn_lead_says_that_it_is_there_as_a_check(ada: Visitor, two_towns: list[str]) -> None:
    ada.get("/")

    (row,) = ada.page.cssselect(".scout-drawn")
    assert "steekproef: ter controle" in row.text_content()
    assert "Door loting gekozen" in row.text_content()
    ada.get(ada.page.cssselect(".scout-card__title a")[two_towns.index("Loting")].get("href"))
    assert ada.heading == "Loting"
    assert "steekproef: ter controle" in ada.main
    assert "scoort te laag om een signaal te worden" in ada.main
    assert "lijkt op die van eerdere initiatieven" not in ada.main


def test_a_lead_whose_decision_is_undone_is_the_next_one_again(
    ada: Visitor, two_towns: list[str], engine: Engine, settings: Settings
) -> None:
    ada.get("/")
    ada.get(ada.page.cssselect(".scout-card__title a")[3].get("href"))
    assert ada.heading == "Arnhem 3"
    ada.send(next(action for action in ada.actions if action.endswith("/al-bekend")))
    ada.send(next(action for action in ada.actions if action.startswith("/besluiten")))

    ada.get("/")
    assert ada.titles[0] == "Arnhem 3"
    put_in_order(engine, settings)
    ada.get("/")
    assert ada.titles == two_towns


@pytest.mark.parametrize("order", ["", "?volgorde=score"])
def test_pages_in_either_order_together_hold_every_lead_once(
    ada: Visitor, session: Session, engine: Engine, settings: Settings, order: str
) -> None:
    towns = [ARNHEM, RHEDEN, NIJMEGEN, None]
    wanted = [
        make_lead(
            session, title=f"Signaal {n}", score=0.5 + (n // 20) / 10, municipality=towns[n % 7 % 4]
        ).title
        for n in range(60)
    ]
    session.commit()
    put_in_order(engine, settings)

    ada.get("/" + order)
    seen = list(ada.titles)
    while following := ada.page.cssselect("a[rel=next]"):
        ada.get(following[0].get("href"))
        seen += ada.titles
    back = list(ada.titles)
    while previous := ada.page.cssselect("a[rel=prev]"):
        ada.get(previous[0].get("href"))
        back = ada.titles + back

    assert sorted(seen) == sorted(wanted)
    assert back == seen


def test_the_most_likely_lead_stands_first_and_decided_ones_are_left_out(
    ada: Visitor, session: Session
) -> None:
    make_lead(session, title="Misschien", score=0.4)
    make_lead(session, title="Zeker", score=0.95)
    make_lead(session, title="Waarschijnlijk", score=0.8)
    make_lead(session, title="Al afgewezen", score=0.99, status=LeadStatus.REJECTED)
    session.commit()

    ada.get("/")

    assert ada.titles == ["Zeker", "Waarschijnlijk", "Misschien"]
    assert "3 signalen wachten op een besluit" in ada.main


def test_a_row_says_what_is_needed_to_choose(ada: Visitor, session: Session) -> None:
    snippet = "In Presikhaaf bouwen buren samen een kast."
    items = [
        make_item(session, snippet=snippet, source="koerier", age_days=3),
        make_item(session, snippet=snippet, source="bode", age_days=5),
        make_item(session, snippet=snippet, source="bode", age_days=6),
    ]
    make_lead(session, title="Deelkast", score=0.9, place="Presikhaaf", theme="circulair", items=items)
    session.commit()

    ada.get("/")

    for words in (
        "zeer waarschijnlijk",
        "0,90",
        "Presikhaaf, Arnhem",
        "Hergebruik en repareren",
        "2 bronnen",
        "3 dagen geleden",
    ):
        assert words in ada.main


def test_evidence_is_marked_in_the_snippet(ada: Visitor, session: Session) -> None:
    snippet = "Bewoners van de Kamperweg leggen samen een tuin aan."
    make_lead(session, snippet=snippet, evidence=[evidence_of(snippet, "leggen samen een tuin aan")])
    session.commit()

    ada.get("/")

    (mark,) = ada.page.cssselect("mark")
    assert mark.text_content() == "leggen samen een tuin aan"
    assert snippet in ada.main


def test_markup_in_titles_snippets_and_sources_stays_text(ada: Visitor, session: Session) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    lead = make_lead(
        session,
        title=attack,
        snippet=attack,
        evidence=[evidence_of(attack, "<img src=x onerror")],
        url="javascript:alert(3)",
        source="boze-bron",
    )
    session.commit()

    for path in ("/", f"/signalen/{lead.id}"):
        ada.get(path)

        assert "<script>alert" not in ada.answer.text
        assert not ada.page.cssselect("main img, main script, a[href^='javascript']")
        assert attack in ada.page.xpath("string(//main)")


def test_a_snippet_never_shows_more_than_150_characters(ada: Visitor, session: Session) -> None:
    make_lead(session, snippet="x" * 149 + "yz" * 20, evidence=[])
    session.commit()

    ada.get("/")

    assert "x" * 149 + "y" in ada.main
    assert "yz" not in ada.main


def test_pages_of_25_together_hold_every_lead_once_also_with_equal_scores(
    ada: Visitor, session: Session
) -> None:
    wanted = [make_lead(session, title=f"Signaal {n}", score=(n // 20) / 10).title for n in range(60)]
    session.commit()

    ada.get("/")
    seen, pages = list(ada.titles), 1
    while following := ada.page.cssselect("a[rel=next]"):
        ada.get(following[0].get("href"))
        seen += ada.titles
        pages += 1
    back = list(ada.titles)
    while previous := ada.page.cssselect("a[rel=prev]"):
        ada.get(previous[0].get("href"))
        back = ada.titles + back

    assert pages == 3
    assert sorted(seen) == sorted(wanted)
    assert back == seen


def test_the_queue_is_narrowed_by_municipality_and_status(ada: Visitor, session: Session) -> None:
    make_lead(session, title="Arnhems", municipality=ARNHEM)
    make_lead(session, title="Rhedens", municipality=RHEDEN)
    make_lead(session, title="Rhedens en bekend", municipality=RHEDEN, status=LeadStatus.KNOWN)
    session.commit()

    ada.get(f"/?gemeente={RHEDEN}")
    assert ada.titles == ["Rhedens"]
    ada.get(f"/?gemeente={RHEDEN}&status=known")
    assert ada.titles == ["Rhedens en bekend"]
    ada.get(f"/?gemeente={NIJMEGEN}")
    assert ada.titles == []
    assert "Geen signalen gevonden" in ada.main
    options = [option.text for option in ada.page.cssselect("#filter-gemeente option")]
    assert options == ["Alle gemeenten", "Arnhem (1)", "Rheden (1)", "Nijmegen (0)"]


def test_nonsense_in_the_address_shows_the_queue_as_it_is(ada: Visitor, session: Session) -> None:
    make_lead(session, title="Gewoon")
    session.commit()

    for query in (
        "?status=x",
        "?gemeente=';--",
        "?na=1e999~1",
        "?na=nan~1",
        "?voor=0.9",
        "?na=9~0.5~x",
        "?na=-99999999999~0.5~1",
        "?volgorde=x",
        "?na=0.5~" + "9" * 30,
    ):
        assert ada.get("/" + query).status_code == 200
        assert ada.titles == ["Gewoon"]


def test_an_empty_queue_says_so_kindly(ada: Visitor) -> None:
    ada.get("/")

    assert "Alles is bekeken" in ada.main


def test_a_lead_without_title_shows_its_first_words(ada: Visitor, session: Session) -> None:
    make_lead(
        session,
        title="",
        snippet="Een twee drie vier vijf zes zeven acht negen tien elf twaalf.",
        evidence=[],
    )
    session.commit()

    ada.get("/")

    assert ada.titles == ["Een twee drie vier vijf zes zeven acht negen tien…"]


def test_the_lead_page_says_why_and_lists_the_items_with_safe_links(ada: Visitor, session: Session) -> None:
    snippet = "Buren bouwden zelf een kast. De gemeente betaalde."
    lead = make_lead(
        session,
        title="Deelkast",
        snippet=snippet,
        url="https://koerier.example/nieuws/deelkast",
        evidence=[
            evidence_of(snippet, "Buren bouwden zelf", "bewoners doen het werk", 2.0),
            evidence_of(snippet, "nergens", "gedaan door bewoners", 0.5),
            evidence_of(snippet, "De gemeente betaalde", "de gemeente doet iets", -1.0),
        ],
    )
    session.commit()

    ada.get(f"/signalen/{lead.id}")

    in_favour, against = ada.page.cssselect(".scout-reasons")
    assert [" ".join(line.text_content().split()) for line in in_favour] == [
        "Bewoners doen het werk Buren bouwden zelf",
        "Gedaan door bewoners",
    ]
    assert "De gemeente doet iets" in against.text_content()
    (link,) = ada.page.cssselect(".scout-items a")
    assert link.get("href") == "https://koerier.example/nieuws/deelkast"
    assert link.get("rel") == "noreferrer noopener"
    assert "opent in een nieuw tabblad" in link.text_content()


def test_a_purged_lead_is_shown_without_content(ada: Visitor, session: Session) -> None:
    lead = make_lead(session, title="Weg", status=LeadStatus.EXPIRED)
    lead.title = lead.snippet = ""
    lead.purged_at = lead.opened_at
    session.commit()

    ada.get(f"/signalen/{lead.id}")

    assert ada.heading == "Inhoud verwijderd"
    assert "bewaartermijn" in ada.main
    assert not [action for action in ada.actions if "besluiten" in action or "signalen" in action]


def test_no_page_refers_to_another_host(ada: Visitor, app: Flask, session: Session) -> None:
    lead = make_lead(session)
    session.commit()

    for path in (
        "/",
        f"/signalen/{lead.id}",
        "/register",
        "/hoe-het-werkt",
        "/toegankelijkheid",
        "/bestaat-niet",
    ):
        ada.get(path)
        for element in ada.page.xpath("//*[@src or @href or @action]"):
            address = element.get("src") or element.get("href") or element.get("action")
            own = address.startswith(("/", "#")) and not address.startswith("//")
            assert own or element.getparent().get("class") == "scout-items__item", address


@pytest.mark.parametrize(
    ("minutes", "dutch", "english"),
    [
        (-5, "zojuist", "just now"),
        (5, "zojuist", "just now"),
        (35, "30 minuten geleden", "30 minutes ago"),
        (65, "1 uur geleden", "1 hour ago"),
        (26 * 60, "1 dag geleden", "1 day ago"),
    ],
)
def test_what_is_new_is_not_still_to_come(app: Flask, minutes: int, dutch: str, english: str) -> None:
    then = utc_now() - timedelta(minutes=minutes)

    with app.test_request_context("/"):
        assert ago(then) == dutch
    with app.test_request_context("/?taal=en"):
        assert ago(then) == english
