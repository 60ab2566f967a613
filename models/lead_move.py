"""Which items a person moved from one lead to another, so that it can be undone."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class LeadMove(Base):
    """One item that went along with a merge or a split; numbers only, so that it outlives purging.

    From which lead to which says the decision (``lead_id`` and ``other_lead_id``).
    """

    __tablename__ = "lead_move"

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True, index=True)
    #: :class:`LeadItem` as it was in the lead that the item came from.
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(default="")
    #: The item stood in the other lead already (a round-up); it stays there when the move is undone.
    stood_there: Mapped[bool] = mapped_column(default=False)
    #: Ids of the :class:`ItemSection` rows that went along.
    section_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
