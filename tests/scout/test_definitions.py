"""Source files: what they may say, and what is said of their mistakes."""

from datetime import date
from pathlib import Path

import pytest

from models.settings import Settings
from models.source_definition import DefinitionProblem, SourceDefinition, Terms, terms_problem
from models.source_rules import OPTIONS
from models.words import SourceKind
from scout.definitions import load_definitions

TERMS = (
    'terms = { url = "https://koerier.example/voorwaarden", checked = 2026-11-01, '
    'basis = "6(1)(e) AVG", purpose = "initiatieven vinden" }'
)
GOOD = """
[[source]]
key = "de-koerier"
title = "De Koerier"
kind = "feed"
url = "https://koerier.example/rss"
"""


def of_kind(kind: str) -> str:
    """A good definition of another kind; a Mastodon server is named by its root."""
    root = GOOD.replace("/rss", "") if kind == "mastodon" else GOOD
    return root.replace('"feed"', f'"{kind}"')


def write(settings: Settings, name: str, text: str | bytes) -> None:
    path = settings.config / "sources" / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def problems_of(settings: Settings, text: str) -> list[DefinitionProblem]:
    write(settings, "arnhem.toml", text)
    definitions, problems = load_definitions(settings)
    assert definitions == []
    return problems


def test_a_source_with_every_key_is_read_as_written(settings: Settings) -> None:
    write(
        settings,
        "arnhem.toml",
        f"""
        municipality = "Arnhem"
        [[source]]
        key = "wijkkrant-2"
        title = "Wijkkrant"
        kind = "site"
        url = "https://wijkkrant.example/nieuws"
        article = "/nieuws/\\\\d+"
        every = "30m"
        expect = {{ min = 1, max = 20 }}
        full_text = false
        enabled = false
        municipality = "GM0275"
        {TERMS}
        """,
    )

    definitions, problems = load_definitions(settings)

    assert problems == []
    assert definitions == [
        SourceDefinition(
            key="wijkkrant-2",
            title="Wijkkrant",
            kind=SourceKind.SITE,
            url="https://wijkkrant.example/nieuws",
            every_seconds=1800,
            expect_min=1,
            expect_max=20,
            full_text=False,
            enabled=False,
            municipality_code="GM0275",
            terms=Terms(
                url="https://koerier.example/voorwaarden",
                checked=date(2026, 11, 1),
                basis="6(1)(e) AVG",
                purpose="initiatieven vinden",
            ),
            options={"article": "/nieuws/\\d+"},
            defined_in="sources/arnhem.toml",
        )
    ]


def test_what_is_left_out_has_its_default(settings: Settings) -> None:
    write(settings, "arnhem.toml", 'municipality = "arnhem"\n' + GOOD)

    ((source,), problems) = load_definitions(settings)

    assert problems == []
    assert (source.every_seconds, source.full_text, source.enabled) == (3600, True, True)
    assert (source.expect_min, source.expect_max, source.terms, source.options) == (None, None, None, {})
    assert source.municipality_code == "GM0202"


@pytest.mark.parametrize("folder", ["missing", "empty"])
def test_without_source_files_there_is_nothing_to_say(settings: Settings, folder: str) -> None:
    if folder == "missing":
        (settings.config / "sources").rmdir()

    assert load_definitions(settings) == ([], [])


def test_files_are_read_in_the_order_of_their_names(settings: Settings) -> None:
    for name in ("zutphen", "arnhem", "meppel"):
        write(settings, f"{name}.toml", GOOD.replace("de-koerier", name))

    definitions, _ = load_definitions(settings)

    assert [source.key for source in definitions] == ["arnhem", "meppel", "zutphen"]


@pytest.mark.parametrize(
    ("line", "key", "words"),
    [
        pytest.param('key = "De Koerier"', "key", "small letters", id="key with capitals and a space"),
        pytest.param('key = "de--koerier"', "key", "single hyphens", id="key with two hyphens"),
        pytest.param('title = ""', "title", "some text", id="empty title"),
        pytest.param('kind = "feeed"', "kind", "did you mean 'feed'?", id="typo in kind"),
        pytest.param('url = "koerier.example/rss"', "url", "https://", id="url without scheme"),
        pytest.param('url = "ftp://koerier.example/rss"', "url", "https://", id="url of another scheme"),
        pytest.param(
            'url = "https://jan:geheim@koerier.example/"', "url", "password", id="url with password"
        ),
        pytest.param('url = "https://koerier.example:99999/"', "url", "no web address", id="impossible port"),
        pytest.param('every = "hourly"', "every", "30m, 1h or 2d", id="every in words"),
        pytest.param("every = 60", "every", "30m, 1h or 2d", id="every as a number"),
        pytest.param('every = "0h"', "every", "30m, 1h or 2d", id="every of nothing"),
        pytest.param("expect = { min = 9, max = 3 }", "expect", "more than max", id="bounds exchanged"),
        pytest.param('expect = { min = "1" }', "expect.min", "whole number", id="bound as text"),
        pytest.param("expect = { min = -1 }", "expect.min", "0 or more", id="negative bound"),
        pytest.param(
            "expect = { minimum = 1 }", "expect.minimum", "did you mean 'min'?", id="typo in a bound"
        ),
        pytest.param("expect = 5", "expect", "{ min = 1, max = 200 }", id="one bound only"),
        pytest.param('full_text = "yes"', "full_text", "true or false", id="flag as text"),
        pytest.param("enabled = 1", "enabled", "true or false", id="flag as number"),
        pytest.param('municipality = "Arnem"', "municipality", "did you mean 'Arnhem'?", id="typo in name"),
        pytest.param('municipality = "GM9999"', "municipality", "CBS code", id="code that is none"),
        pytest.param("full_txt = true", "full_txt", "did you mean 'full_text'?", id="unknown key"),
        pytest.param('article = "/x"', "article", "not known here", id="key of another kind"),
        pytest.param('terms = "https://x.example"', "terms", "basis", id="terms as text"),
        pytest.param(
            TERMS.replace('basis = "6(1)(e) AVG", ', ""),
            "terms.basis",
            "is missing",
            id="terms without basis",
        ),
        pytest.param(
            TERMS.replace("2026-11-01", '"2026-11-01"'), "terms.checked", "without quotes", id="day in quotes"
        ),
        pytest.param(
            TERMS.replace("2026-11-01", "2026-11-01T10:00:00"),
            "terms.checked",
            "without a time",
            id="day with time",
        ),
        pytest.param(
            TERMS.replace("purpose", "purpos"), "terms.purpos", "did you mean 'purpose'?", id="typo"
        ),
    ],
)
def test_a_mistake_names_file_source_key_and_what_to_do(
    settings: Settings, line: str, key: str, words: str
) -> None:
    name = line.split(" ", maxsplit=1)[0]
    lines = [each for each in GOOD.splitlines() if not each.startswith(f"{name} =")]

    problems = problems_of(settings, "\n".join([*lines, line]))

    (problem,) = [problem for problem in problems if problem.key == key]
    assert problem.file == "sources/arnhem.toml"
    assert problem.source == ("de-koerier" if name != "key" else line.split('"')[1])
    assert words in problem.message
    assert str(problem).startswith(f"sources/arnhem.toml: source {problem.source}: {key}: ")


@pytest.mark.parametrize(
    ("kind", "lines", "key"),
    [
        pytest.param("site", "", "article", id="site without pattern"),
        pytest.param("site", 'article = "/nieuws/(["', "article", id="pattern that is none"),
        pytest.param("sitemap", 'article = "*"', "article", id="pattern of a sitemap that is none"),
        pytest.param("mastodon", "", "hashtag", id="mastodon without either"),
        pytest.param("mastodon", 'hashtag = "a"\naccount = "b"', "hashtag", id="mastodon with both"),
        pytest.param("mastodon", 'hashtag = "twee woorden"', "hashtag", id="hashtag of two words"),
        pytest.param("mastodon", 'account = "jan piet"', "account", id="account of two words"),
        pytest.param("mastodon", 'account = "b@elders.example"', "account", id="account of another server"),
        pytest.param("mastodon", 'timeline = "home"', "timeline", id="a timeline that needs a sign-in"),
        pytest.param("bluesky", "", "actor", id="bluesky without actor"),
        pytest.param("bluesky", 'actor = "koerier.example"', "actor", id="bluesky with a name"),
        pytest.param("youtube", "", "channel", id="youtube without channel"),
        pytest.param("youtube", 'channel = "@omroep"', "channel", id="youtube with a name"),
    ],
)
def test_each_kind_checks_its_own_keys(settings: Settings, kind: str, lines: str, key: str) -> None:
    problems = problems_of(settings, of_kind(kind) + lines)

    assert [problem.key for problem in problems] == [key]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param("sitemap", {"article": "/2026/"}, id="sitemap"),
        pytest.param("wordpress", {}, id="wordpress"),
        pytest.param("mastodon", {"hashtag": "buurtinitiatief"}, id="hashtag"),
        pytest.param("mastodon", {"account": "gemeente"}, id="account"),
        pytest.param("mastodon", {"account": "gemeente@koerier.example"}, id="account with its server"),
        pytest.param("mastodon", {"timeline": "local"}, id="local timeline"),
        pytest.param("bluesky", {"actor": "did:plc:abc123"}, id="bluesky"),
        pytest.param("koop", {"creator": "Zwolle"}, id="koop"),
        pytest.param("council", {}, id="council"),
        pytest.param("youtube", {"channel": "UC" + "x" * 22}, id="youtube"),
        pytest.param("handin", {}, id="handin"),
    ],
)
def test_each_kind_takes_its_own_keys(settings: Settings, kind: str, options: dict[str, str]) -> None:
    lines = "".join(f'{name} = "{value}"\n' for name, value in options.items())
    write(settings, "arnhem.toml", of_kind(kind) + lines)

    ((source,), problems) = load_definitions(settings)

    assert problems == []
    assert (source.kind, source.options) == (kind, options)


def test_an_account_and_the_server_it_is_read_at_must_go_together(settings: Settings) -> None:
    definition = of_kind("mastodon") + 'account = "gemeente@elders.example"\n'
    (elsewhere,) = problems_of(settings, definition)
    (no_root,) = problems_of(settings, definition.replace("koerier.example", "elders.example/@gemeente"))

    assert "an account of elders.example can't be read at koerier.example" in elsewhere.message
    assert "make elders.example the url, with its own terms" in elsewhere.message
    assert no_root.key == "url"
    assert 'write "https://elders.example" and no more' in no_root.message


def test_every_kind_has_a_row_in_the_table_of_options() -> None:
    assert set(OPTIONS) == set(SourceKind)


def test_all_mistakes_of_a_source_are_told_at_once(settings: Settings) -> None:
    problems = problems_of(settings, '[[source]]\nkind = "feed"\nevery = "x"\nurl = "x"\nenabeld = true\n')

    assert {(problem.source, problem.key) for problem in problems} == {
        ("#1", "key"),
        ("#1", "title"),
        ("#1", "every"),
        ("#1", "url"),
        ("#1", "enabeld"),
    }


def test_a_mistake_stops_nothing_but_its_source(settings: Settings) -> None:
    broken = GOOD.replace("de-koerier", "kapot").replace('kind = "feed"', 'kind = "feeed"')
    write(settings, "arnhem.toml", GOOD + broken)
    write(settings, "rheden.toml", GOOD.replace("de-koerier", "rheden"))

    definitions, problems = load_definitions(settings)

    assert [source.key for source in definitions] == ["de-koerier", "rheden"]
    assert [(problem.source, problem.key) for problem in problems] == [("kapot", "kind")]


def test_a_key_used_twice_names_both_files_and_the_first_stands(settings: Settings) -> None:
    write(settings, "arnhem.toml", GOOD)
    write(settings, "rheden.toml", GOOD.replace("https://koerier", "https://andere"))

    ((source,), (problem,)) = load_definitions(settings)

    assert source.url == "https://koerier.example/rss"
    assert (problem.file, problem.source, problem.key) == ("sources/rheden.toml", "de-koerier", "key")
    assert "sources/arnhem.toml" in problem.message
    assert "sources/rheden.toml" in problem.message


def test_a_key_used_twice_in_one_file_is_told_too(settings: Settings) -> None:
    write(settings, "arnhem.toml", GOOD + GOOD)

    ((_,), (problem,)) = load_definitions(settings)

    assert "earlier in this file" in problem.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(b"[[source]]\nkey = 'a'\nurl = \n", "line 3", id="broken TOML"),
        pytest.param(b"# Andr\xe9\n" + GOOD.encode(), "UTF-8 (at line 1)", id="not UTF-8"),
        pytest.param(b"a = " + b"[" * 20_000, "too deep a nesting", id="nested without end"),
    ],
)
def test_a_file_that_cannot_be_read_names_the_line_and_stops_no_other(
    settings: Settings, text: bytes, words: str
) -> None:
    write(settings, "arnhem.toml", text)
    write(settings, "rheden.toml", b"\xef\xbb\xbf" + GOOD.encode())

    ((source,), (problem,)) = load_definitions(settings)

    assert source.defined_in == "sources/rheden.toml"
    assert (problem.file, problem.source) == ("sources/arnhem.toml", "")
    assert words in problem.message


def test_a_folder_that_looks_like_a_file_is_told(settings: Settings) -> None:
    Path(settings.config / "sources" / "map.toml").mkdir()

    definitions, (problem,) = load_definitions(settings)

    assert definitions == []
    assert str(problem).startswith("sources/map.toml: can't be read")


@pytest.mark.parametrize(
    ("head", "key", "words"),
    [
        pytest.param('municipalty = "Arnhem"\n', "municipalty", "did you mean 'municipality'?", id="typo"),
        pytest.param('[[sources]]\nkey = "x"\n', "sources", "did you mean 'source'?", id="plural"),
        pytest.param('[source]\nkey = "x"\n', "source", "[[source]]", id="single brackets"),
    ],
)
def test_mistakes_at_the_top_of_a_file_are_told(settings: Settings, head: str, key: str, words: str) -> None:
    write(settings, "arnhem.toml", head)

    _, (problem,) = load_definitions(settings)

    assert (problem.source, problem.key) == ("", key)
    assert words in problem.message


def test_sources_wait_while_the_municipality_they_lean_on_is_wrong(settings: Settings) -> None:
    own = GOOD.replace("de-koerier", "eigen") + 'municipality = "Rheden"\n'
    write(settings, "arnhem.toml", 'municipality = "Arnem"\n' + GOOD + own)

    definitions, (problem,) = load_definitions(settings)

    assert [source.key for source in definitions] == ["eigen"]
    assert problem.key == "municipality"
    assert "left out" in problem.message


@pytest.mark.parametrize(
    ("checked", "words"),
    [
        pytest.param(date(2026, 11, 21), None, id="today"),
        pytest.param(date(2025, 11, 21), None, id="twelve months ago"),
        pytest.param(date(2025, 11, 20), "over 12 months ago", id="a day more"),
        pytest.param(date(2026, 11, 22), "still to come", id="tomorrow"),
    ],
)
def test_terms_hold_for_twelve_months(checked: date, words: str | None) -> None:
    terms = Terms(url="https://x.example/", checked=checked, basis="b", purpose="p")

    problem = terms_problem(source_with(terms), date(2026, 11, 21))

    assert problem is None if words is None else words in str(problem)


def test_terms_checked_a_year_before_a_leap_day() -> None:
    terms = Terms(url="https://x.example/", checked=date(2027, 2, 28), basis="b", purpose="p")

    assert terms_problem(source_with(terms), date(2028, 2, 29)) is None


def test_without_terms_a_source_is_not_visited() -> None:
    assert "not reviewed" in str(terms_problem(source_with(None), date(2026, 11, 21)))


def source_with(terms: Terms | None) -> SourceDefinition:
    return SourceDefinition(
        key="x", title="X", kind=SourceKind.FEED, url="https://x.example/", every_seconds=1, terms=terms
    )


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1800), ("1h", 3600), ("2d", 172_800)])
def test_the_least_time_between_visits(settings: Settings, text: str, seconds: int) -> None:
    write(settings, "arnhem.toml", GOOD + f'every = "{text}"\n')

    ((source,), _) = load_definitions(settings)

    assert source.every_seconds == seconds
