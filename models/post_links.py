"""Links to posts without the name of whoever wrote them, and links that are somebody's account."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

#: Host (without ``www.`` and ``m.``) -> pattern of the path -> path that leads to the same post.
_PLATFORMS: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {
    ("x.com", "twitter.com", "mobile.twitter.com"): ((r"/[^/]+/status(?:es)?/(\d+).*", r"/i/status/\1"),),
    ("instagram.com",): (
        (r"/(p|reel|tv)/([\w-]+).*", r"/\1/\2/"),
        (r"/[^/]+/(p|reel|tv)/([\w-]+).*", r"/\1/\2/"),
    ),
    ("threads.net", "threads.com"): ((r"/@[^/]+/post/([\w-]+).*", r"/t/\1"),),
    ("linkedin.com", "nl.linkedin.com"): (
        (r"/posts/[^/]*-activity-(\d+)-?[\w-]*.*", r"/feed/update/urn:li:activity:\1/"),
    ),
    ("tiktok.com",): ((r"/@[^/]+/video/(\d+).*", r"/@_/video/\1"),),
}
#: Host -> pattern of paths that are an account, or a post that has no address without one.
_ACCOUNTS: dict[tuple[str, ...], str] = {
    (
        "x.com",
        "twitter.com",
        "mobile.twitter.com",
    ): r"/(?!i/|hashtag/|search|home)\w+/?(?:with_replies|media)?",
    ("instagram.com",): r"/(?:stories/.+|(?!p/|reel/|tv/|explore/)[\w.]+/?)",
    ("threads.net", "threads.com"): r"/@.+",
    ("linkedin.com", "nl.linkedin.com"): r"/(?:in|pub)/.+",
    ("tiktok.com",): r"/@(?!_/video/).+",
    ("facebook.com",): r"/(?:people/.+|profile\.php)",
    ("bsky.app",): r"/profile/(?!did:).+",
}
#: Mastodon and what speaks like it, on any host.
_FEDIVERSE = (r"/(?:web/)?@[^/]+/(\d{6,})/?", r"/users/[^/]+/statuses/(\d{6,})(?:/activity)?/?")
#: An account there.
_SOMEBODY = r"/(?:web/)?@[^/]+(?:/(?:with_replies|media|followers|following))?/?|/users/[^/]+/?"


def without_name(url: str) -> str:
    """The address of the same post without its writer's handle; any other address as it is.

    Args:
        url: canonical (:func:`models.addresses.canonical`).
    """
    parts = urlsplit(url)
    host = re.sub(r"^(?:www|m)\.", "", parts.netloc)
    for hosts, forms in _PLATFORMS.items():
        if host in hosts:
            path = _first(parts.path, [(pattern, _to(target)) for pattern, target in forms])
            return url if path is None else f"https://{parts.netloc}{path}"
    path = _first(parts.path, [(pattern, lambda found: f"/statuses/{found[1]}") for pattern in _FEDIVERSE])
    return url if path is None else f"{parts.scheme}://{parts.netloc}{path}"


def is_account(url: str) -> bool:
    """Whether an address names somebody's account, and nothing can be done about that.

    Args:
        url: as :func:`without_name` gives it.
    """
    parts = urlsplit(url)
    host = re.sub(r"^(?:www|m)\.", "", parts.netloc)
    for hosts, pattern in _ACCOUNTS.items():
        if host in hosts:
            return re.fullmatch(pattern, parts.path) is not None
    return re.fullmatch(_SOMEBODY, parts.path) is not None


def _to(target: str) -> Callable[[re.Match[str]], str]:
    return lambda found: found.expand(target)


def _first(path: str, forms: list[tuple[str, Callable[[re.Match[str]], str]]]) -> str | None:
    for pattern, make in forms:
        found = re.fullmatch(pattern, path)
        if found:
            return make(found)
    return None
