"""Accounts, tags and channels behind an address: Mastodon, Bluesky, YouTube, PeerTube and Lemmy.

Organisations only: for whoever may be a person there is a refusal, which does not repeat the name.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from models.words import SourceKind
from scout.crawl.trouble import Trouble
from scout.discover.asked import Shape, refuse_blocked
from scout.discover.asker import Asker
from scout.discover.found import Guess, RefusedError
from scout.discover.page import Seen
from scout.organisations import why_person
from scout.steps.text import clean_title, plain

#: The AppView of Bluesky that answers without signing in, and the web sites that stand for it.
BLUESKY = "https://public.api.bsky.app"
BLUESKY_SITES = frozenset({"bsky.app", "www.bsky.app"})
BLUESKY_TERMS = "https://bsky.social/about/support/tos"
YOUTUBE_SITES = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
YOUTUBE_TERMS = "https://www.youtube.com/t/terms"

_CHANNEL_ID = re.compile(r"/channel/(UC[\w-]{22})(?:/.*)?", re.ASCII)
_LABEL_SIGNED_IN = "!no-unauthenticated"
_NAMED_CHANNEL = re.compile(r"/(?:c|video-channels)/(?P<name>[\w.@-]+)(?:/.*)?", re.ASCII)
_USER = re.compile(r"/(?:a|accounts|u)/[^/]+(?:/.*)?")


def refuse_person(host: str, name: str, note: str, fields: Sequence[str] = (), **more: Any) -> None:
    """Stop at an account that is or may be a person's.

    Raises:
        RefusedError: it is one.
    """
    reason = why_person(name, note, fields, **more)
    if reason is not None:
        raise RefusedError(
            "person", host, f"this account may be a person's, and persons are not followed: {reason}"
        )


# -- Mastodon -------------------------------------------------------------------------------------


async def mastodon(asker: Asker, shape: Shape) -> list[Guess]:
    """The account, tag or server that an address of a Mastodon server stands for; empty = it is no such.

    Raises:
        RefusedError: the account may be a person's, or is not there.
    """
    origin, host = shape.origin, shape.host
    if shape.server:
        origin, host = f"https://{shape.server}", shape.server
        refuse_blocked(host, asker.context.settings)
    instance = await _instance(asker, origin)
    if instance is None:
        return []
    server = clean_title(str(instance.get("title") or "")) or host
    terms = _terms_of_server(instance, origin)
    if shape.account:
        return [await _account(asker, origin, host, shape.account, terms)]
    if shape.tag:
        return [
            Guess(
                kind=SourceKind.MASTODON,
                url=f"{origin}/",
                title=f"#{shape.tag} op {server}",
                why="the address is that of a tag on a Mastodon server",
                options={"hashtag": shape.tag},
                terms=terms,
            )
        ]
    return [
        Guess(
            kind=SourceKind.MASTODON,
            url=f"{origin}/",
            title=server,
            why="the address is that of a Mastodon server; all that its own accounts post in public",
            options={"timeline": "local"},
            terms=terms,
        )
    ]


async def _instance(asker: Asker, origin: str) -> dict[str, Any] | None:
    for path, own_name in (("/api/v2/instance", "domain"), ("/api/v1/instance", "uri")):
        answer = await asker.object(origin + path)
        if answer is not None and own_name in answer and "version" in answer:
            return answer
    return None


def _terms_of_server(instance: dict[str, Any], origin: str) -> tuple[str, ...]:
    configuration = instance.get("configuration")
    urls = configuration.get("urls") if isinstance(configuration, dict) else None
    given = urls if isinstance(urls, dict) else {}
    named = [given.get(name) for name in ("terms_of_service", "privacy_policy")]
    found = [address for address in named if isinstance(address, str) and address.startswith("http")]
    return tuple(found) or (f"{origin}/about", f"{origin}/privacy-policy")


async def _account(asker: Asker, origin: str, host: str, name: str, terms: tuple[str, ...]) -> Guess:
    account = await asker.object(f"{origin}/api/v1/accounts/lookup?{urlencode({'acct': name})}")
    if account is None or "display_name" not in account:
        raise RefusedError("nothing", host, f"{host} shows no account under this address")
    shown = clean_title(str(account.get("display_name") or ""))
    fields = account.get("fields")
    told = [field for field in fields if isinstance(field, dict)] if isinstance(fields, list) else []
    refuse_person(
        host,
        shown,
        plain(str(account.get("note") or ""), True),
        [plain(f"{field.get('name')} {field.get('value')}", True) for field in told],
        group=account.get("group") is True,
        bot=account.get("bot") is True,
    )
    return Guess(
        kind=SourceKind.MASTODON,
        url=f"{origin}/",
        title=shown,
        why="the address is that of an organisation's account on a Mastodon server",
        options={"account": name},
        terms=terms,
    )


# -- Bluesky --------------------------------------------------------------------------------------


async def bluesky(asker: Asker, shape: Shape) -> list[Guess]:
    """The organisation whose profile an address shows; empty = it is no profile of Bluesky.

    Raises:
        RefusedError: the account may be a person's, is not there, or wants signed-in visitors only.
    """
    ours = shape.host in BLUESKY_SITES
    server = BLUESKY if ours else shape.origin
    actor = await _did(asker, server, shape.actor, ours)
    if actor is None:
        if ours:
            raise RefusedError("nothing", shape.host, f"{shape.host} shows no account under this address")
        return []
    profile = await asker.object(
        f"{server}/xrpc/app.bsky.actor.getProfile?{urlencode({'actor': actor}, safe=':')}"
    )
    if profile is None:
        # A server that keeps the account itself shows its profile as a record.
        query = urlencode({"repo": actor, "collection": "app.bsky.actor.profile", "rkey": "self"}, safe=":")
        record = await asker.object(f"{server}/xrpc/com.atproto.repo.getRecord?{query}")
        value = record.get("value") if record else None
        profile = value if isinstance(value, dict) else {}
    if _LABEL_SIGNED_IN in str(profile.get("labels")):
        raise RefusedError(
            "not_public", shape.host, "the account asks to be shown to signed-in visitors only"
        )
    shown = clean_title(str(profile.get("displayName") or ""))
    refuse_person(shape.host, shown, str(profile.get("description") or ""))
    return [
        Guess(
            kind=SourceKind.BLUESKY,
            url=server,
            title=shown,
            why="the address is that of an organisation's profile on Bluesky",
            options={"actor": actor},
            terms=(BLUESKY_TERMS,) if ours else (),
        )
    ]


async def _did(asker: Asker, server: str, actor: str, ours: bool) -> str | None:
    """The lasting id behind a handle: as the AppView says, else as the handle's own domain does."""
    if actor.startswith("did:"):
        return actor
    answer = await asker.object(
        f"{server}/xrpc/com.atproto.identity.resolveHandle?{urlencode({'handle': actor})}"
    )
    did = answer.get("did") if answer else None
    if isinstance(did, str) and did.startswith("did:"):
        return did
    if not ours:
        return None
    page = await asker.maybe(f"https://{actor}/.well-known/atproto-did", accept="text/plain")
    text = page.body[:300].decode("ascii", "replace").strip() if page else ""
    return text if re.fullmatch(r"did:[a-z]+:[\w.:%-]+", text, re.ASCII) else None


# -- channels and communities ---------------------------------------------------------------------


def youtube(shape: Shape, seen: Seen | None) -> list[Guess]:
    """The channel that an address or its page stands for.

    Raises:
        RefusedError: the channel may be a person's.
    """
    by_path = _CHANNEL_ID.fullmatch(shape.path)
    channel = (by_path[1] if by_path else "") or (seen.channel if seen else "")
    channel = channel or shape.query.get("channel_id", "")
    if not re.fullmatch(r"UC[\w-]{22}", channel, re.ASCII):
        return []
    origin = "https://www.youtube.com" if shape.host in YOUTUBE_SITES else shape.origin
    title = re.sub(r"\s+-\s+YouTube$", "", seen.title) if seen else ""
    if seen is not None:
        refuse_person(shape.host, title, seen.description)
    return [
        Guess(
            kind=SourceKind.YOUTUBE,
            url=f"{origin}/channel/{channel}",
            title=title,
            why="the address is that of a YouTube channel",
            options={"channel": channel},
            terms=(YOUTUBE_TERMS,) if shape.host in YOUTUBE_SITES else (),
        )
    ]


def videos_or_community(shape: Shape, seen: Seen) -> list[Guess]:
    """The feed of a PeerTube channel or server, or of a Lemmy community.

    Raises:
        RefusedError: it is the page of one user.
    """
    if seen.made_with not in {"peertube", "lemmy"}:
        return []
    if _USER.fullmatch(shape.path):
        raise RefusedError("person", shape.host, "this is the page of one user, and persons are not followed")
    named = _NAMED_CHANNEL.fullmatch(shape.path)
    if seen.made_with == "lemmy":
        if named is None:
            return []
        name = named["name"]
        url = f"{shape.origin}/feeds/c/{quote(name)}.xml?sort=New"
        why = "the address is that of a Lemmy community, which has a feed"
    else:
        which = {"videoChannelName": named["name"]} if named else {"isLocal": "true"}
        url = f"{shape.origin}/feeds/videos.xml?{urlencode(which)}"
        why = f"the address is that of a PeerTube {'channel' if named else 'server'}, which has a feed"
    return [Guess(kind=SourceKind.FEED, url=url, title=seen.title, why=why, full_text=False)]


def trouble_code(trouble: Trouble) -> str:
    """The word for why an address could not be read."""
    if re.search(r"\bpersons? (?:is|are) not followed|may be a person", str(trouble)):
        return "person"
    return trouble.code or "unreachable"
