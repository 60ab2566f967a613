"""What is behind a pasted address: sites on loopback of each sort, refusals, and that nothing is stored."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from models.base import Base
from models.database import session_factory
from models.source_definition import check_source
from scout.discover.asked import shape_of
from scout.discover.search import open_data
from tests.scout.gather_world import PROSE, Entry, World, article, rss
from tests.scout.look_driver import look
from tests.web import Answer, Asked, closed_port, redirect

NEWEST = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TITLES = [
    "Buurttuin zoekt vrijwilligers voor de herfst",
    "Dorpshuis krijgt nieuwe keuken van bewoners",
    "Energiecoöperatie legt panelen op de sporthal",
    "Repaircafé opent ook op zaterdagmiddag",
]


@pytest.fixture
def world(settings, engine):
    with World(settings, engine) as world:
        yield world


def entries(world: World) -> list[Entry]:
    return [
        Entry(
            world.web.url(f"/nieuws/{100 + number}/bericht"),
            title=title,
            summary=PROSE,
            published=NEWEST - timedelta(hours=7 * number),
        )
        for number, title in enumerate(TITLES)
    ]


def front_page(*, head: str = "", body: str = "", title: str = "Arnhemse Koerier") -> str:
    return (
        f'<!doctype html><html lang="nl"><head><title>{title}</title>{head}</head><body>{body}'
        '<footer><a href="/algemene-voorwaarden">Algemene voorwaarden</a> <a href="/privacy">Privacy</a>'
        "</footer></body></html>"
    )


def as_json(answer: Any, **headers: str) -> Answer:
    return Answer(json.dumps(answer), headers={"Content-Type": "application/json", **headers})


def rows(world: World) -> dict[str, int]:
    with session_factory(world.engine, writes=False)() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
        }


def best(found: dict[str, Any], kind: str) -> dict[str, Any]:
    """The first source that was found; it must be of this kind and fit for a source file."""
    first = found["found"][0]
    assert (first["kind"], found["refusal"]) == (kind, None)
    definition, mistakes = check_source(
        {name: first[name] for name in ("key", "title", "kind", "url", "every")} | first["options"],
        file="",
        name=first["key"],
    )
    assert (definition is not None, mistakes) == (True, [])
    return first


# -- feeds -----------------------------------------------------------------------------------------


def test_the_address_of_a_feed_shows_what_a_visit_would_bring_and_stores_nothing(world):
    url = world.page("/rss.xml", rss(entries(world)).replace("<title>Krant", "<title>Arnhemse Koerier", 1))
    world.page("/", front_page())
    before = rows(world)

    found = look(world.settings, url, taken={"arnhemse-koerier"})

    feed = best(found, "feed")
    assert (feed["url"], feed["title"], feed["key"]) == (url, "Arnhemse Koerier", "arnhemse-koerier-feed")
    assert (feed["count"], feed["expect"]) == (4, {"min": 1, "max": 12})
    assert [item["title"] for item in feed["items"]] == TITLES
    assert feed["items"][0]["published"] == "2026-11-21T09:00:00+00:00"
    assert feed["items"][0]["url"] == world.web.url("/nieuws/100/bericht")
    assert (feed["municipality"], feed["every"]) == ("GM0202", "1h")
    assert feed["terms"] == [world.web.url("/algemene-voorwaarden"), world.web.url("/privacy")]
    assert rows(world) == before
    assert not [path for path in world.web.paths() if path.startswith("/nieuws/")], "no article is fetched"


def test_a_json_feed_and_an_atom_feed_are_feeds_too(world):
    atom = world.page(
        "/atom.xml",
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Dorpskrant</title><entry><title>Een</title>'
        f'<link href="{world.web.url("/a/1")}"/></entry></feed>',
    )
    items = [{"id": "1", "url": world.web.url("/a/1"), "title": "Een", "content_text": PROSE}]
    body = {"version": "https://jsonfeed.org/version/1.1", "title": "Dorpskrant", "items": items}
    of_json = world.page("/feed.json", as_json(body))

    for url in (atom, of_json):
        assert (best(look(world.settings, url), "feed")["title"], url) == ("Dorpskrant", url)


def test_a_page_that_names_feeds_leads_to_them_but_not_to_those_of_comments(world):
    world.page("/nieuws.rss", rss(entries(world)))
    link = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'
    head = link.format("Reacties", "/reacties.rss") + link.format("RSS", "/nieuws.rss")
    url = world.page("/", front_page(head=head))

    found = look(world.settings, url)

    feed = best(found, "feed")
    assert (feed["url"], feed["title"]) == (world.web.url("/nieuws.rss"), "Arnhemse Koerier")
    assert "/reacties.rss" not in world.web.paths()
    assert not {"/feed/", "/rss"} & set(world.web.paths()), "nobody guesses where a page says it"


def test_a_feed_that_no_page_names_is_found_where_many_keep_theirs(world):
    world.page("/rss", Answer(rss(entries(world)), headers={"Content-Type": "application/rss+xml"}))
    url = world.page("/", front_page())

    assert best(look(world.settings, url), "feed")["url"] == world.web.url("/rss")


def test_a_page_inside_a_site_leads_to_the_feed_that_the_front_page_names(world):
    world.page("/nieuws.rss", rss(entries(world)))
    world.page(
        "/",
        front_page(head='<link rel="alternate" type="application/rss+xml" href="/nieuws.rss">'),
    )
    url = world.page("/nieuws/1", article())

    assert best(look(world.settings, url), "feed")["title"] == "Arnhemse Koerier"


# -- WordPress, sitemaps, listing pages ------------------------------------------------------------


def posts(world: World) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "date_gmt": "2026-11-20T10:00:00",
            "modified_gmt": "2026-11-20T10:00:00",
            "link": world.web.url(f"/{number}-bericht/"),
            "title": {"rendered": title},
            "excerpt": {"rendered": f"<p>{PROSE}</p>"},
        }
        for number, title in enumerate(TITLES)
    ]


@pytest.mark.parametrize("how", ["header", "link", "its own address"])
def test_a_wordpress_site_is_read_through_its_interface(world, how):
    interface = world.web.url("/krant/wp-json/")
    head = f'<link rel="https://api.w.org/" href="{interface}">' if how == "link" else ""
    headers = {"Link": f'<{interface}>; rel="https://api.w.org/"'} if how == "header" else {}
    url = world.page("/", Answer(front_page(head=head), headers=headers))
    world.page("/krant/wp-json/wp/v2/posts", as_json(posts(world)))
    if how == "its own address":
        url = world.page("/krant/wp-json/", as_json({"name": "Krant", "namespaces": ["wp/v2"]}))

    wordpress = best(look(world.settings, url), "wordpress")

    assert (wordpress["url"], wordpress["count"]) == (world.web.url("/krant/"), 4)


def test_a_wordpress_site_that_keeps_its_posts_to_itself_falls_back_on_its_feed(world):
    world.page("/feed/", rss(entries(world)))
    head = '<link rel="https://api.w.org/" href="/wp-json/">'
    head += '<link rel="alternate" type="application/rss+xml" href="/feed/">'
    url = world.page("/", front_page(head=head))
    world.page("/wp-json/wp/v2/posts", Answer('{"code":"rest_forbidden"}', 401))

    found = look(world.settings, url)

    assert [one["kind"] for one in found["found"]] == ["feed"]


def test_the_sitemaps_of_robots_txt_come_before_the_page_itself_with_the_news_first(world):
    def sitemap(*paths: str) -> str:
        urls = "".join(f"<url><loc>{world.web.url(path)}</loc></url>" for path in paths)
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'

    world.page("/alles.xml", sitemap("/a", "/b", "/c"))
    world.page("/nieuws-sitemap.xml", sitemap("/d", "/e"))
    named = "".join(f"Sitemap: {world.web.url(path)}\n" for path in ("/alles.xml", "/nieuws-sitemap.xml"))
    world.page("/robots.txt", f"User-agent: *\nDisallow: /geheim\n{named}")
    url = world.page("/", front_page())

    found = look(world.settings, url)

    assert best(found, "sitemap")["url"] == world.web.url("/nieuws-sitemap.xml")
    assert [one["count"] for one in found["found"]] == [2, 3]
    assert best(look(world.settings, world.web.url("/alles.xml")), "sitemap")["count"] == 3


def test_a_listing_page_is_the_last_resort_with_a_pattern_worked_out_from_its_links(world):
    links = "".join(
        f'<li><a href="/nieuws/{100 + number}/{title.lower().replace(" ", "-")}">{title}</a></li>'
        for number, title in enumerate(TITLES)
    )
    menu = (
        '<a href="/contact/adres-en-route-hier">Adres en route hier</a><a href="/nieuws/">Al het nieuws</a>'
    )
    url = world.page("/nieuws/", front_page(body=f"<nav>{menu}</nav><ul>{links}</ul>"))

    site = best(look(world.settings, url), "site")

    assert site["url"] == url
    assert [item["title"] for item in site["items"]] == TITLES
    assert site["options"]["article"].startswith(r"^/nieuws/\d+/")


# -- the social web --------------------------------------------------------------------------------

ORGANISATION = {
    "id": "7",
    "username": "dorpsraad",
    "acct": "dorpsraad",
    "display_name": "Stichting Dorpsraad Velp",
    "note": "<p>Officieel account van de stichting.</p>",
    "fields": [],
    "bot": False,
    "group": False,
}
PERSON = {
    **ORGANISATION,
    "username": "kanarie",
    "acct": "kanarie",
    "display_name": "Kanarie",
    "note": "Moeder",
}


@pytest.fixture
def mastodon(world):
    """A Mastodon server with an organisation and a person."""

    def lookup(asked: Asked) -> Answer:
        name = parse_qs(urlsplit(asked.target).query)["acct"][0]
        known = {"dorpsraad": ORGANISATION, "kanarie": PERSON}
        return as_json(known[name]) if name in known else Answer("{}", 404)

    access = {"local": "public", "remote": "public"}
    world.page(
        "/api/v2/instance",
        as_json(
            {
                "domain": "127.0.0.1",
                "title": "Fediverse Gelderland",
                "version": "4.5.2",
                "configuration": {
                    "urls": {"terms_of_service": "https://gelderland.example/terms-of-service"},
                    "timelines_access": {"live_feeds": access, "hashtag_feeds": access},
                },
            }
        ),
    )
    world.page("/api/v1/accounts/lookup", lookup)
    world.page("/api/v1/accounts/7/statuses", as_json([]))
    world.page("/api/v1/timelines/tag/buurtinitiatief", as_json([]))
    world.page("/api/v1/timelines/public", as_json([]))
    world.page("/", '<html><body><div id="mastodon"></div></body></html>')
    return world


@pytest.mark.parametrize(
    ("path", "options", "title"),
    [
        ("/@dorpsraad", {"account": "dorpsraad"}, "Stichting Dorpsraad Velp"),
        ("/@dorpsraad.rss", {"account": "dorpsraad"}, "Stichting Dorpsraad Velp"),
        ("/tags/buurtinitiatief", {"hashtag": "buurtinitiatief"}, "#buurtinitiatief op Fediverse Gelderland"),
        ("/", {"timeline": "local"}, "Fediverse Gelderland"),
    ],
)
def test_an_account_a_tag_and_a_server_of_mastodon(mastodon, path, options, title):
    found = look(mastodon.settings, mastodon.web.url(path))

    source = best(found, "mastodon")
    assert (source["url"], source["options"], source["title"]) == (mastodon.web.url("/"), options, title)
    assert source["terms"] == ["https://gelderland.example/terms-of-service"]


@pytest.mark.parametrize("path", ["/@kanarie", "/@kanarie.rss", "/users/kanarie", "/@kanarie@127.0.0.1"])
def test_an_account_of_a_person_is_refused_and_named_nowhere(mastodon, path):
    found = look(mastodon.settings, mastodon.web.url(path))

    assert (found["found"], found["refusal"]["code"]) == ([], "person")
    assert "kanarie" not in json.dumps(found).lower()


def test_an_account_that_is_not_there_is_not_repeated_either(mastodon):
    found = look(mastodon.settings, mastodon.web.url("/@kanarievogel"))

    assert found["refusal"]["code"] == "nothing"
    assert "kanarie" not in json.dumps(found)


@pytest.mark.parametrize("path", ["/author/kanarie/feed/", "/auteur/kanarie", "/@kanarie", "/u/kanarie"])
def test_pages_of_one_author_are_refused_on_any_site(world, path):
    world.page(path, rss(entries(world)))

    found = look(world.settings, world.web.url(path))

    assert (found["found"], found["refusal"]["code"]) == ([], "person")
    assert "kanarie" not in json.dumps(found)


def bluesky(world: World, profile: dict[str, Any]) -> None:
    world.page("/xrpc/com.atproto.identity.resolveHandle", as_json({"did": "did:plc:abc234"}))
    world.page("/xrpc/app.bsky.actor.getProfile", as_json({"did": "did:plc:abc234", **profile}))
    world.page("/xrpc/app.bsky.feed.getAuthorFeed", as_json({"feed": []}))
    world.page("/xrpc/com.atproto.repo.getRecord", as_json({"uri": "at://x", "value": profile}))
    world.page("/xrpc/com.atproto.repo.listRecords", as_json({"records": []}))


def test_a_profile_of_bluesky_becomes_the_lasting_id_of_the_account(world):
    bluesky(world, {"displayName": "Gemeente Rheden", "description": "Officieel account"})
    api = {"scout.discover.social:BLUESKY": world.web.url("")}

    found = look(world.settings, "https://bsky.app/profile/rheden.example", limits=api)

    source = best(found, "bluesky")
    assert source["options"] == {"actor": "did:plc:abc234"}
    assert (source["title"], source["key"]) == ("Gemeente Rheden", "gemeente-rheden")
    assert source["municipality"] == "GM0275"


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        ({"displayName": "Kanarie", "description": "mijn eigen mening"}, "person"),
        ({"displayName": "Gemeente X", "labels": [{"val": "!no-unauthenticated"}]}, "not_public"),
    ],
)
def test_other_profiles_of_bluesky_are_refused(world, profile, code):
    bluesky(world, profile)
    api = {"scout.discover.social:BLUESKY": world.web.url("")}

    found = look(world.settings, "https://bsky.app/profile/kanarie.example", limits=api)

    assert (found["found"], found["refusal"]["code"]) == ([], code)
    assert "kanarie" not in json.dumps(found).lower()


def test_a_channel_of_youtube_is_known_by_the_id_that_its_page_names(world):
    channel = "UC" + "a1_-" * 5 + "bc"
    head = f'<link rel="canonical" href="https://www.youtube.com/channel/{channel}">'
    head += '<meta property="og:title" content="Stichting Omroep Velp">'
    url = world.page("/c/omroepvelp", front_page(head=head, title="Stichting Omroep Velp - YouTube"))
    world.page("/feeds/videos.xml", rss(entries(world)).replace("<title>Krant", "<title>Omroep Velp", 1))

    source = best(look(world.settings, url), "youtube")

    assert (source["options"], source["title"]) == ({"channel": channel}, "Stichting Omroep Velp")


@pytest.mark.parametrize(
    ("page", "path", "feed"),
    [
        ('<meta property="og:platform" content="PeerTube">', "/c/buurttv/videos", "/feeds/videos.xml"),
        ('<meta name="generator" content="Lemmy">', "/c/arnhem", "/feeds/c/arnhem.xml"),
    ],
    ids=["peertube", "lemmy"],
)
def test_channels_of_peertube_and_communities_of_lemmy_have_a_feed(world, page, path, feed):
    url = world.page(path, front_page(head=page, title="Buurt-tv"))
    world.page(feed, rss(entries(world)))

    source = best(look(world.settings, url), "feed")

    assert (urlsplit(source["url"]).path, source["full_text"]) == (feed, False)


# -- open data -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "kind", "url", "options"),
    [
        ("https://zoek.officielebekendmakingen.nl/gemeente/zwolle", "koop", None, {"creator": "Zwolle"}),
        ("https://repository.overheid.nl/sru?operation=searchRetrieve&query=x", "koop", None, {}),
        ("http://127.0.0.1:81/sru?operation=explain", "koop", "http://127.0.0.1:81/sru", {}),
        ("https://openbesluitvorming.nl/?organization=haarlem", "council", None, {"council": "haarlem"}),
        ("http://127.0.0.1:81/api/export/snapshot?source=haarlem", "council", "http://127.0.0.1:81", None),
    ],
)
def test_addresses_of_announcements_and_council_papers_are_known_as_such(
    settings, address, kind, url, options
):
    (guess,) = open_data(shape_of(address, settings))

    fixed = {"koop": "https://repository.overheid.nl/sru", "council": "https://openbesluitvorming.nl"}
    expected = (kind, url or fixed[kind], {"council": "haarlem"} if options is None else options)
    assert (guess.kind, guess.url, guess.options) == expected


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["https://www.facebook.com/groups/kanarie", "x.com/kanarie", "@kanarie@mastodon.social"],
)
def test_a_host_that_is_never_asked_is_refused_without_a_request(settings, url):
    found = look(settings, url)

    assert (found["found"], found["refusal"]["code"]) == ([], "blocked")
    assert "hand in" in found["refusal"]["why"]
    assert "kanarie" not in json.dumps(found)


def test_what_redirects_to_such_a_host_is_refused_as_well(world):
    url = world.page("/", redirect("https://www.facebook.com/groups/7"))

    assert look(world.settings, url)["refusal"]["code"] == "blocked"


def test_robots_txt_is_obeyed_for_the_page_and_for_what_it_names(world):
    world.page("/robots.txt", "User-agent: *\nDisallow: /geheim\n")
    closed = world.page("/geheim", front_page())
    head = '<link rel="alternate" type="application/rss+xml" href="/geheim/rss">'
    opened = world.page("/", front_page(head=head))
    world.page("/geheim/rss", rss(entries(world)))

    assert look(world.settings, closed)["refusal"]["code"] == "robots"
    assert look(world.settings, opened)["refusal"]["code"] == "robots"
    assert not [path for path in world.web.paths() if path.startswith("/geheim")]


def test_private_addresses_are_refused_unless_the_setting_allows_them(world):
    url = world.page("/", front_page())
    closed = world.settings.model_copy(update={"allow_private_addresses": False})

    found = look(closed, url)

    assert (found["refusal"]["code"], world.web.paths()) == ("private", [])


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer("no", 403), "not_public"),
        (Answer("gone", 404), "unreachable"),
        (Answer(b"\x89PNG\r\n", headers={"Content-Type": "image/png"}), "unreachable"),
        (front_page(), "nothing"),
        (Answer("hallo", headers={"Content-Type": "text/plain"}), "nothing"),
    ],
    ids=["closed", "not there", "picture", "no way in", "text"],
)
def test_why_an_address_is_no_source(world, answer, code):
    url = world.page("/pagina", answer)

    found = look(world.settings, url)

    assert (found["found"], found["refusal"]["code"]) == ([], code)
    assert "Traceback" not in found["refusal"]["why"]


def test_an_address_that_nobody_serves_and_one_that_is_none(settings):
    nobody = look(settings, f"http://127.0.0.1:{closed_port()}/")
    nonsense = look(settings, "geen adres")

    assert nobody["refusal"]["code"] == nonsense["refusal"]["code"] == "unreachable"


def test_a_server_that_asked_for_rest_is_not_looked_at(world):
    url = world.page("/rss.xml", rss(entries(world)))
    until = datetime.now(UTC) + timedelta(hours=1)

    found = look(world.settings, url, waits=[(url, until)])

    assert "asks to be left alone" in found["refusal"]["why"]
    assert world.asked() == []


def test_one_look_asks_a_server_only_so_often(world):
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/feed-{number}.rss">' for number in range(50)
    )
    url = world.page("/", front_page(head=links))

    look(world.settings, url)

    assert len(world.asked()) <= 20
