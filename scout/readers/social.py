"""Feeds of social sites: which of them may be read, and their entries without the people in them. Pure."""

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from models.addresses import canonical
from scout.drafts import ItemDraft
from scout.steps.handles import without_handles

#: What every entry of a Lemmy feed begins with: who submitted it where, with points that change all the time.
_SUBMITTED = re.compile(
    r"\s*submitted by\s*<a\b[^>]{0,500}>[^<]{0,200}</a>\s*to\s*<a\b[^>]{0,500}>[^<]{0,200}</a>\s*"
    r"<br\s*/?>\s*-?\d+ points?\s*\|\s*<a\b[^>]{0,500}>\s*\d+ comments?\s*</a>",
    re.IGNORECASE,
)
#: Software whose feeds name the author in the address of every post.
_NAMING = re.compile(
    r"\s*(?:mastodon|gotosocial|pleroma|akkoma|misskey|sharkey|pixelfed|friendica)\b", re.IGNORECASE
)
_ACCOUNT = re.compile(
    # Mastodon and its kin; Lemmy; Bluesky
    r"/@[^/]+\.(?:rss|atom)$|/users/[^/]+(?:/feed)?\.(?:rss|atom)$|/feeds/u/[^/]+\.xml$|/profile/[^/]+/rss$",
    re.IGNORECASE,
)
_PEERTUBE = re.compile(r"/feeds/videos\.\w+$")
_COMMENTS = re.compile(r"/feeds/video-comments\.\w+$")


def refusal(url: str, generator: str = "") -> str | None:
    """Why a feed may not be read, in one sentence; None = it may.

    Args:
        url: the source's.
        generator: what the feed says it was made with.
    """
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    by_account = _PEERTUBE.search(parts.path) and query.keys() & {"accountId", "accountName"}
    if by_account or _ACCOUNT.search(parts.path):
        return (
            "this is the feed of one account, and persons are not followed: an organisation is read "
            'by kind = "mastodon" or "bluesky", a channel of PeerTube by its videoChannelName'
        )
    if _COMMENTS.search(parts.path):
        return "these are comments of persons, who are not followed: use the feed of the videos"
    if _NAMING.match(generator):
        return (
            "this feed names persons in the addresses of their posts: "
            'use kind = "mastodon", which reads the same without them'
        )
    return None


def without_people(drafts: Iterable[ItemDraft], url: str, generator: str = "") -> tuple[ItemDraft, ...]:
    """The drafts of a feed; those of Lemmy and PeerTube without handles, and complete as they are."""
    peertube = generator.startswith("PeerTube") or _PEERTUBE.search(urlsplit(url).path) is not None
    return tuple(_without_people(draft, peertube) for draft in drafts)


def _without_people(draft: ItemDraft, peertube: bool) -> ItemDraft:
    submitted = _SUBMITTED.match(draft.text)
    if not submitted and not peertube:
        return draft
    text = draft.text[submitted.end() if submitted else 0 :]
    return replace(
        draft,
        # The link of a Lemmy post may be to what it is about; its id is the address of the post.
        url=draft.external_id if submitted and canonical(draft.external_id) else draft.url,
        title=without_handles(draft.title, html=False),
        text=without_handles(text, html=draft.text_is_html),
        complete=True,
    )
