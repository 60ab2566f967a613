"""Articles on web pages."""

import pytest

from scout.steps.article import LARGEST_PAGE, Article, extract

URL = "https://www.koerier.example/nieuws/12"
BODY = (
    "<p>Bewoners van de Molenbeke openden zaterdag hun buurttuin.</p>"
    "<p>Wie wil helpen, kan elke zaterdag langskomen.</p>"
)
TEXT = (
    "Bewoners van de Molenbeke openden zaterdag hun buurttuin.\nWie wil helpen, kan elke zaterdag langskomen."
)


def page(head: str = "", body: str = f"<article>{BODY}</article>", attributes: str = "") -> bytes:
    return f"<!doctype html><html {attributes}><head>{head}</head><body>{body}</body></html>".encode()


def test_the_article_is_found_between_menus_and_advertisements() -> None:
    html = page(
        "<title>Buurttuin geopend - De Koerier</title>",
        f"""
        <header><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav></header>
        <main><article><h1>Buurttuin geopend</h1>{BODY}</article></main>
        <aside><h2>Meest gelezen</h2><ul><li><a href="/9">Weer regen</a></li></ul></aside>
        <footer>Colofon, privacy en cookies</footer>
        <script>var advertentie = "koop nu"</script>
        """,
    )

    article = extract(html, URL)

    assert article == Article(title="Buurttuin geopend", text=TEXT)


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(page(body=f"<div>{BODY}"), id="never closed"),
        pytest.param(page(body=f"<main><div class='entry-content'>{BODY}</div></main>"), id="blog"),
        pytest.param(page(body=f"<table><tr><td>{BODY}</td></tr></table>"), id="table for looks"),
        pytest.param(b"\x00" + page(), id="null bytes"),
        pytest.param(b'<?xml version="1.0" encoding="utf-8"?>' + page(), id="XHTML"),
        pytest.param(BODY.encode(), id="bare paragraphs"),
    ],
)
def test_odd_pages_give_their_article(html: bytes) -> None:
    article = extract(html, URL)

    assert article.text.split() == TEXT.split()
    assert article.problem is None


def test_a_table_gives_its_cells_as_text() -> None:
    rows = "<tr><th>Dag</th><th>Wat</th></tr><tr><td>Zaterdag</td><td>Soep eten in de buurttuin</td></tr>"

    article = extract(page(body=f"<article>{BODY}<table>{rows}</table></article>"), URL)

    assert "Zaterdag Soep eten in de buurttuin" in article.text
    assert "|" not in article.text


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        pytest.param(
            '<meta property="og:title" content="Soep &amp; brood">', "", "Soep & brood", id="og:title"
        ),
        pytest.param("<title>Alles over soep</title>", "<h1>Soep</h1>", "Soep", id="the one heading"),
        pytest.param(
            "<title>Soep | De Koerier</title>", "<h1>a</h1><h1>b</h1>", "Soep", id="suffix after the host"
        ),
        pytest.param(
            '<title>Soep - Ons Dorp</title><meta property="og:site_name" content="Ons Dorp">',
            "",
            "Soep",
            id="suffix after the site's name",
        ),
        pytest.param(
            "<title>De Koerier: Soep</title>", "", "De Koerier: Soep", id="a colon is part of a title"
        ),
        pytest.param("<title>Koerier » Soep</title>", "", "Soep", id="site before the title"),
        pytest.param("<title>Soep - een feest</title>", "", "Soep - een feest", id="a dash of its own"),
        pytest.param(
            '<script type="application/ld+json">[{"@type": "Article", "headline": "Soep"}]</script>',
            "",
            "Soep",
            id="structured data",
        ),
        pytest.param("", "", "", id="none"),
    ],
)
def test_the_title(head: str, body: str, title: str) -> None:
    assert extract(page(head, body + BODY), URL).title == title


def json_ld(fields: str) -> str:
    return f'<script type="application/ld+json">{{"@type": ["NewsArticle"], {fields}}}</script>'


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        pytest.param(
            '<meta property="article:published_time" content="2026-03-02T10:00:00+01:00">',
            "<time datetime='2026-03-09'>",
            "2026-03-02T10:00:00+01:00",
            id="meta",
        ),
        pytest.param(json_ld('"datePublished": "2026-03-02"'), "", "2026-03-02", id="structured data"),
        pytest.param(
            '<script type="application/ld+json">{"@type": "WebSite", "datePublished": "2001-01-01"}</script>',
            "<time datetime='2026-03-02'>",
            "2026-03-02",
            id="structured data of the site is not the article's",
        ),
        pytest.param(
            '<script type="application/ld+json">{broken</script>', "", "", id="broken structured data"
        ),
        pytest.param('<meta name="DC.date.issued" content="2-3-2026">', "", "2-3-2026", id="Dublin Core"),
        pytest.param(
            "", "<span itemprop='datePublished' content='2026-03-02'>", "2026-03-02", id="microdata"
        ),
        pytest.param(
            "",
            "<time datetime='2026-03-09'>reactie</time>"
            "<time class='entry-date published' datetime='2026-03-02'>x</time>",
            "2026-03-02",
            id="the time that says it is the publication",
        ),
        pytest.param("", "<article><time>2 maart 2026</time></article>", "2 maart 2026", id="words in time"),
        pytest.param(
            "", "<span class='post-datum'>2 maart 2026</span>", "2 maart 2026", id="words called date"
        ),
        pytest.param(
            "", "<div class='update'>Alles over 40 tuinen</div>", "Alles over 40 tuinen", id="a trap"
        ),
        pytest.param("", "", "", id="none"),
    ],
)
def test_the_date_in_the_words_of_the_page(head: str, body: str, published: str) -> None:
    assert extract(page(head, body + BODY), URL).published_raw == published


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        pytest.param(
            "/nieuws/12-buurttuin?utm_source=x", "https://www.koerier.example/nieuws/12-buurttuin", id="own"
        ),
        pytest.param(
            "https://koerier.example/nieuws/12", "https://koerier.example/nieuws/12", id="without www"
        ),
        pytest.param("https://andere.example/nieuws/12", "", id="another site"),
        pytest.param("https://www.koerier.example/", "", id="the front page, as on every page of some sites"),
        pytest.param("javascript:void(0)", "", id="no address"),
        pytest.param("https://[", "", id="broken"),
    ],
)
def test_the_canonical_address(link: str, expected: str) -> None:
    assert extract(page(f'<link rel="canonical" href="{link}">'), URL).canonical_url == expected


@pytest.mark.parametrize(
    ("attributes", "head", "language"),
    [
        pytest.param('lang="fy"', "", "fy", id="html lang"),
        pytest.param('xml:lang="nl-NL"', "", "nl-NL", id="xml:lang"),
        pytest.param("", '<meta property="og:locale" content="nl_NL">', "nl_NL", id="og:locale"),
        pytest.param('lang="<%= taal %>"', "", "", id="nonsense"),
    ],
)
def test_the_language_that_the_page_claims(attributes: str, head: str, language: str) -> None:
    assert extract(page(head, attributes=attributes), URL).language == language


def test_a_page_that_reserves_text_mining_gives_no_text() -> None:
    head = '<meta name="tdm-reservation" content="1"><meta name="description" content="Een tuin">'

    article = extract(page(head), URL)

    assert (article.tdm_reserved, article.text, article.problem) == (True, "", None)


@pytest.mark.parametrize(("free", "paywalled"), [("false", True), ('"False"', True), ("true", False)])
def test_a_page_behind_a_wall_says_so(free: str, paywalled: bool) -> None:
    assert extract(page(json_ld(f'"isAccessibleForFree": {free}')), URL).paywalled is paywalled


@pytest.mark.parametrize(
    ("encoding", "head", "hint"),
    [
        pytest.param("latin-1", "", "iso-8859-1", id="header"),
        pytest.param("cp1252", '<meta charset="windows-1252">', "", id="meta"),
        pytest.param("cp1252", '<meta charset="utf-8">', "utf-8", id="both claim UTF-8, wrongly"),
        pytest.param("utf-8", '<meta charset="iso-8859-1">', "iso-8859-1", id="both claim Latin-1, wrongly"),
        pytest.param("utf-16", "", "", id="byte order mark"),
    ],
)
def test_the_encoding_is_what_it_is_and_not_what_it_claims(encoding: str, head: str, hint: str) -> None:
    html = f"<html><head>{head}</head><body><p>Café één in de wijk is weer geopend voor alle buren.</p>"

    article = extract(html.encode(encoding), URL, hint)

    assert article.text == "Café één in de wijk is weer geopend voor alle buren."


def test_without_an_article_the_summary_of_the_page_stands() -> None:
    head = '<meta name="description" content="Bewoners openden een &amp;quot;tuin&amp;quot;">'

    article = extract(page(head, "<nav><a href='/'>Home</a></nav>"), URL)

    assert article.text == 'Bewoners openden een "tuin"'
    assert article.problem == "no article was found on the page"


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        pytest.param(b"", "the page is empty", id="nothing"),
        pytest.param(b" \x00\n", "the page is empty", id="blanks"),
        pytest.param(b"%PDF-1.7 <a>", "the page holds no HTML", id="PDF"),
        pytest.param(b'{"status": 404}', "the page holds no HTML", id="JSON"),
        pytest.param(b"<p>" + b"x" * 20_000_000, "20.0 MB of HTML, more than 5 MB", id="20 MB"),
        pytest.param(
            b"<div>" * 40_000 + b"diep", "nested deeper than 256 levels", id="200 KB of nested elements"
        ),
        pytest.param(b"<html><body></body></html>", "no article was found", id="empty page"),
    ],
)
def test_what_is_no_page_gives_no_text_and_says_why(html: bytes, problem: str) -> None:
    article = extract(html, URL)

    assert article.text == ""
    assert problem in str(article.problem)


def test_the_largest_page_is_still_looked_into() -> None:
    html = page(body=f"<article>{BODY}</article>")
    padding = b"<!--" + b"x" * (LARGEST_PAGE - len(html) - 7) + b"-->"

    assert extract(html + padding, URL).text == TEXT
