"""Servers of Bluesky on loopback: accounts that post, change, delete and are labelled between visits."""

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from scout.drafts import Answer as Judged
from scout.drafts import ItemDraft, Page, Question, Standing, Stored
from scout.readers import bluesky
from tests.scout.reading import source_of
from tests.web import Answer, Asked, Web

DID = "did:plc:buurtraadvoorbeeld234"
OTHER = "did:plc:iemandanders23456789"
#: A handle that must be nowhere after a visit.
CANARY = "kanarie-van-oost.bsky.social"
POSTS = "app.bsky.feed.post"
PROFILE = "app.bsky.actor.profile"
#: When the first post of an account was made; every next one a minute later.
BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)


@dataclass
class Account:
    """One account and its posts; what it does is seen by the next request."""

    did: str = DID
    profile: dict[str, Any] | None = field(
        default_factory=lambda: {"displayName": "Buurtraad Oost", "description": "Met elkaar in de wijk."}
    )
    #: ``active``, or why it is not: ``deactivated``, ``takendown``; ``deleted`` = nothing is known of it.
    state: str = "active"
    #: rkey -> (cid, record), oldest first.
    posts: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    #: What an AppView shows besides: labels of the account, and of posts by their rkey.
    labels: list[dict[str, Any]] = field(default_factory=list)
    post_labels: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    #: Posts of others that it passes on, in an AppView's feed.
    reposts: list[dict[str, Any]] = field(default_factory=list)
    made: int = 0

    def say(self, text: str, **more: Any) -> str:
        """Post something; returns its rkey."""
        self.made += 1
        rkey = f"3l{self.made:011d}"
        when = (BEGIN + timedelta(minutes=self.made)).isoformat().replace("+00:00", "Z")
        record = {"$type": POSTS, "text": text, "createdAt": when, "langs": ["nl"], **more}
        self.posts[rkey] = (f"bafy{self.made}", record)
        return rkey

    def change(self, rkey: str, text: str) -> None:
        """Change the text of a post."""
        cid, record = self.posts[rkey]
        self.posts[rkey] = (f"{cid}x", {**record, "text": text})

    def delete(self, rkey: str) -> None:
        """Delete a post."""
        del self.posts[rkey]

    def reply(self, rkey: str | None = None) -> dict[str, Any]:
        """``reply=`` of a post: to one of its own, or to somebody else's."""
        uri = self.uri(rkey) if rkey else f"at://{OTHER}/{POSTS}/3k"
        return {"root": {"uri": uri, "cid": "bafy"}, "parent": {"uri": uri, "cid": "bafy"}}

    def uri(self, rkey: str) -> str:
        """The lasting address of a post."""
        return f"at://{self.did}/{POSTS}/{rkey}"


def link(rkey: str, did: str = DID) -> str:
    """Where people read a post."""
    return f"https://bsky.app/profile/{did}/post/{rkey}"


def facet(text: str, part: str, **feature: str) -> dict[str, Any]:
    """A facet over a part of a text: ``mention="did:…"`` or ``link="https://…"``."""
    begin = len(text[: text.index(part)].encode())
    ((kind, value),) = feature.items()
    name = {"mention": "did", "link": "uri"}[kind]
    return {
        "index": {"byteStart": begin, "byteEnd": begin + len(part.encode())},
        "features": [{"$type": f"app.bsky.richtext.facet#{kind}", name: value}],
    }


def wrong(error: str, message: str = "", status: int = 400) -> Answer:
    """An error as XRPC tells it."""
    return Answer(
        json.dumps({"error": error, "message": message or error}),
        status,
        {"Content-Type": "application/json"},
    )


class _Server:
    """What both kinds of server have in common.

    Args:
        most: records in one answer at most, so that few posts make many pages.
    """

    def __init__(self, web: Web, account: Account, *, most: int = 100, address: str | None = None) -> None:
        self.account, self.most = account, most
        self.url = web.url("", address=address)
        #: Answers to the next requests, before anything else; None = as usual.
        self.faults: deque[Answer | None] = deque()
        for method in (
            "com.atproto.repo.getRecord",
            "com.atproto.repo.listRecords",
            "com.atproto.sync.getRepoStatus",
            "app.bsky.actor.getProfile",
            "app.bsky.feed.getAuthorFeed",
        ):
            web.route(f"/xrpc/{method}", self._answer, address=address)

    def _answer(self, asked: Asked) -> Answer:
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            return fault
        parts = urlsplit(asked.target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        found = self.call(parts.path.rpartition("/")[2], query)
        if isinstance(found, Answer):
            return found
        return Answer(json.dumps(found), headers={"Content-Type": "application/json"})

    def call(self, method: str, query: dict[str, str]) -> Answer | dict[str, Any]:
        raise NotImplementedError

    def page(self, query: dict[str, str]) -> list[str]:
        """The rkeys of one page, newest first, behind the cursor."""
        before = query.get("cursor", "~")
        rkeys = [rkey for rkey in sorted(self.account.posts, reverse=True) if rkey < before]
        return rkeys[: min(int(query["limit"]), self.most)]

    def record(self, query: dict[str, str]) -> dict[str, Any] | None:
        """One record, the profile or a post; None = there is none."""
        uri = f"at://{query['repo']}/{query['collection']}/{query['rkey']}"
        if query["collection"] == PROFILE:
            value = self.account.profile and {"$type": PROFILE, **self.account.profile}
            return {"uri": uri, "cid": "bafyp", "value": value} if value else None
        cid, value = self.account.posts.get(query["rkey"], ("", None))
        return {"uri": uri, "cid": cid, "value": value} if value else None

    def is_here(self, did: str) -> bool:
        return self.account.did == did and self.account.state == "active"


class Pds(_Server):
    """The server that keeps an account (a PDS): answers as the real one does."""

    def call(self, method: str, query: dict[str, str]) -> Answer | dict[str, Any]:
        did = query.get("repo") or query.get("did") or ""
        if method == "com.atproto.sync.getRepoStatus":
            if self.account.did != did or self.account.state == "deleted":
                return wrong("RepoNotFound", f"Could not find repo for DID: {did}")
            active = self.account.state == "active"
            return {"did": did, "active": active, **({} if active else {"status": self.account.state})}
        if method == "com.atproto.repo.getRecord":
            if not self.is_here(did):
                return wrong("InvalidRequest", "Could not locate record")
            return self.record(query) or wrong("RecordNotFound", "Could not locate record: at://…")
        if method == "com.atproto.repo.listRecords":
            if not self.is_here(did):
                return wrong("InvalidRequest", f"Could not find repo: {did}")
            rkeys = self.page(query)
            records = [
                {
                    "uri": self.account.uri(rkey),
                    "cid": self.account.posts[rkey][0],
                    "value": self.account.posts[rkey][1],
                }
                for rkey in rkeys
            ]
            return {"records": records, **({"cursor": rkeys[-1]} if rkeys else {})}
        return wrong("InvalidRequest", f"No service configured for {method}")


class AppView(_Server):
    """A server that shows the posts of all accounts, and keeps none."""

    def call(self, method: str, query: dict[str, str]) -> Answer | dict[str, Any]:
        did = query.get("actor") or query.get("repo") or ""
        if method == "app.bsky.actor.getProfile":
            if not self.is_here(did):
                word = {"deactivated": "AccountDeactivated", "takendown": "AccountTakedown"}
                return wrong(word.get(self.account.state, "InvalidRequest"), "Profile not found")
            return (self.account.profile or {}) | self.author()
        if method == "app.bsky.feed.getAuthorFeed":
            if not self.is_here(did):
                return wrong("InvalidRequest", "Profile not found")
            rkeys = self.page(query)
            feed = [*self.account.reposts, *({"post": self.post(rkey)} for rkey in rkeys)]
            more = rkeys and rkeys[-1] != min(self.account.posts)
            return {"feed": feed, **({"cursor": rkeys[-1]} if more else {})}
        if method == "com.atproto.repo.getRecord":
            if not self.is_here(did):
                return wrong("InvalidRequest", f"Could not find repo: {did}")
            uri = f"at://{did}/{query['collection']}/{query['rkey']}"
            return self.record(query) or wrong("InvalidRequest", f"Could not locate record: {uri}")
        return wrong("MethodNotImplemented", "Method Not Implemented", 501)

    def author(self) -> dict[str, Any]:
        own = (self.account.profile or {}).get("labels", {}).get("values", [])
        given = [{"src": self.account.did, "val": each["val"]} for each in own]
        labels = [*self.account.labels, *given]
        return {"did": self.account.did, "handle": "buurtraad-oost.example", "labels": labels}

    def post(self, rkey: str) -> dict[str, Any]:
        cid, record = self.account.posts[rkey]
        return {
            "uri": self.account.uri(rkey),
            "cid": cid,
            "author": self.author(),
            "record": record,
            "indexedAt": record["createdAt"],
            "labels": self.account.post_labels.get(rkey, []),
        }


class Asker:
    """Asks a server on loopback about posts, as the crawl does."""

    def __init__(self, server: Pds | AppView, *rkeys: str) -> None:
        self.source = source_of("bluesky", server.url, actor=DID)
        self.items = [
            Stored(item_id=number, url=link(rkey), native_id=server.account.uri(rkey))
            for number, rkey in enumerate(rkeys)
        ]
        self.asked: list[str] = []

    def answers(self) -> tuple[list[Standing], list[ItemDraft]]:
        """What becomes of each item, and the drafts that came with it."""
        standing = dict.fromkeys((item.item_id for item in self.items), Standing.UNKNOWN)
        drafts: list[ItemDraft] = []
        waiting = bluesky.questions(self.source, self.items)
        while waiting:
            question = waiting.pop(0)
            answer = self._ask(question)
            assert answer.standing.keys() <= {item.item_id for item in question.items}
            standing.update(answer.standing)
            drafts += answer.drafts
            waiting += answer.ask
        return [standing[item.item_id] for item in self.items], drafts

    def _ask(self, question: Question) -> Judged:
        self.asked.append(urlsplit(question.url).path.rpartition(".")[2])
        assert len(self.asked) < 50
        try:
            with urlopen(question.url) as response:
                status, body = response.status, response.read()
        except HTTPError as error:
            status, body = error.code, error.read()
        if status != 200 and status not in question.judges:
            return Judged()  # so the crawl sees it
        page = Page(asked=question.url, url=question.url, status=status, headers={}, body=body)
        return bluesky.judge(self.source, question, page)
