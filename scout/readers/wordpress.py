"""WordPress sites, through the list of posts that every one of them offers (REST API, wp/v2)."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from models.source_definition import SourceDefinition
from scout.drafts import ItemDraft, Page, Reading
from scout.steps.address import canonical
from scout.steps.encoding import decode

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


def first(source: SourceDefinition, cursor: Mapping[str, Any]) -> list[str]:
    """The first page of posts."""
    return [f"{_root(source)}wp-json{_ROUTE}?{urlencode(_QUERY, safe=',')}"]


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
        return Reading(more=(f"{_root(source)}?{urlencode({'rest_route': _ROUTE, **_QUERY}, safe=',/')}",))
    what = f"answers {code}" if code else "gives no list of posts"
    return Reading(
        problem=f"the site {what} (status {page.status}): is it WordPress, and is url its root? "
        'Else use kind = "feed"'
    )


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
    )
