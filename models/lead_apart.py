"""Leads that a person said are not the same initiative."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class LeadApart(Base):
    """Two leads that stay apart for ever, unless a person merges them after all.

    It holds for whatever is merged into either of them too. Numbers only, so that it outlives purging.
    """

    __tablename__ = "lead_apart"
    __table_args__ = (UniqueConstraint("one_id", "other_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The lower number of the two.
    one_id: Mapped[int] = mapped_column(ForeignKey("lead.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), index=True)
    #: The split, or the undoing of a merge, that said so first.
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    #: The merge that said otherwise later; None = it holds.
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
