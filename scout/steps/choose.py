"""Of what the source's list and the article's page say, the better."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from scout.drafts import ItemDraft
from scout.steps import dates
from scout.steps.article import Article
from scout.steps.dates import ParsedDate
from scout.steps.text import clean, clean_title, plain


@dataclass(frozen=True, kw_only=True)
class Content:
    """What an item is made of."""

    #: One clean line; may be empty, which is no reason to refuse it.
    title: str
    #: Clean plain text; empty = there is none, neither in the list nor on the page.
    text: str
    #: With the words of whichever date was chosen.
    published: ParsedDate
    #: What the list or the page claims, e.g. ``nl-NL``; a hint only.
    language: str
    #: ``text`` was taken from the page.
    from_article: bool


#: Titles of links that name no article.
_GENERIC = re.compile(
    r"(?:lees (?:meer|verder|het hele bericht|dit bericht).*|meer lezen|verder lezen|meer(?: info.*)?|"
    r"bekijk.*|read more.*|nieuws|bericht|artikel|home|zonder titel|untitled|geen titel|\W*)",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(r"\s*(?:\[?(?:…|\.\.\.)\]?)\s*$")
#: What lists put behind a shortened text.
_READ_ON = re.compile(
    r"\s*(?:\[?(?:…|\.\.\.)\]?\s*)?"
    r"(?:lees (?:meer|verder)|verder lezen|continue reading|read more)\b[^\n.]{0,120}$"
    r"|\n[^\n]{0,200}(?:verscheen eerst op|appeared first on)[^\n]{0,200}$",
    re.IGNORECASE,
)
#: Long words of the list's text of which at least this part must be on a page that is about the same.
_SHARED_WORDS, _ENOUGH_WORDS = 0.1, 10
#: How sure a date of last change is as the date of publication.
_CHANGE_AS_PUBLICATION = 0.3


def choose(draft: ItemDraft, article: Article | None, *, now: datetime) -> Content:
    """Make an item's content of a draft and, if its page was fetched, of the article there.

    Text: the longer one; so the list's text stands when extraction gives less. It also stands when the page
    shares hardly a word with it: a wall of consent or a notice instead of the article.
    Title: the list's, unless it is missing, generic ("Lees meer") or cut off where the page's goes on.
    Date: the surer one, the list's when equal; else the date of last change.

    Args:
        now: aware; no date later than this is chosen.
    """
    listed = _READ_ON.sub("", clean(plain(draft.text, draft.text_is_html)))
    found = article.text if article else ""
    from_article = bool(found) and len(found) >= len(listed) and not _strangers(listed, found)
    title = _title(clean_title(draft.title), article.title if article else "")
    return Content(
        title=title,
        text=_without_title(found if from_article else listed, title),
        published=_published(draft, article, now),
        language=draft.language or (article.language if article else ""),
        from_article=from_article,
    )


def _strangers(listed: str, found: str) -> bool:
    """A list's text and a page's text that can't be about the same thing."""
    words = _long_words(listed)
    if len(words) < _ENOUGH_WORDS:
        return False
    return len(words & _long_words(found)) < _SHARED_WORDS * len(words)


def _long_words(text: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"[^\W\d_]{5,}", text)}


def _title(listed: str, found: str) -> str:
    if not found:
        return listed
    if not listed or _GENERIC.fullmatch(listed):
        return found
    cut = _CUT_OFF.search(listed)
    if cut and found.casefold().startswith(listed[: cut.start()].casefold()):
        return found
    return listed


def _without_title(text: str, title: str) -> str:
    """The text without a first line that only repeats the title."""
    first, newline, rest = text.partition("\n")
    return (
        rest if newline and title and first.casefold().strip(" .") == title.casefold().strip(" .") else text
    )


def _published(draft: ItemDraft, article: Article | None, now: datetime) -> ParsedDate:
    listed = dates.parse(draft.published, now=now)
    found = dates.parse(article.published_raw if article else "", now=now)
    best = found if found.confidence > listed.confidence else listed
    if best.at is not None:
        return best
    changed = dates.parse(draft.updated, now=now)
    if changed.at is not None:
        return replace(changed, confidence=min(changed.confidence, _CHANGE_AS_PUBLICATION))
    return best if best.raw else (found if found.raw else changed)
