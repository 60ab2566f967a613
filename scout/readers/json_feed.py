"""JSON Feed 1.0 and 1.1, for the reader of feeds."""

import json
from typing import Any
from urllib.parse import urljoin

from models.addresses import canonical, same_site
from models.encoding import decode
from models.source_definition import SourceDefinition
from scout.drafts import ItemDraft, Page, Reading


def read(source: SourceDefinition, page: Page) -> Reading:
    """Items of a JSON Feed and its next page."""
    try:
        feed = json.loads(decode(page.body).lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError):
        return Reading(problem="not a feed: the answer is broken JSON")
    if not isinstance(feed, dict) or "jsonfeed.org" not in str(feed.get("version")):
        return Reading(problem="not a feed: the answer is JSON, but no JSON Feed")
    items = feed.get("items")
    if not isinstance(items, list):
        return Reading(problem="not a feed: the JSON Feed has no list of items")
    following = _absolute(page.url, feed.get("next_url"))
    return Reading(
        drafts=tuple(_draft(source, page, feed, item) for item in items if isinstance(item, dict)),
        more=(following,) if same_site(following, page.url) and following != page.asked else (),
        stop_when_known=True,
    )


def _text(value: Any) -> str:
    # Ids are numbers in some feeds.
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _absolute(base: str, address: Any) -> str:
    try:
        return urljoin(base, address.strip()) if isinstance(address, str) and address.strip() else ""
    except ValueError:
        return ""


def _draft(source: SourceDefinition, page: Page, feed: dict[str, Any], item: dict[str, Any]) -> ItemDraft:
    candidates = (_absolute(page.url, item.get("url")), _text(item.get("id")))
    url = next((address for address in candidates if canonical(address)), "")
    html = _text(item.get("content_html"))
    title = _text(item.get("title"))
    return ItemDraft(
        source=source.key,
        external_id=_text(item.get("id")) or url or title,
        url=url,
        title=title,
        text=html or _text(item.get("content_text")) or _text(item.get("summary")),
        text_is_html=bool(html),
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
        language=_text(item.get("language")) or _text(feed.get("language")),
        complete=not source.full_text,
    )
