"""Posts and accounts as Mastodon's API gives them: which may be read, and what is made of them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from models.encoding import decode
from models.source_definition import SourceDefinition
from scout.drafts import ItemDraft, Page
from scout.organisations import why_person
from scout.steps.handles import handle_in, without_handles
from scout.steps.text import clean, plain

#: Innermost elements with what they hold. Their ``class`` is looked for apart: one pattern for all of it
#: takes ever longer on long tags.
_SPAN = re.compile(r"<span\b([^<>]*)>(?:(?!<span\b).)*?</span\s*>", re.I | re.S)
_PARAGRAPH = re.compile(r"<p\b([^<>]*)>(?:(?!<p\b).)*?</p\s*>", re.I | re.S)
_CLASS = re.compile(r"\bclass=[\"']([^\"'<>]*)", re.I)
_NO_ROBOTS = re.compile(r"#\s*(?:no\s*bots?|noindex)(?!\w)", re.I)


def root(source: SourceDefinition) -> str:
    """Scheme, host and port of the server."""
    parts = urlsplit(source.url)
    return f"{parts.scheme.lower()}://{parts.netloc}"


def json_of(page: Page) -> Any:
    """The answer; None if it is no JSON."""
    try:
        return json.loads(decode(page.body))
    except (ValueError, RecursionError):
        return None


def error_of(page: Page) -> str:
    """What the API says went wrong; empty when it was not the API that answered."""
    answer = json_of(page)
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, str) else ""


def id_of(entity: Any) -> str:
    """The id of a post or an account; empty if it is none."""
    identity = entity.get("id") if isinstance(entity, dict) else None
    return identity if isinstance(identity, str) and re.fullmatch(r"[\w-]{1,64}", identity) else ""


# -- who may be read -------------------------------------------------------------------------------


def unfollowable(account: Mapping[str, Any], title: str) -> str | None:
    """Why an account can't be a source, in one sentence without its name; None = it can.

    Args:
        account: its profile, as the server gives it.
        title: of the source.
    """
    if "@" in _text(account.get("acct")):
        return "the account lives on another server: make its own server the url"
    if account.get("moved"):
        return "the account has moved to another one: find out where, and correct url and account"
    if account.get("suspended") is True:
        return "the account is suspended by its server: remove the source"
    note, fields = _words(account.get("note")), _fields(account)
    if _NO_ROBOTS.search("\n".join((note, *fields))):
        return "the account's profile says that it is not to be read by robots (#nobot): remove the source"
    reason = why_person(
        _words(account.get("display_name")),
        note,
        fields,
        title=title,
        group=account.get("group") is True,
        bot=account.get("bot") is True,
    )
    return f"the account may be a person's, and persons are not followed: {reason}" if reason else None


def may_be_read(source: SourceDefinition, status: Mapping[str, Any]) -> bool:
    """Whether a post may be kept: public and no boost, and its author chose to be found.

    What is not said counts as no. The organisation that a source follows need not have chosen; posts of
    accounts elsewhere are left to the terms of their own server.
    """
    account = status.get("account")
    if status.get("visibility") != "public" or status.get("reblog") or not isinstance(account, dict):
        return False
    if "account" in source.options:
        name = _text(account.get("acct")).casefold()
        return name in {one.casefold() for one in _ours(source, urlsplit(source.url).hostname or "")}
    server = _text(account.get("acct")).partition("@")[2].lower()
    return (
        server in {"", urlsplit(source.url).hostname, urlsplit(source.url).netloc}
        and account.get("discoverable") is True
        and account.get("indexable") is True
        and account.get("noindex") is not True
        and not _says_no(account)
    )


def withdrawn(source: SourceDefinition, status: Mapping[str, Any]) -> bool:
    """Whether an author now says in so many words that posts are not to be found; silence is not enough."""
    account = status.get("account")
    if "account" in source.options or not isinstance(account, dict):
        return False
    return (
        account.get("discoverable") is False
        or account.get("indexable") is False
        or account.get("noindex") is True
        or _says_no(account)
    )


def _says_no(account: Mapping[str, Any]) -> bool:
    return _NO_ROBOTS.search("\n".join((_words(account.get("note")), *_fields(account)))) is not None


def _fields(account: Mapping[str, Any]) -> list[str]:
    return [
        f"{_words(field.get('name'))}: {_words(field.get('value'))}"
        for field in _dicts(account.get("fields"))
    ]


# -- what is made of them --------------------------------------------------------------------------


def draft(source: SourceDefinition, status: Mapping[str, Any]) -> ItemDraft | None:
    """The post as an item, without handles; None if it may not be kept."""
    if not may_be_read(source, status):
        return None
    identity = id_of(status)
    server = urlsplit(source.url).hostname or ""
    name = _text(status["account"].get("acct"))
    ours = _ours(source, server)
    return ItemDraft(
        source=source.key,
        external_id=identity,
        # Not the address that the server gives: that holds the author's name.
        url=f"{root(source)}/statuses/{identity}",
        # Of what hides behind a warning, the warning is the title.
        title=_plain(status.get("spoiler_text"), ours),
        text="\n".join(_paragraphs(status, ours)),
        text_is_html=False,
        published=_text(status.get("created_at")),
        updated=_text(status.get("edited_at")),
        language=_text(status.get("language")),
        complete=True,
        account=name if "@" in name else f"{name}@{server}",
        keep_id=True,
    )


def _ours(source: SourceDefinition, server: str) -> Sequence[str]:
    """The handles of the organisation that the source follows, which may stay in its own posts."""
    name = _text(source.options.get("account")).lstrip("@").partition("@")[0]
    return [name, f"{name}@{server}"] if name else []


def _paragraphs(status: Mapping[str, Any], ours: Sequence[str]) -> list[str]:
    """What the post says, then the card of the page it links to, then what its pictures show."""
    content = _SPAN.sub(_shown, _PARAGRAPH.sub(_unquoted, _text(status.get("content"))))
    # First the handles that only the mark-up shows, then those that are left to read.
    parts = [_plain(plain(without_handles(content, html=True, ours=ours), is_html=True), ours)]
    card = status.get("card")
    if isinstance(card, dict) and handle_in(_text(card.get("url"))) is None:
        parts += [_plain(card.get(name), ours) for name in ("title", "description")]
    parts += [_plain(one.get("description"), ours) for one in _dicts(status.get("media_attachments"))]
    return [part for part in parts if part]


def _shown(span: re.Match[str]) -> str:
    """A part of an address as a screen shows it: not at all, or as one that is cut off."""
    classes = _classes(span)
    if "invisible" in classes:
        return ""
    before, end, rest = span[0].rpartition("</")
    return f"{before}…{end}{rest}" if "ellipsis" in classes else span[0]


def _unquoted(paragraph: re.Match[str]) -> str:
    """A paragraph, unless it is the address of a quoted post, for servers that can't show it."""
    return "" if "quote-inline" in _classes(paragraph) else paragraph[0]


def _classes(element: re.Match[str]) -> Sequence[str]:
    found = _CLASS.search(element[1])
    return found[1].lower().split() if found else ()


def _plain(text: Any, ours: Sequence[str]) -> str:
    """A plain text in good order, without others' handles."""
    return without_handles(clean(_text(text)), html=False, ours=ours)


def _words(markup: Any) -> str:
    """What a piece of HTML says."""
    return clean(plain(_text(markup), is_html=True))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
