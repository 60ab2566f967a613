"""Secret addresses of Atom feeds, one or more a municipality."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class FeedAddress(Base):
    """One secret address. The address itself is shown once; kept is a keyed hash of it."""

    __tablename__ = "feed_address"

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), index=True)
    #: For what it is used, as its maker calls it.
    name: Mapped[str] = mapped_column(default="")
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The day of the last request, to tell whether anybody still reads it.
    last_read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
