"""What remains of a text after it is gone: hashed features, enough to learn from."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class ItemFeatures(Base):
    """Hashed features of one item's text, as the first stage sees them."""

    __tablename__ = "item_features"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    #: Which hashing and features made it; rows of another space can't be replayed.
    space: Mapped[str]
    #: Compressed sparse row, as written by ``scout.classify``.
    features: Mapped[bytes]
