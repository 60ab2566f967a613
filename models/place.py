"""Towns, villages, districts and neighbourhoods, each in one municipality."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Word
from models.words import PlaceKind


class Place(Base):
    """One named place inside one municipality; the facts come from CBS, BAG and GeoNames."""

    __tablename__ = "place"

    #: Stable identity, e.g. ``bag:2800:GM0766``, ``cbs:BU02020403`` or ``alias:GM0202:presikhaaf``.
    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[PlaceKind] = mapped_column(Word(PlaceKind))
    #: The name as people write it.
    name: Mapped[str] = mapped_column(index=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), index=True)
    #: BAG or CBS code; empty where the place has none.
    code: Mapped[str] = mapped_column(default="")
    #: Degrees WGS84; None when unknown (districts and neighbourhoods have none).
    lat: Mapped[float | None]
    lon: Mapped[float | None]
