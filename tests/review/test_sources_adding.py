"""Adding a source on a page: an address, what the scout found behind it, the terms, and then the source."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.errand import Errand
from models.opml import read_opml
from models.source import Source
from models.source_definition import check_source
from models.words import ErrandKind, Role, SourceKind
from review.source_mistakes import FIELD_OF, by_field
from review.source_texts import FIELDS, REFUSALS
from tests.review.factories import ARNHEM, RHEDEN
from tests.review.source_world import ADDRESS, TERMS, answer, feed_found, make_visited, now
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def leader(sign_in: SignIn) -> Visitor:
    """A project leader who is signed in."""
    return sign_in("pia@voorbeeld.example", roles=[Role.PROJECT_LEADER])


def ask(visitor: Visitor, session: Session, *found: dict[str, Any], **told: Any) -> str:
    """Paste an address, let the scout find this behind it, and look; gives the address of the form."""
    visitor.get("/bronnen/toevoegen")
    visitor.send("/bronnen/toevoegen", adres=ADDRESS)
    path = visitor.answer.request.path
    answer(session, *found, **told)
    visitor.get(path)
    return path


def problems(visitor: Visitor) -> dict[str, str]:
    """Field -> what is said beside it."""
    return {
        one.get("id").removesuffix("-fout"): one.text_content()
        for one in visitor.page.cssselect(".utrecht-form-field-error-message")
    }


def test_an_address_becomes_a_source_once_its_terms_are_read(leader: Visitor, session: Session) -> None:
    leader.get("/bronnen/toevoegen")
    leader.send("/bronnen/toevoegen", adres=ADDRESS)
    assert leader.heading == "Scout zoekt"
    assert ADDRESS in leader.main
    path = leader.answer.request.path
    (asks,) = leader.page.cssselect("[hx-get]")
    assert leader.client.get(asks.get("hx-get")).status_code == 204

    answer(session, feed_found(), feed_found(kind="wordpress", url="https://www.voorbeeldkrant.example/"))
    assert leader.client.get(asks.get("hx-get")).headers["HX-Refresh"] == "true"
    leader.get(path)

    assert leader.heading == "Dit is gevonden"
    assert "nieuwsfeed: Voorbeeldkrant Arnhem 22 berichten" in leader.main
    assert "Buren leggen een geveltuin aan" in leader.main
    assert leader.form(path)["gemeente"] == ARNHEM
    leader.send(path, **TERMS, minst="2")
    assert "‘Voorbeeldkrant Arnhem’ is toegevoegd." in leader.notices
    row = session.get_one(Source, "voorbeeldkrant-arnhem")
    assert (row.kind, row.url, row.municipality_code) == (
        SourceKind.FEED,
        "https://www.voorbeeldkrant.example/feed",
        ARNHEM,
    )
    assert (row.enabled, row.expect_min, row.expect_max, row.every_seconds) == (True, 2, 60, 3600)
    assert (row.terms_checked, row.terms_purpose, row.added_by_id) == (
        date.fromisoformat(TERMS["gelezen"]),
        TERMS["doel"],
        leader.account_id,
    )
    leader.get("/bronnen")
    assert leader.titles == ["Voorbeeldkrant Arnhem"]
    entry = session.query(AuditEntry).filter_by(action="source").one()
    assert (entry.account_id, entry.object_id) == (leader.account_id, "voorbeeldkrant-arnhem")


def test_without_all_four_terms_it_is_not_switched_on(leader: Visitor, session: Session) -> None:
    path = ask(leader, session, feed_found(terms=[]))

    assert leader.send(path).status_code == 400
    assert problems(leader).keys() == {"voorwaarden", "gelezen", "grondslag", "doel"}
    for missing in TERMS:
        assert leader.send(path, **{**TERMS, missing: " "}).status_code == 400
        assert problems(leader).keys() == {missing}
        linked = leader.page.cssselect("#fouten a")[0].get("href")
        assert leader.page.cssselect(linked)
    assert session.query(Source).count() == 0


def test_without_the_box_it_is_only_kept(leader: Visitor, session: Session) -> None:
    path = ask(leader, session, feed_found(terms=[]))
    values = leader.form(path)
    del values["aan"]

    leader.answer = leader.client.post(path, data=values, follow_redirects=True)

    assert "is bewaard, maar staat nog uit" in leader.notices
    row = session.get_one(Source, "voorbeeldkrant-arnhem")
    assert (row.enabled, row.terms_checked) == (False, None)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"sleutel": "De Krant"}, {"sleutel": "kleine letters"}, id="key"),
        pytest.param({"sleutel": "toevoegen"}, {"sleutel": "gebruikt Scout zelf"}, id="reserved key"),
        pytest.param({"sleutel": "bezet"}, {"sleutel": "al van een andere bron"}, id="taken key"),
        pytest.param({"titel": ""}, {"titel": "Vul de naam"}, id="no title"),
        pytest.param({"titel": "x" * 201}, {"titel": "hooguit 200"}, id="long title"),
        pytest.param({"gemeente": "Atlantis"}, {"gemeente": "Kies een gemeente"}, id="no municipality"),
        pytest.param({"hoe_vaak": "soms"}, {"hoe_vaak": "Kies uit de lijst"}, id="how often"),
        pytest.param({"minst": "-1"}, {"minst": "heel getal"}, id="least"),
        pytest.param({"minst": "9", "meest": "2"}, {"minst": "Verwissel"}, id="least above most"),
        pytest.param({"meest": "veel"}, {"meest": "heel getal"}, id="most"),
        pytest.param({"voorwaarden": "krant"}, {"voorwaarden": "volledige adres"}, id="address of terms"),
        pytest.param({"gelezen": "gisteren"}, {"gelezen": "Vul de dag in"}, id="no day"),
        pytest.param({"gelezen": "2020-01-01"}, {"gelezen": "afgelopen jaar"}, id="long ago"),
        pytest.param({"gelezen": "2999-01-01"}, {"gelezen": "afgelopen jaar"}, id="still to come"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_in_dutch(
    leader: Visitor, session: Session, given: dict[str, str], said: dict[str, str]
) -> None:
    make_visited(session, "bezet")
    session.commit()
    path = ask(leader, session, feed_found())

    assert leader.send(path, **{**TERMS, **given}).status_code == 400

    found = problems(leader)
    assert found.keys() == said.keys()
    for field, words in said.items():
        assert words in found[field]
        # What was filled in stays.
        if field != "gemeente":
            assert leader.form(path)[field] == given[field]
    assert session.query(Source).count() == 1


def test_the_pattern_of_a_site_is_asked_for_and_checked(leader: Visitor, session: Session) -> None:
    found = feed_found(kind="site", url=ADDRESS, options={"article": r"/nieuws/\d+"})
    path = ask(leader, session, found)
    assert leader.form(path)["patroon"] == r"/nieuws/\d+"

    for wrong in ("", "(nieuws"):
        assert leader.send(path, **TERMS, patroon=wrong).status_code == 400
        assert "patroon" in problems(leader)
    leader.send(path, **TERMS, patroon="/artikel/")

    assert session.get_one(Source, "voorbeeldkrant-arnhem").options == {"article": "/artikel/"}


def test_another_of_what_was_found_can_be_chosen(leader: Visitor, session: Session) -> None:
    tag = feed_found(
        kind="mastodon",
        url="https://social.overheid.example",
        title="#buurtinitiatief",
        key="buurtinitiatief",
        options={"hashtag": "buurtinitiatief"},
        municipality=None,
    )
    path = ask(leader, session, feed_found(), tag, {"kind": "onbekend", "url": "https://x.example"})
    links = [link.get("href") for link in leader.page.cssselect(".scout-found__list a")]
    assert links == [path, f"{path}?keus=1"]

    leader.get(links[1])
    leader.send(path, **TERMS)

    row = session.get_one(Source, "buurtinitiatief")
    assert (row.kind, row.options) == (SourceKind.MASTODON, {"hashtag": "buurtinitiatief"})


def test_kind_and_address_are_those_that_the_scout_looked_at(leader: Visitor, session: Session) -> None:
    path = ask(leader, session, feed_found())
    form = {
        **leader.form(path),
        **TERMS,
        "kind": "site",
        "url": "https://evil.example/",
        "adres": "https://evil.example/",
    }

    for choice in ("99", "-1", "x"):
        leader.client.post(path, data={**form, "keus": choice, "sleutel": f"krant-{ord(choice[0])}"})

    assert {row.url for row in session.query(Source)} == {"https://www.voorbeeldkrant.example/feed"}


@pytest.mark.parametrize("code", REFUSALS)
def test_refusals_are_told_in_plain_dutch_with_what_to_do(
    leader: Visitor, session: Session, code: str
) -> None:
    path = ask(leader, session, refusal=code, problem="an English sentence")

    assert leader.heading == "Deze bron kan niet"
    what, advice = map(str, REFUSALS[code])
    assert what in leader.main
    assert advice in leader.main
    assert "an English sentence" not in leader.main
    ways = [link.get("href") for link in leader.page.cssselect("main a.utrecht-button")]
    handing_in = [urlsplit(way) for way in ways if way.startswith("/inbrengen")]
    assert bool(handing_in) == (code in ("blocked", "robots", "not_public"))
    assert all(parse_qs(way.query) == {"url": [ADDRESS]} for way in handing_in)
    # An address that names a person is carried no further.
    assert any("adres=" in way for way in ways) == (code != "person")
    assert leader.client.post(path, data=leader.form("/afmelden")).status_code == 404


def test_a_look_that_broke_says_so(leader: Visitor, session: Session) -> None:
    ask(
        leader,
        session,
        refusal="something new",
        problem="the scout could not do this (exit code 1): see its log, and ask again",
    )

    assert "Scout kon dit niet doen." in leader.main


def test_after_a_minute_without_a_worker_the_page_says_what_to_do(leader: Visitor, session: Session) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        leader.get("/bronnen/toevoegen")
        leader.send("/bronnen/toevoegen", adres=ADDRESS)
        path = leader.answer.request.path
        (first,) = leader.page.cssselect("[hx-get]")
        assert "scout worker" not in leader.main
        clock.shift(timedelta(seconds=61))
        assert leader.client.get(first.get("hx-get")).headers["HX-Refresh"] == "true"

        leader.get(path)

        assert "lijkt niet te draaien. Vraag de beheerder om ‘scout worker’ te starten." in leader.main
        (later,) = leader.page.cssselect("[hx-get]")
        assert leader.client.get(later.get("hx-get")).status_code == 204
        clock.shift(timedelta(minutes=15))
        assert leader.client.get(later.get("hx-get")).status_code == 286


def test_an_address_is_needed_and_comes_filled_in_from_elsewhere(leader: Visitor, session: Session) -> None:
    leader.get(f"/bronnen/toevoegen?adres={ADDRESS}&gemeente={RHEDEN}")
    assert leader.form("/bronnen/toevoegen")["adres"] == ADDRESS
    assert "De bron is voor Rheden." in leader.main

    assert leader.send("/bronnen/toevoegen", adres=" ").status_code == 400
    assert leader.send("/bronnen/toevoegen", adres="https://x.example/" + "x" * 2000).status_code == 400
    assert session.query(Errand).count() == 0
    session.rollback()
    leader.send("/bronnen/toevoegen", adres=ADDRESS)
    path = leader.answer.request.full_path
    answer(session, feed_found(municipality=None))
    leader.get(path)
    assert leader.form(path.split("?")[0])["gemeente"] == RHEDEN


def test_errands_of_another_kind_have_no_page_here(leader: Visitor, session: Session) -> None:
    make_visited(session, "koerier")
    errand = Errand(kind=ErrandKind.VISIT, url="", source_key="koerier", asked_at=now(), result={})
    session.add(errand)
    session.commit()
    for number in (errand.id, 999_999):
        assert leader.get(f"/bronnen/toevoegen/{number}").status_code == 404


def test_every_mistake_that_the_form_can_make_has_dutch_of_its_own() -> None:
    given = {
        "key": "X",
        "title": 3,
        "kind": "site",
        "url": "krant",
        "every": "soms",
        "municipality": "Atlantis",
        "article": "(",
        "expect": {"min": -1, "max": "x"},
        "terms": {},
    }
    _definition, mistakes = check_source(given, file="", name="x")

    assert {mistake.key for mistake in mistakes} == FIELD_OF.keys() - {"expect", "terms"}
    said = by_field(mistakes)
    assert said.keys() <= FIELDS.keys()
    assert not any("kan zo niet worden bewaard" in words for words in said.values())


# -- lists of feeds ---------------------------------------------------------------------------------


def send_list(visitor: Visitor, body: bytes) -> None:
    """Upload a list of feeds."""
    visitor.get("/bronnen/toevoegen")
    token = visitor.form("/bronnen/toevoegen/opml")["csrf_token"]
    visitor.answer = visitor.client.post(
        "/bronnen/toevoegen/opml", data={"csrf_token": token, "bestand": (io.BytesIO(body), "lijst.opml")}
    )


OPML = """<?xml version="1.0"?><opml version="2.0"><body>
<outline text="Kranten"><outline text="Bode van Rheden" type="rss" xmlUrl="https://bode.example/feed"/>
<outline text="Koerier" xmlUrl="https://koerier.example/feed"/>
<outline text="Groep" xmlUrl="https://www.facebook.com/groups/1"/>
<outline text="Iemand" xmlUrl="https://mastodon.example/@iemand.rss"/>
<outline text="Leeg" type="rss" xmlUrl="gopher://x"/></outline></body></opml>"""


def test_a_list_of_feeds_becomes_sources_that_are_not_switched_on(leader: Visitor, session: Session) -> None:
    make_visited(session, "koerier", url="https://koerier.example/feed")
    session.commit()

    send_list(leader, OPML.encode())

    assert "1 bron is bewaard en staat nog uit." in leader.main
    assert "https://koerier.example/feed is er al, onder de sleutel koerier." in leader.main
    assert "De voorwaarden van www.facebook.com verbieden ophalen." in leader.main
    assert "Dit is de feed van één account, en personen volgt Scout niet." in leader.main
    assert "Leeg: Het adres klopt niet." in leader.main
    assert not leader.page.cssselect("main [lang=en]")
    row = session.get_one(Source, "bode-van-rheden")
    assert (row.url, row.enabled, row.municipality_code, row.added_by_id) == (
        "https://bode.example/feed",
        False,
        RHEDEN,
        leader.account_id,
    )
    session.rollback()
    leader.get("/bronnen/bode-van-rheden/veranderen")
    form = leader.form("/bronnen/bode-van-rheden/veranderen")
    leader.send("/bronnen/bode-van-rheden/veranderen", **{**form, **TERMS, "aan": "1"})
    assert "nog niet bezocht" in leader.main


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Kies een bestand."),
        (b"<html></html>", "Dit bestand is geen OPML"),
        (b"geen xml", "Dit bestand is geen OPML"),
        (b"<opml><body>" + b"<outline xmlUrl='https://x.example/f'/>" * 1001 + b"</body></opml>", "1000"),
    ],
)
def test_a_list_that_can_not_be_read_is_refused(
    leader: Visitor, session: Session, body: bytes, said: str
) -> None:
    send_list(leader, body)

    assert leader.answer.status_code == 400
    assert said in problems(leader)["bestand"]
    assert session.query(Source).count() == 0


def test_the_feeds_among_the_sources_go_out_as_a_list_and_come_back(
    leader: Visitor, session: Session
) -> None:
    make_visited(session, "koerier", 'De "Koerier" & co', municipality_code=ARNHEM)
    make_visited(session, "weg", removed_at=now())
    make_visited(session, "site", kind=SourceKind.SITE, options={"article": "/x/"})
    session.commit()

    taken = leader.get("/bronnen.opml")

    assert 'filename="bronnen.opml"' in taken.headers["Content-Disposition"]
    assert [(one.title, one.url, one.groups) for one in read_opml(taken.data)] == [
        ('De "Koerier" & co', "https://koerier.example/feed", ("Arnhem",))
    ]
    send_list(leader, taken.data)
    assert "0 bronnen zijn bewaard" in leader.main
