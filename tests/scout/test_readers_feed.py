"""Feeds as they are, and as they should not be."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import feedparser
import pytest

from models import markup
from scout.drafts import ItemDraft, Page
from scout.extraction import LARGE_LIST, ExtractionPool, belongs_in_pool
from scout.readers import feed
from scout.steps.choose import choose
from scout.steps.dates import parse
from tests.scout.reading import read, source_of

URL = "https://koerier.example/nieuws/rss"
SOURCE = source_of("feed", URL)
ATOM = "http://www.w3.org/2005/Atom"
NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
RSS = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">'
    "<channel><title>De Koerier</title><language>nl-NL</language>{}</channel></rss>"
)
ITEM = "<item><title>Soep</title><link>https://koerier.example/1</link></item>"


def drafts_of(body: str | bytes, content_type: str = "application/rss+xml") -> tuple[ItemDraft, ...]:
    reading = read(SOURCE, body, content_type)
    assert reading.problem is None
    return reading.drafts


def test_an_rss_2_entry_with_all_there_is() -> None:
    (draft,) = drafts_of(
        RSS.format(
            "<item><title>Soep &amp; brood</title><link>https://koerier.example/1?utm_source=rss</link>"
            '<guid isPermaLink="false">nr-1</guid><pubDate>Tue, 03 Mar 2026 14:05:00 CET</pubDate>'
            "<description>kort</description>"
            "<content:encoded><![CDATA[<p>Het hele verhaal</p>]]></content:encoded></item>"
        )
    )

    assert draft == ItemDraft(
        source="bron",
        external_id="nr-1",
        url="https://koerier.example/1?utm_source=rss",
        title="Soep & brood",
        text="<p>Het hele verhaal</p>",
        text_is_html=True,
        published="Tue, 03 Mar 2026 14:05:00 CET",
        language="nl-NL",
    )


def test_an_rss_0_91_entry() -> None:
    (draft,) = drafts_of(
        '<rss version="0.91"><channel><item><title>Soep</title><link>https://koerier.example/1</link>'
        "<description>Elke &lt;b&gt;week&lt;/b&gt;</description></item></channel></rss>"
    )

    assert (draft.url, draft.external_id, draft.text) == (
        "https://koerier.example/1",
        "https://koerier.example/1",
        "Elke <b>week</b>",
    )


def test_an_rss_1_entry() -> None:
    (draft,) = drafts_of(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="urn:1"><title>Soep</title>'
        "<link>https://koerier.example/1</link><dc:date>2026-03-03</dc:date></item></rdf:RDF>"
    )

    assert (draft.external_id, draft.url, draft.published) == (
        "urn:1",
        "https://koerier.example/1",
        "2026-03-03",
    )


def test_an_atom_entry_with_bases_and_xhtml() -> None:
    (draft,) = drafts_of(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="nl" xml:base="https://koerier.example/blog/">'
        '<entry xml:base="2026/" xml:lang="fy"><id>tag:koerier.example,2026:1</id>'
        '<title type="html">&lt;b&gt;Sop&lt;/b&gt;</title>'
        '<link rel="enclosure" href="foto.jpg"/><link rel="alternate" href="sop"/>'
        "<published>2026-03-03T10:00:00+01:00</published><updated>2026-03-04T10:00:00+01:00</updated>"
        '<summary>koart</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>It hiele '
        "ferhaal</p></div></content></entry></feed>",
        "application/atom+xml",
    )

    assert draft == ItemDraft(
        source="bron",
        external_id="tag:koerier.example,2026:1",
        url="https://koerier.example/blog/2026/sop",
        title="<b>Sop</b>",
        text="<p>It hiele ferhaal</p>",
        published="2026-03-03T10:00:00+01:00",
        updated="2026-03-04T10:00:00+01:00",
        language="fy",
    )


def test_links_relative_to_the_feed_become_whole() -> None:
    (draft,) = drafts_of(RSS.format("<item><guid>1</guid><link>../artikel?id=1&amp;x=2</link></item>"))

    assert draft.url == "https://koerier.example/artikel?id=1&x=2"


def test_plain_text_of_an_atom_entry_is_not_html() -> None:
    (draft,) = drafts_of(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="https://koerier.example/1"/>'
        '<content type="text">3 &lt; 4</content></entry></feed>'
    )

    assert (draft.text, draft.text_is_html) == ("3 < 4", False)


def test_the_link_behind_a_counting_service_is_taken() -> None:
    (draft,) = drafts_of(
        RSS.replace(
            "xmlns:dc", 'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:dc'
        ).format(
            "<item><link>https://teller.example/~1</link>"
            "<feedburner:origLink>https://koerier.example/1</feedburner:origLink></item>"
        )
    )

    assert draft.url == "https://koerier.example/1"


JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "language": "nl",
    "items": [
        {
            "id": 7,
            "url": "/1",
            "title": "Soep",
            "content_html": "<p>Elke week</p>",
            "content_text": "Elke week",
            "date_published": "2026-03-03T10:00:00+01:00",
            "date_modified": "2026-03-04T10:00:00+01:00",
        },
        {"id": "https://koerier.example/2", "content_text": "3 < 4"},
        {"id": "x"},
    ],
}


def test_a_json_feed() -> None:
    first, second, third = drafts_of(json.dumps(JSON_FEED), "application/feed+json")

    assert first == ItemDraft(
        source="bron",
        external_id="7",
        url="https://koerier.example/1",
        title="Soep",
        text="<p>Elke week</p>",
        published="2026-03-03T10:00:00+01:00",
        updated="2026-03-04T10:00:00+01:00",
        language="nl",
    )
    assert (second.url, second.text, second.text_is_html) == ("https://koerier.example/2", "3 < 4", False)
    assert (third.external_id, third.url) == ("x", "")


# -- paging ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(RSS.format('<atom:link rel="next" href="?p=2"/>'), id="RSS"),
        pytest.param(
            '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="rss?p=2"/></feed>', id="Atom"
        ),
        pytest.param(
            '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="prev-archive" href="rss?p=2"/></feed>',
            id="archive",
        ),
        pytest.param(json.dumps({**JSON_FEED, "next_url": URL + "?p=2"}), id="JSON Feed"),
    ],
)
def test_the_next_page_is_followed_until_nothing_is_new(body: str) -> None:
    reading = read(SOURCE, body)

    assert (reading.more, reading.stop_when_known) == ((URL + "?p=2",), True)


@pytest.mark.parametrize(
    "link", [pytest.param("https://andere.example/rss", id="another site"), pytest.param(URL, id="itself")]
)
def test_a_next_page_that_leads_elsewhere_or_nowhere_is_not_followed(link: str) -> None:
    assert read(SOURCE, RSS.format(f'<atom:link rel="next" href="{link}"/>')).more == ()
    assert read(SOURCE, json.dumps({**JSON_FEED, "next_url": link})).more == ()


# -- entries that lack something -------------------------------------------------------------------


def test_entries_without_link_title_or_date_are_all_handed_on() -> None:
    drafts = drafts_of(
        RSS.format(
            "<item><title>Zonder link</title></item>"
            "<item><guid>abc</guid><title>Alleen een nummer</title></item>"
            "<item><guid>https://koerier.example/2</guid></item>"
            '<item><guid isPermaLink="false">https://koerier.example/3</guid></item>'
            "<item><link>mailto:redactie@koerier.example</link></item>"
            "<item/>"
        )
    )

    assert [(draft.external_id, draft.url) for draft in drafts] == [
        ("Zonder link", ""),
        ("abc", ""),
        ("https://koerier.example/2", "https://koerier.example/2"),
        ("https://koerier.example/3", ""),
        ("", ""),
        ("", ""),
    ]
    assert {draft.published for draft in drafts} == {""}


def test_repeated_ids_are_all_handed_on_to_be_counted() -> None:
    drafts = drafts_of(RSS.format(ITEM.replace("<title>", "<guid>1</guid><title>") * 3))

    assert [draft.external_id for draft in drafts] == ["1", "1", "1"]


def test_a_feed_without_entries_is_a_feed() -> None:
    assert drafts_of(RSS.format("")) == ()


def test_a_source_that_says_all_is_in_the_feed_gives_complete_drafts() -> None:
    source = source_of("feed", URL, full_text=False)

    (draft,) = read(source, RSS.format(ITEM)).drafts

    assert draft.complete


# -- dates: the words, never feedparser's reading of them --------------------------------------------


@pytest.mark.parametrize(
    ("words", "day"),
    [
        pytest.param("12-05-2026", "2026-05-12", id="day first"),
        pytest.param("2026/5/12", "2026-05-12", id="slashes"),
        pytest.param("12 mei 2026", "2026-05-12", id="Dutch month"),
        pytest.param("Tue, 12 May 2026 00:30:00 CEST", "2026-05-12", id="CEST"),
        pytest.param("1778574600", "2026-05-12", id="seconds since 1970"),
    ],
)
def test_a_date_goes_through_in_its_own_words(words: str, day: str) -> None:
    body = RSS.format(f"<item><guid>1</guid><pubDate>{words}</pubDate></item>")
    (draft,) = drafts_of(body)
    found = parse(draft.published, now=NOW).at

    assert draft.published == words
    assert found is not None
    assert found.astimezone(ZoneInfo("Europe/Amsterdam")).date().isoformat() == day


# -- encodings ---------------------------------------------------------------------------------------

CAFE = RSS.format("<item><title>Café ’t Hoekje</title><link>https://koerier.example/1</link></item>")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(CAFE.encode(), "text/xml", id="no charset in the header"),
        pytest.param(CAFE.encode(), "text/xml; charset=iso-8859-1", id="header claims Latin-1, is UTF-8"),
        pytest.param(CAFE.encode("cp1252"), "text/xml; charset=utf-8", id="both claim UTF-8, is Windows"),
        pytest.param(
            CAFE.replace("utf-8", "iso-8859-1").encode(), "application/xml", id="XML claims Latin-1, is UTF-8"
        ),
        pytest.param(CAFE.replace("utf-8", "windows-1252").encode("cp1252"), "", id="a true claim"),
        pytest.param(CAFE.replace("utf-8", "koekje").encode("cp1252"), "", id="a claim that is nothing"),
        pytest.param(CAFE.replace("utf-8", "utf-16").encode("utf-16"), "", id="UTF-16"),
        pytest.param(CAFE.replace("utf-8", "utf-16").encode(), "", id="XML claims UTF-16, is UTF-8"),
        pytest.param(b"\xef\xbb\xbf\n\n" + CAFE.encode(), "", id="mark and blank lines before"),
    ],
)
def test_the_encoding_is_what_it_is_and_not_what_it_claims(body: bytes, content_type: str) -> None:
    (draft,) = drafts_of(body, content_type)

    assert draft.title == "Café ’t Hoekje"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("Caf&eacute; &euro; 5", "Café € 5", id="entities of HTML"),
        pytest.param("Soep & brood", "Soep & brood", id="bare ampersand"),
        pytest.param("Soep\x08 & brood\x0b", "Soep & brood", id="characters that XML forbids"),
    ],
)
def test_slips_in_the_xml_cost_no_entry_and_no_word(title: str, expected: str) -> None:
    reading = read(SOURCE, RSS.format(ITEM.replace("Soep", title) + ITEM))

    assert reading.warnings == ()
    assert [choose(draft, None, now=NOW).title for draft in reading.drafts] == [expected, "Soep"]


# -- what is no feed, or not a whole one ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param("", "the answer is empty", id="nothing"),
        pytest.param("  \n", "the answer is empty", id="blanks"),
        pytest.param("hallo", "neither RSS, Atom nor JSON Feed", id="a word"),
        pytest.param("<opml version='2.0'><body/></opml>", "not a feed", id="other XML"),
        pytest.param("<html><body>Storing</body></html>", "a web page: look for the address", id="web page"),
        pytest.param(
            "<html><head><link rel='alternate' type='application/rss+xml' href='/rss.xml'></head>",
            "names https://koerier.example/rss.xml as its feed",
            id="web page that names its feed",
        ),
        pytest.param('{"error": "x"}', "JSON, but no JSON Feed", id="other JSON"),
        pytest.param('{"version": "https://jsonfeed.org/version/1"', "broken JSON", id="broken JSON"),
        pytest.param(
            '{"version": "https://jsonfeed.org/version/1", "items": 3}', "no list of items", id="no items"
        ),
        pytest.param('{"a":' + "[" * 100_000, "broken JSON", id="nested JSON"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", "not a feed", id="picture"),
    ],
)
def test_what_is_no_feed_says_so(body: str | bytes, problem: str) -> None:
    reading = read(SOURCE, body)

    assert reading.drafts == ()
    assert problem in str(reading.problem)
    assert "not a feed" in str(reading.problem)


@pytest.mark.parametrize(
    ("end", "complete"),
    [
        pytest.param("ple/2</link></item>", 1, id="in a link"),
        pytest.param("</item></channel></rss>", 1, id="before the end of an entry"),
        pytest.param("</channel></rss>", 2, id="after an entry"),
        pytest.param("nnel></rss>", 2, id="in the last tags"),
    ],
)
def test_a_truncated_feed_gives_its_complete_entries_and_a_warning(end: str, complete: int) -> None:
    whole = RSS.format(ITEM + ITEM.replace("/1", "/2"))

    reading = read(SOURCE, whole[: whole.rindex(end)])

    assert len(reading.drafts) == complete
    assert {draft.url for draft in reading.drafts} <= {
        "https://koerier.example/1",
        "https://koerier.example/2",
    }
    assert reading.problem is None
    assert reading.warnings == ("the feed breaks off: only its complete entries were read",)


def test_a_feed_truncated_in_its_first_entry_gives_none() -> None:
    reading = read(SOURCE, RSS.format(ITEM)[:-40])

    assert (reading.drafts, reading.problem) == ((), None)
    assert reading.warnings


def test_an_atom_feed_that_breaks_off_in_a_cdata_section() -> None:
    reading = read(
        SOURCE,
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><link href="/1"/></entry>'
        "<entry><id>2</id><content><![CDATA[half",
    )

    assert [draft.url for draft in reading.drafts] == ["https://koerier.example/1"]


# -- hostile -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["path", "address"])
def test_a_body_that_is_a_path_or_an_address_is_neither_opened_nor_fetched(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "geheim.xml"
    secret.write_text(RSS.format(ITEM))
    fetched: list[str] = []
    monkeypatch.setattr("feedparser.http.get", lambda url, *rest: fetched.append(url) or b"")
    # The trap itself is real: given the text, feedparser does open the file.
    assert feedparser.parse(str(secret)).entries

    reading = read(SOURCE, str(secret) if kind == "path" else "https://koerier.example/geheim")

    assert (reading.drafts, fetched) == ((), [])
    assert "not a feed" in str(reading.problem)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "boem">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + ']><rss version="2.0"><channel><item><title>&a11;</title><link>https://koerier.example/1</link></item>'
    "</channel></rss>"
)


def test_an_entity_bomb_does_not_go_off() -> None:
    (draft,) = drafts_of(BOMB)

    assert "boem" not in draft.title
    assert len(draft.title) < 100


def test_no_declaration_reaches_a_parser() -> None:
    assert markup.text_of(BOMB.encode(), {}).startswith("<rss")


def test_entities_from_files_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "geheim"
    secret.write_text("wachtwoord")
    body = (
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]><rss version="2.0"><channel>'
        + ITEM.replace("Soep", "&x;")
        + "</channel></rss>"
    )

    (draft,) = drafts_of(body)

    assert "wachtwoord" not in draft.title


def test_a_comment_before_the_declarations_does_not_save_them() -> None:
    body = BOMB.replace("<!DOCTYPE", "<!-- x --><?xml-stylesheet href='x'?>\n<!DOCTYPE")

    assert markup.text_of(body.encode(), {}).startswith("<rss")


@pytest.mark.parametrize("reference", ["&#0;", "&#xD800;", "&#x110000;", "&#99999999999;", "&#xD80&#0;0;"])
def test_references_to_characters_that_do_not_exist_break_nothing(reference: str) -> None:
    body = RSS.format(ITEM.replace("Soep", f"Soep{reference}") + ITEM)

    assert [draft.url for draft in drafts_of(body)] == ["https://koerier.example/1"] * 2


def test_what_feedparser_itself_trips_over_is_a_problem() -> None:
    crossed = ITEM.replace("https", "</item>https").replace("</item></channel>", "</channel>")

    reading = read(SOURCE, f"<rss version='2.0'><channel>{crossed}</channel></rss>")

    assert reading.problem == "the feed is so broken that it can't be read (KeyError)"


def test_a_feed_of_100_000_nested_elements_is_refused() -> None:
    reading = read(SOURCE, '<rss version="2.0"><channel>' + "<x>" * 100_000)

    assert "nested deeper than 200 levels" in str(reading.problem)


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractionPool]:
    pool = ExtractionPool(workers=1, seconds=120)
    yield pool
    pool.close()


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "<x>",
            "<a ",
            '<a b="',
            "<b><i>",
            "<",
            "<?",
            "<?xml ",
            "<!",
            "<!--",
            "<![CDATA[",
            "]]>",
            "<!DOCTYPE x [",
        ),
        *(
            "&",
            "&#",
            "&#38;",
            "&nbsp;",
            "<item>",
            "</item>",
            "<item><title>",
            "<link ",
            "<content:encoded><p>",
        ),
    ],
)
@pytest.mark.parametrize("start", ["", "<rss version='2.0'><channel><y></z>"])
def test_the_largest_feed_that_is_read_in_the_crawler_itself_ends(
    pool: ExtractionPool, start: str, piece: str
) -> None:
    body = (start + piece * (LARGE_LIST // len(piece)))[:LARGE_LIST].encode()
    page = Page(asked=URL, url=URL, status=200, headers={}, body=body)
    assert not belongs_in_pool(page)

    # In a process that would be killed: not done in two minutes raises here.
    reading = pool.run(feed.read, SOURCE, page).result()

    assert reading.problem or reading.warnings


def test_a_huge_feed_is_read_in_a_process_that_can_be_killed(pool: ExtractionPool) -> None:
    body = RSS.format(ITEM * 5_000).encode()
    page = Page(asked=URL, url=URL, status=200, headers={}, body=body)
    assert belongs_in_pool(page)

    assert len(pool.read(SOURCE, page).result().drafts) == 5_000
