"""What passes between fetching, reading and storing: pages in, drafts out."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a reader made of one page."""

    drafts: tuple[ItemDraft, ...] = ()
    #: Further list pages to read now (next page, child sitemaps), absolute.
    more: tuple[str, ...] = ()
    #: Stop following ``more`` when no draft of this page is unknown: pages of one endless list.
    stop_when_known: bool = False
    #: One sentence if the page could not be read (then it has no drafts, or those before the break).
    problem: str | None = None
    #: What a person should know though the page could be read.
    warnings: tuple[str, ...] = field(default=())
