"""What was changed in entries of the register, and what people noted about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class InitiativeChange(Base):
    """One change of one entry. Rows are only ever added."""

    __tablename__ = "initiative_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"), index=True)
    #: None = not a person: the link of an item that is gone was taken out.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: Indexed: reports count the changes of a period.
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    #: Name of a field -> [value before, value after].
    fields: Mapped[dict[str, list[Any]]] = mapped_column(JSON)


class InitiativeNote(Base):
    """One note at an entry of the register."""

    __tablename__ = "initiative_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str]
    #: The municipality sees it too. What a municipality writes, staff always sees.
    shared: Mapped[bool] = mapped_column(default=False)
