"""Consultants: civil servants whom their own municipality lends out."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class Consultant(Base):
    """One civil servant with hours and expertise, entered by the own municipality."""

    __tablename__ = "consultant"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The employer.
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), index=True)
    #: Name and work address, so that they can be asked; nothing private.
    name: Mapped[str]
    email: Mapped[str]
    #: Function, in a few words; may be empty.
    function: Mapped[str] = mapped_column(default="")
    #: Slugs of ``labels.toml``: the same kinds of expertise that initiatives ask for.
    expertise: Mapped[list[str]] = mapped_column(JSON)
    #: Theme -> in how many assignments it was done before; known themes without any have 0.
    themes: Mapped[dict[str, int]] = mapped_column(JSON)
    #: ``nl``, ``fy``, ``en`` …
    languages: Mapped[list[str]] = mapped_column(JSON)
    #: In own words; may be empty.
    experience: Mapped[str] = mapped_column(default="")
    #: Hours offered in the period, in half hours.
    half_hours: Mapped[int]
    period_from: Mapped[date | None]
    period_until: Mapped[date | None]
    #: Most initiatives at once.
    most: Mapped[int] = mapped_column(default=1)
    #: Kilometres; None = anywhere.
    radius_km: Mapped[int | None]
    #: Where they start from, a place of their municipality; None = its middle.
    place_key: Mapped[str | None] = mapped_column(ForeignKey("place.key"))
    #: Who at the employer agrees.
    employer_name: Mapped[str]
    employer_email: Mapped[str]
    #: Not for new rounds: on leave, for instance.
    available: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Taken out by the municipality, or past the term: name and addresses go at once.
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ConsultantImport(Base):
    """A file of consultants, shown to whoever sent it before it counts. Kept for a day."""

    __tablename__ = "consultant_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Name of the file as sent, for the screen.
    name: Mapped[str]
    #: What is good in it: see ``models.store.consultant_import.ImportRow``; empty once it was taken over.
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    #: What is wrong in it: ``{"row": number in the file, "column": str, "why": str}``.
    mistakes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
