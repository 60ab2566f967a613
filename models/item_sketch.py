"""What grouping remembers of a text, without the text."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class ItemSketch(Base):
    """Signature of one flagged item's text and keyed hashes of the names in it, for grouping."""

    __tablename__ = "item_sketch"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    #: Reference time of the item: published, else first seen.
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"), index=True)
    #: MinHash values, 128 × uint32, little endian.
    minhash: Mapped[bytes]
    #: Keyed hashes of 2-word shingles of short texts' containment test, as uint32 little endian.
    shingles: Mapped[bytes]
    #: Hash of a name (organisation, project, place) -> weight.
    names: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)
