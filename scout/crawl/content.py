"""From a draft and its article to what is stored: the steps that need no network. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from models.store.items import ItemRecord, account_key, content_hash
from models.words import Outcome
from scout.crawl.plan import Candidate
from scout.drafts import ItemDraft
from scout.steps import language
from scout.steps.article import Article
from scout.steps.choose import Content, choose
from scout.steps.numbers import without_numbers
from scout.steps.persons import without_persons


@dataclass(frozen=True)
class Prepared:
    """The content of an item, or why it is not stored."""

    content: Content
    #: ISO 639 code.
    language: str
    refusal: Outcome | None


def prepare(draft: ItemDraft, article: Article | None, oldest: datetime, now: datetime) -> Prepared:
    """Choose, clean and check what a draft and its article say.

    Args:
        article: None = there is none, or it may not be used.
        oldest: published before this is too old.
    """
    content = choose(draft, article, now=now)
    content = replace(content, title=without_numbers(content.title), text=without_numbers(content.text))
    if draft.impersonal:
        content = replace(content, title=without_persons(content.title), text=without_persons(content.text))
    words = f"{content.title}\n{content.text}".strip()
    found = language.detect(words, content.language)
    refusal = None
    if not words:
        refusal = Outcome.NO_TEXT
    elif content.published.at is not None and content.published.at < oldest:
        refusal = Outcome.TOO_OLD
    elif language.refused(found, words):
        refusal = Outcome.LANGUAGE
    return Prepared(content, found.code, refusal)


def record(
    one: Candidate, prepared: Prepared, *, url: str, url_key: str, secret: bytes, again: bool = False
) -> ItemRecord:
    """The row to store for a candidate that was found at ``url``.

    Args:
        again: its article is to be fetched again, though the list says the same of it.
    """
    content = prepared.content
    return ItemRecord(
        source_key=one.draft.source,
        url_key=url_key,
        external_key=one.external_key,
        url=url,
        title=content.title,
        text=content.text,
        language=prepared.language,
        published_at=content.published.at,
        published_raw=content.published.raw,
        published_confidence=content.published.confidence,
        entry_hash="" if again else one.entry_hash,
        content_hash=content_hash(secret, content.title, content.text),
        native_id=one.draft.external_id if one.draft.keep_id else "",
        account_key=account_key(secret, one.draft.account) if one.draft.account else None,
    )
