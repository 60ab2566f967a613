"""Refusing copied text in the register: a summary is in staff's own words.

While the texts of a lead's items are there, they are compared directly. When they have been
purged, the keyed hashes of their 8-word shingles (``lead_shingles``) still tell a copied passage
from an own one.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.item import Item
from models.item_text import ItemText
from models.lead_item import LeadItem
from models.lead_shingles import LeadShingles
from models.prediction import Prediction
from models.shingles import WIDTH, WORD, shingle_hashes, unpack

#: Characters in a row that may be the same as in a source: the length of a snippet (DESIGN 7).
ALLOWED = 150

SAME = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-"})


def plain(text: str) -> str:
    """``text`` without what a copyist changes by accident: case, spacing, sorts of quotes and dashes."""
    return " ".join(text.translate(SAME).casefold().split())


def copied_passage(text: str, sources: Iterable[str]) -> str | None:
    """The first passage of ``text`` that is longer than allowed and stands in a source, or None.

    Returns:
        :data:`ALLOWED` + 1 characters, in the plain form of :func:`plain`.
    """
    own = plain(text)
    length = ALLOWED + 1
    windows = {own[start : start + length]: start for start in reversed(range(len(own) - length + 1))}
    if not windows:
        return None
    found: list[int] = []
    for source in sources:
        theirs = plain(source)
        for start in range(len(theirs) - length + 1):
            at = windows.get(theirs[start : start + length])
            if at is not None:
                found.append(at)
    return own[min(found) : min(found) + length] if found else None


def copied_by_shingles(secret: bytes, text: str, known: set[int]) -> str | None:
    """The first passage of ``text``, longer than allowed, whose words stand in a row in known shingles."""
    own = " ".join(text.split())
    words = list(WORD.finditer(own))
    start: int | None = None
    for first in range(len(words) - WIDTH + 1):
        begin, end = words[first].start(), words[first + WIDTH - 1].end()
        if not shingle_hashes(secret, own[begin:end]) <= known:
            start = None
            continue
        start = begin if start is None else start
        if end - start > ALLOWED:
            return own[start:end]
    return None


def source_texts(session: Session, lead_id: int) -> list[str]:
    """Everything the sources of a lead say that is still kept: texts, titles and snippets."""
    of_lead = select(LeadItem.item_id).where(LeadItem.lead_id == lead_id)
    texts: list[str] = list(session.scalars(select(ItemText.text).where(ItemText.item_id.in_(of_lead))))
    texts += session.scalars(select(Item.title).where(Item.id.in_(of_lead)))
    texts += session.scalars(select(Prediction.snippet).where(Prediction.item_id.in_(of_lead)))
    return [text for text in texts if text]


def find_copied(session: Session, secret: bytes, lead_id: int, texts: Sequence[str]) -> str | None:
    """The first passage in ``texts`` that is copied from the sources of a lead, or None."""
    sources = source_texts(session, lead_id)
    kept = session.get(LeadShingles, lead_id)
    known = unpack(kept.hashes) if kept is not None else set()
    for text in texts:
        passage = copied_passage(text, sources)
        if passage is None and known:
            passage = copied_by_shingles(secret, text, known)
        if passage is not None:
            return passage
    return None
