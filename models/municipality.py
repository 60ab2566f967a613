"""Municipalities of the Netherlands, keyed by CBS code."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Municipality(Base):
    """One municipality (gemeente) and when it takes part in the network."""

    __tablename__ = "municipality"

    #: CBS code, ``GM`` and four digits.
    code: Mapped[str] = mapped_column(primary_key=True)
    #: Everyday official name: ``Den Haag``, not ``'s-Gravenhage``.
    name: Mapped[str] = mapped_column(index=True)
    #: The name exactly as CBS writes it.
    cbs_name: Mapped[str]
    province: Mapped[str]
    #: CBS, 1 January of ``inhabitants_year``.
    inhabitants: Mapped[int]
    inhabitants_year: Mapped[int]
    #: Centre of the simplified area, WGS84 degrees.
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    #: Domain without ``www.``.
    website: Mapped[str] = mapped_column(default="")
    #: First and last day on which it takes part; None = not (yet), or without end.
    participates_from: Mapped[date | None]
    participates_until: Mapped[date | None]
    #: Name of the organisation whose civil servants work for it and for others; empty = it has its own.
    staff_body: Mapped[str] = mapped_column(default="", server_default="")
