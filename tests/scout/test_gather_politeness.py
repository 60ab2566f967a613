"""What servers may expect of us: robots.txt, pauses between requests, being left alone, one honest name."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import Engine

from models.settings import Settings
from tests.scout.gather_world import PROSE, Entry, World, article, rss
from tests.web import Answer, Asked, hanging, redirect

NOW = datetime.now(UTC)


def span(asked: list[Asked]) -> float:
    """Seconds from the first request to the last."""
    return asked[-1].at - asked[0].at


def test_robots_txt_is_obeyed_by_list_article_and_redirect(settings: Settings, engine: Engine) -> None:
    with World(settings, engine, *(f"127.0.0.{n}" for n in range(1, 10)), timeout_seconds=0.5) as world:
        web = world.web

        def site(key: str, address: str, robots: object, entries: list[Entry] | None = None) -> None:
            web.route("/robots.txt", robots, address=address)  # type: ignore[arg-type]
            link = world.page("/a", address=address)
            world.feed(key, [Entry(link)] if entries is None else entries, address=address)

        own = "User-agent: *\nDisallow: /\n\nUser-agent: ParticipatienetwerkScout\nAllow: /\n"
        not_us = "User-agent: ParticipatienetwerkScout\nDisallow: /\n\nUser-agent: *\nAllow: /\n"
        site("geen", "127.0.0.1", Answer("", 404))
        site("dicht", "127.0.0.2", "User-agent: *\nDisallow: /\n")
        site("wij-wel", "127.0.0.3", own)
        site("wij-niet", "127.0.0.4", not_us)
        site("kapot", "127.0.0.5", Answer("au", 503))
        site("hangt", "127.0.0.6", hanging(web))
        site("verboden", "127.0.0.7", Answer("nee", 403))
        site("omweg", "127.0.0.8", redirect(web.url("/echte-robots.txt", address="127.0.0.8")))
        web.route("/echte-robots.txt", "User-agent: *\nDisallow: /omweg.xml\n", address="127.0.0.8")
        half = [
            Entry(world.page("/dicht/1", address="127.0.0.9"), summary=PROSE),
            Entry(world.page("/dicht/2", address="127.0.0.9"), title="Zonder tekst"),
            Entry(world.page("/door", redirect("/dicht/3"), address="127.0.0.9")),
            Entry(world.page("/open", address="127.0.0.9"), title="Open"),
        ]
        site("half", "127.0.0.9", "User-agent: *\nDisallow: /dicht/\n", half)

        ran = world.run()

        for key in ("dicht", "wij-niet", "omweg"):
            assert "robots.txt of 127.0.0." in ran.problem(key)
            assert f"does not allow {world.row(key).url}" in ran.problem(key)
            assert f"/{key}.xml" not in web.paths()
        assert ran.problem("kapot").startswith("robots.txt of 127.0.0.5 could not be read (it answered 503)")
        assert "robots.txt of 127.0.0.6 could not be read" in ran.problem("hangt")
        assert ran.troubled == {"dicht", "wij-niet", "omweg", "kapot", "hangt"}
        assert ran.failed == 5
        assert ran.items == {"new": 5, "error": 2}
        assert [path for path in web.paths(address="127.0.0.9") if path != "/robots.txt"] == [
            "/half.xml",
            "/door",
            "/open",
        ]
        assert "does not allow" in ran.warned("half")


def test_robots_txt_is_kept_for_a_day(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        world.feed("krant", [])
        world.run(now=NOW)
        assert "/robots.txt" in world.web.paths()

        world.run(now=NOW + timedelta(hours=23))
        assert world.web.paths() == ["/krant.xml"]

        world.run(now=NOW + timedelta(hours=25))
        assert world.web.paths().count("/robots.txt") == 1


def test_requests_to_one_server_keep_their_distance(settings: Settings, engine: Engine) -> None:
    with World(settings, engine, *(f"127.0.0.{n}" for n in range(1, 6)), delay_seconds=0.3) as world:
        names = {f"{name}.krant.example": "127.0.0.1" for name in ("www", "arnhem", "ede")}
        port = world.web.port
        terms = '{ url = "http://127.0.0.6:1/v", checked = 2026-11-01, basis = "x", purpose = "y" }'
        # Three hosts of one domain are one server; so they take turns.
        for name in names:
            world.web.route(f"/{name}.xml", rss([]), address="127.0.0.1")
            world.source(name.split(".")[0], f"http://{name}:{port}/{name}.xml", terms=terms)
        # One that asks for more gets more; another one is not held up by it.
        world.web.route("/robots.txt", "User-agent: *\nCrawl-delay: 1\n", address="127.0.0.2")
        world.news("traag", 2, address="127.0.0.2", terms=terms)
        world.news("snel", 3, address="127.0.0.3", terms=terms)
        # Where a link leads to is asked at its own pace.
        world.web.route("/robots.txt", "User-agent: *\nCrawl-delay: 1\n", address="127.0.0.5")
        links = []
        for number in range(2):
            led_to = world.page(f"/d/{number}", address="127.0.0.5")
            links.append(world.page(f"/v/{number}", redirect(led_to), address="127.0.0.4"))
        world.feed("verwijst", [Entry(link) for link in links], address="127.0.0.4", terms=terms)

        ran = world.run(names=names, public=["127.0.0.1"])

        assert (ran.sources, ran.failed) == (6, 0)
        domain, slow, fast, led = (
            [asked for asked in world.web.asked if asked.address == f"127.0.0.{n}"] for n in (1, 2, 3, 5)
        )
        # Two thirds of what it takes at least: a busy machine may see the first of them late.
        assert (len(domain), len(slow), len(fast), len(led)) == (6, 4, 5, 3)
        assert span(domain) > 1.0
        assert span(slow) > 2.0
        assert span(led) > 1.3
        assert span(fast) > 0.8
        assert fast[-1].at < slow[-1].at


def test_delays_of_servers_follow_setting_address_and_robots(settings: Settings) -> None:
    from pathlib import Path

    from scout.crawl.context import Context
    from scout.crawl.resolver import GuardedResolver
    from scout.crawl.robots import RobotsMemory

    class Resolver(GuardedResolver):
        def __init__(self) -> None:
            """Knows one name, without any network."""

        def leads_to_private(self, host: str) -> bool:
            return host == "intranet.gemeente.nl"

    def context(**changes: object) -> Context:
        changed = settings.model_copy(update=changes)
        return Context(changed, lambda: NOW, Resolver(), RobotsMemory(Path("unused")))

    usual, chosen = context(), context(delay_seconds=5)
    usual.crawl_delays["krant.nl"] = 7.0
    usual.crawl_delays["127.0.0.1:8000"] = 2.0

    assert usual.delay("https://www.gelderlander.nl/rss") == 1.0
    assert usual.delay("https://regio.krant.nl/rss") == 7.0
    assert usual.delay("http://127.0.0.1:8000/") == 2.0
    assert usual.delay("http://127.0.0.1:8001/") == 0.0
    assert usual.delay("http://intranet.gemeente.nl/") == 0.0
    assert chosen.delay("http://127.0.0.1:8001/") == 5.0
    assert usual.server("https://a.b.krant.co.uk/x") == "krant.co.uk"
    assert usual.server("https://93.184.215.14/x") == "93.184.215.14"
    assert usual.server("http://[::1]:81/") == "::1:81"


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_server_that_asks_to_wait_is_left_alone(settings: Settings, engine: Engine, form: str) -> None:
    until = (NOW + timedelta(hours=3)).replace(microsecond=0)
    value = "10800" if form == "seconds" else format_datetime(until, usegmt=False)
    with World(settings, engine, "127.0.0.1", "127.0.0.2") as world:
        busy = Answer("rustig aan", 429 if form == "seconds" else 503, {"Retry-After": value})
        world.source("een", world.web.route("/een.xml", busy, address="127.0.0.2"))
        world.source("twee", world.web.route("/twee.xml", rss([]), address="127.0.0.2"))

        ran = world.run(now=NOW)

        asked_later = f"127.0.0.2 asks to be left alone until {until:%Y-%m-%d %H:%M} UTC (Retry-After)"
        assert ran.problem("een").startswith(asked_later)
        assert abs(world.row("een").retry_after_until - until) < timedelta(seconds=30)  # type: ignore[operator]
        assert len(world.web.asked_for("/een.xml")) == 1
        assert ran.failed == len(ran.problems)

        ran = world.run(now=NOW + timedelta(hours=2), keys=["een"])
        assert (ran.sources, world.web.paths()) == (0, [])
        assert "asked to be left alone until" in ran.problem("een")

        world.web.route("/een.xml", rss([]), address="127.0.0.2")
        ran = world.run(now=NOW + timedelta(hours=4), keys=["een"])
        assert (ran.sources, ran.failed, ran.problems) == (1, 0, [])
        assert world.row("een").retry_after_until is None


def test_articles_are_left_alone_too_when_their_server_asks(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        links = [
            world.page(f"/a/{n}", Answer("", 503, {"Retry-After": "600"}) if n == 1 else None)
            for n in range(6)
        ]
        world.feed("krant", [Entry(link, title=f"Bericht {n}") for n, link in enumerate(links)])

        ran = world.run(now=NOW)

        assert sum(ran.items.values()) == 6
        assert ran.items["error"] >= 4
        assert "asks to be left alone" in ran.problem("krant")
        assert len([path for path in world.asked() if path.startswith("/a/")]) <= 3

        for link in links:
            world.page(link.removeprefix(world.web.url("")), article())
        ran = world.run(now=NOW + timedelta(hours=1))
        assert ran.items["new"] >= 4
        assert len(world.items()) == 6


def test_every_request_says_who_asks_and_nothing_more(settings: Settings, engine: Engine) -> None:
    with World(settings, engine, contact="https://voorbeeld.example/scout") as world:
        link = world.page("/a/1", Answer(article(), headers={"Set-Cookie": "volg=mij"}))
        world.page("/a/2", redirect(link))
        world.feed("krant", [Entry(link), Entry(world.web.url("/a/2"))])

        world.run()

        assert {"/robots.txt", "/voorwaarden", "/krant.xml", "/a/1", "/a/2"} == set(world.web.paths())
        for asked in world.web.asked:
            assert asked.headers["user-agent"] == (
                "ParticipatienetwerkScout/0.1 (+https://voorbeeld.example/scout)"
            )
            assert asked.headers["accept-language"].startswith("nl")
            assert not {"cookie", "referer", "authorization"} & set(asked.headers)
