"""What an address says before anything is fetched. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from models.addresses import canonical
from models.settings import Settings
from scout.discover.found import RefusedError

#: ``@name@server``, as people write an account of the Fediverse.
_ACCOUNT = re.compile(r"@?([\w.-]+)@([\w.-]+\.[a-z]{2,})", re.ASCII)
#: Profiles: ``/@name``, ``/@name@server``, ``/users/name``, with what servers put behind them.
_PROFILE = re.compile(
    r"/(?:web/)?(?:@|users/)(?P<name>[\w.-]+?)(?:@(?P<server>[\w.-]+))?"
    r"(?:\.(?:rss|atom|json))?(?:/(?:media|with_replies|featured|\d+|statuses/\d+))?/?",
    re.ASCII,
)
_TAG = re.compile(r"/(?:web/)?(?:tags|explore/tags)/(?P<tag>[^/?#]+?)(?:\.rss)?/?")
#: Bluesky and programs like it: ``/profile/handle-or-did``.
_ACTOR = re.compile(r"/profile/(?P<actor>did:[a-z]+:[\w.:%-]+|[\w-]+(?:\.[\w-]+)+)(?:/.*)?", re.ASCII)
#: Pages of one author or user, on sites of many kinds.
_PERSONAL = re.compile(
    r"/(?:author|auteur|u)/[^/]+(?:/(?:feed|rss)(?:\.xml)?)?/?|/(?:feed|rss)/u/[^/]+", re.I
)


@dataclass(frozen=True)
class Shape:
    """What an address looks like."""

    url: str
    host: str
    #: Scheme, host and port.
    origin: str
    path: str
    query: dict[str, str]
    #: An account of the Fediverse, and the server it is at if that is another; a tag; an account of Bluesky.
    account: str = ""
    server: str = ""
    tag: str = ""
    actor: str = ""

    @property
    def names_account(self) -> bool:
        """Whether the address names somebody who may be a person."""
        return bool(self.account or self.actor or _PERSONAL.fullmatch(self.path))

    @property
    def personal(self) -> bool:
        """Whether it is a page of one author or user of a site."""
        return _PERSONAL.fullmatch(self.path) is not None


def shape_of(text: str, settings: Settings) -> Shape:
    """Understand what somebody pasted; ``https://`` is added where nothing stands there.

    Raises:
        RefusedError: it is no web address, or its host is never asked for anything.
    """
    text = text.strip()
    account = _ACCOUNT.fullmatch(text)
    if account:
        text = f"https://{account[2]}/@{account[1]}"
    if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?!\d)", text):
        text = f"https://{text}"
    url = text.split("#", 1)[0]
    if not canonical(url) or urlsplit(url).username is not None:
        raise RefusedError("unreachable", "", "this is no web address: write it in full, https://…")
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    refuse_blocked(host, settings)
    profile = _PROFILE.fullmatch(parts.path)
    tag, actor = _TAG.fullmatch(parts.path), _ACTOR.fullmatch(parts.path)
    server = (profile["server"] or "") if profile else ""
    if server:
        refuse_blocked(server, settings)
    return Shape(
        url=url,
        host=host,
        origin=f"{parts.scheme.lower()}://{parts.netloc}",
        path=parts.path or "/",
        query={name.lower(): values[0] for name, values in parse_qs(parts.query).items()},
        account=profile["name"] if profile else "",
        server="" if server == host else server,
        tag=tag["tag"] if tag else "",
        actor=actor["actor"] if actor else "",
    )


def refuse_blocked(host: str, settings: Settings) -> None:
    """Stop at a host that is never asked for anything.

    Raises:
        RefusedError: it is one.
    """
    if settings.blocks(host):
        raise RefusedError(
            "blocked",
            host,
            f"the terms of {host} forbid reading by programs: let people hand in what stands there",
        )
