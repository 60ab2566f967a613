"""What stands in the place of a source: told by words and shape together, not where papers write of it."""

from datetime import UTC, datetime
from html import escape

import pytest

from models.words import Sign
from scout.crawl.signs import bounds, in_order, moved, same_as_another, wall
from scout.demo.sites import SITES, routes
from scout.drafts import ItemDraft, Page

LIST = "https://krant.example/nieuws"
#: Sentences of ordinary local news in which the words of such pages occur.
NEWS = (
    "Wie zijn fiets verkeerd geparkeerd zet aan het Velperplein is hem kwijt, waarschuwt de gemeente.",
    "Het oude schoolgebouw is te koop en buurtbewoners willen er samen een dorpshuis van maken.",
    "De website van de voetbalclub was dagenlang uit de lucht, het account is geblokkeerd na een hack.",
    "Deze domeinnaam is te koop, las de penningmeester tot zijn schrik op de site van zijn eigen koor.",
    "Zonder cookies geen koffie: de buurtkamer zoekt bakkers voor de dinsdagmiddag.",
    "Bewoners kunnen zich aanmelden voor de moestuin en inloggen op het rooster van de gieterploeg.",
)


def answer(html: str, *, url: str = LIST, asked: str = LIST, status: int = 200) -> Page:
    return Page(
        asked=asked,
        url=url,
        status=status,
        headers={"content-type": "text/html; charset=utf-8"},
        body=html.encode(),
    )


def page(title: str, body: str) -> str:
    return f'<!doctype html><html lang="nl"><head><title>{title}</title></head><body>{body}</body></html>'


def sign_of(html: str, drafts: int = 0, **where: str) -> Sign | None:
    """The sign of a page of which the reader made so many drafts."""
    made = [
        ItemDraft(source="krant", external_id=str(number), url=f"{LIST}/{number}") for number in range(drafts)
    ]
    found = wall(answer(html, **where), made)
    return found.sign if found else None


ADS = '<ul><li><a href="/a">Hypotheek vergelijken</a></li><li><a href="/b">Goedkoop tanken</a></li></ul>'
BAR = (
    '<div class="cookiebar"><p>Wij gebruiken cookies om de site beter te maken.</p>'
    "<button>Akkoord</button> <a href='/cookies'>Meer informatie over cookies</a></div>"
)
LONG_BAR = BAR.replace(
    "</p>", " We delen ook gegevens met partners voor advertenties op maat en voor metingen.</p>"
)


@pytest.mark.parametrize(
    ("title", "body"),
    [
        pytest.param("krant.example", f"<h1>Deze domeinnaam is te koop</h1>{ADS}", id="for sale"),
        pytest.param("krant.example is te koop", "<p>Doe vrijblijvend een bod.</p>", id="in the title"),
        pytest.param(
            "Welkom",
            "<h1>krant.example</h1><p>Deze domeinnaam is geregistreerd door een klant van Voorbeeldhost.</p>",
            id="of a registrar's client",
        ),
        pytest.param("Gereserveerd", "<p>Dit domein is gereserveerd.</p>", id="reserved"),
        pytest.param("Verlopen", "<p>Het domein krant.example is verlopen.</p>", id="expired"),
        pytest.param("krant.example", f"<p>The domain krant.example is for sale!</p>{ADS}", id="English"),
        pytest.param("krant.example", "<p>Buy this domain. Inquire now.</p>", id="buy this"),
        pytest.param("Parked", "<p>This web page is parked free, courtesy of a registrar.</p>", id="parked"),
        pytest.param("krant.example", "<p>Diese Domain steht zum Verkauf.</p>", id="German"),
        pytest.param("krant.example", "<h1>Hier entsteht eine neue Website</h1>", id="German, to come"),
        pytest.param("krant.example", "<p>Ce nom de domaine est à vendre</p>", id="French"),
        pytest.param("", '<script>window.location.href="/lander"</script>', id="sends away by script"),
        pytest.param(
            "krant.example",
            f'<script src="https://img.sedoparking.com/x.js"></script>{ADS}',
            id="advertisements of a seller",
        ),
    ],
)
def test_a_page_that_sells_the_domain_is_parked(title: str, body: str) -> None:
    assert sign_of(page(title, body)) is Sign.PARKED
    # Also where the pattern of a site is so wide that its links look like articles.
    assert sign_of(page(title, body), drafts=2) is Sign.PARKED


@pytest.mark.parametrize(
    ("title", "body"),
    [
        pytest.param(
            "Account Suspended", "<h1>This Account has been suspended.</h1><p>Contact us.</p>", id="account"
        ),
        pytest.param("509", "<h1>Bandwidth Limit Exceeded</h1>", id="bandwidth"),
        pytest.param(
            "Website", "<p>Deze website is tijdelijk geblokkeerd door Voorbeeldhost.</p>", id="Dutch"
        ),
        pytest.param("Melding", "<p>Het hostingpakket is opgeschort.</p>", id="Dutch, package"),
        pytest.param("Gesperrt", "<p>Diese Webseite wurde vorübergehend gesperrt.</p>", id="German"),
        pytest.param("Suspendu", "<p>Ce site a été temporairement suspendu.</p>", id="French"),
        pytest.param(
            "Apache2 Debian Default Page: It works", f"<p>{'Configuration overview. ' * 200}</p>", id="Apache"
        ),
        pytest.param("Welcome to nginx!", "<p>If you see this page, it works.</p>", id="nginx"),
        pytest.param("IIS Windows Server", "<img src='x.png'>", id="IIS"),
        pytest.param("Index of /", "<h1>Index of /</h1><a href='?C=N'>Name</a>", id="empty folder"),
    ],
)
def test_a_page_of_the_hosting_firm_is_suspended(title: str, body: str) -> None:
    assert sign_of(page(title, body)) is Sign.SUSPENDED


def test_pages_of_control_panels_are_told_by_their_address_and_status() -> None:
    panel = "https://krant.example/cgi-sys/suspendedpage.cgi"

    assert sign_of(page("x", "<p>iets</p>"), url=panel) is Sign.SUSPENDED
    found = wall(answer(page("x", "<p>iets</p>"), status=509))
    assert found is not None
    assert (found.sign, found.detail) == (Sign.SUSPENDED, LIST)
    # An ordinary refusal says nothing of the kind, nor do words for consent beside it.
    assert wall(answer(page("Verboden", LONG_BAR), status=403)) is None


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(
            page("Privacy", f"<main><h1>Jouw privacy</h1>{LONG_BAR}</main>"), id="nothing but the question"
        ),
        pytest.param(
            page("Cookies", "<h1>We value your privacy</h1><p>x</p><button>Accept all</button>"), id="English"
        ),
        pytest.param(
            page("Cookies", "<p>Wir verwenden Cookies.</p><button>Alle akzeptieren</button>"), id="German"
        ),
        pytest.param(
            page("Cookies", "<p>Nous utilisons des cookies.</p><button>Tout accepter</button>"), id="French"
        ),
        pytest.param(
            page("Inloggen", "<form><p>Log in</p><input name='u'><input type='password'></form>"),
            id="sign-in",
        ),
    ],
)
def test_a_page_that_asks_for_consent_or_a_sign_in(html: str) -> None:
    assert sign_of(html) is Sign.CONSENT
    assert sign_of(html, drafts=1) is None  # an article is linked: so the list is there


def test_being_sent_to_a_gate_counts_with_its_words_only() -> None:
    gate = "https://consent.uitgever.example/gate?back=https%3A%2F%2Fkrant.example"
    found = wall(answer(page("Toestemming", "<p>Wij gebruiken cookies.</p>"), url=gate))

    assert found is not None
    assert (found.sign, found.detail) == (Sign.CONSENT, "https://consent.uitgever.example/gate")
    assert sign_of(page("Nieuws", "<p>Welkom op onze nieuwe site.</p>"), url=gate) is None


# -- what is ordinary ----------------------------------------------------------------------------


def test_nothing_in_the_sample_region_looks_odd_but_the_domain_that_was_given_up() -> None:
    odd = set()
    looked = 0
    for site in SITES:
        for path, given in routes(site, f"https://{site.key}.example", datetime.now(UTC)).items():
            if not callable(given) and "html" in given.content_type:
                address = f"https://{site.key}.example{path}"
                looked += 1
                if wall(answer(given.body.decode(), url=address, asked=address)):
                    odd.add(site.key)

    assert looked > 150
    assert odd == {"zevenaarse-klepel"}


def _listing(titles: tuple[str, ...], around: str = "") -> str:
    cards = "".join(
        f'<div><h2><a href="/nieuws/{number}">{escape(title)}</a></h2></div>'
        for number, title in enumerate(titles)
    )
    return page("Nieuws uit de wijk", f"<nav><a href='/'>Home</a></nav>{cards}{around}")


@pytest.mark.parametrize("around", ["", BAR, f"<header>{BAR}</header>"], ids=["plain", "bar", "bar in front"])
def test_a_list_of_news_with_these_words_is_a_list(around: str) -> None:
    assert sign_of(_listing(NEWS, around)) is None
    assert sign_of(_listing(NEWS, around), drafts=len(NEWS)) is None


@pytest.mark.parametrize("text", NEWS)
def test_an_article_about_such_a_page_is_an_article(text: str) -> None:
    more = "De buren kwamen er dinsdag over bijeen in het wijkcentrum en dronken er koffie bij. " * 40

    assert sign_of(page(escape(text), f"<article><h1>{text}</h1><p>{more}</p></article>{BAR}")) is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            "<h1>Wijkvereniging De Brug</h1><p>Op zaterdag 4 april ruimen we samen het park op. Verzamelen "
            "om tien uur bij de kiosk; grijpers en koffie staan klaar. Meld je bij de balie van het gebouw, "
            "dan weten we op hoeveel mensen we mogen rekenen. Kinderen zijn welkom.</p>" + BAR,
            id="a small site with a bar at its edge",
        ),
        pytest.param(
            "<form><input name='u'><input type='password'><button>Inloggen</button></form>"
            + "".join(
                f"<p><a href='/{n}'>Buurt maakt samen een tuin aan de Kade {n}</a></p>" for n in range(5)
            ),
            id="a list with a field to sign in",
        ),
        pytest.param("<p>Er is op dit moment geen nieuws.</p>", id="an empty list"),
        pytest.param("<p>Onze site is in onderhoud, probeer het later nog eens.</p>", id="maintenance"),
        pytest.param("<h1>Deze pagina bestaat niet (meer)</h1><a href='/'>Home</a>", id="not found"),
        pytest.param("", id="empty"),
        pytest.param("<p>Het domein De Hoge Veluwe is weer open.</p>", id="another kind of domain"),
    ],
)
def test_small_ordinary_pages_are_ordinary(body: str) -> None:
    assert sign_of(page("Wijkvereniging De Brug", body)) is None


def test_only_web_pages_are_looked_at() -> None:
    feed = answer("<rss><channel><title>Deze domeinnaam is te koop</title></channel></rss>")

    assert wall(Page(**{**vars(feed), "headers": {"content-type": "application/rss+xml"}})) is None


# -- the rest --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        pytest.param("https://nieuw.example/feed", "https://nieuw.example/feed", id="another host"),
        pytest.param(
            "https://krant.example/nieuws/rss", "https://krant.example/nieuws/rss", id="another path"
        ),
        pytest.param("https://www.krant.example/nieuws", None, id="www"),
        pytest.param("http://krant.example/nieuws", None, id="another scheme"),
        pytest.param("https://krant.example/nieuws/", None, id="a slash"),
        pytest.param("", "", id="nowhere"),
    ],
)
def test_what_counts_as_having_moved(to: str, expected: str | None) -> None:
    sign, mildly = moved(LIST, Page(**{**vars(answer("")), "moved_to": to}))

    if expected is None:
        assert sign is None
        assert mildly is not None
        assert to in mildly
    else:
        assert mildly is None
        assert (sign.detail if sign else "") == expected


def test_the_new_address_is_that_of_the_source_and_not_of_what_is_asked_there() -> None:
    asked = "https://krant.example/wp-json/wp/v2/posts?per_page=100"
    there = "https://nieuw.example/wp-json/wp/v2/posts?per_page=100"
    sign, _ = moved(
        "https://krant.example", Page(**{**vars(answer("", asked=asked, url=there)), "moved_to": there})
    )

    assert sign is not None
    assert sign.detail == "https://nieuw.example"


def test_signs_of_the_list_itself() -> None:
    assert bounds(1, None, 0).detail == "0:1:"
    assert bounds(None, 20, 300).detail == "300::20"

    same = same_as_another({"koerier": 16, "klok": 2}, 20)
    assert same is not None
    assert (same.sign, same.detail) == (Sign.DOUBLED, "source:koerier:16:20")
    assert same_as_another({"koerier": 15}, 20) is None
    assert same_as_another({"koerier": 4}, 4) is None
    assert same_as_another({}, 20) is None

    assert [one.sign for one in in_order([same, bounds(1, 2, 3), bounds(1, 2, 4)])] == [
        Sign.BOUNDS,
        Sign.DOUBLED,
    ]
