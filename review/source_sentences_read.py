"""More sentences of ``scout`` with their Dutch: what readers of each kind say, and errands.

As in ``review.source_sentences``.
"""

from flask_babel import lazy_gettext as _l

from review.source_sentences import Table

#: What the readers of the kinds say.
READERS: Table = (
    # -- feeds -----------------------------------------------------------------------------------
    (
        "not a feed but a web page, which names {url} as its feed: try that as url",
        _l("Dit is geen nieuwsfeed maar een webpagina. Neem het adres dat de pagina zelf noemt: %(url)s."),
    ),
    (
        "not a feed but a web page: look for the address of its feed",
        _l("Dit is geen nieuwsfeed maar een webpagina. Zoek het adres van de nieuwsfeed."),
    ),
    ("not a feed: {rest}", _l("Het antwoord is geen nieuwsfeed. Controleer het adres.")),
    (
        "the feed is so broken that it can't be read ({name})",
        _l("De nieuwsfeed is zo stuk dat Scout hem niet kan lezen. Meld het aan de eigenaar van de site."),
    ),
    (
        "the feed breaks off: only its complete entries were read",
        _l("De nieuwsfeed breekt af. Alleen de volledige berichten zijn gelezen."),
    ),
    # -- sites -----------------------------------------------------------------------------------
    (
        "the listing page is empty or no web page",
        _l("De pagina met berichten is leeg, of is geen webpagina. Controleer het adres."),
    ),
    (
        "the page has more than {count} links: only the first were looked at",
        _l("De pagina heeft meer dan %(count)s links. Alleen de eerste zijn bekeken."),
    ),
    (
        "none of the {count} links on the listing page matches article = {pattern}: correct the pattern, "
        "or the "
        "url if the page moved",
        _l(
            "Geen van de %(count)s links past bij het patroon %(pattern)s. Verbeter het patroon of het adres."
        ),
    ),
    # -- asking whether items are still there --------------------------------------------------------
    (
        "asking whether its items are still there broke ({name}): report this as a mistake in scout",
        _l(
            "De controle of de berichten er nog zijn, mislukte door een fout in Scout. Meld dit aan de "
            "beheerder."
        ),
    ),
    # -- articles ---------------------------------------------------------------------------------
    ("{url}: {why}", _l("%(url)s: %(why)s")),
    ("no article was found on the page", _l("er staat geen artikel op de pagina")),
    ("the page is empty", _l("de pagina is leeg")),
    ("the page holds no HTML", _l("de pagina is geen webpagina")),
    ("the page is nested deeper than 256 levels", _l("de pagina is te ingewikkeld opgebouwd")),
    (
        "the page has {count} MB of HTML, more than {other} MB",
        _l("de pagina is %(count)s MB groot, meer dan %(other)s MB"),
    ),
    # -- sitemaps --------------------------------------------------------------------------------
    (
        "the sitemap is larger than {count} MB after decompression",
        _l("De sitemap is groter dan %(count)s MB. Zoek een kleinere, of een nieuwsfeed."),
    ),
    (
        "the sitemap is compressed, but broken",
        _l("De ingepakte sitemap is stuk. Meld het aan de eigenaar van de site."),
    ),
    (
        "the sitemap is not well-formed XML: it was read as far as possible",
        _l("De sitemap bevat fouten. Hij is gelezen voor zover dat kon."),
    ),
    (
        'not a sitemap but a feed: use kind = "feed"',
        _l("Dit is geen sitemap maar een nieuwsfeed. Voeg de bron opnieuw toe als nieuwsfeed."),
    ),
    (
        "not a sitemap but a web page: look for its sitemap in robots.txt",
        _l("Dit is geen sitemap maar een webpagina. Zoek het adres van de sitemap."),
    ),
    (
        "not a sitemap: the answer holds neither urlset, sitemapindex nor a list of addresses",
        _l("Het antwoord is geen sitemap. Controleer het adres."),
    ),
    (
        "none of the {count} addresses in the sitemap matches article = {pattern}: correct the pattern",
        _l(
            "Geen van de %(count)s adressen in de sitemap past bij het patroon %(pattern)s. Verbeter het "
            "patroon."
        ),
    ),
    (
        "the sitemap has {count} addresses: the {other} newest were read",
        _l("De sitemap heeft %(count)s adressen. De nieuwste %(other)s zijn gelezen."),
    ),
    (
        "an index of sitemaps names another index, which is not followed",
        _l("De lijst van sitemaps verwijst naar nog een lijst. Die is niet gelezen."),
    ),
    (
        "the index names sitemaps twice, of other sites or without address: these are left out",
        _l("De lijst noemt sitemaps dubbel, van andere sites of zonder adres. Die zijn overgeslagen."),
    ),
    (
        "the index names {count} sitemaps: the {other} newest are read",
        _l("De lijst noemt %(count)s sitemaps. De nieuwste %(other)s worden gelezen."),
    ),
    # -- WordPress -------------------------------------------------------------------------------
    (
        'the site keeps its list of posts to itself{extra}: use its feed, kind = "feed" and url = "{url}"',
        _l("De site houdt zijn lijst van berichten voor zich. Gebruik de nieuwsfeed: %(url)s."),
    ),
    (
        'the site {name} (status {status}): is it WordPress, and is url its root? Else use kind = "feed"',
        _l(
            "De site gaf geen lijst van berichten (%(status)s). Is het WordPress? Gebruik anders de "
            "nieuwsfeed."
        ),
    ),
)

#: Why nothing came of an errand, or of a feed in a list.
ERRANDS: Table = (
    ("{url} is there already, as {name}", _l("%(url)s is er al, onder de sleutel %(name)s.")),
    ("it has no address of a feed (xmlUrl)", _l("Er staat geen adres van een nieuwsfeed bij.")),
    (
        "the terms of {host} forbid reading by programs: let people hand in what stands there",
        _l("De voorwaarden van %(host)s verbieden ophalen. Laat mensen zelf inbrengen wat daar staat."),
    ),
    (
        "url: {rest}",
        _l("Het adres klopt niet. Schrijf het voluit, beginnend met https:// of http://."),
    ),
    ("the file is larger than {count} MB", _l("Het bestand is groter dan %(count)s MB.")),
    ("the file is no well-formed XML", _l("Dit bestand is geen OPML: het is beschadigd of iets anders.")),
    ("the file is XML, but no OPML", _l("Dit bestand is geen OPML.")),
    ("its elements are nested deeper than {count} levels", _l("Dit bestand zit te ingewikkeld in elkaar.")),
    (
        "the scout could not do this ({how}): see its log, and ask again",
        _l("Scout kon dit niet doen. Probeer het nog eens, of vraag de beheerder om hulp."),
    ),
    (
        "nobody did this within a day: is `scout worker` at work?",
        _l("Niemand deed dit binnen een dag. Vraag de beheerder of ‘scout worker’ draait."),
    ),
)
