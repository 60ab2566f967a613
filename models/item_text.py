"""The one table that holds full texts."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class ItemText(Base):
    """Full text of an item, for at most ``SCOUT_KEEP_TEXT_DAYS``; never shown whole, never exported."""

    __tablename__ = "item_text"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    text: Mapped[str]
