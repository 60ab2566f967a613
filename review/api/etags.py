"""ETags: a program that has seen the newest gets 304, and one that has not can't overwrite it."""

import hashlib
import json
from typing import Any

from flask import request

from review.api.problems import problem


def tag_of(dumped: Any) -> str:
    """The tag of an answer, from what is in it."""
    text = json.dumps(dumped, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def must_say_which() -> None:
    """Stop a change that does not say what it is a change of.

    Raises:
        Problem: 428: there is no ``If-Match``.
    """
    if not request.if_match:
        problem(428)


def must_match(dumped: Any) -> None:
    """Stop a change of something that is not what the program saw any more.

    Args:
        dumped: what GET would answer now.

    Raises:
        Problem: 412.
    """
    if tag_of(dumped) not in request.if_match:
        problem(412)


def seen(tag: str) -> bool:
    """Whether the program has this already, and asked for nothing but news."""
    return request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(tag)
