"""Text hygiene and broken encodings."""

from collections.abc import Iterator

import pytest

from models.encoding import claimed_by_header, claimed_by_html, claimed_by_xml, decode
from scout.extraction import ExtractionPool
from scout.steps.text import LONGEST_TITLE, clean, clean_title, plain


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractionPool]:
    pool = ExtractionPool(workers=1, seconds=120)
    yield pool
    pool.close()


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<p>Buurttuin</p><p>geopend</p>", "Buurttuin\ngeopend", id="paragraphs"),
        pytest.param("een<br>twee<br/>drie", "een\ntwee\ndrie", id="line breaks"),
        pytest.param("<b>Buurt</b><i>tuin</i>", "Buurttuin", id="inline tags part no words"),
        pytest.param("<ul><li>soep<li>brood</ul>", "soep\nbrood", id="list"),
        pytest.param("voor<script>var x = '<p>'</script>na", "voorna", id="script"),
        pytest.param("voor<STYLE>p {}</Style >na", "voorna", id="style"),
        pytest.param("voor<script>nooit dicht", "voor", id="script that never ends"),
        pytest.param("voor<svg>nooit dicht", "voornooit dicht", id="drawing that never ends"),
        pytest.param("voor<!-- <p>weg</p> -->na", "voorna", id="comment"),
        pytest.param("voor<!-- nooit dicht", "voor", id="comment that never ends"),
        pytest.param('<img alt="5 > 4" src="x">foto', "foto", id="greater-than in an attribute"),
        pytest.param("<a href='x\">link</a>", "link", id="quote that never ends"),
        pytest.param("tekst <a href=", "tekst", id="tag that never ends"),
        pytest.param("caf&eacute; &#8211; &#x2019;t", "café – ’t", id="entities"),
        pytest.param("caf&amp;eacute; &amp;amp; bar", "café & bar", id="entities escaped twice"),
        pytest.param("&lt;p&gt;Buurttuin&lt;/p&gt;", "Buurttuin", id="tags escaped twice"),
        pytest.param("wij <3 de buurt, 3 < 4", "wij <3 de buurt, 3 < 4", id="less-than as text"),
        pytest.param("&lt;3 de buurt", "<3 de buurt", id="less-than as entity"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_html_becomes_text(html: str, expected: str) -> None:
    assert clean(plain(html, is_html=True)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a < b en <naam> > c", "a < b en <naam> > c", id="signs stay"),
        pytest.param("<p>Toch HTML</p>", "Toch HTML", id="HTML after all"),
        pytest.param("soep &amp; brood", "soep & brood", id="entities"),
    ],
)
def test_plain_text_loses_only_what_is_clearly_html(text: str, expected: str) -> None:
    assert clean(plain(text, is_html=False)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("CafÃ© â€™t Hoekje", "Café ’t Hoekje", id="UTF-8 read as Windows-1252"),
        pytest.param("bu\u200burt\u00adtuin\ufeff", "buurttuin", id="zero width and soft hyphens"),
        pytest.param("buurt\x00tuin\x07", "buurttuin", id="control characters"),
        pytest.param("\u202ebuurt\u202c", "buurt", id="direction marks"),
        pytest.param("buurt\u00a0tuin \t met   soep", "buurt tuin met soep", id="spaces"),
        pytest.param("een\r\n\r\n \n twee\u2028drie", "een\ntwee\ndrie", id="lines"),
        pytest.param("e\u0301e\u0301n", "één", id="composed"),
        pytest.param("soep \ud83c\udf72", "soep 🍲", id="surrogates that belong together"),
        pytest.param("soep \ud83c x", "soep \ufffd x", id="lone surrogate"),
        pytest.param("👨\u200d👩\u200d👧 a\u200db", "👨\u200d👩\u200d👧 ab", id="joiner only in emoji"),
        pytest.param("‘Samen’ – “soep”…", "‘Samen’ – “soep”…", id="quotes stay as they are"),
    ],
)
def test_clean_text(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_clean_text_can_be_written_to_a_database() -> None:
    clean("\ud800\udc00\udfff" * 3).encode("utf-8")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("  Buurttuin\n geopend ", "Buurttuin geopend", id="one line"),
        pytest.param("Soep &amp;amp; brood", "Soep & brood", id="entities"),
        pytest.param("<b>Buurttuin</b> &lt;em&gt;open&lt;/em&gt;", "Buurttuin open", id="tags"),
        pytest.param("Actie: <3 voor Rheden", "Actie: <3 voor Rheden", id="less-than"),
    ],
)
def test_clean_title(title: str, expected: str) -> None:
    assert clean_title(title) == expected


def test_an_endless_title_is_cut_between_words() -> None:
    title = clean_title("woord " * 5000)

    assert len(title) <= LONGEST_TITLE + 1
    assert title.endswith("woord…")


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<script>",
        "<svg>",
        "<svg></svg>",
        "<",
        "</",
        "<!--",
        "<p ",
        '<a b="',
        '<a b=">',
        "&",
        "&amp;",
    ],
)
def test_a_megabyte_of_hostile_mark_up_ends(pool: ExtractionPool, piece: str) -> None:
    # In a process that would be killed: a text that is not done in two minutes fails this test.
    text = pool.run(plain, piece * (1_000_000 // len(piece)), True).result()

    assert len(text) <= 1_000_000


@pytest.mark.parametrize(
    ("body", "claims", "expected"),
    [
        pytest.param("café".encode(), (), "café", id="UTF-8"),
        pytest.param("café".encode(), ("iso-8859-1",), "café", id="UTF-8 that claims to be Latin-1"),
        pytest.param("café".encode("latin-1"), ("utf-8",), "café", id="Latin-1 that claims to be UTF-8"),
        pytest.param("‘café’".encode("cp1252"), ("iso-8859-1",), "‘café’", id="Windows that claims Latin-1"),
        pytest.param("żółw".encode("cp1250"), ("windows-1250",), "żółw", id="a true claim"),
        pytest.param("żółw".encode("cp1250"), ("utf-8", "windows-1250"), "żółw", id="the second claim"),
        pytest.param("café".encode("latin-1"), ("punycode",), "café", id="a claim that is no character set"),
        pytest.param("café".encode("latin-1"), ("koekje", ""), "café", id="claims that are nothing"),
        pytest.param("\ufeffcafé".encode(), ("latin-1",), "café", id="byte order mark"),
        pytest.param("café".encode("utf-16"), ("utf-8",), "café", id="UTF-16 with mark"),
        pytest.param("<p>café</p>".encode("utf-16-le"), (), "<p>café</p>", id="UTF-16 without mark"),
        pytest.param("café".encode("utf-32"), (), "café", id="UTF-32"),
        pytest.param("één café".encode()[:-1], (), "één caf", id="broken off inside a character"),
        pytest.param(
            "één café één".encode() + b" caf\xe9s", (), "één café één cafés", id="a foreign byte in UTF-8"
        ),
        pytest.param(b"", (), "", id="nothing"),
    ],
)
def test_bytes_become_text(body: bytes, claims: tuple[str, ...], expected: str) -> None:
    assert decode(body, *claims) == expected


def test_bytes_that_are_no_text_still_become_something() -> None:
    assert decode(bytes(range(128, 256)) * 4)


def test_claims_are_found_where_they_stand() -> None:
    assert claimed_by_header('text/html; Charset="ISO-8859-1"') == "ISO-8859-1"
    assert claimed_by_header("text/html") == ""
    assert claimed_by_xml(b"\n<?xml version='1.0' encoding='windows-1252'?><rss/>") == "windows-1252"
    assert claimed_by_xml(b"<rss/>") == ""
    assert claimed_by_html(b'<head><meta http-equiv="x" content="text/html; charset=latin1">') == "latin1"
    assert claimed_by_html(b"<head><META CHARSET=utf-8>") == "utf-8"
