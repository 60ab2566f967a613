"""Keys for sources that people add: from a title, else from a host."""

import re
import unicodedata
from collections.abc import Collection

LONGEST_KEY = 60


def slug(text: str) -> str:
    """Small letters, digits and single hyphens; empty if nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "", plain)).strip("-")


def key_for(title: str, host: str, kind: str, taken: Collection[str]) -> str:
    """A key of kebab-case that is not taken, from a title, else from a host."""
    base = slug(title)[:LONGEST_KEY].strip("-") or slug(host.removeprefix("www.")) or kind
    candidates = [base, f"{base}-{kind}", *(f"{base}-{number}" for number in range(2, len(taken) + 4))]
    return next(key for key in candidates if key not in taken)
