"""WordPress sites, through the list of posts that every one of them offers (REST API, wp/v2)."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from models.addresses import canonical, same_site
from models.encoding import decode
from models.source_definition import SourceDefinition
from scout.drafts import Answer, ItemDraft, Page, Question, Reading, Standing, Stored
from scout.readers import still_there

ACCEPT = "application/json"
#: Statuses other than 200 that this reader wants to judge itself: 400 past the last page, 401 and 403 closed,
#: 404 no such way in.
JUDGES: frozenset[int] = frozenset({400, 401, 403, 404})

#: Newest change first, so that paging may stop at the first page without anything new. The text itself is not
#: asked for (it can be huge, and has the theme's additions): the excerpt comes along, the page is fetched.
_QUERY = {
    "per_page": "100",
    "page": "1",
    "orderby": "modified",
    "order": "desc",
    "_fields": "id,date_gmt,modified_gmt,link,title,excerpt",
}
_ROUTE = "/wp/v2/posts"
#: Other statuses of the answer to a question that are judged here.
_TELLING = JUDGES | {410}
#: What is asked: several posts at once, and one that was not among them.
_POSTS, _POST = "posts", "post"
#: Posts in one question, as many as WordPress gives at once.
_AT_ONCE = 100


def first(source: SourceDefinition, cursor: Mapping[str, Any]) -> list[str]:
    """The first page of posts."""
    return [_address(source, _ROUTE, _QUERY, True)]


def read(source: SourceDefinition, page: Page) -> Reading:
    """Posts of one page, newest change first, and the next page.

    Where the usual way in gives no list of posts, the other one (``?rest_route=``) is asked once.
    """
    answer = _json(page)
    if page.status == 200 and isinstance(answer, list):
        return Reading(
            drafts=tuple(_draft(source, page, post) for post in answer if isinstance(post, dict)),
            more=_next_page(page),
            stop_when_known=True,
        )
    code = str(answer.get("code", "")) if isinstance(answer, dict) else ""
    if page.status == 400 and code == "rest_post_invalid_page_number":
        return Reading()  # the page after the last one
    if page.status in {401, 403}:
        why = f" ({code})" if code else ""
        return Reading(
            problem=f"the site keeps its list of posts to itself{why}: use its feed, "
            f'kind = "feed" and url = "{_root(source)}feed/"'
        )
    if "rest_route=" not in page.asked:
        return Reading(more=(_address(source, _ROUTE, _QUERY, False),))
    what = f"answers {code}" if code else "gives no list of posts"
    return Reading(
        problem=f"the site {what} (status {page.status}): is it WordPress, and is url its root? "
        'Else use kind = "feed"'
    )


def questions(source: SourceDefinition, items: Sequence[Stored]) -> list[Question]:
    """A list of just these posts, by their numbers; of an item without one, its page."""
    numbered = [item for item in items if re.fullmatch("[0-9]{1,15}", item.native_id)]
    return [
        *(
            _ask_list(source, tuple(numbered[start : start + _AT_ONCE]), usual=True)
            for start in range(0, len(numbered), _AT_ONCE)
        ),
        *still_there.questions(source, [item for item in items if item not in numbered]),
    ]


def judge(source: SourceDefinition, question: Question, page: Page) -> Answer:
    """What the site says of posts: those on the list are there, with what they say now.

    The others are asked for one by one. A post is gone when it answers 404, or 401 as WordPress does for one
    in the bin, after the list could be read: a site that is closed as a whole says nothing of its posts.
    """
    if question.after not in {_POSTS, _POST}:
        return still_there.judge(source, question, page)
    answer = _json(page)
    if not same_site(page.url, question.url):
        return Answer()
    if question.after == _POST:
        return _judge_post(source, question, page, answer)
    usual = "rest_route=" not in question.url
    if page.status != 200 or not isinstance(answer, list):
        closed = page.status in {401, 403} or not usual
        return Answer() if closed else Answer(ask=(_ask_list(source, question.items, usual=False),))
    posts = {str(post.get("id")): post for post in answer if isinstance(post, dict)}
    there = [item for item in question.items if item.native_id in posts]
    return Answer(
        standing={item.item_id: Standing.THERE for item in there},
        drafts=tuple(_draft(source, page, posts[item.native_id]) for item in there),
        ask=tuple(_ask_post(source, item, usual) for item in question.items if item not in there),
    )


def _judge_post(source: SourceDefinition, question: Question, page: Page, answer: Any) -> Answer:
    (item,) = question.items
    told = answer if isinstance(answer, dict) else {}
    if page.status == 200 and str(told.get("id")) == item.native_id:
        return Answer(standing={item.item_id: Standing.THERE}, drafts=(_draft(source, page, told),))
    binned = page.status == 401 and told.get("code") == "rest_forbidden"
    if page.status in still_there.GONE or binned:
        return Answer(standing={item.item_id: Standing.GONE})
    return Answer()


def _ask_list(source: SourceDefinition, items: tuple[Stored, ...], *, usual: bool) -> Question:
    numbers = ",".join(item.native_id for item in items)
    query = {"include": numbers, "per_page": str(_AT_ONCE), "_fields": _QUERY["_fields"]}
    return _ask(_address(source, _ROUTE, query, usual), items, _POSTS)


def _ask_post(source: SourceDefinition, item: Stored, usual: bool) -> Question:
    query = {"_fields": _QUERY["_fields"]}
    return _ask(_address(source, f"{_ROUTE}/{item.native_id}", query, usual), (item,), _POST)


def _ask(url: str, items: tuple[Stored, ...], after: str) -> Question:
    return Question(url=url, items=items, accept=ACCEPT, judges=_TELLING, after=after)


def _address(source: SourceDefinition, route: str, query: Mapping[str, str], usual: bool) -> str:
    """An address of the API: the usual one, or that of sites whose addresses are not rewritten."""
    if usual:
        return f"{_root(source)}wp-json{route}?{urlencode(query, safe=',')}"
    return f"{_root(source)}?{urlencode({'rest_route': route, **query}, safe=',/')}"


def _root(source: SourceDefinition) -> str:
    """The site's address with a slash at its end."""
    return urljoin(source.url.split("?", 1)[0].split("#", 1)[0].rstrip("/") + "/", "")


def _json(page: Page) -> Any:
    """The answer; None if it is no JSON. Notices that PHP printed before it are passed over."""
    text = decode(page.body).lstrip("\ufeff \t\r\n")
    if text[:1] not in {"[", "{"}:
        text = text[max(text.find("[{"), 0) :]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _next_page(page: Page) -> tuple[str, ...]:
    parts = urlsplit(page.asked)
    query = dict(parse_qsl(parts.query))
    number, total = query.get("page", "1"), page.headers.get("x-wp-totalpages", "").strip()
    # int() takes digits of all scripts, and headers are not ours.
    if (
        not re.fullmatch(r"[0-9]{1,6}", total)
        or not re.fullmatch(r"[0-9]{1,6}", number)
        or int(number) >= int(total)
    ):
        return ()
    query["page"] = str(int(number) + 1)
    return (parts._replace(query=urlencode(query, safe=",/")).geturl(),)


def _rendered(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("rendered")
    return value if isinstance(value, str) else ""


def _in_utc(value: Any) -> str:
    """A ``*_gmt`` date with the zone that WordPress leaves out; empty for its "never" (all zeros)."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or text.startswith("0000"):
        return ""
    return text if re.search(r"(Z|[+-]\d\d:?\d\d)$", text) else f"{text}Z"


def _draft(source: SourceDefinition, page: Page, post: dict[str, Any]) -> ItemDraft:
    link = post.get("link")
    try:
        url = urljoin(page.url, link.strip()) if isinstance(link, str) and link.strip() else ""
    except ValueError:
        url = ""
    url = url if canonical(url) else ""
    return ItemDraft(
        source=source.key,
        external_id=str(post["id"]) if isinstance(post.get("id"), int | str) else url,
        url=url,
        title=_rendered(post.get("title")),
        text=_rendered(post.get("excerpt")),
        published=_in_utc(post.get("date_gmt")),
        updated=_in_utc(post.get("modified_gmt")),
        complete=not source.full_text,
        keep_id=isinstance(post.get("id"), int | str),
    )
