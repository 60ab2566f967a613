"""Items: gathered articles, pages and posts, cleaned, without their text."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class Item(Base):
    """One gathered article, page or post.

    After :attr:`purged_at` only keyed hashes, dates, source, municipality and score-side rows
    remain, so that the same text does not come back as new.
    """

    __tablename__ = "item"
    __table_args__ = (
        Index("ix_item_source_key_external_key", "source_key", "external_key"),
        Index(
            "ix_item_gone_at",
            "gone_at",
            sqlite_where=text("gone_at IS NOT NULL"),
            postgresql_where=text("gone_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_key: Mapped[str] = mapped_column(ForeignKey("source.key"))
    #: Keyed HMAC of the canonical address: one item for each address, over all sources.
    url_key: Mapped[str] = mapped_column(unique=True)
    #: Keyed HMAC of source key and the source's own id.
    external_key: Mapped[str]
    #: Canonical address without tracking parameters; empty after purging.
    url: Mapped[str]
    #: Empty where the source gives none, and after purging.
    title: Mapped[str]
    #: ISO 639-1/3 code as detected, ``und`` when not sure.
    language: Mapped[str] = mapped_column(default="und")
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The date as the source wrote it.
    published_raw: Mapped[str] = mapped_column(default="")
    #: 0.0 (no date) to 1.0 (complete date with zone).
    published_confidence: Mapped[float] = mapped_column(default=0.0)
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Keyed HMAC of what the source's list says of it; the same = no need to fetch it again.
    entry_hash: Mapped[str]
    #: Keyed HMAC of title and text.
    content_hash: Mapped[str]
    #: ``content_hash`` that was flagged last; differs = to be flagged.
    flagged_hash: Mapped[str | None] = mapped_column(index=True)
    #: ``content_hash`` that was grouped last; only flagged items are grouped.
    grouped_hash: Mapped[str | None]
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The source's own id where asking for the item again needs it; empty otherwise, and after purging.
    native_id: Mapped[str] = mapped_column(server_default="")
    #: Keyed HMAC of the account that published it (posts only): for objection and deletion, nothing else.
    account_key: Mapped[str | None]
    #: When the source was asked last whether the item is still there.
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When it first answered that the item is gone; None = it did not, or took it back.
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
