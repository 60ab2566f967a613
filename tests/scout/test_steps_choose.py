"""List or page: which stands."""

from datetime import UTC, datetime

import pytest

from scout.drafts import ItemDraft
from scout.steps.article import Article
from scout.steps.choose import choose

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
LONG = (
    "Bewoners van de Molenbeke openden zaterdag hun buurttuin. Wie wil helpen, kan elke zaterdag langskomen. "
    "De gemeente stelde de grond beschikbaar, vrijwilligers bouwden een kas en een schuurtje."
)
SHORT = "Bewoners van de Molenbeke openden zaterdag hun buurttuin."
CONSENT = (
    "Wij en onze partners plaatsen cookies om informatie op te slaan en te raadplegen. Met jouw toestemming "
    "verwerken wij persoonlijke gegevens. Klik op akkoord, of stel je voorkeuren in via de instellingen. " * 2
)


def draft(**fields: object) -> ItemDraft:
    return ItemDraft(source="bron", external_id="1", url="https://koerier.example/1", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("listed", "found", "text", "from_article"),
    [
        pytest.param(SHORT, LONG, LONG, True, id="the page has more"),
        pytest.param(LONG, SHORT, LONG, False, id="extraction gave less than the list"),
        pytest.param(SHORT, SHORT, SHORT, True, id="equal"),
        pytest.param("", SHORT, SHORT, True, id="the list has nothing"),
        pytest.param(SHORT, "", SHORT, False, id="the page has nothing"),
        pytest.param("", "", "", False, id="neither has anything"),
        pytest.param(LONG, CONSENT, LONG, False, id="a wall of consent instead of the article"),
        pytest.param(f"<p>{SHORT}</p>" + "<br>" * 300, SHORT, SHORT, True, id="mark-up is no text"),
    ],
)
def test_the_text(listed: str, found: str, text: str, from_article: bool) -> None:
    content = choose(draft(text=listed), Article(text=found), now=NOW)

    assert (content.text, content.from_article) == (text, from_article)


def test_without_a_page_the_list_stands() -> None:
    content = choose(draft(text="<p>Soep &amp; brood</p>", title="Soep"), None, now=NOW)

    assert (content.title, content.text, content.from_article) == ("Soep", "Soep & brood", False)


def test_plain_text_of_a_list_is_not_taken_for_html() -> None:
    content = choose(draft(text="3 < 4 <en meer>", text_is_html=False), None, now=NOW)

    assert content.text == "3 < 4 <en meer>"


@pytest.mark.parametrize(
    "tail",
    [
        " [&hellip;] Lees meer",
        " … <a href='/1'>Lees verder op onze site</a>",
        "<p>Het bericht Buurttuin verscheen eerst op De Koerier.</p>",
        "<p>The post Buurttuin appeared first on De Koerier.</p>",
    ],
)
def test_what_lists_put_behind_a_text_goes(tail: str) -> None:
    assert choose(draft(text=f"<p>{SHORT}</p>" + tail), None, now=NOW).text == SHORT


def test_a_first_line_that_repeats_the_title_goes() -> None:
    content = choose(draft(title="Buurttuin geopend"), Article(text=f"Buurttuin geopend\n{SHORT}"), now=NOW)

    assert content.text == SHORT


def test_a_text_that_is_only_its_title_stays() -> None:
    assert choose(draft(title="Soep", text="Soep"), None, now=NOW).text == "Soep"


@pytest.mark.parametrize(
    ("listed", "found", "title"),
    [
        pytest.param("Buurttuin open", "Tuin van de buurt open", "Buurttuin open", id="the list's"),
        pytest.param("", "Buurttuin open", "Buurttuin open", id="the list has none"),
        pytest.param("Lees meer", "Buurttuin open", "Buurttuin open", id="words of a link"),
        pytest.param("Lees meer over soep", "Buurttuin open", "Buurttuin open", id="more words of a link"),
        pytest.param("...", "Buurttuin open", "Buurttuin open", id="signs only"),
        pytest.param(
            "Bewoners openen buurt…", "Bewoners openen buurttuin", "Bewoners openen buurttuin", id="cut off"
        ),
        pytest.param("En toen…", "Buurttuin open", "En toen…", id="dots that the page does not go on from"),
        pytest.param("Soep &amp; brood", "", "Soep & brood", id="the page has none"),
        pytest.param("", "", "", id="neither has one"),
    ],
)
def test_the_title(listed: str, found: str, title: str) -> None:
    assert choose(draft(title=listed), Article(title=found), now=NOW).title == title


@pytest.mark.parametrize(
    ("published", "updated", "found", "raw", "confidence"),
    [
        pytest.param(
            "2026-03-02T10:00:00Z", "", "2026-03-05T10:00:00Z", "2026-03-02T10:00:00Z", 1.0, id="equally sure"
        ),
        pytest.param(
            "2 maart 2026", "", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z", 1.0, id="the page is surer"
        ),
        pytest.param("", "", "2 maart 2026", "2 maart 2026", 0.8, id="only the page"),
        pytest.param("ooit", "", "", "ooit", 0.0, id="not understood, words kept"),
        pytest.param("2029-01-01", "", "2 maart 2026", "2 maart 2026", 0.8, id="the list is in the future"),
        pytest.param("", "2026-03-02T10:00:00Z", "", "2026-03-02T10:00:00Z", 0.3, id="only the last change"),
        pytest.param(
            "", "2026-03-09", "2 maart 2026", "2 maart 2026", 0.8, id="the page before the last change"
        ),
        pytest.param("", "", "", "", 0.0, id="none"),
    ],
)
def test_the_date(published: str, updated: str, found: str, raw: str, confidence: float) -> None:
    content = choose(draft(published=published, updated=updated), Article(published_raw=found), now=NOW)

    assert (content.published.raw, content.published.confidence) == (raw, confidence)
    assert (content.published.at is None) == (confidence == 0.0)


@pytest.mark.parametrize(
    ("listed", "found", "language"), [("fy", "nl", "fy"), ("", "nl-NL", "nl-NL"), ("", "", "")]
)
def test_the_claimed_language(listed: str, found: str, language: str) -> None:
    assert choose(draft(language=listed), Article(language=found), now=NOW).language == language
