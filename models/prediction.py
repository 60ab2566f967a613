"""Predictions: what one model version said of one item."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class Prediction(Base):
    """Score, theme and evidence for one item by one model version."""

    __tablename__ = "prediction"
    __table_args__ = (
        UniqueConstraint("item_id", "model_version", "content_hash"),
        # Most are not flagged; grouping asks for those that are.
        Index(
            "ix_prediction_flagged",
            "item_id",
            sqlite_where=text("flagged = 1"),
            postgresql_where=text("flagged"),
        ),
        Index(
            "ix_prediction_drawn",
            "item_id",
            sqlite_where=text("drawn IS NOT NULL"),
            postgresql_where=text("drawn IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    model_version: Mapped[str]
    #: Item.content_hash that was scored.
    content_hash: Mapped[str]
    #: Likelihood of a citizen initiative, 0.0 to 1.0.
    score: Mapped[float]
    #: Whether the score reached the model's threshold.
    flagged: Mapped[bool]
    theme: Mapped[str | None]
    #: How likely that theme is among all, 0.0 to 1.0.
    theme_score: Mapped[float] = mapped_column(default=0.0, server_default="0")
    #: What the text calls the initiative, and the organisation behind it; empty when it does not say.
    initiative_name: Mapped[str] = mapped_column(default="", server_default="")
    organisation_name: Mapped[str] = mapped_column(default="", server_default="")
    #: Of an item below the threshold that was drawn for review: the chance it had of being drawn
    #: (above 0.0, at most 1.0). None = flagged, or not drawn.
    drawn: Mapped[float | None]
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"), index=True)
    place_key: Mapped[str | None] = mapped_column(ForeignKey("place.key"))
    #: At most 150 characters: the passage that best justifies the flag; empty when not flagged or purged.
    snippet: Mapped[str] = mapped_column(default="")
    #: ``[{"reason", "start", "end", "weight"}]``; offsets in ``snippet``; reasons that stand
    #: elsewhere in the text have ``start`` and ``end`` null.
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: Of a round-up: its sections about initiatives, in order; empty for all other texts, and after purging.
    #: Each ``{"number", "start", "body", "end", "score", "theme", "theme_score", "municipality_code",
    #: "place_key", "initiative_name", "organisation_name", "snippet", "evidence"}``: ``text[start:body]`` is
    #: its heading, ``text[body:end]`` the rest; all else is as of a whole item.
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
