"""Eight-word shingles as keyed hashes: enough to recognise copied sentences, not to read them."""

import hashlib
import re
from array import array
from collections.abc import Iterable

WORD = re.compile(r"\w+")
#: Words in a shingle (DESIGN 7).
WIDTH = 8


def shingle_hashes(secret: bytes, text: str) -> set[int]:
    """Keyed 64-bit hashes of all runs of eight words; case and punctuation don't count."""
    words = [word.lower() for word in WORD.findall(text)]
    return {
        int.from_bytes(
            hashlib.blake2b(
                " ".join(words[at : at + WIDTH]).encode(), digest_size=8, key=secret[:64]
            ).digest(),
            "little",
        )
        for at in range(len(words) - WIDTH + 1)
    }


def pack(hashes: Iterable[int]) -> bytes:
    """Sorted, little endian, eight bytes each: the form of ``LeadShingles.hashes``."""
    return array("Q", sorted(set(hashes))).tobytes()


def unpack(blob: bytes) -> set[int]:
    """The hashes that :func:`pack` wrote."""
    numbers = array("Q")
    numbers.frombytes(blob)
    return set(numbers)
