"""The pages "Bronnen": all sources with how they are doing, one source, and what can be done with it."""

import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.errand import Errand
from models.municipality import Municipality
from models.source import Source
from models.store.errands import finish, take_next
from models.words import ErrandKind, Role, Sign, SourceKind
from review import sources_acting
from review.database import writing
from tests.review.factories import ARNHEM, NIJMEGEN, RHEDEN, make_source
from tests.review.source_world import make_days, make_run, make_visited, now, sign
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def leader(sign_in: SignIn) -> Visitor:
    """A project leader who is signed in."""
    return sign_in("pia@voorbeeld.example", roles=[Role.PROJECT_LEADER])


def card(visitor: Visitor, title: str) -> str:
    """The words of one source in the list, with single spaces."""
    for one in visitor.page.cssselect(".scout-source"):
        words = " ".join(one.text_content().split())
        if title in words:
            return words
    raise AssertionError(f"{title} is not on this page: {visitor.titles}")


# -- the list -------------------------------------------------------------------------------------


def test_the_list_tells_at_a_glance_how_every_source_is_doing(ada: Visitor, session: Session) -> None:
    make_visited(session, "gezond", municipality_code=ARNHEM)
    make_days(session, "gezond", {0: 3, 1: 4, 27: 2})
    make_visited(session, "stuk", consecutive_failures=3)
    make_run(session, "stuk", problem="https://stuk.example/feed answered 404 Not Found: correct the address")
    make_visited(session, "verhuisd", signs=[sign(Sign.MOVED, "https://nieuw.example/feed")])
    make_visited(session, "stil", signs=[sign(Sign.SILENT, "2026-10-03")])
    make_visited(session, "rust", paused="de redactie verbouwt de site", paused_at=now(), paused_by_id=1)
    make_source(session, "kaal", terms_checked=None)
    session.commit()

    ada.get("/bronnen")

    assert "gezond" in card(ada, "Gezond")
    assert "Arnhem" in card(ada, "Gezond")
    assert "bezocht 20 minuten geleden" in card(ada, "Gezond")
    assert "9 nieuw in 30 dagen" in card(ada, "Gezond")
    assert "3 keer achter elkaar mislukt" in card(ada, "Stuk")
    assert "https://stuk.example/feed bestaat niet (404). Verbeter het adres." in card(ada, "Stuk")
    assert "De bron is verhuisd naar https://nieuw.example/feed." in card(ada, "Verhuisd")
    assert "neem het nieuwe adres over" in card(ada, "Verhuisd")
    assert "sinds 3 oktober 2026 kwam er niets nieuws" in card(ada, "Stil")
    assert "Gepauzeerd: de redactie verbouwt de site" in card(ada, "Rust")
    assert "Lees de voorwaarden" in card(ada, "Kaal")
    # What asks for attention comes first.
    assert ada.titles == ["Stuk", "Stil", "Verhuisd", "Kaal", "Rust", "Gezond"]


def test_the_sparkline_is_there_for_eyes_and_its_numbers_for_ears(ada: Visitor, session: Session) -> None:
    make_visited(session, "koerier")
    make_days(session, "koerier", {0: 3, 2: 7, 27: 2})
    session.commit()

    ada.get("/bronnen")

    (drawing,) = ada.page.cssselect(".scout-spark")
    assert drawing.get("aria-hidden") == "true"
    (days,) = drawing.cssselect(".scout-spark__days")
    assert days.get("d").count("M") == 3
    heard = drawing.getnext().text_content()
    assert heard.startswith("Nieuwe berichten per dag, 28 dagen tot en met vandaag: 2, 0, 0,")
    assert heard.endswith(" 0, 7, 0, 3.")


def test_every_state_has_a_word_and_a_shape_of_its_own(app: Flask) -> None:
    from models.words import SourceState

    with app.test_request_context():
        macro = app.jinja_env.get_template("_sources.html").module.state  # type: ignore[attr-defined]
        drawn = [str(macro(state)) for state in SourceState]

    shapes = {one[one.index("<path") : one.index("/>")] for one in drawn}
    assert len(shapes) == len(SourceState)


def test_figures_on_top_count_each_state_and_lead_to_it(ada: Visitor, session: Session) -> None:
    make_visited(session, "een")
    make_visited(session, "twee")
    make_visited(session, "stuk", consecutive_failures=1)
    make_visited(session, "weg", removed_at=now())
    session.commit()

    ada.get("/bronnen")

    counted = {
        link.get("href"): link.cssselect(".scout-counts__number")[0].text
        for link in ada.page.cssselect(".scout-counts a")
    }
    assert counted == {
        "/bronnen?toestand=healthy": "2",
        "/bronnen?toestand=odd": "0",
        "/bronnen?toestand=failing": "1",
        "/bronnen?toestand=paused": "0",
        "/bronnen?toestand=removed": "1",
    }
    assert "Weg" not in ada.titles
    ada.get("/bronnen?toestand=failing")
    assert ada.titles == ["Stuk"]
    ada.get("/bronnen?toestand=removed")
    assert ada.titles == ["Weg"]


def test_municipalities_without_a_healthy_source_are_named_with_a_way_to_add_one(
    leader: Visitor, sign_in: SignIn, session: Session
) -> None:
    for code in (ARNHEM, RHEDEN, NIJMEGEN):
        session.get_one(Municipality, code).participates_from = date(2025, 1, 1)
    make_visited(session, "koerier", municipality_code=ARNHEM)
    make_visited(session, "bode", municipality_code=RHEDEN, last_success_at=now() - timedelta(days=9))
    session.commit()

    leader.get("/bronnen")

    (part,) = leader.page.cssselect(".scout-uncovered")
    assert "2 gemeenten hebben deze week geen gezonde bron" in part.text_content()
    assert [line.cssselect("strong")[0].text for line in part.cssselect("li")] == ["Nijmegen", "Rheden"]
    assert "nog nooit" in part.text_content()
    leader.get(part.cssselect("li a")[0].get("href"))
    assert "De bron is voor Nijmegen." in leader.main
    ada = sign_in()
    ada.get("/bronnen")
    assert not ada.page.cssselect(".scout-uncovered a")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("soort=mastodon", ["Hashtag"], id="kind"),
        pytest.param(f"gemeente={RHEDEN}", ["Velpse Bode"], id="municipality"),
        pytest.param("gemeente=geen", ["Hashtag"], id="of no municipality"),
        pytest.param("naam=BODE", ["Velpse Bode"], id="name"),
        pytest.param("naam=bode+velp", ["Velpse Bode"], id="words in any order"),
        pytest.param("naam=social.overheid", ["Hashtag"], id="address"),
        pytest.param("naam=bode&soort=mastodon", [], id="both"),
        pytest.param("toestand=onzin&soort=%00&gemeente=GMx&pagina=-1", 3, id="nonsense"),
        pytest.param("pagina=99999", 3, id="a page that is not there"),
    ],
)
def test_filters(ada: Visitor, session: Session, query: str, found: list[str] | int) -> None:
    make_visited(session, "koerier", "Arnhemse Koerier", municipality_code=ARNHEM)
    make_visited(session, "bode", "Velpse Bode", municipality_code=RHEDEN)
    make_visited(
        session, "hashtag", kind=SourceKind.MASTODON, url="https://social.overheid.example", options={}
    )
    session.commit()

    ada.get(f"/bronnen?{query}")

    assert ada.titles == found if isinstance(found, list) else len(ada.titles) == found
    assert ("Niets gevonden" in ada.main) == (found == [])


def test_ten_thousand_sources_are_leafed_through_page_by_page_with_few_questions(
    ada: Visitor, session: Session
) -> None:
    session.bulk_insert_mappings(
        Source.__mapper__,
        [
            {
                "key": f"bron-{number}",
                "title": f"Bron {number:05}",
                "kind": SourceKind.FEED,
                "url": f"https://bron-{number}.example/feed",
                "every_seconds": 3600,
                "full_text": True,
                "enabled": True,
                "terms_checked": now().date(),
                "options": {},
                "defined_in": "",
                "cursor": {},
                "validators": {},
                "refused": {},
                "signs": [],
                "consecutive_failures": 0,
                "unread_pages": False,
                "last_visit_at": now(),
            }
            for number in range(10_000)
        ],
    )
    session.commit()
    ada.get("/bronnen")
    assert len(ada.titles) == 30
    asked: list[str] = []
    engine = ada.app.extensions["scout_engine"]
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    ada.get(ada.page.cssselect("a[rel=next]")[0].get("href"))

    assert ada.titles[0] == "Bron 00030"
    assert "pagina 2 van 334" in ada.main
    assert len(asked) < 15
    ada.get("/bronnen?pagina=334")
    assert ada.titles[-1] == "Bron 09999"
    assert not ada.page.cssselect("a[rel=next]")


# -- one source -----------------------------------------------------------------------------------


def test_a_source_tells_what_it_is_and_how_its_last_visits_went(ada: Visitor, session: Session) -> None:
    make_visited(
        session,
        "koerier",
        "Arnhemse Koerier",
        municipality_code=ARNHEM,
        expect_min=1,
        expect_max=200,
        defined_in="sources/arnhem.toml",
    )
    for number in range(35):
        make_run(session, "koerier", ago=timedelta(hours=number), outcomes={"new": number, "too_old": 1})
    make_run(
        session,
        "koerier",
        ago=timedelta(0),
        outcomes={},
        problem="koerier.example refuses connections",
        warnings=["a thing that nobody translated"],
        signs=[{"sign": "bounds", "detail": "3:5:200"}],
    )
    session.commit()

    ada.get("/bronnen/koerier")

    assert ada.heading == "Arnhemse Koerier"
    for words in (
        "nieuwsfeed",
        "elk uur",
        "1 tot 200 berichten per bezoek",
        "6(1)(e) AVG",
        "initiatieven van bewoners vinden",
        "bestand sources/arnhem.toml",
        "koerier.example neemt geen verbinding aan",
        "Het laatste bezoek gaf 3 berichten; verwacht: 5 tot 200.",
        "28 nieuw, 1 te oud",
    ):
        assert words in ada.main, words
    visits = ada.page.cssselect(".scout-visits__one")
    assert len(visits) == 30
    (english,) = visits[0].cssselect("[lang=en]")
    assert english.text == "a thing that nobody translated"
    assert "Melding van het programma" in visits[0].text_content()
    assert ada.actions == ["/afmelden"]


def test_a_source_that_is_not_there_is_not_found(ada: Visitor, session: Session) -> None:
    make_source(session, "ingebracht", kind=SourceKind.HANDIN)
    session.commit()
    for path in (
        "/bronnen/onbekend",
        "/bronnen/ingebracht",
        "/bronnen/%00",
        "/bronnen/%C3%A9",
        "/bronnen/a.toml",
    ):
        assert ada.get(path).status_code == 404


def test_pausing_asks_why_and_tells_everybody_until_it_is_resumed(
    leader: Visitor, sign_in: SignIn, session: Session
) -> None:
    make_visited(session, "koerier", "Arnhemse Koerier")
    session.commit()
    leader.get("/bronnen")
    leader.get("/bronnen/koerier")

    refused = leader.send("/bronnen/koerier/pauzeren", waarom=" ")
    assert refused.status_code == 400
    assert "Schrijf waarom" in leader.main
    leader.send("/bronnen/koerier/pauzeren", waarom="de redactie verbouwt de site")

    assert "‘Arnhemse Koerier’ is gepauzeerd." in leader.notices
    assert "Gepauzeerd: de redactie verbouwt de site (Pia," in leader.main
    # Also where the list was kept.
    leader.get("/bronnen?toestand=paused")
    assert leader.titles == ["Arnhemse Koerier"]
    leader.get("/bronnen/koerier")
    leader.send("/bronnen/koerier/hervatten")
    assert "wordt weer bezocht" in leader.notices
    session.expire_all()
    assert session.get_one(Source, "koerier").paused is None
    assert [entry.action for entry in session.query(AuditEntry).order_by(AuditEntry.id)][-2:] == [
        "source"
    ] * 2


def test_visit_now_shows_that_it_is_fetched_and_then_what_it_brought(
    leader: Visitor, session: Session
) -> None:
    make_visited(session, "koerier")
    make_run(session, "koerier", ago=timedelta(hours=1), outcomes={"new": 9})
    session.commit()
    leader.get("/bronnen/koerier")

    leader.send("/bronnen/koerier/nu-bezoeken")

    assert "De bron wordt zo opgehaald." in leader.main
    assert leader.page.cssselect("noscript")
    (asks,) = leader.page.cssselect("[hx-get]")
    again = leader.answer.request.full_path
    assert leader.client.get(asks.get("hx-get")).status_code == 204
    errand = take_next(session, now())
    assert errand is not None
    session.commit()
    assert leader.client.get(asks.get("hx-get")).headers["HX-Refresh"] == "true"
    leader.get(again)
    assert "De bron wordt opgehaald." in leader.main
    make_run(session, "koerier", ago=timedelta(0), outcomes={"new": 3, "duplicate": 1})
    finish(session, errand.id, result={}, problem=None, now=now())
    session.commit()

    leader.get(again)

    assert "De bron is opgehaald. 3 nieuw, 1 dubbel." in leader.notices
    assert not leader.page.cssselect("[hx-get], noscript")


def test_a_visit_that_fails_says_why(leader: Visitor, session: Session) -> None:
    make_visited(session, "koerier")
    session.commit()
    leader.get("/bronnen/koerier")
    leader.send("/bronnen/koerier/nu-bezoeken")
    again = leader.answer.request.full_path
    errand = take_next(session, now())
    assert errand is not None
    finish(session, errand.id, result={}, problem="koerier.example refuses connections", now=now())
    session.commit()

    leader.get(again)

    assert "Het bezoek is niet gelukt. koerier.example neemt geen verbinding aan" in leader.notices


def test_an_errand_of_another_source_shows_nothing_here(leader: Visitor, session: Session) -> None:
    for key in ("koerier", "bode"):
        make_visited(session, key)
    errand = Errand(kind=ErrandKind.VISIT, url="", source_key="bode", asked_at=now(), result={})
    session.add(errand)
    session.commit()
    for number in (errand.id, 0, 99999999999, "x"):
        leader.get(f"/bronnen/koerier?bezoek={number}")
        assert "wordt zo opgehaald" not in leader.main


# -- sources added on a page ------------------------------------------------------------------------


def test_a_source_that_was_added_is_changed_and_a_changed_address_is_checked(
    leader: Visitor, session: Session
) -> None:
    make_visited(session, "koerier", "Koerier", every_seconds=5400)
    session.commit()
    leader.get("/bronnen/koerier/veranderen")
    assert leader.form("/bronnen/koerier/veranderen")["hoe_vaak"] == "5400s"

    refused = leader.send("/bronnen/koerier/veranderen", adres="koerier", titel="", minst="5", meest="2")
    assert refused.status_code == 400
    for words in ("begint met https://", "Vul de naam van de bron in.", "Verwissel ze"):
        assert words in leader.main
    leader.send(
        "/bronnen/koerier/veranderen",
        adres="https://koerier.example/rss",
        titel="De Koerier",
        gemeente=RHEDEN,
        minst="1",
        meest="20",
    )

    assert leader.heading == "De Koerier"
    session.expire_all()
    row = session.get_one(Source, "koerier")
    assert (row.url, row.municipality_code, row.expect_min, row.expect_max, row.every_seconds) == (
        "https://koerier.example/rss",
        RHEDEN,
        1,
        20,
        5400,
    )


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://www.facebook.com/groups/1", "De voorwaarden van deze site verbieden"),
        ("https://mastodon.example/@iemand.rss", "Dit is een account van een persoon."),
    ],
)
def test_a_source_is_not_changed_into_one_that_would_be_refused(
    leader: Visitor, session: Session, address: str, said: str
) -> None:
    make_visited(session, "koerier", "Koerier")
    session.commit()
    leader.get("/bronnen/koerier/veranderen")

    assert leader.send("/bronnen/koerier/veranderen", adres=address).status_code == 400

    assert said in leader.page.cssselect("#adres-fout")[0].text_content()
    assert session.get_one(Source, "koerier").url == "https://koerier.example/feed"


def test_a_source_that_was_added_is_removed_and_its_page_stays(leader: Visitor, session: Session) -> None:
    make_visited(session, "koerier", "Koerier")
    session.commit()
    leader.get("/bronnen/koerier")

    leader.send("/bronnen/koerier/weghalen")

    assert "‘Koerier’ is weggehaald." in leader.notices
    assert leader.titles == []
    leader.get("/bronnen/koerier")
    assert "weggehaald" in leader.main
    assert leader.actions == ["/afmelden"]


def test_a_source_of_a_file_is_changed_there(leader: Visitor, session: Session) -> None:
    make_visited(session, "koerier", defined_in="sources/arnhem.toml")
    session.commit()
    leader.get("/bronnen/koerier")

    assert "staat in het bestand sources/arnhem.toml" in leader.main
    assert "/bronnen/koerier/pauzeren" in leader.actions
    assert "/bronnen/koerier/weghalen" not in leader.actions
    assert leader.get("/bronnen/koerier/veranderen").status_code == 404


def test_the_definition_can_be_taken_along_as_a_source_file(ada: Visitor, session: Session) -> None:
    make_visited(session, "koerier", 'De "Koerier"', municipality_code=ARNHEM, options={})
    make_visited(session, "bode", defined_in="sources/arnhem.toml")
    session.commit()

    one = ada.get("/bronnen/bode/bron.toml")
    all_added = ada.get("/bronnen.toml")

    assert 'filename="bode.toml"' in one.headers["Content-Disposition"]
    assert [source["key"] for source in tomllib.loads(one.text)["source"]] == ["bode"]
    (source,) = tomllib.loads(all_added.text)["source"]
    assert (source["title"], source["municipality"]) == ('De "Koerier"', ARNHEM)
    assert source["terms"]["basis"] == "6(1)(e) AVG"


def test_what_somebody_removes_at_the_same_moment_is_as_if_it_never_was(
    leader: Visitor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_visited(session, "koerier", "Koerier")
    session.commit()
    leader.get("/bronnen/koerier")

    def removed_meanwhile() -> AbstractContextManager[Session]:
        session.get_one(Source, "koerier").removed_at = now()
        session.commit()
        return writing()

    monkeypatch.setattr(sources_acting, "writing", removed_meanwhile)
    answer = leader.send("/bronnen/koerier/weghalen")

    assert answer.status_code == 404
    assert "Deze pagina bestaat niet" in leader.main


# -- who may ----------------------------------------------------------------------------------------


def test_a_reviewer_sees_sources_and_changes_none(ada: Visitor, session: Session) -> None:
    make_visited(session, "koerier")
    session.commit()
    ada.get("/bronnen/koerier")
    token = ada.form("/afmelden")["csrf_token"]

    assert "/bronnen/koerier/pauzeren" not in ada.actions
    for path in ("pauzeren", "hervatten", "nu-bezoeken", "veranderen", "weghalen"):
        answer = ada.client.post(f"/bronnen/koerier/{path}", data={"csrf_token": token, "waarom": "zomaar"})
        assert answer.status_code == 403
        assert "Alleen een projectleider of beheerder" in answer.text
    assert ada.client.get("/bronnen/toevoegen").status_code == 403
    assert session.query(Errand).count() == 0


@pytest.mark.parametrize("role", [Role.MUNICIPALITY, Role.PRIVACY_OFFICER])
def test_others_do_not_see_the_pages_at_all(sign_in: SignIn, session: Session, role: Role) -> None:
    make_visited(session, "koerier", "Arnhemse Koerier")
    session.commit()
    place = "Arnhem" if role is Role.MUNICIPALITY else ""
    person = sign_in("p@voorbeeld.example", roles=[role], municipality=place)

    person.get("/account")
    assert "/bronnen" not in [link.get("href") for link in person.page.cssselect("nav a")]
    for path in ("/bronnen", "/bronnen/koerier", "/bronnen.opml", "/bronnen.toml", "/bronnen/toevoegen"):
        answer = person.client.get(path)
        assert answer.status_code == 403
        assert "Koerier" not in answer.text
