"""What the scout says of sources, in Dutch: every sentence that a visit can end with has its own."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.health import advice
from models.networks import AddressRule
from models.settings import Settings
from models.source_definition import SourceDefinition, Terms, terms_problem
from models.store.sources import note_terms
from models.words import Sign, SourceKind
from review.source_sentences import Table
from review.source_texts import sign_words
from review.source_words import NAME, SENTENCES, TABLES, matches, say
from scout import organisations
from scout.crawl import plan, trouble
from scout.readers import social
from scout.steps.article import extract
from tests.review import said_by_scout
from tests.review.source_world import make_visited, now

#: Expressions that only hand on what is said elsewhere.
HANDED_ON = {
    "error",
    "trouble",
    "warning",
    "problem",
    "reading.problem",
    "reading.warnings",
    "answer.problem",
    "unmet",
    "refusal",
    "mildly",
    "tuple(warnings)",
    "advice(instead.sign, instead.detail)",
    "sentence.format(host=host, url=url, timeout=timeout)",
}
#: Sentences that the code puts together in a way that is not followed: held against below.
PUT_TOGETHER = {"7 answered 7 7: 7", "7 answered 7: 7", "7 (it is compressed)"}

#: What the expressions above come to.
SAMPLES = [
    *(
        sentence.format(host="krant.example", url="https://krant.example/feed", timeout=30.0)
        for _kind, sentence, _transient in trouble.SENTENCES
    ),
    *(
        str(trouble.unwanted_status("https://krant.example/feed", status, None))
        for status in (*trouble.ADVICE, 400, 418, 500, 503, 599)
    ),
    str(trouble.unwanted_status("https://krant.example/feed", 302, "mailto:x@krant.example")),
    f"{trouble.TOO_LARGE.format(url='https://krant.example/')} (it is compressed)",
    *(str(plan.unmet(*bounds)) for bounds in ((5, None, 1), (5, None, 3), (0, 5, 9), (3, 5, 1), (3, 5, 9))),
    *(advice(sign, "https://krant.example/") for sign in (Sign.PARKED, Sign.SUSPENDED, Sign.CONSENT)),
    "http://krant.example/ is https://krant.example/ for good: correct the url when you are there anyway",
    "3 records can't be read and are left out: line 1, 2, 5 of https://raad.example/export",
    *(
        f"the account may be a person's, and persons are not followed: {why}"
        for _p, why in organisations._PERSON
    ),
    "it took longer than 20 seconds and was cut off",
    "it needed more than 700 MB of memory and was cut off",
    "its process died",
    "it failed (ValueError)",
    # Why a source is not visited, as pages and the report of a run say it.
    "is switched off: set enabled = true",
    "is not visited: sources of kind handin can't be read yet",
    "is not visited: its server asked to be left alone until 2026-11-22 10:00 UTC (Retry-After)",
    "is paused: by hand",
    "its terms page https://krant.example/v could not be read",
    "is paused: its terms page https://krant.example/v changed; read it and set terms.checked",
    "its terms page could not be read in time; it is tried again next run",
    "nobody did this within a day: is `scout worker` at work?",
    "the scout could not do this (exit code 1): see its log, and ask again",
]


@pytest.fixture(autouse=True)
def _dutch(app: Flask) -> object:
    with app.test_request_context():
        yield


@pytest.mark.parametrize("sentence", SAMPLES)
def test_sentences_of_visits_have_dutch(sentence: str) -> None:
    said = say(sentence)

    assert said.known, sentence
    assert "%(" not in said.text
    assert "{" not in said.text
    assert said.text.endswith((".", "?"))


def test_every_sentence_in_the_code_that_visits_make_has_dutch() -> None:
    found = list(said_by_scout.found())
    assert len({one.sentence for one in found}) > 80, "sentences are not found any more"

    unknown = {
        f"{one.where}: {one.sentence}"
        for one in found
        if one.sentence and one.sentence not in PUT_TOGETHER and not matches(one.sentence)
    }
    unclear = {
        f"{one.where}: {one.code}" for one in found if one.sentence is None and one.code not in HANDED_ON
    }

    assert not unknown, "add their Dutch to review/source_sentences*.py"
    assert not unclear, "add what they come to to SAMPLES, and the expression to HANDED_ON"


def test_private_and_odd_addresses_have_dutch(settings: Settings) -> None:
    rule = AddressRule(settings.model_copy(update={"allow_private_addresses": False}))
    for refusal in (
        rule.refusal("krant.example", "10.0.0.1", 443),
        rule.refusal("93.184.216.34", "93.184.216.34", 8080),
        rule.refusal("krant.example", "224.0.0.1", 443),
    ):
        assert refusal
        assert say(refusal).known, refusal


@pytest.mark.parametrize(
    ("url", "generator"),
    [
        ("https://m.example/@iemand.rss", ""),
        ("https://p.example/feeds/video-comments.xml", ""),
        ("https://m.example/tags/x.rss", "Mastodon 4.3"),
    ],
)
def test_feeds_of_persons_are_refused_in_dutch(url: str, generator: str) -> None:
    refusal = social.refusal(url, generator)
    assert refusal
    assert say(refusal).known, refusal


def test_articles_without_text_have_dutch() -> None:
    for page in (b"", b"%PDF-1.7", b"<p>", b"<p>" + b"x" * 6_000_000):
        problem = extract(page, "https://krant.example/1").problem
        assert problem
        assert say(
            f"for 1 items the list's own text stands; the first: https://krant.example/1: {problem}"
        ).known


def test_terms_have_dutch(session: Session) -> None:
    def of(day: date | None) -> str:
        terms = Terms(url="https://x.example/", checked=day, basis="b", purpose="p") if day else None
        source = SourceDefinition(
            key="x", title="x", kind=SourceKind.FEED, url="https://x.example/", every_seconds=60, terms=terms
        )
        return terms_problem(source, date(2026, 11, 22)) or ""

    for day in (None, date(2027, 1, 1), date(2020, 1, 1)):
        assert say(of(day)).known
        assert say(f"is not visited: {of(day)}").known
    row = make_visited(session, "koerier", terms_hash="a:1")
    assert note_terms(session, "koerier", "a:2", now())
    assert row.paused
    assert say(row.paused).text.startswith(
        "De voorwaarden op https://koerier.example/voorwaarden zijn veranderd"
    )


def test_a_sentence_within_a_sentence_is_told_in_dutch_too() -> None:
    said = say(
        "3 of its articles could not be had; the first: robots.txt of krant.example could not be read "
        "(it answered 503), so nothing is fetched there this time"
    )

    assert said.text == (
        "3 artikelen waren niet op te halen. Het eerste: De regels van krant.example (robots.txt) zijn "
        "niet te lezen, dus Scout haalde er nu niets op. Reden: het antwoord was 503."
    )


def test_what_is_not_known_stays_as_it_is() -> None:
    for sentence in (
        "an entirely new sentence",
        "3 of its articles could not be had; the first: an entirely new sentence",
        "",
    ):
        said = say(sentence)
        assert (said.text, said.known) == (sentence, False)


@pytest.mark.parametrize("table", TABLES)
def test_the_gaps_of_both_languages_are_the_same(table: Table) -> None:
    for english, dutch in table:
        gaps = set(NAME.findall(english))
        text = str(dutch)
        used = {part.split(")")[0] for part in text.split("%(")[1:]}
        assert used <= gaps, english
        # A sentence within a sentence is never dropped.
        assert gaps & SENTENCES <= used, english


@pytest.mark.parametrize(
    ("sign", "detail", "said"),
    [
        (Sign.MOVED, "https://nieuw.example/feed", "De bron is verhuisd naar https://nieuw.example/feed."),
        (Sign.SILENT, "2026-10-03", "De bron is stil: sinds 3 oktober 2026 kwam er niets nieuws"),
        (Sign.BOUNDS, "0:1:", "Het laatste bezoek gaf 0 berichten; verwacht: 1 of meer."),
        (Sign.BOUNDS, "9::5", "Het laatste bezoek gaf 9 berichten; verwacht: 0 tot 5."),
        (Sign.DOUBLED, "visit:48:20", "Een bezoek geeft 48 berichten, terwijl 20 gewoon is."),
        (Sign.DOUBLED, "day:60:25", "Er komen 60 nieuwe berichten per dag, terwijl 25 gewoon is."),
        (Sign.DOUBLED, "source:bode:18:20", "18 van de 20 berichten zijn dezelfde als die van de bron bode."),
        (Sign.DOUBLED, "something new", "De bron geeft veel meer dan anders."),
        (
            Sign.PARKED,
            "https://te-koop.example/",
            "Het domein lijkt te koop te staan (https://te-koop.example/).",
        ),
        (
            Sign.SUSPENDED,
            "https://x.example/",
            "De site is afgesloten door de hostingfirma (https://x.example/).",
        ),
        (Sign.CONSENT, "https://x.example/", "De site toont een toestemmings- of aanmeldpagina"),
    ],
)
def test_signs_are_told_with_what_to_do(sign: Sign, detail: str, said: str) -> None:
    what, to_do = sign_words(sign, detail)

    assert what.startswith(said)
    assert to_do.endswith(".")


def test_the_day_of_a_sentence_is_read_in_the_language_of_the_visitor(app: Flask) -> None:
    with app.test_request_context(headers={"Cookie": "taal=en"}):
        assert "October" in sign_words(Sign.SILENT, datetime(2026, 10, 3, tzinfo=UTC).date().isoformat())[0]
