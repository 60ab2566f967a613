"""Mastodon servers: a hashtag, the local timeline, or the account of one organisation.

Also those that speak its API (Pleroma, GoToSocial). A visit asks what the server shows to whoever is not
signed in, then reads forward from the newest post that is stored; the first one reads back from the newest
post there is. What must be known when an answer comes (where the other end of the reading is) travels behind
the ``#`` of the address, which is never sent.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from models.source_definition import SourceDefinition
from scout.drafts import Answer, Page, Question, Reading, Standing, Stored
from scout.readers import mastodon_posts as posts
from scout.steps import dates

ACCEPT = "application/json"
#: Statuses other than 200 that this reader wants to judge itself: 401 and 422 want a sign-in, 403 keeps us
#: out, 404 and 410 no such timeline, account or post.
JUDGES: frozenset[int] = frozenset({401, 403, 404, 410, 422})

#: Posts in one answer, and posts asked about at once; servers give no more.
PER_PAGE, ASKED_AT_ONCE = 40, 20
#: A question about one post: the answer for many (Mastodon 4.3 and later) is not to be had everywhere.
SINGLE = "single"
_INSTANCE = "/api/v2/instance"
#: Questions after a post that is not there: what server is this? The older form is for older servers.
_SERVERS = {"server": _INSTANCE, "older": "/api/v1/instance"}
_QUESTION_JUDGES = JUDGES | {400, 405}

_LOOKUP = "/api/v1/accounts/lookup"


@dataclass(frozen=True)
class _Ends:
    """How far a timeline was read: all from ``older`` up to ``newest`` was; ids, empty = there is none."""

    #: The newest post that was read.
    newest: str = ""
    #: Reading back from the newest one got as far as this post and is to go on there.
    older: str = ""

    def known(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}


def first(source: SourceDefinition, cursor: Mapping[str, Any]) -> list[str]:
    """What the server allows; then the account's profile, or the timeline from where it was left."""
    ends = _ends(cursor)
    root = posts.root(source)
    tag, account = source.options.get("hashtag"), source.options.get("account")
    if account:
        name = account.lstrip("@").partition("@")[0]
        return [f"{root}{_INSTANCE}", _address(f"{root}{_LOOKUP}", {"acct": name}, ends)]
    path = f"/api/v1/timelines/tag/{quote(tag, safe='')}" if tag else "/api/v1/timelines/public"
    return [f"{root}{_INSTANCE}", _going_on(f"{root}{path}", {"local": "true"}, ends)]


def read(source: SourceDefinition, page: Page) -> Reading:
    """What the server allows, an account's profile, or one page of posts; a problem ends the visit.

    Kept are public posts, no boosts; of others than the source's own organisation only where their authors
    chose to be found.
    """
    path = urlsplit(page.asked).path
    problem = _refusal(source, page)
    answer = posts.json_of(page)
    if path.endswith(_INSTANCE):
        if page.status in {404, 410}:  # before Mastodon 4.0; what a timeline answers will tell
            return Reading()
        problem = problem or _closed(source, answer)
        return Reading(problem=problem, ends_visit=problem is not None)
    if problem is not None:
        return Reading(problem=problem, ends_visit=True)
    if path.endswith(_LOOKUP):
        return _profile(source, page, answer)
    if not isinstance(answer, list):
        return Reading(problem=_no_server(source, page), ends_visit=True)
    return _timeline(source, page, [one for one in answer if posts.id_of(one)])


# -- what a server shows ---------------------------------------------------------------------------


def _closed(source: SourceDefinition, answer: Any) -> str | None:
    """Why this timeline is not shown to us, as the server says of itself (4.5 and later); else None."""
    if not isinstance(answer, dict):
        return f"{_host(source)} does not say what server it is: is it Mastodon, and is url its root?"
    if "account" in source.options:
        return None
    access: Any = answer
    feed = "hashtag_feeds" if "hashtag" in source.options else "live_feeds"
    for name in ("configuration", "timelines_access", feed, "local"):
        access = access.get(name) if isinstance(access, dict) else None
    what = "hashtags" if "hashtag" in source.options else "its local timeline"
    if access == "authenticated":
        return f"{_host(source)} shows {what} only to those who sign in: {_INSTEAD}"
    if access == "disabled":
        return f"{_host(source)} has switched {what} off: {_INSTEAD}"
    return None


_INSTEAD = "follow an organisation's account there instead, or remove the source"


def _refusal(source: SourceDefinition, page: Page) -> str | None:
    """Why the answer is none, in one sentence; None = it may be one."""
    host, account = _host(source), "account" in source.options
    if page.status == 401 or (page.status == 422 and "authenticated" in posts.error_of(page)):
        return f"{host} wants a sign-in for this: {'remove the source' if account else _INSTEAD}"
    if page.status == 403:
        return f"{host} does not let us in: ask its administrators, or remove the source"
    if page.status == 422:
        return f"{host} does not accept the question (status 422): correct hashtag or account"
    if page.status in {404, 410} and account and posts.error_of(page):
        return f"{host} has no such account (any more): correct account, or remove the source"
    return _no_server(source, page) if page.status in {404, 410} else None


def _no_server(source: SourceDefinition, page: Page) -> str:
    return (
        f"{_host(source)} gives no list of posts (status {page.status}): is it Mastodon, and is url its root?"
    )


def _profile(source: SourceDefinition, page: Page, answer: Any) -> Reading:
    """The profile of the account to be followed, which leads to its posts if it is an organisation's."""
    if not isinstance(answer, dict) or not posts.id_of(answer):
        return Reading(problem=_no_server(source, page), ends_visit=True)
    problem = posts.unfollowable(answer, source.title)
    if problem is not None:
        return Reading(problem=problem, ends_visit=True)
    path = f"{posts.root(source)}/api/v1/accounts/{posts.id_of(answer)}/statuses"
    query = {"exclude_replies": "true", "exclude_reblogs": "true"}
    ends = _ends(dict(parse_qsl(urlsplit(page.asked).fragment)))
    return Reading(more=(_going_on(path, query, ends),))


# -- timelines -------------------------------------------------------------------------------------


def _timeline(source: SourceDefinition, page: Page, found: Sequence[Mapping[str, Any]]) -> Reading:
    parts = urlsplit(page.asked)
    query = _query(page.asked)
    path = f"{parts.scheme}://{parts.netloc}{parts.path}"
    ends = _ends(dict(parse_qsl(parts.fragment)))
    after, before = query.pop("min_id", ""), query.pop("max_id", "")
    query.pop("limit", None)
    ids = [posts.id_of(one) for one in found]
    drafts = tuple(draft for one in found if (draft := posts.draft(source, one)) is not None)
    following = ""
    if after:
        # Until an answer is empty: pages may be short, where the server leaves out posts.
        ends = _Ends(max([after, *ids], key=_age), ends.older)
        if ends.newest != after:
            following = _forward(path, query, ends)
        elif ends.older:
            following = _back(path, query, ends)
    else:
        older = "" if _reaches_back(page, found) else _older(page, ids)
        ends = _Ends(ends.newest or max(ids, key=_age, default=""), older if older != before else "")
        following = _back(path, query, ends) if ends.older else ""
    return Reading(drafts=drafts, more=(following,) if following else (), cursor=ends.known() or None)


def _older(page: Page, ids: Sequence[str]) -> str:
    """The id behind which older posts follow; empty = there are none."""
    header = page.headers.get("link", "")
    for address, relation in re.findall(r"<([^<>]*)>\s*;\s*rel=\"?(\w+)", header):
        if relation == "next":
            return _query(address).get("max_id", "")
    # A server that names no pages at all is asked until it has nothing to say.
    return "" if header else min(ids, key=_age, default="")


def _reaches_back(page: Page, found: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the page reaches back beyond what is kept."""
    if page.oldest is None:
        return False
    times = [dates.parse(str(one.get("created_at", "")), now=page.oldest).at for one in found]
    return any(at is not None and at < page.oldest for at in times)


def _going_on(path: str, query: Mapping[str, str], ends: _Ends) -> str:
    if ends.newest:
        return _forward(path, query, ends)
    return _address(path, {**query, "limit": str(PER_PAGE)}, ends)


def _forward(path: str, query: Mapping[str, str], ends: _Ends) -> str:
    return _address(path, {**query, "limit": str(PER_PAGE), "min_id": ends.newest}, _Ends(older=ends.older))


def _back(path: str, query: Mapping[str, str], ends: _Ends) -> str:
    return _address(path, {**query, "limit": str(PER_PAGE), "max_id": ends.older}, _Ends(newest=ends.newest))


def _address(path: str, query: Mapping[str, str], ends: _Ends) -> str:
    known = urlencode(ends.known())
    return f"{path}?{urlencode(query)}" + (f"#{known}" if known else "")


def _query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def _ends(given: Mapping[str, Any]) -> _Ends:
    return _Ends(*(str(given.get(name) or "") for name in ("newest", "older")))


def _age(identity: str) -> tuple[int, str]:
    """Later ids are greater: numbers that grow, or texts of one length that do."""
    return len(identity), identity


def _host(source: SourceDefinition) -> str:
    return urlsplit(source.url).hostname or source.url


# -- whether posts are still there -------------------------------------------------------------------


def questions(source: SourceDefinition, items: Sequence[Stored]) -> list[Question]:
    """Questions about posts, many at a time."""
    batches = [items[start : start + ASKED_AT_ONCE] for start in range(0, len(items), ASKED_AT_ONCE)]
    return [
        Question(
            url=f"{posts.root(source)}/api/v1/statuses?"
            + urlencode([("id[]", _id_asked(item)) for item in batch]),
            items=tuple(batch),
            accept=ACCEPT,
            judges=_QUESTION_JUDGES,
        )
        for batch in batches
    ]


def judge(source: SourceDefinition, question: Question, page: Page) -> Answer:
    """Which posts are there, with what those that were edited say now.

    Gone is what the server does not know when asked for it alone, while it says what server it is; and what
    an author has since chosen not to have found. A whole server that wants a sign-in says nothing about a
    post, nor does a page that is no answer of its API.
    """
    answer = posts.json_of(page)
    if question.after in _SERVERS:
        return _judge_server(source, question, page)
    if question.after == SINGLE:
        (item,) = question.items
        if page.status in {404, 410}:
            return Answer(ask=(_about(source, item, "server"),) if posts.error_of(page) else ())
        found = [answer] if page.status == 200 and isinstance(answer, dict) else []
    elif page.status in {401, 403} or (page.status == 422 and "authenticated" in posts.error_of(page)):
        return Answer()
    else:
        found = answer if page.status == 200 and isinstance(answer, list) else []
    by_id = {posts.id_of(one): one for one in found}
    standing = {
        item.item_id: Standing.GONE if posts.withdrawn(source, by_id[_id_asked(item)]) else Standing.THERE
        for item in question.items
        if _id_asked(item) in by_id
    }
    asked = {_id_asked(item) for item in question.items if standing.get(item.item_id) is Standing.THERE}
    edited = [one for key, one in by_id.items() if key in asked and one.get("edited_at")]
    drafts = tuple(draft for one in edited if (draft := posts.draft(source, one)) is not None)
    missing = [item for item in question.items if item.item_id not in standing]
    return Answer(
        standing=standing,
        drafts=drafts,
        ask=() if question.after == SINGLE else tuple(_about(source, item, SINGLE) for item in missing),
    )


def _about(source: SourceDefinition, item: Stored, after: str) -> Question:
    """The question that decides about one post: for it alone, or what its server is."""
    path = _SERVERS.get(after) or f"/api/v1/statuses/{quote(_id_asked(item), safe='')}"
    url = f"{posts.root(source)}{path}"
    return Question(url=url, items=(item,), accept=ACCEPT, judges=_QUESTION_JUDGES, after=after)


def _judge_server(source: SourceDefinition, question: Question, page: Page) -> Answer:
    """The post was not there; and the server? Where that moved, its old address says "not found" to all."""
    (item,) = question.items
    answer = posts.json_of(page)
    if page.status in {404, 410} and question.after == "server":
        return Answer(ask=(_about(source, item, "older"),))
    named = isinstance(answer, dict) and (answer.get("domain") or answer.get("uri"))
    return Answer(standing={item.item_id: Standing.GONE} if page.status == 200 and named else {})


def _id_asked(item: Stored) -> str:
    return item.native_id or item.url.rstrip("/").rpartition("/")[2]
