"""Bluesky (AT Protocol): what one organisation posts, from its own server or from an AppView."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from models.source_definition import SourceDefinition
from scout.drafts import Answer, ItemDraft, Page, Question, Reading, Standing, Stored
from scout.organisations import why_person
from scout.readers import bluesky_posts as posts
from scout.readers import xrpc

ACCEPT = "application/json"
#: Statuses other than 200 that this reader wants to judge itself: 400 no such account or record, 404 and 501
#: no such method.
JUDGES: frozenset[int] = frozenset({400, 404, 501})

#: The two ways to an account: its records as its own server (PDS) keeps them, or as an AppView shows them.
RECORD = "com.atproto.repo.getRecord"
RECORDS = "com.atproto.repo.listRecords"
STATUS = "com.atproto.sync.getRepoStatus"
PROFILE = "app.bsky.actor.getProfile"
FEED = "app.bsky.feed.getAuthorFeed"

#: The AppView that answers without signing in, for whoever writes the address of the web site.
PUBLIC = "https://public.api.bsky.app"
_WEB_SITES = frozenset({"bsky.app", "www.bsky.app"})

#: Records in one answer; servers give no more.
PER_PAGE = 100

#: What a server calls an account that has none of its posts to be seen any more.
_GONE = frozenset(
    {
        "RepoTakendown",
        "RepoSuspended",
        "RepoDeactivated",
        "AccountTakedown",
        "AccountDeactivated",
    }
)
#: Asked after a server that has no such account: whether it shows the profile all the same.
_SHOWN = "shown"
#: States of an account that is away for a reason of the server's own.
_PASSING = frozenset({"desynchronized", "throttled"})


def first(source: SourceDefinition, cursor: Mapping[str, Any]) -> list[str]:
    """The account's profile: before anything of it is read, it says whether it may be."""
    return [_profile_view(source) if _asks_appview(source) else _profile_record(source)]


def read(source: SourceDefinition, page: Page) -> Reading:
    """The profile, which leads to the posts; or one page of posts, newest first.

    Replies to others, reposts, and what is labelled as taken down give no draft. A server that does not know
    the one way to an account is asked the other way, once.
    """
    answer = xrpc.answer(page)
    readers = {RECORD: _own_profile, PROFILE: _shown_profile, STATUS: _status, RECORDS: _records, FEED: _feed}
    method = xrpc.method(page.asked)
    if answer.unknown_method:
        return _other_way(source, page, method)
    return readers[method](source, page, answer)


# -- which way ----------------------------------------------------------------------------------


def _asks_appview(source: SourceDefinition) -> bool:
    host = urlsplit(source.url).hostname or ""
    return host == "bsky.app" or host.endswith(".bsky.app")


def _ask(source: SourceDefinition, method: str, **parameters: str) -> str:
    """The address of one request at the source's server."""
    parts = urlsplit(source.url)
    root = PUBLIC if parts.hostname in _WEB_SITES else f"{parts.scheme}://{parts.netloc}"
    return f"{root}/xrpc/{method}?{urlencode(parameters, safe=':')}"


def _profile_record(source: SourceDefinition) -> str:
    actor = source.options["actor"]
    return _ask(source, RECORD, repo=actor, collection="app.bsky.actor.profile", rkey="self")


def _profile_view(source: SourceDefinition) -> str:
    return _ask(source, PROFILE, actor=source.options["actor"])


def _list_records(source: SourceDefinition, **more: str) -> str:
    actor = source.options["actor"]
    return _ask(source, RECORDS, repo=actor, collection=posts.COLLECTION, limit=str(PER_PAGE), **more)


def _author_feed(source: SourceDefinition, **more: str) -> str:
    actor = source.options["actor"]
    return _ask(source, FEED, actor=actor, filter="posts_no_replies", limit=str(PER_PAGE), **more)


def _other_way(source: SourceDefinition, page: Page, method: str) -> Reading:
    appview = method in {PROFILE, FEED}
    if appview == _asks_appview(source):
        return Reading(more=(_profile_record(source) if appview else _profile_view(source),))
    host = urlsplit(source.url).hostname
    return _refused(
        f"{host} answers neither as the server of a Bluesky account nor as an AppView "
        f"(status {page.status}): set url to the account's own server, or to {PUBLIC}"
    )


def _refused(problem: str) -> Reading:
    return Reading(problem=problem, ends_visit=True)


# -- may it be read -------------------------------------------------------------------------------


def _own_profile(source: SourceDefinition, page: Page, answer: xrpc.Result) -> Reading:
    if page.status != 200 and answer.error != "RecordNotFound":
        # Not there, or put away: that is for the state of the account to say.
        return Reading(more=(_ask(source, STATUS, did=source.options["actor"]),))
    value = answer.body.get("value")
    profile = value if isinstance(value, dict) else {}
    return _if_allowed(source, profile, posts.self_labels(profile), _list_records(source))


def _shown_profile(source: SourceDefinition, page: Page, answer: xrpc.Result) -> Reading:
    if page.status != 200:
        return _refused(_gone_sentence(answer.error))
    given = posts.labels(answer.body, source.options["actor"])
    return _if_allowed(source, answer.body, given, _author_feed(source))


def _status(source: SourceDefinition, page: Page, answer: xrpc.Result) -> Reading:
    if page.status == 200 and answer.body.get("active") is True:
        return _refused("the server has the account, but does not show its profile: report this to its owner")
    return _refused(_gone_sentence(answer.body.get("status"), answer.error))


def _gone_sentence(*states: Any) -> str:
    # Only words of the protocol: a sentence of the server may name somebody.
    words = [state for state in states if isinstance(state, str) and re.fullmatch("[A-Za-z]{1,40}", state)]
    return (
        f"the server no longer shows the account ({next(iter(words), 'without saying why')}): "
        "correct url if it moved to another server, else remove the source"
    )


def _if_allowed(
    source: SourceDefinition, profile: Mapping[str, Any], given: posts.Labels, then: str
) -> Reading:
    refusal = posts.account_refusal(given) or _of_a_person(source, profile)
    return _refused(refusal) if refusal else Reading(more=(then,))


def _of_a_person(source: SourceDefinition, profile: Mapping[str, Any]) -> str | None:
    name, note = (str(profile.get(key) or "") for key in ("displayName", "description"))
    reason = why_person(name, note, title=source.title)
    return f"the account may be a person's, and persons are not followed: {reason}" if reason else None


# -- posts ----------------------------------------------------------------------------------------


def _records(source: SourceDefinition, page: Page, answer: xrpc.Result) -> Reading:
    if page.status != 200:
        return _refused(_gone_sentence(answer.error))
    records = answer.body.get("records")
    if not isinstance(records, list):
        return _refused("the server's list of posts has no list in it: report this to its owner")
    whole = [record for record in records if isinstance(record, dict)]
    drafts = [posts.draft(source, record.get("uri"), record.get("value")) for record in whole]
    return _page_of_posts(source, page, drafts, answer.body.get("cursor") if records else None)


def _feed(source: SourceDefinition, page: Page, answer: xrpc.Result) -> Reading:
    if page.status != 200:
        return _refused(_gone_sentence(answer.error))
    feed = answer.body.get("feed")
    if not isinstance(feed, list):
        return _refused("the server's list of posts has no list in it: report this to its owner")
    actor = source.options["actor"]
    drafts: list[ItemDraft | None] = []
    for entry in feed:
        post = entry.get("post") if isinstance(entry, dict) else None
        if not isinstance(post, dict) or entry.get("reason"):
            continue  # what somebody else wrote and this account passes on
        author = post.get("author")
        given = (
            posts.labels(author, actor) if isinstance(author, dict) and author.get("did") == actor else None
        )
        if given is not None and (refusal := posts.account_refusal(given)):
            return _refused(refusal)
        drafts.append(
            posts.draft(
                source,
                post.get("uri"),
                post.get("record"),
                indexed_at=post.get("indexedAt"),
                given=posts.labels(post, actor),
            )
        )
    return _page_of_posts(source, page, drafts, answer.body.get("cursor"))


def _page_of_posts(
    source: SourceDefinition, page: Page, found: Sequence[ItemDraft | None], cursor: Any
) -> Reading:
    drafts = tuple(draft for draft in found if draft is not None)
    following: tuple[str, ...] = ()
    asked_from = parse_qs(urlsplit(page.asked).query).get("cursor", [""])[0]
    if isinstance(cursor, str) and cursor and cursor != asked_from:
        address = _list_records if xrpc.method(page.asked) == RECORDS else _author_feed
        following = (address(source, cursor=cursor),)
    # A page of nothing but replies and reposts tells nothing of what is known: then the next one counts.
    return Reading(drafts=drafts, more=following, stop_when_known=bool(drafts))


# -- are they still there -------------------------------------------------------------------------


def questions(source: SourceDefinition, items: Sequence[Stored]) -> list[Question]:
    """First whether the account itself is there; :func:`judge` asks for each post when it is."""
    asked = tuple(items)
    return [_question(_ask(source, STATUS, did=source.options["actor"]), asked)] if asked else []


def judge(source: SourceDefinition, question: Question, page: Page) -> Answer:
    """What the answer says of the items: gone with their account, gone alone, or there, perhaps changed."""
    answer = xrpc.answer(page)
    method = xrpc.method(question.url)
    if method == RECORD:
        of = _of_account if question.after == _SHOWN else _of_record
        return of(source, question, page, answer)
    if answer.unknown_method:
        # An AppView knows no state of accounts, but shows none that is away. What knows neither is asked
        # for each post at once.
        ask = (
            [_question(_profile_view(source), question.items)]
            if method == STATUS
            else _each(source, question)
        )
        return Answer(ask=tuple(ask))
    if page.status == 200 and (method == PROFILE or answer.body.get("active") is True):
        return Answer(ask=tuple(_each(source, question)))
    if answer.error == "RepoNotFound":
        return Answer(ask=(_question(_profile_record(source), question.items, _SHOWN),))
    away = answer.body.get("active") is False and answer.body.get("status") not in _PASSING
    if away or answer.error in _GONE or answer.message == "Profile not found":
        return Answer(standing={item.item_id: Standing.GONE for item in question.items})
    return Answer()


def _question(url: str, items: tuple[Stored, ...], after: str = "") -> Question:
    return Question(url=url, items=items, accept=ACCEPT, judges=JUDGES, after=after)


def _each(source: SourceDefinition, question: Question) -> list[Question]:
    return [
        _question(_ask(source, RECORD, repo=repo, collection=collection, rkey=rkey), (item,))
        for item in question.items
        for repo, collection, rkey in [_parts(item.native_id)]
        if rkey
    ]


def _parts(uri: str) -> tuple[str, str, str]:
    """Account, collection and key of a record; empty if it is no such address."""
    repo, _, rest = uri.removeprefix("at://").partition("/")
    collection, _, rkey = rest.partition("/")
    return repo, collection, rkey


def _of_account(source: SourceDefinition, question: Question, page: Page, answer: xrpc.Result) -> Answer:
    """The server keeps no such account; but one that passes questions on may still show it: where an account
    moved to another server, its posts are not gone."""
    if page.status == 200 or answer.error == "RecordNotFound":
        return Answer(ask=tuple(_each(source, question)))
    if answer.unknown_method or not answer.error:
        return Answer()
    return Answer(standing={item.item_id: Standing.GONE for item in question.items})


def _of_record(source: SourceDefinition, question: Question, page: Page, answer: xrpc.Result) -> Answer:
    (item,) = question.items
    # An AppView has no word for it, only a sentence.
    not_there = answer.message == f"Could not locate record: {item.native_id}"
    if page.status != 200 and (answer.error == "RecordNotFound" or not_there):
        return Answer(standing={item.item_id: Standing.GONE})
    if page.status != 200 or answer.body.get("uri") != item.native_id:
        return Answer()
    draft = posts.draft(source, item.native_id, answer.body.get("value"))
    return Answer(standing={item.item_id: Standing.THERE}, drafts=(draft,) if draft else ())
