"""Keyed hashes: what stands for an address, an id or a text when the thing itself must not be kept."""

import hashlib
import hmac


def keyed_hash(secret: bytes, purpose: str, *parts: str) -> str:
    """HMAC-SHA256 of ``parts`` under ``secret``, 32 hexadecimal digits (128 bits).

    Args:
        purpose: keeps hashes of different things apart: ``url``, ``external``, ``content`` …
    """
    message = "\x1f".join((purpose, *parts)).encode("utf-8", "surrogatepass")
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:32]
