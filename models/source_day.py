"""What the visits to one source brought on one day: its rhythm, without reading its runs."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class SourceDay(Base):
    """One source on one day (Europe/Amsterdam), over all its visits; written with the end of each visit."""

    __tablename__ = "source_day"
    # The key is the table: a source's days stand together, and are found without a second look-up.
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it as it stands

    source_key: Mapped[str] = mapped_column(ForeignKey("source.key"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    #: Visits that went well.
    visits: Mapped[int]
    #: Items that were new, also from visits that failed half-way.
    new: Mapped[int]
    #: The most drafts that one visit gave; 0 = the list had not changed all day.
    drafts: Mapped[int]
