"""The article that a page marks itself stands, without what the page puts around it."""

import pytest

from scout.steps.article import extract

SHORT = "De moestuin achter de kerk krijgt een kas. Zeven buren zetten hem zaterdag zelf in elkaar."
AROUND = (
    "<nav><a href='/'>Home</a></nav>{article}<aside><h2>Meest gelezen</h2><ol><li>Brug een maand dicht voor "
    "onderhoud</li><li>Markt verhuist naar het plein bij de haven</li></ol></aside>"
    "<footer>Aan deze pagina kunnen geen rechten worden ontleend. Adverteren? Bel onze afdeling.</footer>"
)


def page(article: str) -> bytes:
    body = AROUND.format(article=article)
    return f"<html lang='nl'><head><title>Kas</title></head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    "article",
    [
        pytest.param(
            f"<p class='byline'>Van onze redactie</p><div itemprop='articleBody'><p>{SHORT}</p></div>",
            id="marked by schema.org",
        ),
        pytest.param(
            f"<article><header><h1>Kas</h1><p>Van onze redactie</p></header><p>{SHORT}</p>"
            "<div class='share'>Deel via e-mail</div><footer>Lees ook: meer nieuws</footer></article>",
            id="one article element",
        ),
        pytest.param(f"<article>{SHORT}<form>Nieuwsbrief</form></article>", id="text without paragraphs"),
    ],
)
def test_a_short_article_is_not_drowned_by_what_stands_around_it(article: str) -> None:
    assert extract(page(article), "http://k.example/kas").text == SHORT


def test_a_marked_teaser_does_not_hide_the_article() -> None:
    story = "".join(
        f"<p>Alinea {number}: {SHORT} Wie wil helpen meldt zich bij de kas.</p>" for number in range(8)
    )
    html = page(f"<article><p>Lees dit.</p></article><main><h1>Kas</h1>{story}</main>")

    assert "Alinea 7" in extract(html, "http://k.example/kas").text


def test_of_several_marked_articles_none_is_taken_for_the_one() -> None:
    teasers = "".join(f"<article><p>Bericht {number} over iets anders.</p></article>" for number in range(3))
    story = "".join(f"<p>{SHORT} Deel {number} van het verhaal over de kas.</p>" for number in range(6))

    text = extract(page(f"<main><h1>Kas</h1>{story}</main>{teasers}"), "http://k.example/kas").text

    assert "Deel 5" in text
