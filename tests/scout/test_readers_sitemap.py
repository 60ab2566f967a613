"""Sitemaps."""

import gzip
import zlib

import pytest

from scout.drafts import ItemDraft, Page
from scout.extraction import ExtractionPool, belongs_in_pool
from scout.readers import sitemap
from tests.scout.reading import read, source_of

URL = "https://koerier.example/sitemap.xml"
SOURCE = source_of("sitemap", URL)
NAMES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*entries: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {NAMES}>{"".join(entries)}</urlset>'


def entry(path: str, changed: str = "") -> str:
    return f"<url><loc>https://koerier.example{path}</loc><lastmod>{changed}</lastmod></url>"


def index(*children: tuple[str, str]) -> str:
    rows = "".join(
        f"<sitemap><loc>{address}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</sitemap>"
        for address, changed in children
    )
    return f"<sitemapindex {NAMES}>{rows}</sitemapindex>"


def test_a_sitemap_of_news() -> None:
    reading = read(
        SOURCE,
        f"""<urlset {NAMES} xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
                    xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
        <url><loc> https://koerier.example/1?a=1&amp;b=2 </loc><lastmod>2026-03-04</lastmod>
          <image:image><image:loc>https://koerier.example/foto.jpg</image:loc></image:image>
          <n:news><n:publication><n:name>De Koerier</n:name><n:language>nl</n:language></n:publication>
            <n:publication_date>2026-03-03T10:00:00+01:00</n:publication_date>
            <n:title>Soep &amp; brood</n:title></n:news></url></urlset>""",
    )

    assert reading.drafts == (
        ItemDraft(
            source="bron",
            external_id="https://koerier.example/1?a=1&b=2",
            url="https://koerier.example/1?a=1&b=2",
            title="Soep & brood",
            text_is_html=False,
            published="2026-03-03T10:00:00+01:00",
            updated="2026-03-04",
            language="nl",
        ),
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(urlset(entry("/1", "2026-03-04")), id="with namespace"),
        pytest.param(urlset(entry("/1", "2026-03-04")).replace(NAMES, ""), id="without namespace"),
        pytest.param(
            gzip.compress(urlset(entry("/1", "2026-03-04")).encode()), id="gzip, whatever it is called"
        ),
        pytest.param(
            gzip.compress(f"<urlset {NAMES}>".encode())
            + gzip.compress((entry("/1", "2026-03-04") + "</urlset>").encode()),
            id="gzip in two pieces",
        ),
        pytest.param(
            b"\xef\xbb\xbf\n" + urlset(entry("/1", "2026-03-04")).encode(), id="mark and blanks before"
        ),
    ],
)
def test_ways_to_send_the_same_sitemap(body: str | bytes) -> None:
    (draft,) = read(SOURCE, body).drafts

    assert (draft.url, draft.title, draft.published, draft.updated) == (
        "https://koerier.example/1",
        "",
        "",
        "2026-03-04",
    )


def test_a_packed_sitemap_belongs_in_a_process_that_can_be_killed() -> None:
    page = Page(asked=URL, url=URL, status=200, headers={}, body=gzip.compress(b"<urlset/>"))

    assert belongs_in_pool(page)


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        pytest.param(
            "https://koerier.example/1\r\n\nhttps://koerier.example/2\n", ["/1", "/2"], id="one a line"
        ),
        pytest.param("https://koerier.example/1\nhttps://koerier.example/1\n", ["/1"], id="twice the same"),
    ],
)
def test_a_plain_text_sitemap(body: str, urls: list[str]) -> None:
    reading = read(SOURCE, body, "text/plain")

    assert [draft.url for draft in reading.drafts] == [f"https://koerier.example{url}" for url in urls]


def test_a_robots_txt_leads_to_its_sitemaps_and_their_children() -> None:
    source = source_of("sitemap", "https://koerier.example/robots.txt")

    reading = read(
        source, "User-agent: *\nDisallow: /x\nSitemap: https://koerier.example/index.xml\n", "text/plain"
    )

    assert reading.more == ("https://koerier.example/index.xml",)
    child = ("https://koerier.example/1.xml", "")
    assert read(source, index(child), asked=reading.more[0]).more == ("https://koerier.example/1.xml",)


def test_the_children_of_an_index_come_newest_first() -> None:
    reading = read(
        SOURCE,
        index(
            ("https://koerier.example/zonder.xml", ""),
            ("https://koerier.example/oud.xml", "2019-01-01"),
            ("/nieuw.xml", "2026-11-20T10:00:00Z"),
        ),
    )

    assert reading.more == (
        "https://koerier.example/nieuw.xml",
        "https://koerier.example/oud.xml",
        "https://koerier.example/zonder.xml",
    )
    assert (reading.drafts, reading.stop_when_known) == ((), False)


def test_an_index_names_at_most_fifty_children() -> None:
    children = [
        (f"https://koerier.example/{number}.xml", f"2026-01-{number % 28 + 1:02}") for number in range(60)
    ]

    reading = read(SOURCE, index(*children))

    assert len(reading.more) == sitemap.MOST_CHILDREN == 50
    assert reading.warnings == ("the index names 60 sitemaps: the 50 newest are read",)


def test_children_on_another_site_or_named_twice_are_left_out() -> None:
    reading = read(
        SOURCE,
        index(
            ("https://koerier.example/1.xml", ""),
            ("https://koerier.example/1.xml", ""),
            ("https://x.example/", ""),
        ),
    )

    assert reading.more == ("https://koerier.example/1.xml",)
    assert "left out" in reading.warnings[0]


def test_an_index_inside_an_index_is_not_followed() -> None:
    reading = read(
        SOURCE, index(("https://koerier.example/2.xml", "")), asked="https://koerier.example/1.xml"
    )

    assert reading.more == ()
    assert "not followed" in reading.warnings[0]


# -- the pattern -------------------------------------------------------------------------------


def test_a_pattern_keeps_only_the_addresses_that_match() -> None:
    source = source_of("sitemap", URL, article="^/nieuws/")

    reading = read(source, urlset(entry("/contact"), entry("/nieuws/1")))

    assert [draft.url for draft in reading.drafts] == ["https://koerier.example/nieuws/1"]


def test_a_pattern_that_nothing_matches_is_a_problem_but_not_in_a_child() -> None:
    source = source_of("sitemap", URL, article="^/nieuws/")
    body = urlset(entry("/contact"))

    assert "none of the 1 addresses in the sitemap matches article = '^/nieuws/'" in str(
        read(source, body).problem
    )
    assert read(source, body, asked="https://koerier.example/pages.xml").problem is None


# -- large, broken, hostile ------------------------------------------------------------------------


def test_of_a_sitemap_of_the_whole_past_the_newest_are_read() -> None:
    entries = [entry(f"/{number}", f"{2000 + number // 100}-01-01") for number in range(1500)]

    reading = read(SOURCE, urlset(*entries))

    assert len(reading.drafts) == sitemap.MOST_DRAFTS == 1000
    assert reading.drafts[0].updated == "2014-01-01"
    assert min(draft.updated for draft in reading.drafts) == "2005-01-01"
    assert reading.warnings == ("the sitemap has 1500 addresses: the 1000 newest were read",)


def test_entries_without_an_address_are_handed_on_to_be_counted() -> None:
    reading = read(SOURCE, urlset("<url/>", "<url><loc>mailto:x</loc></url>", entry("/1")))

    assert [draft.url for draft in reading.drafts] == ["", "", "https://koerier.example/1"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(urlset(entry("/1"), entry("/2"))[:-30], id="breaks off"),
        pytest.param(gzip.compress(urlset(entry("/1"), entry("/2")).encode())[:-20], id="packed, breaks off"),
        pytest.param(urlset(entry("/1"), "<url><loc>x</lok></url>"), id="wrong tag"),
    ],
)
def test_a_broken_sitemap_is_read_as_far_as_possible(body: str | bytes) -> None:
    reading = read(SOURCE, body)

    assert reading.problem is None
    assert reading.drafts[0].url == "https://koerier.example/1"
    assert reading.warnings == ("the sitemap is not well-formed XML: it was read as far as possible",)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param("", "neither urlset, sitemapindex nor a list of addresses", id="nothing"),
        pytest.param("Pagina niet gevonden", "neither urlset", id="words"),
        pytest.param("<html><body>404</body></html>", "not a sitemap but a web page", id="web page"),
        pytest.param('<rss version="2.0"><channel/></rss>', 'use kind = "feed"', id="feed"),
        pytest.param(b"\x1f\x8bkapot", "compressed, but broken", id="broken gzip"),
        pytest.param(gzip.compress(b" " * 60_000_000), "larger than 50 MB after decompression", id="bomb"),
    ],
)
def test_what_is_no_sitemap_says_so(body: str | bytes, problem: str) -> None:
    reading = read(SOURCE, body)

    assert (reading.drafts, reading.more) == ((), ())
    assert problem in str(reading.problem)


def test_a_packed_bomb_is_stopped_before_it_fills_the_memory() -> None:
    packer = zlib.compressobj(1, wbits=31)
    bomb = b"".join(packer.compress(b" " * 50_000_000) for _ in range(14)) + packer.flush()
    pool = ExtractionPool(workers=1, seconds=120)

    # A worker has 600 MB, the bomb would need 700.
    reading = pool.read(SOURCE, Page(asked=URL, url=URL, status=200, headers={}, body=bomb)).result()

    pool.close()
    assert reading.problem == "the sitemap is larger than 50 MB after decompression"


def test_an_entity_bomb_does_not_go_off() -> None:
    entities = '<!ENTITY a0 "boem">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))

    reading = read(SOURCE, f"<!DOCTYPE urlset [{entities}]>" + urlset(entry("/&a11;"))[38:])

    assert all("boem" not in draft.url for draft in reading.drafts)


def test_nested_elements_end() -> None:
    reading = read(SOURCE, urlset("<url><loc>" * 100_000))

    assert reading.drafts == ()
