"""What must never come back: objections and deletions at the source."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class Suppression(Base):
    """A keyed hash of an address, a domain, an account or a source's own id that is kept out for good."""

    __tablename__ = "suppression"

    #: Keyed HMAC, see ``models.keys``.
    key: Mapped[str] = mapped_column(primary_key=True)
    #: ``url``, ``domain``, ``account``, or ``item``: the source's own id (``Item.external_key``).
    kind: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: ``objection`` or ``deleted at the source``.
    why: Mapped[str]
