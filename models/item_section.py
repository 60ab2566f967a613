"""Sections of round-up articles: which passage of an item feeds which lead."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.item_sketch import SketchColumns


class ItemSection(SketchColumns, Base):
    """Sketch of one section of a round-up, and the lead that this section feeds.

    No text: where the section stands and what was said of it is in ``Prediction.sections``, under
    the same number. Several sections of one item may feed one lead.
    """

    __tablename__ = "item_section"
    __table_args__ = (Index("ix_item_section_item_id_number", "item_id", "number"),)

    #: Stays the same when the item changes and its sections move.
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    #: From 1, in the order of the text; 0 = the whole text of an item that was a round-up once and
    #: still stands in several leads.
    number: Mapped[int]
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), index=True)
