"""XRPC, how servers of the AT Protocol are asked: what an answer says, and whether the method exists."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from models.encoding import decode
from scout.drafts import Page

_ROOT = "/xrpc/"
_NO_SUCH_METHOD = frozenset({404, 501})


@dataclass(frozen=True)
class Result:
    """An answer, taken apart."""

    #: The JSON object of the answer; empty if it is none.
    body: Mapping[str, Any]
    #: The server's word for what is wrong (``RecordNotFound``) and its sentence; empty if all is well.
    error: str
    message: str
    #: The server does not know the method, or is no such server.
    unknown_method: bool


def method(url: str) -> str:
    """The method that an address asks for, e.g. ``com.atproto.repo.getRecord``."""
    return urlsplit(url).path.rpartition(_ROOT)[2]


def answer(page: Page) -> Result:
    """What a server says; an answer that is no JSON object counts as "no such method"."""
    try:
        body = json.loads(decode(page.body).lstrip("\ufeff"))
    except (ValueError, RecursionError):
        body = None
    known = isinstance(body, dict)
    body = body if isinstance(body, dict) else {}
    error, message = (
        ("", "") if page.status == 200 else (_text(body.get("error")), _text(body.get("message")))
    )
    unknown = (
        # Some servers answer 404 for a record that is not there, and say so.
        (page.status in _NO_SUCH_METHOD and not error.endswith("NotFound"))
        or error == "MethodNotImplemented"
        or message.startswith("No service configured")
        or (page.status == 200 and not known)
    )
    return Result(body=body, error=error, message=message, unknown_method=unknown)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
