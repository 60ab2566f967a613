"""Visits to Bluesky accounts: nothing read twice or missed, and nothing of persons."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.settings import Settings
from models.store.items import account_key
from tests.scout.bluesky_world import (
    CANARY,
    DID,
    OTHER,
    Account,
    AppView,
    Pds,
    facet,
    link,
    wrong,
)
from tests.scout.gather_driver import Ran
from tests.scout.gather_world import PROSE, World
from tests.scout.recheck_world import DAY, HOUR, RecheckWorld
from tests.web import Answer

KEY = "buurtraad-oost"
NOW = datetime.now(UTC).replace(microsecond=0)
SERVERS = pytest.mark.parametrize("kind", [Pds, AppView], ids=["own server", "appview"])


def follow(world: World, server: Pds | AppView, key: str = KEY, **more: object) -> None:
    """A source that follows the server's account."""
    world.source(key, server.url, kind="bluesky", actor=DID, **more)


def texts(world: World) -> dict[str, str]:
    """rkey -> stored text."""
    return {url.rpartition("/")[2]: text for url, text in world.texts().items()}


def methods(world: World) -> list[str]:
    return [path.rpartition(".")[2] for path in world.asked()]


def pages(world: World, kind: type[Pds] | type[AppView]) -> int:
    """Pages of posts that the last run asked for."""
    return methods(world).count("listRecords" if kind is Pds else "getAuthorFeed")


def everything_written(settings: Settings, ran: Ran) -> bytes:
    """All bytes that a run left behind, in the database and on standard error."""
    files = [path.read_bytes() for path in Path(settings.var).rglob("*") if path.is_file()]
    return b"".join(files) + ran.stderr.encode() + json.dumps([ran.problems, ran.warnings]).encode()


@SERVERS
@pytest.mark.both_databases
def test_posts_of_an_organisation_are_stored_once_with_lasting_links(
    settings: Settings, engine: Engine, kind: type[Pds] | type[AppView]
) -> None:
    with World(settings, engine) as world:
        account = Account()
        first, second = account.say(f"De buurttuin opent. {PROSE}"), account.say(f"Nog iets. {PROSE}")
        follow(world, kind(world.web, account))

        ran = world.run()

        assert (ran.failed, ran.items) == (0, {"new": 2})
        assert {item.url for item in world.items()} == {link(first), link(second)}
        (item, _) = world.items()
        assert (item.native_id, item.title) == (account.uri(first), "")
        assert item.account_key == account_key(settings.effective_secret_key, DID)
        assert item.published_at is not None

        ran = world.run()
        assert (ran.failed, set(ran.items) - {"unchanged"}) == (0, set())


@SERVERS
def test_all_that_was_posted_between_two_visits_is_found_and_little_else_is_asked(
    settings: Settings, engine: Engine, kind: type[Pds] | type[AppView]
) -> None:
    with World(settings, engine) as world:
        account = Account()
        for number in range(7):
            account.say(f"Bericht {number}. {PROSE}")
        follow(world, kind(world.web, account, most=3))
        assert world.run().items == {"new": 7}

        fresh = {account.say(f"Nieuw bericht {number}. {PROSE}") for number in range(5)}
        ran = world.run()

        assert ran.items["new"] == 5
        assert fresh <= texts(world).keys()
        # Two pages with something new, and the one that has nothing new any more.
        assert pages(world, kind) == 3

        assert world.run().items.keys() <= {"unchanged"}
        assert pages(world, kind) == 1


def test_a_row_of_answers_to_others_hides_nothing(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        account = Account()
        old = account.say(f"Oud bericht. {PROSE}")
        follow(world, Pds(world.web, account, most=3))
        world.run()
        hidden = account.say(f"Verstopt bericht. {PROSE}")
        for number in range(7):
            account.say(f"Dank je wel, {number}!", reply=account.reply())

        assert world.run().items["new"] == 1
        assert texts(world).keys() == {old, hidden}


@SERVERS
def test_what_was_left_when_the_server_had_enough_is_read_later(
    settings: Settings, engine: Engine, kind: type[Pds] | type[AppView]
) -> None:
    with World(settings, engine) as world:
        account = Account()
        for number in range(5):
            account.say(f"Bericht {number}. {PROSE}")
        server = kind(world.web, account, most=2)
        follow(world, server)
        # Profile and first page, perhaps after a try the other way; then it is enough.
        usual = 2 if kind is Pds else 4
        server.faults.extend([*[None] * usual, Answer("", 429, {"Retry-After": "90"})])

        ran = world.run(now=NOW)

        assert "asks to be left alone until" in ran.problem(KEY)
        assert len(texts(world)) == 2
        assert world.run(now=NOW + timedelta(seconds=60)).sources == 0
        assert world.asked() == []

        ran = world.run(now=NOW + timedelta(seconds=120))
        assert (ran.failed, ran.items["new"], len(texts(world))) == (0, 3, 5)


def test_a_visit_is_held_against_expect_though_the_profile_is_the_same(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        account = Account()
        rkeys = [account.say(f"Bericht {number}. {PROSE}") for number in range(4)]
        follow(world, Pds(world.web, account), expect={"min": 3})
        assert world.run().problems == []
        for rkey in rkeys[:3]:
            account.delete(rkey)

        assert "gave 1 item, expected at least 3" in world.run().problem(KEY)


def test_changed_posts_are_stored_anew(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        account = Account()
        rkey = account.say(f"De tuin opent zaterdag. {PROSE}")
        account.say(f"Iets anders. {PROSE}")
        follow(world, Pds(world.web, account))
        world.run()
        account.change(rkey, f"De tuin opent zondag. {PROSE}")

        assert world.run().items == {"changed": 1, "unchanged": 1}
        assert "zondag" in texts(world)[rkey]


@SERVERS
def test_nothing_of_others_is_kept(
    settings: Settings, engine: Engine, kind: type[Pds] | type[AppView]
) -> None:
    with World(settings, engine) as world:
        account = Account()
        thanks = f"Dank aan @{CANARY} en @kanarie@mensen.example. Zie bsky.app/profile/{CANARY} {PROSE}"
        first = account.say(thanks, facets=[facet(thanks, f"@{CANARY}", mention=OTHER)])
        named = f"Met dank aan Kanarie de Vogel. {PROSE}"
        second = account.say(
            named,
            facets=[facet(named, "Kanarie de Vogel", link=f"https://bsky.app/profile/{CANARY}")],
            embed={
                "$type": "app.bsky.embed.external",
                "external": {
                    "uri": "https://krant.example/1",
                    "title": "De tuin",
                    "description": f"Door @{CANARY}",
                },
            },
        )
        account.say(f"Dat vind ik niet, @{CANARY}. {PROSE}", reply=account.reply())
        third = account.say(f"En verder. {PROSE}", reply=account.reply(first))
        account.reposts = [
            {
                "post": {
                    "uri": f"at://{OTHER}/app.bsky.feed.post/3k",
                    "author": {"did": OTHER, "handle": CANARY},
                    "record": {"text": f"Van {CANARY}. {PROSE}"},
                },
                "reason": {"$type": "app.bsky.feed.defs#reasonRepost"},
            }
        ]
        follow(world, kind(world.web, account))

        ran = world.run()

        assert texts(world).keys() == {first, second, third}
        assert texts(world)[second].startswith("Met dank aan een profiel.")
        assert "De tuin" in texts(world)[second]
        written = everything_written(settings, ran)
        assert b"kanarie" not in written.lower()
        assert OTHER.encode() not in written


@pytest.mark.parametrize(
    ("kind", "in_profile"),
    [
        pytest.param(Pds, True, id="own server, in the profile"),
        pytest.param(AppView, True, id="appview, in the profile"),
        pytest.param(AppView, False, id="appview, by its author"),
    ],
)
def test_an_account_for_signed_in_visitors_only_is_not_read(
    settings: Settings, engine: Engine, kind: type[Pds] | type[AppView], in_profile: bool
) -> None:
    with World(settings, engine) as world:
        account = Account()
        account.say(f"Bericht. {PROSE}")
        if in_profile:
            values = {
                "$type": "com.atproto.label.defs#selfLabels",
                "values": [{"val": "!no-unauthenticated"}],
            }
            account.profile = {**(account.profile or {}), "labels": values}
        else:
            account.labels = [{"src": DID, "uri": f"at://{DID}", "val": "!no-unauthenticated"}]
        follow(world, kind(world.web, account))

        ran = world.run()

        assert "signed-in visitors only (!no-unauthenticated)" in ran.problem(KEY)
        assert world.items() == []


def test_posts_that_were_taken_down_are_left_out(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        account = Account()
        seen, gone, covered = (account.say(f"Bericht {word}. {PROSE}") for word in ("a", "b", "c"))
        account.post_labels = {
            gone: [{"src": "did:plc:moderatie", "val": "!takedown"}],
            covered: [{"src": "did:plc:moderatie", "val": "!warn"}],
            seen: [
                {"src": "did:plc:moderatie", "val": "!hide", "neg": True},
                {"src": OTHER, "val": "!no-unauthenticated"},
            ],
        }
        follow(world, AppView(world.web, account))

        assert world.run().items == {"new": 2}
        assert texts(world).keys() == {seen, covered}


@SERVERS
@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        pytest.param({"displayName": "Kanarie", "description": "Ik woon in Oost"}, "its profile", id="I"),
        pytest.param({"displayName": "Kanarie", "description": ""}, "nothing in its profile", id="who knows"),
        pytest.param(None, "nothing in its profile", id="no profile"),
    ],
)
def test_a_person_can_not_be_followed(
    settings: Settings,
    engine: Engine,
    kind: type[Pds] | type[AppView],
    profile: dict[str, str] | None,
    reason: str,
) -> None:
    with World(settings, engine) as world:
        account = Account(profile=profile)
        account.say(f"Bericht. {PROSE}")
        follow(world, kind(world.web, account), key="oost")

        ran = world.run()

        problem = ran.problem("oost")
        assert "persons are not followed" in problem
        assert reason in problem
        assert "Kanarie" not in problem
        assert world.items() == []


@SERVERS
@pytest.mark.parametrize("state", ["deactivated", "takendown", "deleted"])
def test_an_account_that_is_away_says_so_and_nothing_is_removed(
    settings: Settings, engine: Engine, kind: type[Pds] | type[AppView], state: str
) -> None:
    with World(settings, engine) as world:
        account = Account()
        account.say(f"Bericht. {PROSE}")
        follow(world, kind(world.web, account))
        world.run()
        account.state = state

        ran = world.run()

        assert "no longer shows the account" in ran.problem(KEY)
        assert len(texts(world)) == 1


def test_an_address_that_is_no_such_server_is_named(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        world.source(KEY, world.web.url("/"), kind="bluesky", actor=DID)

        ran = world.run()

        assert "answers neither as the server of a Bluesky account nor as an AppView" in ran.problem(KEY)
        assert methods(world) == ["getRecord", "getProfile"]


def test_trouble_inside_the_server_is_tried_again_and_nothing_is_lost(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        account = Account()
        account.say(f"Bericht. {PROSE}")
        server = Pds(world.web, account)
        follow(world, server)
        server.faults.extend([wrong("InternalServerError", status=500)] * 3)

        assert "the trouble is at the server" in world.run().problem(KEY)
        assert world.run().items == {"new": 1}


@SERVERS
def test_deleted_posts_go_after_two_answers_and_changes_are_followed(
    settings: Settings, engine: Engine, kind: type[Pds] | type[AppView]
) -> None:
    with RecheckWorld(settings, engine) as world:
        account = Account()
        kept, changed, deleted = (account.say(f"Bericht {number}. {PROSE}") for number in range(3))
        server = kind(world.web, account)
        follow(world, server)
        world.gather()
        world.lead(*(link(rkey) for rkey in (kept, changed, deleted)))
        account.change(changed, f"Heel anders. {PROSE}")
        account.delete(deleted)

        world.recheck(DAY + HOUR)
        assert texts(world).keys() == {kept, changed, deleted}
        assert texts(world)[changed].startswith("Heel anders.")

        # Trouble in between neither counts nor takes anything back.
        server.faults.extend([Answer("", 503)] * 3)
        world.recheck(DAY + 3 * HOUR)
        assert not server.faults
        assert texts(world).keys() == {kept, changed, deleted}
        world.recheck(2 * DAY + 6 * HOUR)
        assert texts(world).keys() == {kept, changed}

        # What is gone does not come back.
        account.posts[deleted] = ("bafy", {"text": PROSE, "createdAt": account.posts[kept][1]["createdAt"]})
        world.gather(3 * DAY)
        assert texts(world).keys() == {kept, changed}
