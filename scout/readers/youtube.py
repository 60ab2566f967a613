"""YouTube: the newest videos of one organisation's channel, by the feed that every channel has."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from models import markup
from models.source_definition import SourceDefinition
from scout.drafts import Answer, ItemDraft, Page, Question, Reading, Stored
from scout.organisations import why_person
from scout.readers import feed
from scout.steps.contacts import without_contacts
from scout.steps.handles import without_handles

ACCEPT = feed.ACCEPT
#: Statuses other than 200 that this reader wants to judge itself: for weeks on end YouTube answers 404 for
#: channels that are there. Trouble inside YouTube (500, in waves as well) is tried again, as everywhere.
JUDGES: frozenset[int] = frozenset({404})

_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_WEB_SITES = frozenset({"youtube.com", "m.youtube.com", "youtu.be"})


def first(source: SourceDefinition, cursor: Mapping[str, Any]) -> list[str]:
    """The feed of the channel, about its 15 newest videos."""
    parts = urlsplit(source.url)
    root = "https://www.youtube.com" if parts.hostname in _WEB_SITES else f"{parts.scheme}://{parts.netloc}"
    return [f"{root}/feeds/videos.xml?channel_id={source.options['channel']}"]


def read(source: SourceDefinition, page: Page) -> Reading:
    """Videos with what their makers write below them, without the handles and contact details in it."""
    if page.status == 404:
        return Reading(
            problem="YouTube answers 404 for the channel's feed, as it does now and then for channels that "
            "are there: nothing is removed; if it lasts for weeks, see whether the channel still exists"
        )
    reading = feed.read(source, page)
    if reading.problem is not None:
        return reading
    name = _name(page)
    if reason := why_person(name, "", title=source.title):
        return Reading(
            problem=f"the channel may be a person's, and persons are not followed: {reason}; "
            "if it is an organisation's, let the source's title say which kind",
            ends_visit=True,
        )
    return Reading(drafts=tuple(_video(source, draft) for draft in reading.drafts), warnings=reading.warnings)


def _name(page: Page) -> str:
    """What the channel is called, as its feed says."""
    title = re.search(r"<title>([^<]{0,500})</title>", markup.text_of(page.body, page.headers))
    return markup.mended(title[1]) if title else ""


def _video(source: SourceDefinition, draft: ItemDraft) -> ItemDraft:
    video = _video_id(draft)
    text = without_contacts(without_handles(draft.text, html=False))
    return replace(
        draft,
        external_id=video or draft.external_id,
        # The one address of a video: that of a short one (/shorts/…) may change into this.
        url=f"https://www.youtube.com/watch?v={video}" if video else draft.url,
        title=without_contacts(without_handles(draft.title, html=False)),
        text=text,
        text_is_html=False,
        complete=True,
        account=source.options["channel"],
    )


def _video_id(draft: ItemDraft) -> str:
    """YouTube's id of a video; empty if it is not to be found."""
    parts = urlsplit(draft.url)
    for candidate in (
        draft.external_id.removeprefix("yt:video:"),
        parse_qs(parts.query).get("v", [""])[0],
        parts.path.rpartition("/")[2],
    ):
        if _ID.fullmatch(candidate):
            return candidate
    return ""


def questions(source: SourceDefinition, items: Sequence[Stored]) -> list[Question]:
    """None: no answer of YouTube means for certain that a video is gone."""
    return []


def judge(source: SourceDefinition, question: Question, page: Page) -> Answer:
    """Nothing, whatever the answer says."""
    return Answer()
