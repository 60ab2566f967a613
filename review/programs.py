"""Which requests come from programs: the API and its tokens, where no session counts."""

from flask import current_app, request

#: Where the first version of the API lives.
PREFIX = "/api/v1"
#: Where programs get their tokens.
TOKENS = "/oauth/token"
#: Where feeds stand, at addresses that are secrets.
FEEDS = "/feeds/"


def for_program() -> bool:
    """Whether this request is for the API, known address or not."""
    return request.path.startswith("/api/") or request.path in ("/api", TOKENS)


def without_cookies() -> bool:
    """Whether neither session nor language is kept for this request: for the API, and for feed readers."""
    return for_program() or request.path.startswith(FEEDS)


def website() -> str:
    """Address of the website, without a slash at the end: as the settings say, else as it was asked for."""
    public: str = current_app.extensions["scout"].settings.public_url
    return (public or request.host_url).rstrip("/")
