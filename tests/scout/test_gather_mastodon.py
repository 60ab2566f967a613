"""Gathering from a Mastodon server that goes on living between the visits."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlalchemy import Engine, MetaData, select

from models.settings import Settings
from scout.drafts import Page, Question, Standing, Stored
from scout.readers import mastodon
from tests.scout.command import run_scout
from tests.scout.gather_world import PROSE, World
from tests.scout.mastodon_world import Mastodon
from tests.scout.reading import source_of

NOW = datetime.now(UTC).replace(microsecond=0)
TAG = "/api/v1/timelines/tag/buurttuin"
#: A handle that must be nowhere.
CANARY = "kanarie_x"


@pytest.fixture
def world(settings: Settings, engine: Engine) -> Iterator[World]:
    with World(settings, engine) as world:
        yield world


@pytest.fixture
def server() -> Iterator[Mastodon]:
    with Mastodon("gemeente", "buur", "ander", CANARY) as server:
        server.profile("gemeente", display_name="Gemeente Voorbeeld", note="<p>Officieel account.</p>")
        yield server


def follow(world: World, server: Mastodon, **options: Any) -> None:
    """A source for the hashtag of these tests, or for something else on the server."""
    options = options or {"hashtag": "buurttuin"}
    world.source("mast", server.url, kind="mastodon", **options)


def ids(world: World) -> list[str]:
    """The ids of the posts that are stored, oldest first."""
    return sorted(item.native_id for item in world.items())


def write(server: Mastodon, count: int, name: str = "buur") -> list[str]:
    return [server.post(name, f"Bericht {number}: wie helpt in de #buurttuin?") for number in range(count)]


# -- reading on from visit to visit ------------------------------------------------------------------


@pytest.mark.both_databases
def test_nothing_is_read_twice_and_nothing_between_visits_is_missed(world: World, server: Mastodon) -> None:
    follow(world, server)
    first = write(server, 90)

    ran = world.run()

    assert (ran.items, ran.problems, ran.warnings) == ({"new": 90}, [], [])
    assert ids(world) == first
    assert world.row("mast").cursor == {"newest": first[-1]}
    assert server.paths() == ["/api/v2/instance", TAG, TAG, TAG]

    assert world.run().items == {}
    assert server.paths() == ["/api/v2/instance", TAG]

    # More than two pages between two visits, and the newest stored post is gone meanwhile.
    server.delete("buur", first[-1])
    second = write(server, 85)
    server.asked.clear()
    assert world.run().items == {"new": 85}
    assert ids(world) == first + second
    assert [target.partition("min_id=")[2] for target in server.asked if "min_id" in target] == [
        first[-1],
        second[39],
        second[79],
        second[-1],
    ]

    # That the server itself says the same as before does not keep new posts out.
    assert world.run().items == {}
    third = write(server, 1)
    assert world.run().items == {"new": 1}
    assert ids(world) == first + second + third


@pytest.mark.parametrize("page", [2, 3, 4])
def test_a_visit_that_is_killed_between_pages_is_made_good(world: World, server: Mastodon, page: int) -> None:
    follow(world, server)
    first = write(server, 90)

    kill_at(world, server, page)
    assert len(ids(world)) == 40 * (page - 1) if page < 4 else 90
    between = write(server, 3)
    assert world.run().problems == []
    assert ids(world) == first + between

    after = write(server, 90)
    kill_at(world, server, page)
    world.run()
    assert ids(world) == first + between + after
    server.asked.clear()
    assert world.run().items == {}
    assert server.paths() == ["/api/v2/instance", TAG]


def kill_at(world: World, server: Mastodon, page: int) -> None:
    """Gather, and kill the run when it asks for this page of the timeline; or let it end, if it does not."""
    run, asked = None, 0

    def count(target: str) -> None:
        nonlocal asked
        asked += target.startswith(TAG)
        if asked == page and run is not None:
            run.process.kill()

    server.before = count
    run = world.begin()
    run.process.join(60)
    server.before = lambda target: None


def test_the_first_visit_goes_back_as_far_as_items_are_kept(
    settings: Settings, engine: Engine, server: Mastodon
) -> None:
    posts = write(server, 130)
    for old in posts[:60]:
        server.backdate(old, 40)
    with World(settings, engine, max_age_days=30) as world:
        follow(world, server)

        ran = world.run()

        # The page that reaches beyond that is the last one.
        assert server.paths() == ["/api/v2/instance", TAG, TAG]
        assert ran.items == {"new": 70, "too_old": 10}
        assert ids(world) == posts[60:]
        assert world.row("mast").cursor == {"newest": posts[-1]}


def test_a_first_visit_that_is_too_much_for_one_is_finished_by_the_next(
    world: World, server: Mastodon
) -> None:
    follow(world, server)
    posts = write(server, 90)
    limits = {"scout.crawl.visit:MOST_DRAFTS": 45}

    ran = world.run(limits=limits)
    assert "the rest is left for the next visit" in ran.warned("mast")
    assert ran.items == {"new": 45}
    new = write(server, 50)
    for _ in range(3):
        ran = world.run(limits=limits)

    assert ids(world) == posts + new
    assert world.row("mast").cursor == {"newest": new[-1]}


def test_posts_that_are_found_in_two_ways_are_stored_once(world: World, server: Mastodon) -> None:
    follow(world, server)
    world.source("plaats", server.url, kind="mastodon", timeline="local")
    write(server, 3)
    server.post("buur", "Iets zonder hashtag")

    ran = world.run()

    assert ran.items == {"new": 4, "duplicate": 3}
    assert world.run().items == {}


# -- who is read ---------------------------------------------------------------------------------


def test_only_authors_who_chose_to_be_found_are_read(world: World, server: Mastodon) -> None:
    follow(world, server)
    wanted = server.post("buur", "Wij leggen een #buurttuin aan")
    server.post("buur", "Alleen voor wie mij kent: #buurttuin", visibility="unlisted")
    server.profile("ander", indexable=False)
    server.profile("gemeente", note="<p>Liever niet: #<span>nobot</span></p>")
    server.profile(CANARY, discoverable=None)
    for name in ("ander", "gemeente", CANARY):
        server.post(name, "Ook in de #buurttuin")

    ran = world.run()

    assert ran.items == {"new": 1}
    assert ids(world) == [wanted]


def test_an_organisation_is_followed_without_its_replies_and_boosts(world: World, server: Mastodon) -> None:
    follow(world, server, account="gemeente")
    server.profile("gemeente", discoverable=None, indexable=False)
    other = server.post("buur", "Dit is van een ander")
    own = [server.post("gemeente", f"De gemeente meldt: bericht {number}") for number in range(50)]
    server.post("gemeente", "Een antwoord", in_reply_to_id=other)
    server.post("gemeente", "Alleen voor volgers", visibility="private")
    server._call("POST", f"/api/v1/statuses/{other}/reblog", "gemeente", {})

    ran = world.run()

    assert (ran.items, ran.problems) == ({"new": 50}, [])
    assert ids(world) == own
    assert world.texts()[f"{server.url}/statuses/{own[0]}"] == "De gemeente meldt: bericht 0"

    own += [server.post("gemeente", "Nog een bericht")]
    assert world.run().items == {"new": 1}
    assert ids(world) == own


def test_a_persons_account_is_refused_with_the_reason(world: World, server: Mastodon) -> None:
    follow(world, server, account="buur")
    server.post("buur", "Lekker weer vandaag")
    server.profile("buur", display_name="Stichting Buur", note="<p>Ik woon hier graag.</p>")

    ran = world.run()

    assert ran.problem("mast") == (
        "the account may be a person's, and persons are not followed: its profile speaks as one person"
    )
    assert server.paths() == ["/api/v2/instance", "/api/v1/accounts/lookup"]
    assert world.items() == []

    # What was an organisation's may become a person's.
    server.profile("buur", note="<p>Wij helpen buren.</p>")
    assert world.run().items == {"new": 1}
    server.profile("buur", note="<p>Van mij alleen.</p>")
    server.post("buur", "Op vakantie")
    assert "persons are not followed" in world.run().problem("mast")
    assert len(world.items()) == 1


def test_an_account_that_is_not_there_is_told(world: World, server: Mastodon) -> None:
    follow(world, server, account="niemand")

    assert "has no such account (any more): correct account" in world.run().problem("mast")


# -- what servers allow --------------------------------------------------------------------------


def access(value: str) -> Callable[[Any], Any]:
    def change(instance: Any) -> Any:
        feeds = {"local": value, "remote": "disabled"}
        instance["configuration"]["timelines_access"] = {
            "live_feeds": {"local": "public"},
            "hashtag_feeds": feeds,
        }
        return instance

    return change


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("authenticated", "shows hashtags only to those who sign in"),
        ("disabled", "has switched hashtags off"),
    ],
)
def test_a_timeline_that_is_closed_is_told_apart_from_an_empty_one(
    world: World, server: Mastodon, value: str, words: str
) -> None:
    follow(world, server)
    server.instead["/api/v2/instance"] = access("public")
    ran = world.run()
    assert (ran.items, ran.problems) == ({}, [])
    server.asked.clear()

    server.instead["/api/v2/instance"] = access(value)
    server.instead[TAG] = lambda found: []
    ran = world.run()
    assert words in ran.problem("mast")
    assert "follow an organisation's account there instead" in ran.problem("mast")
    assert server.paths() == ["/api/v2/instance"]
    assert words in world.run().problem("mast")

    server.instead.clear()
    write(server, 1)
    ran = world.run()
    assert (ran.items, ran.problems) == ({"new": 1}, [])


def test_an_older_server_does_not_say_what_it_shows(world: World, server: Mastodon) -> None:
    follow(world, server)
    posts = write(server, 1)

    with server.fault("/api/v2/instance", 404):
        assert world.run().problems == []
        assert ids(world) == posts
        with server.fault(TAG, 401):
            assert "127.0.0.1 wants a sign-in for this" in world.run().problem("mast")
        with server.fault("/api/*", 404):
            assert "is it Mastodon, and is url its root?" in world.run().problem("mast")

    assert world.run().problems == []


def test_trouble_inside_the_server_loses_nothing(world: World, server: Mastodon) -> None:
    follow(world, server)
    first = write(server, 45)

    with server.fault(TAG, 502, count=1):
        assert world.run().items == {"new": 45}
    second = write(server, 45)
    with server.fault(TAG, 503):
        ran = world.run()
        assert "answered 503 Service Unavailable: the trouble is at the server" in ran.problem("mast")
    assert ids(world) == first

    assert world.run().items == {"new": 45}
    assert ids(world) == first + second


def test_a_server_whose_terms_forbid_it_is_not_asked_for_anything(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        for host in ("mastodon.social", "files.mastodon.social"):
            key = host.replace(".", "-")
            world.source(key, f"http://{host}:{world.web.port}", kind="mastodon", timeline="local")

        ran = world.run(
            names={"mastodon.social": "127.0.0.1", "files.mastodon.social": "127.0.0.1"}, public=[]
        )

        for key in ("mastodon-social", "files-mastodon-social"):
            assert "is not asked for anything, because its terms forbid it" in ran.problem(key)
        assert [asked for asked in world.web.asked if "mastodon" in asked.headers["host"]] == []


# -- limits --------------------------------------------------------------------------------------


def test_a_refusal_is_obeyed_until_the_moment_that_the_limit_names(world: World, server: Mastodon) -> None:
    follow(world, server)
    world.source("plaats", server.url, kind="mastodon", timeline="local")
    posts = write(server, 1)
    reset = NOW + timedelta(seconds=300)

    with server.fault(TAG, 429, X_RateLimit_Reset=f"{reset:%Y-%m-%dT%H:%M:%S}.000000Z"):
        ran = world.run(now=NOW, keys=["mast"])
        assert f"asks to be left alone until {reset:%Y-%m-%d %H:%M} UTC" in ran.problem("mast")
        assert world.row("mast").retry_after_until == reset
        assert server.paths() == ["/api/v2/instance", TAG]

    # In a new process, just before: neither this source nor the other one at this server.
    ran = world.run(now=reset - timedelta(seconds=20))
    assert "asked to be left alone until" in ran.problem("mast")
    assert "asks to be left alone until" in ran.problem("plaats")
    assert server.asked == []

    ran = world.run(now=reset)
    assert ran.problems == []
    assert ids(world) == posts
    assert world.row("mast").retry_after_until is None


def test_a_server_without_requests_left_is_left_alone_before_it_refuses(
    world: World, server: Mastodon
) -> None:
    follow(world, server)
    world.source("plaats", server.url, kind="mastodon", timeline="local")
    posts = write(server, 90)
    reset = NOW + timedelta(seconds=300)
    server.headers[TAG] = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset.isoformat()}

    ran = world.run(now=NOW, keys=["mast"])
    assert "asks to be left alone until" in ran.problem("mast")
    assert server.paths() == ["/api/v2/instance", TAG]
    # What came with the last answer is kept.
    assert ids(world) == posts[50:]
    assert world.row("mast").retry_after_until == reset

    world.run(now=reset - timedelta(seconds=20))
    assert server.asked == []

    server.headers.clear()
    ran = world.run(now=reset, keys=["mast"])
    assert (ran.problems, ran.items) == ([], {"new": 50})
    assert ids(world) == posts

    # The last request of a visit that went well: the next run knows it too.
    server.headers[TAG] = {"RateLimit-Remaining": "0", "RateLimit-Reset": "600"}
    ran = world.run(now=reset, keys=["mast"])
    assert (ran.problems, ran.failed) == ([], 0)
    server.asked.clear()
    assert "asks to be left alone" in world.run(now=reset + timedelta(seconds=500)).problem("plaats")
    assert server.asked == []
    assert world.run(now=reset + timedelta(seconds=700), keys=["plaats"]).problems == []


# -- edits and deletions ---------------------------------------------------------------------------


def ask(server: Mastodon, question: Question) -> Page:
    """The answer of the server to a question."""
    try:
        with urlopen(question.url, timeout=10) as answer:
            status, body = answer.status, answer.read()
    except HTTPError as error:
        status, body = error.code, error.read()
    assert status == 200 or status in question.judges
    return Page(asked=question.url, url=question.url, status=status, headers={}, body=body)


def test_the_server_is_asked_what_was_deleted_and_edited(server: Mastodon) -> None:
    source = source_of("mastodon", server.url, hashtag="buurttuin")
    posts = write(server, 45)
    items = [
        Stored(item_id=number, url=f"{server.url}/statuses/{post}", native_id=post)
        for number, post in enumerate(posts)
    ]
    server.delete("buur", posts[3])
    server.edit("buur", posts[4], "Bericht 4: de #buurttuin gaat niet door")

    batches = mastodon.questions(source, items)
    answers = [mastodon.judge(source, batch, ask(server, batch)) for batch in batches]

    assert [len(batch.items) for batch in batches] == [20, 20, 5]
    assert [item for answer in answers for item in answer.standing] == [n for n in range(45) if n != 3]
    assert {standing for answer in answers for standing in answer.standing.values()} == {Standing.THERE}
    (draft,) = [draft for answer in answers for draft in answer.drafts]
    assert (draft.external_id, draft.text) == (posts[4], "Bericht 4: de #buurttuin gaat niet door")
    ((alone,), *_) = [answer.ask for answer in answers]
    (about_server,) = mastodon.judge(source, alone, ask(server, alone)).ask
    assert mastodon.judge(source, about_server, ask(server, about_server)).standing == {3: Standing.GONE}

    # An older server has no answer for many at once: every post is asked for alone.
    with server.fault("/api/v1/statuses", 404):
        answer = mastodon.judge(source, batches[2], ask(server, batches[2]))
    assert answer.standing == {}
    each = [mastodon.judge(source, one, ask(server, one)).standing for one in answer.ask]
    assert each == [{number: Standing.THERE} for number in range(40, 45)]

    # A server that shows nothing without signing in says nothing about any post.
    with server.fault("/api/*", 401):
        for question in (batches[2], alone):
            answer = mastodon.judge(source, question, ask(server, question))
            assert (answer.standing, answer.ask) == ({}, ())


# -- others' handles ---------------------------------------------------------------------------------


def test_others_handles_are_nowhere(trained: Settings, engine: Engine, server: Mastodon) -> None:
    profile = f"https://ergens.example/@{CANARY}"
    mention = (
        f'<span class="h-card"><a href="{profile}" class="u-url mention">@<span>{CANARY}</span></a></span>'
    )
    text = f"Wij beginnen een buurtinitiatief in Arnhem. {PROSE} #buurttuin"
    posts = {
        server.post(CANARY, text + " (1)"): f"<p>{mention} {text}</p>",
        server.post(
            "buur", text + " (2)"
        ): f'<p>{text} Zie <a href="{profile}/1">{profile}/1</a> (@{CANARY}@ergens.example)</p>',
        server.post(
            "buur", text + " (3)", spoiler_text=f"Met @{CANARY}@ergens.example"
        ): f"<p>{text} ergens.example/@{CANARY}</p>",
    }
    for identity, content in posts.items():
        server.write(identity, content)
    with World(trained, engine) as world:
        follow(world, server)
        ran = world.run()
        assert ran.items == {"new": 3}
        again = world.run()

        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SCOUT_")},
            "SCOUT_VAR": str(world.settings.var),
            "SCOUT_DATABASE_URL": world.settings.database_url,
            "SCOUT_CONFIG": str(world.settings.config),
            "SCOUT_SECRET_KEY": "only for tests",
        }

        def told_by(done: "subprocess.CompletedProcess[str]") -> str:
            assert done.returncode == 0, done.stderr
            return done.stdout + done.stderr

        def export(form: str) -> str:
            command = [sys.executable, "-m", "review.cli", "export", "leads", "--format", form]
            done = subprocess.run(
                command, check=False, env=environment, capture_output=True, text=True, timeout=120
            )
            return told_by(done)

        told = [
            str(ran),
            str(again),
            told_by(run_scout("flag", environment=environment)),
            told_by(run_scout("group", environment=environment)),
            told_by(run_scout("status", "--json", environment=environment)),
        ]
        exports = [export("json"), export("csv")]

        assert all(f"/statuses/{identity}" in "".join(exports) for identity in posts)
        rows = "".join(everything(engine))
        assert "buurtinitiatief" in rows
        assert CANARY not in (rows + "".join(told + exports)).lower()
        assert sorted(world.texts().values())[0].startswith("Wij beginnen een buurtinitiatief in Arnhem.")
        logs = [path.read_bytes() for path in world.settings.var.rglob("*.log")]
        assert not [log for log in logs if CANARY.encode() in log.lower()]


def everything(engine: Engine) -> Iterator[str]:
    """Every value of every row."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        for table in tables.tables.values():
            for row in connection.execute(select(table)):
                yield repr(tuple(row))
