"""What grouping remembers of a text, without the text."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class SketchColumns:
    """Signature of one text and keyed hashes of its telling words and names.

    Arrays are little endian and, where they are sets, sorted.
    """

    #: Reference time of the item: published, else first seen.
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"), index=True)
    place_key: Mapped[str | None] = mapped_column(ForeignKey("place.key"))
    theme: Mapped[str | None]
    #: MinHash values, 128 × uint32.
    minhash: Mapped[bytes]
    #: Hashes of pairs of words, a set of uint32.
    shingles: Mapped[bytes]
    #: Hashes of telling words, a set of uint32.
    terms: Mapped[bytes]
    #: Weight of each of these words, float32; their squares add up to 1 at most.
    weights: Mapped[bytes]
    #: Hash of a word in a name (organisation, project …), as decimal number -> how rare it is, 0 to 8.
    names: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)


class ItemSketch(SketchColumns, Base):
    """Sketch of one flagged item that is about one thing; its leads stand in :class:`LeadItem`."""

    __tablename__ = "item_sketch"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
