"""Sources: the places to look, with what the last visits left behind."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import SourceKind


class Source(Base):
    """One place to look. Definition columns mirror the source file; the rest is state of visiting."""

    __tablename__ = "source"

    # -- the definition, rewritten from the source files at each run ------------------------
    key: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    kind: Mapped[SourceKind] = mapped_column(Word(SourceKind))
    url: Mapped[str]
    #: Least time between two visits.
    every_seconds: Mapped[int]
    #: Items a healthy visit gives; None = no bound.
    expect_min: Mapped[int | None]
    expect_max: Mapped[int | None]
    full_text: Mapped[bool] = mapped_column(default=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    #: Default for items whose text names no municipality.
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"))
    terms_url: Mapped[str | None]
    terms_checked: Mapped[date | None]
    terms_basis: Mapped[str | None]
    terms_purpose: Mapped[str | None]
    #: Keys that only this kind knows (``article``, ``hashtag``, ``actor`` …).
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: File of the definition, relative to the configuration folder; empty = added on a page.
    defined_in: Mapped[str] = mapped_column(default="")
    #: Who added it on a page, and when. No foreign key: SQLite would have to rebuild this table for one, and
    #: accounts are never deleted.
    added_by_id: Mapped[int | None]
    added_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When the definition disappeared from the files; its items stay.
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # -- the state of visiting -----------------------------------------------------------------
    #: Where reading goes on, in the reader's own terms (newest id, page token …); set only after all drafts
    #: up to there were stored.
    cursor: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    #: Address -> ``{"etag", "last_modified", "sha256"}`` of the last answer that was read to its end.
    validators: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    last_visit_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_success_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Not visited before this moment (``every``, back-off after failures).
    next_visit_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The server itself asked to wait until then (``Retry-After``); obeyed even when a visit is forced.
    retry_after_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    consecutive_failures: Mapped[int] = mapped_column(default=0)
    #: What is odd about it until a visit finds it right: ``{"sign": a models.words.Sign, "detail": str (see
    #: models.health), "since": ISO 8601}``, in order of weight.
    signs: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")
    #: SHA-256 of the terms page's text when last read, and when; a change pauses the source.
    terms_hash: Mapped[str | None]
    terms_read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When reading the terms page was tried last, with or without success.
    terms_tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Why the source is paused, in words, and since when; None = it is not.
    paused: Mapped[str | None]
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The account that paused it; only a person ends such a pause. None = the product did.
    paused_by_id: Mapped[int | None]
    #: Drafts that the last visit refused (language, age …): external key -> ``[entry hash, outcome]``, so
    #: that their articles are not fetched again and again.
    refused: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: A visit went on to further pages of its list and has not come to the end of them: the next one
    #: does not stop at a page that it knows.
    unread_pages: Mapped[bool] = mapped_column(default=False)
