"""HTML of the invented media: articles, lists and terms, with the clutter that real pages carry."""

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from scout.demo.edition import Edition, Listed
from scout.demo.region import Story

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)

#: Other articles that an article page advertises.
TEASERS = 5


def in_words(moment: datetime) -> str:
    """``donderdag 19 november 2026, 14.05 uur``: local time as Dutch papers write it."""
    local = moment.astimezone(AMSTERDAM)
    day = f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} {local.year}"
    return f"{day}, {local.hour:02}.{local.minute:02} uur"


def paragraphs(story: Story) -> str:
    """The text as HTML paragraphs."""
    return "\n".join(f"<p>{escape(part, quote=False)}</p>" for part in story.paragraphs)


def article(edition: Edition, path: str, story: Story) -> str:
    """Article page with machine-readable dates, between navigation, cookie bar and teasers."""
    published = edition.published(story)
    time = f'<time datetime="{published.isoformat()}">{in_words(published)}</time>'
    teasers = "\n".join(
        f'<li class="teaser"><a href="{other}">{escape(told.title)}</a></li>'
        for other, told in _beside(edition, path)
    )
    head = f"""<link rel="canonical" href="{edition.base}{path}">
<meta property="og:type" content="article">
<meta property="og:title" content="{escape(story.title)}">
<meta property="og:site_name" content="{escape(edition.title)}">
<meta property="article:published_time" content="{published.astimezone(AMSTERDAM).isoformat()}">
<meta name="description" content="{escape(story.lead)}">"""
    main = f"""<nav class="breadcrumb"><a href="/">Home</a> &rsaquo; <a href="/nieuws">Nieuws</a></nav>
<article itemscope itemtype="https://schema.org/NewsArticle">
<header>
<h1 itemprop="headline">{escape(story.title)}</h1>
<p class="byline">Van onze redactie | {time}</p>
</header>
<div class="share"><a href="#">Deel via e-mail</a> <a href="#">Kopieer link</a> <a href="#">Print</a></div>
<div class="article-body" itemprop="articleBody">
{paragraphs(story)}
</div>
<footer class="tags">Lees ook: <a href="/nieuws">meer nieuws uit de buurt</a></footer>
</article>
<aside class="sidebar">
<h2>Meest gelezen</h2>
<ol>
{teasers}
</ol>
<div class="newsletter"><h2>Nieuwsbrief</h2><form><label>E-mailadres <input type="email"></label>
<button>Aanmelden</button></form></div>
<div class="advertisement">Advertentie: ook uw bedrijf hier? Bel onze afdeling verkoop.</div>
</aside>"""
    return _page(edition.title, f"{story.title} | {edition.title}", head, main)


def plain_article(edition: Edition, path: str, story: Story) -> str:
    """Article page of an old hand-made site: tables, no metadata, the date only in words."""
    site = escape(edition.title)
    teasers = "".join(
        f'<tr><td><a href="{other}">{escape(told.title)}</a></td></tr>'
        for other, told in _beside(edition, path)
    )
    return f"""<!DOCTYPE html>
<html lang="nl"><head><meta charset="utf-8"><title>{site} - {escape(story.title)}</title></head>
<body bgcolor="#fefefe">
<div id="kop"><a href="/"><img src="/logo.gif" alt="{site}"></a>
<div id="menu"><a href="/">Voorpagina</a> | <a href="/adverteren">Adverteren</a></div></div>
<div id="inhoud">
<h1>{escape(story.title)}</h1>
<div class="datum">Geplaatst op {in_words(edition.published(story))}</div>
{paragraphs(story)}
</div>
<table id="kolom"><tr><th>Ook in het nieuws</th></tr>{teasers}</table>
<div id="voet">&copy; {site} | <a href="/voorwaarden">Voorwaarden</a> |
Aan deze pagina kunnen geen rechten worden ontleend.</div>
</body></html>
"""


def notice(edition: Edition, path: str, story: Story) -> str:
    """The page behind a notice of the notice board: no more than the notice."""
    return f"""<!DOCTYPE html>
<html lang="nl"><head><meta charset="utf-8"><title>{escape(edition.title)}</title></head>
<body>{paragraphs(story)}</body></html>
"""


def listing(edition: Edition, listed: Listed, *, before: str = "", after: str = "") -> str:
    """A list of articles with leads; ``before`` and ``after`` are the paths of the pages beside it."""
    rows = "\n".join(
        f"""<div class="card"><h2><a href="{path}">{escape(story.title)}</a></h2>
<span class="date">{in_words(edition.published(story))}</span>
<p>{escape(story.lead, quote=False)}</p>
<a class="more" href="{path}#reacties">Lees verder</a></div>"""
        for path, story in listed
    )
    both = (("prev", before, "Vorige"), ("next", after, "Volgende"))
    beside = [(relation, path, word) for relation, path, word in both if path]
    head = "".join(f'<link rel="{relation}" href="{path}">' for relation, path, _ in beside)
    pager = " ".join(f'<a rel="{relation}" href="{path}">{word}</a>' for relation, path, word in beside)
    main = f'<h1>Laatste nieuws</h1>\n{rows}\n<nav class="pager">{pager}</nav>'
    return _page(edition.title, f"Nieuws | {edition.title}", head, main)


def terms(site: str) -> str:
    """Terms of use, the same on every day: a change would pause the source."""
    main = f"""<h1>Gebruiksvoorwaarden van {escape(site)}</h1>
<p>{escape(site)} is een verzonnen medium in een voorbeeldregio. De teksten zijn geschreven om deze
toepassing te laten zien en te beproeven.</p>
<p>Lezen en verwijzen mag. Geautomatiseerd ophalen mag voor het vinden van initiatieven van inwoners, als u
zich houdt aan robots.txt, de bron noemt en de volledige tekst niet opnieuw publiceert.</p>"""
    return _page(site, f"Voorwaarden | {site}", "", main)


def missing(site: str) -> str:
    """What a reader sees at an address that does not exist."""
    return _page(site, f"Niet gevonden | {site}", "", "<h1>Deze pagina bestaat niet (meer)</h1>")


def parked(domain: str) -> str:
    """A page that answers 200 where a feed used to be: the domain was given up."""
    return f"""<!DOCTYPE html>
<html lang="nl"><head><meta charset="utf-8"><title>{escape(domain)} is te koop</title></head>
<body><h1>Deze domeinnaam is te koop</h1><p>{escape(domain)} is gereserveerd. Doe vrijblijvend een bod.</p>
<ul><li><a href="#">Hypotheek vergelijken</a></li><li><a href="#">Goedkoop tanken</a></li></ul></body></html>
"""


def _beside(edition: Edition, path: str) -> Listed:
    """The teasers beside an article."""
    return tuple((other, story) for other, story in edition.listed if other != path)[:TEASERS]


def _page(site: str, title: str, head: str, main: str) -> str:
    name = escape(site)
    return f"""<!DOCTYPE html>
<html lang="nl">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
{head}
<style>body{{font-family:Georgia,serif;max-width:60rem;margin:auto}}.sidebar{{font-size:.9em}}</style>
</head>
<body>
<div id="cookiebar" role="dialog"><p>Wij gebruiken cookies om onze site te verbeteren.
Door verder te lezen gaat u akkoord.</p><button>Alles accepteren</button> <button>Instellingen</button></div>
<header class="site"><a class="logo" href="/">{name}</a>
<nav><ul><li><a href="/">Voorpagina</a></li><li><a href="/nieuws">Nieuws</a></li>
<li><a href="/agenda">Agenda</a></li><li><a href="/familieberichten">Familieberichten</a></li>
<li><a href="/adverteren">Adverteren</a></li></ul></nav>
</header>
<main>
{main}
</main>
<footer class="site"><p>&copy; {name}. Alle rechten voorbehouden.</p>
<p><a href="/contact">Contact</a> | <a href="/voorwaarden">Voorwaarden</a> |
<a href="/privacy">Privacy</a></p></footer>
</body>
</html>
"""
