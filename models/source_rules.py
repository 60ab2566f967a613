"""What a source file may say: every key, how its value is checked, and which kind knows it."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from models import geo
from models.durations import parse_duration
from models.words import SourceKind


class Mistake(Exception):
    """A value can't be used; the message says why and what to do."""


@dataclass(frozen=True)
class Option:
    """A key that only some kinds know."""

    #: Returns the value to use, or raises ``Mistake``.
    check: Callable[[Any], Any]
    required: bool = False


# -- values -----------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Mistake('write some text, between quotes, e.g. "Arnhemse Koerier"')
    return value.strip()


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Mistake("write true or false, without quotes")
    return value


def _kebab(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 80:
        raise Mistake(f'{value!r} is no key: use small letters, digits and single hyphens, e.g. "de-koerier"')
    return value


def _address(value: Any) -> str:
    wrong = Mistake(f"{value!r} is no web address: write it in full, starting with https:// or http://")
    if not isinstance(value, str) or re.search(r"[\s\x00-\x1f\x7f]", value.strip()):
        raise wrong
    try:
        parts = urlsplit(value.strip())
        usable = parts.scheme.lower() in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        raise wrong from None
    if not usable:
        raise wrong
    if parts.username is not None:
        raise Mistake("leave name and password out of the address")
    return value.strip()


def _kind(value: Any) -> SourceKind:
    words = [kind.value for kind in SourceKind]
    if value in words:
        return SourceKind(value)
    raise Mistake(f"{value!r} is no kind{hint(value, words)}; the kinds are {', '.join(words)}")


def _every(value: Any) -> int:
    try:
        return parse_duration(value if isinstance(value, str) else repr(value))
    except ValueError as error:
        raise Mistake(str(error)) from None


def _pattern(value: Any) -> str:
    pattern = _text(value)
    try:
        re.compile(pattern)
    except re.error as error:
        raise Mistake(f"{value!r} is no regular expression: {error}") from None
    return pattern


def _hashtag(value: Any) -> str:
    tag = _text(value).removeprefix("#")
    if not re.fullmatch(r"\w+", tag):
        raise Mistake(f'{value!r} is no hashtag: write one word, e.g. "buurtinitiatief"')
    return tag


def _account(value: Any) -> str:
    account = _text(value).removeprefix("@")
    if not re.fullmatch(r"\w[\w.-]*(@[\w.-]+(:\d{1,5})?)?", account):
        raise Mistake(
            f'{value!r} is no account: write its name, e.g. "gemeente" or "gemeente@social.example"'
        )
    return account


def _timeline(value: Any) -> str:
    if value != "local":
        raise Mistake(f'{value!r} is no timeline that can be read: write "local"')
    return "local"


def _did(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"did:[a-z]+:[\w.:%-]+", value):
        raise Mistake(f'{value!r} is no account id: write the lasting one, e.g. "did:plc:…"')
    return value


def _channel(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"UC[\w-]{22}", value, re.ASCII):
        raise Mistake(
            f'{value!r} is no id of a YouTube channel: write "UC" and the 22 characters behind it, as in '
            "/channel/UC… on its page under About, Share channel; a name such as @omroep is no id"
        )
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not value:
        raise Mistake('write a list of texts, e.g. ["subsidie", "inspraak"]')
    return [_text(part) for part in value]


def municipality(value: Any) -> str:
    code = geo.municipality_code(value) if isinstance(value, str) else None
    if code is None:
        names = [facts.name for facts in geo.municipalities()]
        raise Mistake(f"{value!r} is no municipality{hint(value, names)}; write its name or its CBS code")
    return code


def hint(value: Any, words: Iterable[str]) -> str:
    by_small = {word.casefold(): word for word in words}
    near = difflib.get_close_matches(str(value).casefold(), by_small, n=1, cutoff=0.6)
    return f" (did you mean {by_small[near[0]]!r}?)" if near else ""


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Mistake("write the day without quotes and without a time, e.g. 2026-11-21")
    return value


# -- the visible tables -----------------------------------------------------------------------

#: Keys that every source may have; ``expect`` and ``terms`` hold keys of their own.
KEYS: dict[str, Option] = {
    "key": Option(_kebab, required=True),
    "title": Option(_text, required=True),
    "kind": Option(_kind, required=True),
    "url": Option(_address, required=True),
    "every": Option(_every),
    "full_text": Option(_flag),
    "enabled": Option(_flag),
    "municipality": Option(municipality),
}

#: Kind -> the keys that only this kind knows.
OPTIONS: dict[SourceKind, dict[str, Option]] = {
    SourceKind.FEED: {},
    # Links whose path and query match this pattern are articles.
    SourceKind.SITE: {"article": Option(_pattern, required=True)},
    SourceKind.SITEMAP: {"article": Option(_pattern)},
    SourceKind.WORDPRESS: {},
    # One of the three: a tag on this server, an organisation's account there, or all that is posted on it.
    SourceKind.MASTODON: {
        "hashtag": Option(_hashtag),
        "account": Option(_account),
        "timeline": Option(_timeline),
    },
    SourceKind.BLUESKY: {"actor": Option(_did, required=True)},
    # Who published (dcterms:creator), and which rubrics are kept.
    SourceKind.KOOP: {"creator": Option(_text), "rubrics": Option(_texts)},
    # The name under which the aggregator of council papers knows the council.
    SourceKind.COUNCIL: {"council": Option(_text)},
    SourceKind.YOUTUBE: {"channel": Option(_channel, required=True)},
    SourceKind.HANDIN: {},
}

#: Keys of which a kind needs exactly one.
ONE_OF: dict[SourceKind, tuple[str, ...]] = {SourceKind.MASTODON: ("hashtag", "account", "timeline")}


def _one_server(url: str, options: Mapping[str, Any]) -> tuple[str, str] | None:
    """What of a Mastodon server's address and account does not go together."""
    parts = urlsplit(url)
    server = parts.netloc.lower()
    if parts.path.strip("/") or parts.query or parts.fragment:
        return "url", f'{url!r} is no root of a server: write "{parts.scheme}://{server}" and no more'
    elsewhere = (options.get("account") or "").partition("@")[2].lower()
    if elsewhere and elsewhere not in {server, parts.hostname}:
        return "account", (
            f"an account of {elsewhere} can't be read at {parts.hostname}: make {elsewhere} the url, with "
            "its own terms, or write only the name if the account is at home here"
        )
    return None


#: Kind -> what of its address and its keys does not go together: a key and what to do; None = all does.
TOGETHER: dict[SourceKind, Callable[[str, Mapping[str, Any]], tuple[str, str] | None]] = {
    SourceKind.MASTODON: _one_server
}

DEFAULT_EVERY_SECONDS = 3600
TOP_LEVEL = ("municipality", "source")
TERMS: dict[str, Callable[[Any], Any]] = {
    "url": _address,
    "checked": _day,
    "basis": _text,
    "purpose": _text,
}
