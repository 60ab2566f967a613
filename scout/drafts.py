"""What passes between fetching, reading and storing: pages in, drafts out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Page:
    """One answer of a server, as a reader gets it."""

    #: Address that was asked, and the one that answered after redirects.
    asked: str
    url: str
    status: int
    #: Header names in lower case.
    headers: Mapping[str, str]
    #: Decompressed by the downloader; a ``.xml.gz`` file as such is still compressed.
    body: bytes
    #: What was published before this moment is not kept, so that nobody need page back further; aware. None =
    #: whoever asked does not say.
    oldest: datetime | None = None
    #: The address to use from now on, when the server says so (301, 308); empty = it does not.
    moved_to: str = ""


@dataclass(frozen=True, kw_only=True)
class ItemDraft:
    """One item as its source published it; not yet cleaned, checked or stored."""

    #: Key of the source.
    source: str
    #: The source's own id if it has one, else the address.
    external_id: str
    #: Absolute address; empty if the source gives none (ends in outcome ``no_link``).
    url: str
    #: May hold HTML entities and mark-up; empty if the source gives none.
    title: str = ""
    #: Text that came with the list itself: HTML or plain, any length, may be empty.
    text: str = ""
    #: ``text`` is HTML.
    text_is_html: bool = True
    #: The dates as the source wrote them; empty if it does not say.
    published: str = ""
    updated: str = ""
    #: Language that the source claims for it, e.g. ``nl-NL``; a hint only.
    language: str = ""
    #: All text is in the answer itself: no article is to be fetched.
    complete: bool = False
    #: Whoever published it, as the source names the account (``name@server``, ``did:…``); never stored or
    #: logged, only its keyed hash is. Empty for all that is no post.
    account: str = ""
    #: ``external_id`` is needed to ask for it again, and kept with the item.
    keep_id: bool = False
    #: An official text: names of persons and numbers of houses are taken out of all of it, also of its page.
    impersonal: bool = False


class Standing(StrEnum):
    """What a source says of an item it published, by the contract of deletion (docs/guide.md)."""

    THERE = "there"
    GONE = "gone"
    #: It can't or won't say: 403, 429, 5xx, a whole site behind a sign-in. Never counts as gone.
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An item that its source is asked about."""

    item_id: int
    url: str
    #: See ``Item.native_id``; empty where its kind needs none.
    native_id: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """One request that tells whether items are still there."""

    url: str
    items: tuple[Stored, ...]
    accept: str
    #: Statuses besides 200 that the reader judges itself.
    judges: frozenset[int]
    #: Asked because of an earlier answer; a reader's own word.
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a reader makes of the answer to a question."""

    #: Item id -> standing; an item that is missing here counts as unknown, unless ``ask`` asks about it.
    standing: Mapping[int, Standing] = field(default_factory=dict)
    #: What the source says of items that are there, where the answer holds it: edits are stored from these.
    drafts: tuple["ItemDraft", ...] = ()
    #: Asked before it is decided, e.g. whether the rest of the site answers.
    ask: tuple[Question, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a reader made of one page."""

    drafts: tuple[ItemDraft, ...] = ()
    #: Further list pages to read now (next page, child sitemaps), absolute.
    more: tuple[str, ...] = ()
    #: Stop following ``more`` when no draft of this page is unknown: pages of one endless list.
    stop_when_known: bool = False
    #: Where to go on next time; remembered once all drafts of this page are stored. None = as it was.
    cursor: Mapping[str, Any] | None = None
    #: Ids of items that the source itself says are deleted: the first or second "gone" of the contract.
    gone: tuple[str, ...] = ()
    #: Nothing else of this visit is to be fetched, whatever waits.
    ends_visit: bool = False
    #: One sentence if the page could not be read (then it has no drafts, or those before the break).
    problem: str | None = None
    #: What a person should know though the page could be read.
    warnings: tuple[str, ...] = field(default=())
