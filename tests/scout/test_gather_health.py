"""What visits note as odd, through real requests on loopback: moved, parked, closed, walled, and healthy."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from models.database import session_factory
from models.settings import Settings
from models.source_day import SourceDay
from models.store.health import SourceHealth, source_healths
from models.store.municipalities import set_participation
from models.words import Sign, SourceState
from tests.scout.demo_world import scout
from tests.scout.gather_world import PROSE, Entry, article, rss
from tests.scout.gather_world import World as AnyWorld
from tests.web import Answer, redirect

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ELSEWHERE = "127.0.0.2"


class World(AnyWorld):
    """A world whose sources had their terms reviewed before :data:`NOW`."""

    def source(
        self, key: str, url: str, *, kind: str = "feed", terms: str | None = None, **more: Any
    ) -> None:
        address = self.web.url("/voorwaarden")
        reviewed = f'{{ url = "{address}", checked = 2026-11-01, basis = "6(1)(e) AVG", purpose = "vinden" }}'
        super().source(key, url, kind=kind, terms=reviewed, **more)


def page(title: str, body: str, status: int = 200) -> Answer:
    return Answer(
        f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>", status
    )


PARKED = page("krant.example", "<h1>Deze domeinnaam is te koop</h1><p>Doe een bod.</p>")
SUSPENDED = page("Account Suspended", "<h1>This account has been suspended.</h1>")
CONSENT = page(
    "Jouw privacy",
    "<main><h1>Jouw privacy</h1><p>Wij gebruiken cookies en delen gegevens met onze partners.</p>"
    "<a href='/nieuws/privacy'>Privacybeleid</a><button>Akkoord</button></main>",
)


def health(world: World, key: str, now: datetime = NOW) -> SourceHealth:
    with session_factory(world.engine, writes=False)() as session:
        (found,) = source_healths(session, now=now, keys=[key])
        return found


def listing(world: World, *paths: str, around: str = "") -> Answer:
    """A listing page of articles that exist, with a bar that asks for consent."""
    for path in paths:
        world.page(path, article(f"Bericht van {path}", f"Over {path}. {PROSE}"))
    links = "".join(f'<p><a href="{path}">Buren maken samen een tuin aan {path}</a></p>' for path in paths)
    bar = "<div><p>Wij gebruiken cookies.</p><button>Akkoord</button></div>"
    return page("Nieuws", f"{bar}{links}{around}")


def test_a_site_that_moved_is_told_with_its_new_address_until_its_definition_follows(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine, "127.0.0.1", ELSEWHERE) as world:
        world.news("krant", 2)
        world.run(now=NOW)
        assert (health(world, "krant").state, world.runs("krant")[-1].signs) == (SourceState.HEALTHY, [])

        there = world.web.route("/rss", rss([Entry(world.page("/a"), summary=PROSE)]), address=ELSEWHERE)
        way = world.web.route("/weg", redirect(there, 302))  # later on, it goes another way for now
        for status, odd in ((302, False), (307, False), (301, True), (308, True)):
            world.web.route("/krant.xml", redirect(there, status))
            ran = world.run(now=NOW + HOUR)
            assert ran.failed == 0
            assert (health(world, "krant").state is SourceState.ODD) is odd, status
        world.web.route("/krant.xml", redirect(way, 301))
        ran = world.run(now=NOW + 2 * HOUR)

        assert ran.problems == []
        (sign,) = health(world, "krant").signs
        assert (sign.sign, sign.detail) == (Sign.MOVED, way)
        assert world.runs("krant")[-1].signs == [{"sign": "moved", "detail": way}]

        # Down for an hour: that it moved is not forgotten.
        world.web.route("/krant.xml", Answer("", 404))
        world.run(now=NOW + 3 * HOUR)
        assert health(world, "krant").state is SourceState.FAILING
        assert health(world, "krant").signs == (sign,)

        world.source("krant", there)
        world.run(now=NOW + 4 * HOUR)
        assert (health(world, "krant").state, health(world, "krant").signs) == (SourceState.HEALTHY, ())


def test_a_list_that_has_not_changed_is_still_seen_to_have_moved(settings: Settings, engine: Engine) -> None:
    with World(settings, engine, "127.0.0.1", ELSEWHERE) as world:
        there = world.feed("krant", [Entry(world.page("/a"), summary=PROSE)], address=ELSEWHERE)
        world.source("krant", world.web.route("/oud.xml", redirect(there, 301)))
        world.run(now=NOW)
        since = health(world, "krant").signs[0].since

        world.run(now=NOW + HOUR)  # answered by 304

        (sign,) = health(world, "krant").signs
        assert (sign.sign, sign.since) == (Sign.MOVED, since)


def test_a_slash_more_is_told_mildly(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        world.web.route("/rss/", rss([Entry(world.page("/a"), summary=PROSE)]))
        world.source("krant", world.web.route("/rss", redirect("/rss/", 301)))

        ran = world.run(now=NOW)

        assert health(world, "krant").signs == ()
        assert "for good" in ran.warned("krant")
        assert world.web.url("/rss/") in ran.warned("krant")


def test_what_stands_in_the_place_of_a_source_is_named_and_nothing_of_it_is_kept(
    settings: Settings, engine: Engine
) -> None:
    walls = {
        "parked": (PARKED, Sign.PARKED, "sells the domain"),
        "suspended": (SUSPENDED, Sign.SUSPENDED, "hosting firm"),
        "refused": (page("x", SUSPENDED.body, 403), Sign.SUSPENDED, "hosting firm"),
        "nginx": (page("Welcome to nginx!", "<p>Welcome</p>"), Sign.SUSPENDED, "hosting firm"),
        "consent": (CONSENT, Sign.CONSENT, "asks for consent or a sign-in"),
    }
    with World(settings, engine) as world:
        kinds: dict[str, dict[str, Any]] = {
            "feed": {},
            # A pattern so wide that the links of such a page look like articles.
            "site": {"article": "/nieuws/"},
            "wordpress": {},
            "sitemap": {},
        }
        sent: list[tuple[str, str]] = []
        for kind, options in kinds.items():
            for name, (answer, _, _) in walls.items():
                path = f"/{kind}-{name}"
                # WordPress is asked below the address of the site.
                for address in (path, f"{path}/wp-json/wp/v2/posts"):
                    world.web.route(address, answer)
                world.source(f"{kind}-{name}", world.web.url(path), kind=kind, **options)
                sent.append((kind, name))

        ran = world.run(now=NOW)

        assert (ran.sources, ran.failed, ran.items) == (len(sent), len(sent), {})
        assert world.items() == []
        for kind, name in sent:
            key = f"{kind}-{name}"
            _, sign, words = walls[name]
            assert words in ran.problem(key), key
            seen = health(world, key)
            assert (seen.state, [one.sign for one in seen.signs]) == (SourceState.FAILING, [sign]), key
            assert seen.problem == ran.problem(key)
            assert world.runs(key)[-1].signs == [{"sign": sign.value, "detail": seen.signs[0].detail}]


def test_a_parked_page_at_the_end_of_a_redirect_is_no_address_to_move_to(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine, "127.0.0.1", ELSEWHERE) as world:
        there = world.web.route("/te-koop", PARKED, address=ELSEWHERE)
        world.source("krant", world.web.route("/rss", redirect(there, 301)))

        world.run(now=NOW)

        (sign,) = health(world, "krant").signs
        assert (sign.sign, sign.detail) == (Sign.PARKED, there)


def test_a_healthy_visit_takes_the_sign_away_and_reads_on(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        good = listing(world, "/nieuws/1", "/nieuws/2")
        world.source("krant", world.web.route("/lijst", good), kind="site", article="/nieuws/")
        assert world.run(now=NOW).items == {"new": 2}
        assert health(world, "krant").state is SourceState.HEALTHY

        world.web.route("/lijst", CONSENT)
        world.run(now=NOW + HOUR)
        assert health(world, "krant").signs[0].sign is Sign.CONSENT
        assert len(world.items()) == 2

        world.web.route("/lijst", listing(world, "/nieuws/1", "/nieuws/2", "/nieuws/3"))
        ran = world.run(now=NOW + 3 * HOUR)
        assert (ran.items, ran.problems) == ({"new": 1, "unchanged": 2}, [])
        assert (health(world, "krant").state, health(world, "krant").signs) == (SourceState.HEALTHY, ())


def test_news_about_such_pages_is_news(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        told = (
            "Deze domeinnaam is te koop, las de penningmeester van het koor op de eigen site",
            "Fout geparkeerd op de stoep: bewoners maken samen een plan voor hun straat",
            "Oude school is te koop en de buurt wil er een dorpshuis van maken",
            "This account has been suspended: hoe de voetbalclub haar pagina kwijtraakte",
        )
        links = []
        for number, title in enumerate(told):
            path = world.page(f"/nieuws/{number}", article(title, f"{title}. Nummer {number}. {PROSE}"))
            links.append(f'<h2><a href="{path}">{title}</a></h2>')
        world.source(
            "krant",
            world.web.route("/lijst", page("Nieuws", "".join(links))),
            kind="site",
            article="/nieuws/",
        )
        world.feed("feed", [Entry(world.page("/x"), title=told[0], summary=PROSE)])

        ran = world.run(now=NOW)

        assert (ran.items, ran.problems) == ({"new": 5}, [])
        assert health(world, "krant").state is SourceState.HEALTHY


def test_outside_what_is_expected_stands_while_the_list_stays_as_it_is(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        world.news("krant", 1, expect={"min": 5, "max": 9})
        for after in range(2):  # the second time answered by 304
            ran = world.run(now=NOW + after * HOUR)
            assert ran.failed == 0
            (sign,) = health(world, "krant").signs
            assert (sign.sign, sign.detail, sign.since.date()) == (Sign.BOUNDS, "1:5:9", NOW.date())
        world.news("krant", 5, expect={"min": 5, "max": 9})
        world.run(now=NOW + 2 * HOUR)
        assert health(world, "krant").signs == ()


def test_a_source_that_gives_the_items_of_another_one_is_doubled(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        links = world.news("koerier", 6)
        world.run(now=NOW)
        world.feed("ook", [Entry(link, summary=PROSE) for link in links])

        world.run(now=NOW + HOUR)

        assert health(world, "koerier").signs == ()
        (sign,) = health(world, "ook").signs
        assert (sign.sign, sign.detail) == (Sign.DOUBLED, "source:koerier:6:6")


def test_silence_and_doubling_come_with_the_days(settings: Settings, engine: Engine) -> None:
    """The days before are written as visits write them; the visits of the last days are real."""
    with World(settings, engine) as world:
        feeds: dict[str, Callable[[int], list[Entry]]] = {
            "stil": lambda day: [],
            "vol": lambda day: [
                Entry(
                    f"{world.web.url('/vol')}?n={day}-{number}",
                    title=f"Bericht {day} {number}",
                    summary=PROSE,
                )
                for number in range(25)
            ],
            "gewoon": lambda day: [Entry(f"{world.web.url('/gewoon')}?n={day}", summary=PROSE)],
        }
        for key in feeds:
            world.feed(key, [], full_text=False)
        world.run(now=NOW - 5 * DAY)
        with session_factory(engine)() as session:
            for ago in range(6, 40):
                for key, new in (("stil", 3 if ago > 9 else 0), ("vol", 8), ("gewoon", 1)):
                    day = (NOW - ago * DAY).date()
                    session.add(SourceDay(source_key=key, day=day, visits=1, new=new, drafts=10))
            session.commit()

        for ago in range(4, -1, -1):
            for key, entries in feeds.items():
                world.feed(key, entries(ago), full_text=False)
            world.run(now=NOW - ago * DAY)

        assert [one.sign for one in health(world, "stil").signs] == [Sign.SILENT]
        assert health(world, "stil").signs[0].detail == str((NOW - 10 * DAY).date())
        assert [(one.sign, one.detail) for one in health(world, "vol").signs] == [(Sign.DOUBLED, "day:25:8")]
        assert health(world, "gewoon").signs == ()
        assert health(world, "vol").per_day[-2:] == (25, 25)
        assert health(world, "gewoon").new_30 == 24 + 5


def test_the_status_says_what_is_odd_what_to_do_and_who_is_left_out(
    settings: Settings, engine: Engine
) -> None:
    with AnyWorld(settings, engine, "127.0.0.1", ELSEWHERE) as world:
        there = world.feed("ver", [], address=ELSEWHERE)
        moved_from = world.web.route("/oud.xml", redirect(there, 301))
        world.source("krant", moved_from, municipality="Arnhem")
        world.source("klok", world.web.route("/klok", PARKED), municipality="Rheden")
        with session_factory(engine)() as session:
            for name in ("Arnhem", "Rheden"):
                set_participation(session, name, date(2020, 1, 1))
            session.commit()
        world.run()

        told = scout("status", "--json", var=settings.var, config=settings.config)
        assert told.returncode == 0, told.stderr
        report = json.loads(told.stdout)
        assert report["sources"] == {"failing": 1, "healthy": 1, "odd": 1}
        odd = {one.pop("source"): one for one in report["odd"]}
        assert (odd["krant"]["sign"], odd["krant"]["detail"]) == ("moved", there)
        assert odd["krant"]["do"] == f"set its url to {there}, once you have seen that it is the same source"
        since = odd["krant"]["since"]
        assert odd["klok"]["sign"] == "parked"
        assert datetime.fromisoformat(odd["klok"]["since"]).tzinfo is not None
        assert report["coverage"] == [{"municipality": "GM0275", "name": "Rheden", "since": None}]

        lines = scout("status", var=settings.var, config=settings.config).stdout
        assert f"odd      krant: moved since {since[:10]}: set its url to {there}" in lines
        assert "no news  Rheden (GM0275): no healthy source this week, it never had one" in lines
