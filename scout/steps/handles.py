"""Others' handles, out of the text of posts: mentions and links to profiles become neutral words. Pure."""

import html as entities
import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

#: What stands in the place of a mention, and of a link to a profile or to a post under a name.
SOMEBODY = "iemand"
PROFILE = "een profiel"

#: A name on the social web, with its server or without. A letter must be in it: "@18:00" is a time.
_MENTION = re.compile(
    r"(?<![\w@＠])[@＠]++(?P<handle>(?=[\w.-]*[^\W\d])\w(?:[\w.-]*\w)?"
    r"(?:[@＠]++[\w\[](?:[\w.:\]-]*[\w\]])?)*)"
)
#: Handles that are names of hosts; also without an ``@``.
_ATPROTO_NAME = re.compile(r"(?<![\w.-])(?:https?://)?(?:[\w-]+\.)+bsky\.social(?![\w-])", re.IGNORECASE)
_ACCOUNT_URI = re.compile(r"(?<!\w)(?:acct:|at://|did:(?:plc|web):)[^\s<>\"']+", re.IGNORECASE)
#: An address, also one that is shown without its scheme, or cut off.
_LINK = re.compile(
    r"(?<![\w@.-])(?:(?:https?|web\+ap)://)?(?:[\w-]+(?:\.[\w-]+)+|localhost|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?"
    r"/[^\s<>\"'“”]*",
    re.IGNORECASE,
)
#: What a sentence puts behind an address.
_BEHIND_LINK = ".,;:!?)]}»…"

#: Paths below which the next word is somebody's handle, on any server.
_BELOW = frozenset({"users", "user", "u", "profile", "profiles", "people"})
#: Sites on which the first word of a path is a handle, unless it is one of these.
_FIRST_WORD = {
    "twitter.com": {"hashtag", "search", "i", "home", "explore", "intent", "share"},
    "x.com": {"hashtag", "search", "i", "home", "explore", "intent", "share"},
    "instagram.com": {"p", "reel", "reels", "explore", "tv"},
    "threads.net": {"t", "search"},
    "threads.com": {"t", "search"},
    "facebook.com": {"groups", "events", "watch", "hashtag", "sharer", "share", "sharer.php", "share.php"},
    "tiktok.com": {"tag", "discover"},
    "t.me": {"share", "joinchat"},
    "pixelfed.social": {"p", "i", "discover"},
    "pinterest.com": {"pin", "search"},
    "pinterest.nl": {"pin", "search"},
    "github.com": set(),
}
#: Words of a site's path behind which a handle stands.
_SECOND_WORD = {
    "linkedin.com": {"in", "pub"},
    "youtube.com": {"c"},
    "snapchat.com": {"add"},
    "instagram.com": {"stories"},
    "facebook.com": {"people"},
}

#: Somebody's address or name inside another address ("share this", "follow me").
_IN_QUERY = re.compile(r"(?:[/=#]@|\b(?:screen_name|acct|username)=@?)(\w[\w.@-]*)", re.IGNORECASE)

_ANCHOR = re.compile(r"<a\b(?P<attributes>[^<>]*)>(?:(?!<a\b).)*?</a\s*>", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(
    r"(?P<name>href|class)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s>]+))",
    re.IGNORECASE,
)
_TAG = re.compile(r"(<[^<>]*>)")
#: The ways to write an ``@`` in HTML.
_AT_SIGN = re.compile(r"&(?:#0*64|#x0*40|commat);", re.IGNORECASE)


def without_handles(text: str, *, html: bool, ours: Collection[str] = ()) -> str:
    """The text with neutral words in the place of handles.

    Mentions (``@name``, ``@name@server``, ``@name.bsky.social``) and addresses of profiles, or of posts
    below one, in what is shown and in what it links to. E-mail addresses and hashtags stay. Done twice, it
    changes nothing.

    Args:
        html: the text is HTML; else plain text, best after cleaning (an invisible character hides a handle).
        ours: handles that may stay, of organisations that are followed: ``name``, and ``name@server`` for
            where the server is written too.
    """
    stays = frozenset(handle.casefold().lstrip("@") for handle in ours)
    if not html:
        return _plain(text, stays)
    text = _ANCHOR.sub(lambda match: _anchor(match, stays), _AT_SIGN.sub("@", text))
    pieces = _TAG.split(text)  # text, tag, text …
    for number, piece in enumerate(pieces):
        pieces[number] = _bare_tag(piece) if number % 2 else _plain(piece, stays)
    return "".join(pieces)


def _plain(text: str, stays: frozenset[str]) -> str:
    def mention(match: re.Match[str]) -> str:
        return match[0] if match["handle"].casefold() in stays else SOMEBODY

    def link(match: re.Match[str]) -> str:
        address = match[0].rstrip(_BEHIND_LINK)
        return PROFILE + match[0][len(address) :] if _is_profile(address, stays) else match[0]

    def account(match: re.Match[str]) -> str:
        uri = match[0].rstrip(_BEHIND_LINK)
        return match[0] if uri.casefold() in stays else PROFILE + match[0][len(uri) :]

    text = _LINK.sub(link, text)
    text = _ACCOUNT_URI.sub(account, text)
    text = _MENTION.sub(mention, text)
    return _ATPROTO_NAME.sub(lambda match: match[0] if match[0].casefold() in stays else SOMEBODY, text)


def _anchor(match: re.Match[str], stays: frozenset[str]) -> str:
    given = {
        one["name"].lower(): entities.unescape(one["double"] or one["single"] or one["bare"] or "")
        for one in _ATTRIBUTE.finditer(match["attributes"])
    }
    kinds = given.get("class", "").lower().split()
    address = given.get("href", "")
    if "mention" in kinds and "hashtag" not in kinds:
        return match[0] if _is_ours(address, stays) else SOMEBODY
    if address.lower().startswith(("acct:", "at:", "did:")) or _is_profile(address, stays):
        return PROFILE
    return match[0]


def _bare_tag(tag: str) -> str:
    """A tag without what names somebody in its attributes."""
    if "@" not in tag:
        return tag
    return re.sub(r"[^\s\"'=<>]+", lambda word: "" if "@" in word[0] else word[0], tag)


def _is_profile(address: str, stays: frozenset[str]) -> bool:
    handle = handle_in(address)
    if handle is None:
        return False
    return not _stays(handle, urlsplit(_whole(address)).netloc, stays)


def _is_ours(address: str, stays: frozenset[str]) -> bool:
    handle = handle_in(address)
    return handle is not None and _stays(handle, urlsplit(_whole(address)).netloc, stays)


def _stays(handle: str, server: str, stays: frozenset[str]) -> bool:
    handle = handle.casefold()
    return handle in stays or ("@" not in handle and f"{handle}@{server.casefold()}" in stays)


def _whole(address: str) -> str:
    return address if "://" in address else f"https://{address}"


def handle_in(address: str) -> str | None:
    """The handle that an address names (``name`` or ``name@server``); None = it is no profile's."""
    try:
        parts = urlsplit(_whole(unquote(entities.unescape(address))))
        host = parts.hostname or ""
    except ValueError:
        return None
    words = [word for word in parts.path.split("/") if word]
    if host == "matrix.to":
        return parts.fragment.strip("/") if "@" in parts.fragment else None
    if host.endswith(".bsky.social") and not words:
        return host
    behind = _IN_QUERY.search(f"{parts.query}#{parts.fragment}")
    return behind[1] if behind else _below(words) or _on_known_site(host, words)


def _below(words: list[str]) -> str | None:
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word.startswith("@") and len(word) > 1:
            return word[1:]
        if word.lower() in _BELOW and following:
            return following.removeprefix("@")
    return None


def _on_known_site(host: str, words: list[str]) -> str | None:
    first, host = words[0].lower() if words else "", ".".join(host.split(".")[-2:])
    if len(words) > 1 and first in _SECOND_WORD.get(host, ()):
        return words[1]
    return words[0] if words and first not in _FIRST_WORD.get(host, {first}) else None
