"""Enough of a promoted lead's texts to refuse copying them into the register."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class LeadShingles(Base):
    """Keyed hashes of the 8-word shingles in a promoted lead's texts."""

    __tablename__ = "lead_shingles"

    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), primary_key=True)
    #: Sorted uint64, little endian.
    hashes: Mapped[bytes]
