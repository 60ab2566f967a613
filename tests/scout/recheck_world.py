"""Sites on loopback with stored items, for tests of asking whether these are still there."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select, update

from models.database import session_factory
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.words import LeadStatus
from tests.scout.gather_driver import Run
from tests.scout.gather_world import PROSE, World, article
from tests.web import Answer, Asked

#: When everything is gathered: the tests' own clock goes on from here.
BEGIN = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
#: A little more, for gathering takes some seconds too.
WEEK = timedelta(days=7, hours=1)


class RecheckWorld(World):
    """A world whose items are asked about."""

    def __init__(self, *arguments: Any, **changes: Any) -> None:
        super().__init__(*arguments, **changes)
        #: Id of an item -> its address.
        self.addresses: dict[int, str] = {}

    def recheck(self, after: timedelta, **options: Any) -> dict[str, Any]:
        """Ask what is due, so long after everything was gathered; what it reported."""
        return self.begin_recheck(after, **options).result()

    def begin_recheck(self, after: timedelta, **options: Any) -> Run:
        """Begin to ask; the record of requests begins anew."""
        self.web.forget()
        return Run(self.settings, stage="recheck", now=BEGIN + after, **options)

    def gather(self, after: timedelta = timedelta(0)) -> dict[str, int]:
        """Visit all sources, so long after the beginning; drafts by outcome."""
        return self.run(now=BEGIN + after).items

    def item(self, url: str) -> Item:
        """The stored item at an address."""
        return next(item for item in self.items() if item.url == url)

    def remember(self) -> None:
        """Remember where items stood, for when their addresses are gone; the first by name is the oldest."""
        with session_factory(self.engine)() as session:
            for number, item in enumerate(session.scalars(select(Item).order_by(Item.url))):
                self.addresses[item.id] = item.url
                item.first_seen_at = BEGIN + timedelta(seconds=number)
            session.commit()

    def gone(self) -> list[str]:
        """Paths of the items that were taken out, of those that are remembered."""
        with session_factory(self.engine, writes=False)() as session:
            gone = session.scalars(select(Item.id).where(Item.purged_at.is_not(None)))
            return sorted(urlsplit(self.addresses[item_id]).path for item_id in gone)

    def lead(self, *urls: str) -> int:
        """An open lead of these items; its number."""
        with session_factory(self.engine)() as session:
            lead = Lead(
                title="Buurttuin", score=0.8, opened_at=BEGIN, extended_at=BEGIN, status=LeadStatus.OPEN
            )
            session.add(lead)
            session.flush()
            for item in session.scalars(select(Item).where(Item.url.in_(urls))):
                session.add(LeadItem(lead_id=lead.id, item_id=item.id, added_at=BEGIN))
            session.commit()
            return lead.id

    def set_source(self, key: str, **values: Any) -> None:
        """Change a source's row."""
        from models.source import Source

        with session_factory(self.engine)() as session:
            session.execute(update(Source).where(Source.key == key).values(**values))
            session.commit()


class Blog:
    """As much of a WordPress site as is asked of it."""

    def __init__(self, world: World, key: str, *, address: str | None = None, usual: bool = True) -> None:
        self.world, self.address, self.usual = world, address, usual
        #: Number of a post -> its fields; those in the bin answer 401.
        self.posts: dict[int, dict[str, Any]] = {}
        self.binned: set[int] = set()
        #: Status and code of every answer of the API; None = it answers.
        self.closed: tuple[int, str] | None = None
        #: Instead of the answer about one post.
        self.one: Callable[[int], Answer] | None = None
        #: Takes no heed of ``include``, as behind some caches.
        self.deaf = False
        self.root = world.web.route("/", self._by_query, address=address)
        world.web.route("/wp-json/wp/v2/posts", self._list, address=address)
        world.source(key, self.root, kind="wordpress")

    def write(self, number: int, title: str = "Buurttuin", text: str = PROSE, version: int = 0) -> str:
        """Publish a post, or edit it; returns its address."""
        url = self.world.page(
            f"/post-{number}", article(title, f"Nummer {number}. {text}"), address=self.address
        )
        self.posts[number] = {
            "id": number,
            "link": url,
            "title": {"rendered": title},
            "excerpt": {"rendered": ""},
            "date_gmt": f"{BEGIN - DAY:%Y-%m-%dT%H:%M:%S}",
            "modified_gmt": f"{BEGIN - DAY + timedelta(minutes=version):%Y-%m-%dT%H:%M:%S}",
        }
        self.world.web.route(f"/wp-json/wp/v2/posts/{number}", self._one, address=self.address)
        return url

    def _by_query(self, asked: Asked) -> Answer:
        route = parse_qs(urlsplit(asked.target).query).get("rest_route", [""])[0]
        if not route:
            return Answer(article("Voorpagina"))
        return self._answer(route, asked)

    def _list(self, asked: Asked) -> Answer:
        return self._answer("/wp/v2/posts", asked) if self.usual else Answer("not here", 404)

    def _one(self, asked: Asked) -> Answer:
        return self._answer(asked.path.removeprefix("/wp-json"), asked) if self.usual else Answer("", 404)

    def _answer(self, route: str, asked: Asked) -> Answer:
        if self.closed is not None:
            return _json({"code": self.closed[1]}, self.closed[0])
        number = route.rpartition("/")[2]
        if not number.isdigit():
            wanted = parse_qs(urlsplit(asked.target).query).get("include")
            numbers = (
                set(self.posts) if self.deaf or not wanted else {int(one) for one in wanted[0].split(",")}
            )
            there = [post for key, post in self.posts.items() if key in numbers - self.binned]
            return _json([] if self.deaf and wanted else there)
        if self.one is not None:
            return self.one(int(number))
        if int(number) in self.binned:
            return _json({"code": "rest_forbidden", "data": {"status": 401}}, 401)
        post = self.posts.get(int(number))
        return _json(post) if post else _json({"code": "rest_post_invalid_id"}, 404)


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(value), status, {"Content-Type": "application/json"})
