"""The register: promoted leads and municipalities' own entries, in staff's own words."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import Informed, Phase


class Initiative(Base):
    """One local citizen initiative in the register."""

    __tablename__ = "initiative"
    __table_args__ = (
        # Counts of the register, all of it or what is asked for, without reading its entries: the last column
        # is the same everywhere, but without it SQLite looks for it in the entry.
        Index(
            "ix_initiative_in_register",
            "municipality_code",
            "theme",
            "phase",
            "place_key",
            "informed",
            "updated_at",
            "approved_at",
            "withdrawn_at",
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        # What other municipalities may see, newest first.
        Index(
            "ix_initiative_approved",
            "id",
            "municipality_code",
            sqlite_where=text("approved_at IS NOT NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("approved_at IS NOT NULL AND withdrawn_at IS NULL"),
        ),
        # The newest of a municipality: what a lead is compared with.
        Index(
            "ix_initiative_municipality_code_id",
            "municipality_code",
            "id",
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    #: In staff's own words.
    summary: Mapped[str]
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), index=True)
    place_key: Mapped[str | None] = mapped_column(ForeignKey("place.key"))
    theme: Mapped[str | None]
    #: The question for help ("vraag om hulp").
    question: Mapped[str] = mapped_column(default="")
    #: Where the initiative can be read about.
    link: Mapped[str] = mapped_column(default="")
    #: More of such addresses, in the order in which they are shown.
    links: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    #: Contact through the organisation, never a private person.
    contact: Mapped[str] = mapped_column(default="")
    #: Slugs of expertise wanted, and hours of it wanted; None = not estimated.
    expertise: Mapped[list[str]] = mapped_column(JSON, default=list)
    hours: Mapped[int | None]
    phase: Mapped[Phase] = mapped_column(Word(Phase), default=Phase.SIGNALLED)
    #: The lead it came from; None = entered by hand.
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), index=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The promotion was undone; the row stays for the log but is no longer in the register.
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Counts the changes: whoever changes it says which version they saw.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    #: Since when other municipalities may see its name, theme, phase, place and link; None = they may not.
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[int | None]
    #: Whether its people were told of the register, and when.
    informed: Mapped[Informed] = mapped_column(
        Word(Informed), default=Informed.TO_DO, server_default=Informed.TO_DO.value
    )
    informed_on: Mapped[date | None]
    #: Number of the newest :class:`models.event.Event` about it: changes since a number are those above it.
    change_number: Mapped[int] = mapped_column(default=0, server_default="0", index=True)
