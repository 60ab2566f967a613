"""Listing pages of sites without a feed."""

from collections.abc import Iterator

import pytest

from scout.drafts import ItemDraft, Page
from scout.extraction import LARGE_LIST, ExtractionPool
from scout.readers import site
from tests.scout.reading import read, source_of

URL = "https://www.wijkkrant.example/nieuws/"
SOURCE = source_of("site", URL, article=r"/nieuws/\d+")


def urls_of(html: str | bytes, content_type: str = "text/html") -> list[str]:
    reading = read(SOURCE, html, content_type)
    assert reading.problem is None
    return [draft.url for draft in reading.drafts]


def test_links_that_match_the_pattern_become_drafts_in_their_order() -> None:
    reading = read(
        SOURCE,
        """
        <nav><a href="/">Home</a> <a href="/contact">Contact</a></nav>
        <a href="12-buurttuin">Buurttuin in de wijk geopend</a>
        <a href="/nieuws/11?utm_source=voorpagina#reacties"><img src="x.jpg"></a>
        """,
        "text/html",
    )

    assert reading.drafts == (
        ItemDraft(
            source="bron",
            external_id="https://www.wijkkrant.example/nieuws/12-buurttuin",
            url="https://www.wijkkrant.example/nieuws/12-buurttuin",
            title="Buurttuin in de wijk geopend",
            text_is_html=False,
        ),
        ItemDraft(
            source="bron",
            external_id="https://www.wijkkrant.example/nieuws/11",
            url="https://www.wijkkrant.example/nieuws/11?utm_source=voorpagina",
            text_is_html=False,
        ),
    )
    assert reading.stop_when_known


@pytest.mark.parametrize(
    ("link", "urls"),
    [
        pytest.param(
            '<a href="/nieuws/1">x</a>', ["https://www.wijkkrant.example/nieuws/1"], id="from the top"
        ),
        pytest.param(
            '<a href="../nieuws/1">x</a>', ["https://www.wijkkrant.example/nieuws/1"], id="with dots"
        ),
        pytest.param(
            '<a href=" /nieuws/\n1 ">x</a>', ["https://www.wijkkrant.example/nieuws/1"], id="with blanks"
        ),
        pytest.param(
            '<base href="/archief/"><a href="nieuws/1">x</a>',
            ["https://www.wijkkrant.example/archief/nieuws/1"],
            id="base of the page",
        ),
        pytest.param(
            '<base href="https://wijkkrant.example/"><a href="nieuws/1">x</a>',
            ["https://wijkkrant.example/nieuws/1"],
            id="whole base",
        ),
        pytest.param(
            '<a href="//m.wijkkrant.example/nieuws/1">x</a>',
            ["https://m.wijkkrant.example/nieuws/1"],
            id="same site",
        ),
        pytest.param(
            "<a href='/nieuws/1'><p>nooit dicht",
            ["https://www.wijkkrant.example/nieuws/1"],
            id="never closed",
        ),
    ],
)
def test_links_become_whole(link: str, urls: list[str]) -> None:
    assert urls_of(link) == urls


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("https://andere.example/nieuws/2", id="another site"),
        pytest.param("/sport/2", id="does not match"),
        pytest.param("javascript:open('/nieuws/2')", id="script"),
        pytest.param("data:text/html,/nieuws/2", id="data"),
        pytest.param("mailto:x@wijkkrant.example?subject=/nieuws/2", id="mail"),
        pytest.param("#/nieuws/2", id="on this page"),
        pytest.param("https://[/nieuws/2", id="broken"),
        pytest.param("/nieuws/" + "2" * 3000, id="endless"),
    ],
)
def test_other_links_are_left_alone(link: str) -> None:
    assert urls_of(f'<a href="{link}">x</a><a href="/nieuws/1">x</a>') == [
        "https://www.wijkkrant.example/nieuws/1"
    ]


def test_a_link_to_the_listing_itself_is_no_article() -> None:
    source = source_of("site", URL, article="/nieuws/")

    reading = read(source, '<a href="/nieuws/">Nieuws</a><a href="/nieuws/1">x</a>')

    assert [draft.url for draft in reading.drafts] == ["https://www.wijkkrant.example/nieuws/1"]


def test_the_pattern_is_searched_in_path_and_query() -> None:
    source = source_of("site", URL, article=r"\?id=\d+$")

    reading = read(source, '<a href="/lees?id=7">x</a><a href="/lees?id=7&x=1">x</a>')

    assert [draft.url for draft in reading.drafts] == ["https://www.wijkkrant.example/lees?id=7"]


@pytest.mark.parametrize(
    ("anchors", "title"),
    [
        pytest.param('<a href="1">Lees meer</a>', "", id="too few words"),
        pytest.param(f'<a href="1">{"veel woorden " * 40}</a>', "", id="a whole teaser"),
        pytest.param(
            f'<a href="1"><h3>Dorpshuis zoekt vrijwilligers</h3>{"veel woorden " * 40}</a>',
            "Dorpshuis zoekt vrijwilligers",
            id="heading in a teaser",
        ),
        pytest.param(
            '<a href="1">Lees meer</a><a href="1#top">Dorpshuis zoekt vrijwilligers</a>',
            "Dorpshuis zoekt vrijwilligers",
            id="the best of two links",
        ),
        pytest.param(
            '<a href="1" title="Dorpshuis zoekt vrijwilligers"><img></a>',
            "Dorpshuis zoekt vrijwilligers",
            id="title",
        ),
    ],
)
def test_the_words_of_a_link_are_a_first_title_when_they_can_be_one(anchors: str, title: str) -> None:
    (draft,) = read(SOURCE, anchors).drafts

    assert draft.title == title


@pytest.mark.parametrize(
    ("mark_up", "more"),
    [
        pytest.param('<a rel="next" href="?p=2">Ouder</a>', (URL + "?p=2",), id="link"),
        pytest.param(
            '<link rel="prefetch NEXT" href="/nieuws/p2">',
            ("https://www.wijkkrant.example/nieuws/p2",),
            id="head",
        ),
        pytest.param('<a rel="next" href="https://andere.example/">Ouder</a>', (), id="another site"),
        pytest.param('<a rel="next" href="#">Ouder</a>', (), id="nowhere"),
        pytest.param('<a rel="next" href="/nieuws/">Ouder</a>', (), id="this page"),
        pytest.param('<a rel="prev" href="?p=2">Ouder</a>', (), id="the other way"),
    ],
)
def test_the_next_listing_page(mark_up: str, more: tuple[str, ...]) -> None:
    assert read(SOURCE, mark_up + '<a href="1">x</a>').more == more


def test_when_no_link_matches_the_problem_names_the_pattern() -> None:
    reading = read(SOURCE, '<a href="/">Home</a><a href="/bericht/1">x</a>')

    assert reading.drafts == ()
    assert reading.problem == (
        r"none of the 2 links on the listing page matches article = '/nieuws/\\d+': correct the pattern, "
        "or the url if the page moved"
    )


@pytest.mark.parametrize(
    "body",
    [pytest.param(b"", id="empty"), pytest.param(b"Storing", id="words"), pytest.param(b"{}", id="JSON")],
)
def test_what_is_no_page_says_so(body: bytes) -> None:
    assert read(SOURCE, body).problem == "the listing page is empty or no web page"


def test_a_page_in_a_wrong_encoding_is_read() -> None:
    html = '<meta charset="utf-8"><a href="/nieuws/1">Café de Buurman is weer geopend</a>'.encode("latin-1")

    (draft,) = read(SOURCE, html, "text/html; charset=utf-8").drafts

    assert draft.title == "Café de Buurman is weer geopend"


def test_a_page_with_too_many_links_says_so() -> None:
    html = "".join(f'<a href="/nieuws/{number}">x</a>' for number in range(site.MOST_LINKS + 1))

    reading = read(SOURCE, html)

    assert len(reading.drafts) == site.MOST_LINKS
    assert reading.warnings == ("the page has more than 5000 links: only the first were looked at",)


def test_a_source_that_says_all_is_in_the_list_gives_complete_drafts() -> None:
    source = source_of("site", URL, full_text=False, article="1")

    assert read(source, '<a href="1">x</a>').drafts[0].complete


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractionPool]:
    pool = ExtractionPool(workers=1, seconds=120)
    yield pool
    pool.close()


@pytest.mark.parametrize(
    "piece", ["<div>", "<a href='/nieuws/1'>", "<a href='/nieuws/1'><h3>woord ", "<", "<!--"]
)
def test_the_largest_listing_that_is_read_in_the_crawler_itself_ends(
    pool: ExtractionPool, piece: str
) -> None:
    body = (piece * (LARGE_LIST // len(piece))).encode()

    # In a process that would be killed: not done in two minutes raises here.
    reading = pool.run(
        site.read, SOURCE, Page(asked=URL, url=URL, status=200, headers={}, body=body)
    ).result()

    assert len(reading.drafts) <= 1
