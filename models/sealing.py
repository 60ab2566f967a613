"""Sealed words: secrets that are used again, so that no hash will do, encrypted with the secret key."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealError(Exception):
    """A sealed word can't be read: it was sealed with another secret key, or changed since."""


def seal(secret: bytes, purpose: str, word: str) -> str:
    """``word`` as only who has ``secret`` can read it, unchanged (Fernet: AES-128-CBC and HMAC-SHA256).

    Args:
        purpose: keeps keys for different things apart.
    """
    return _fernet(secret, purpose).encrypt(word.encode()).decode()


def unseal(secret: bytes, purpose: str, sealed: str) -> str:
    """The word that was sealed.

    Raises:
        SealError: it was sealed with another secret key or purpose, or changed since.
    """
    try:
        return _fernet(secret, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealError(f"the sealed {purpose} can't be read with this secret key") from None


def _fernet(secret: bytes, purpose: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)
    return Fernet(base64.urlsafe_b64encode(key))
