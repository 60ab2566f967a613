"""What a report is made of: its figures, and the parts in which page, print and PDF show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from markupsafe import Markup

from models.store.profiles import Profiles
from models.store.reports import Figures
from models.store.reports_made import Made, News
from models.store.reports_period import Period
from models.store.reports_places import Places
from review.plots import Plot, Table


@dataclass(frozen=True)
class Report:
    """All that a report tells."""

    #: CBS code; None = the whole network.
    code: str | None
    #: Name of the municipality; empty = the whole network.
    name: str
    period: Period
    figures: Figures
    #: The report that it is held against; None = there is none.
    compared: Made | None
    made_at: datetime
    #: Of a municipality only.
    places: Places | None = None
    profiles: Profiles | None = None
    news: News | None = None

    @property
    def title(self) -> str:
        """What stands above it."""
        if self.code is None:
            return str(_("Rapport van het netwerk"))
        return str(_("Rapport van %(name)s", name=self.name))


@dataclass(frozen=True)
class Drawing:
    """A drawing that is no plot."""

    title: str
    description: str
    #: Below each other; more than one where one would not fit on a page of paper.
    svgs: Sequence[Markup]
    legend: Sequence[tuple[Markup, str]] = ()
    #: The map of a municipality, which is drawn in its own units.
    is_map: bool = False


@dataclass(frozen=True)
class Part:
    """One part of a report, with a heading of its own."""

    key: str
    title: str
    said: Sequence[str] = ()
    drawings: Sequence[Drawing] = ()
    #: Drawn; the table behind it is one of ``tables``.
    plots: Sequence[Plot] = ()
    tables: Sequence[Table] = ()
    #: More to know, in small letters.
    small: Sequence[str] = ()
