"""The parts of a report about where: districts, neighbourhoods, towns, and the groups that live there."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from models.store.profiles import Profiles, Reached
from models.store.reports_places import District, Places
from review import report_drawings as drawings
from review import report_words as words
from review.plots import Table
from review.report_shapes import Drawing, Part


def places_part(code: str, places: Places) -> Part:
    districts = places.districts
    near = places.neighbourhoods
    said = [
        _(
            "In %(with_)s van de %(of)s wijken en in %(near)s van de %(of_near)s buurten staat een "
            "initiatief in het register.",
            with_=words.written(sum(one.spot.entries > 0 for one in districts)),
            of=words.written(len(districts)),
            near=words.written(sum(one.entries > 0 for one in near)),
            of_near=words.written(len(near)),
        )
    ]
    small = [
        ngettext(
            "Van %(number)s initiatief is de wijk niet bekend.",
            "Van %(number)s initiatieven is de wijk niet bekend.",
            places.entries_elsewhere,
            number=words.written(places.entries_elsewhere),
        ),
        _("Een wijk telt mee als er een initiatief is in die wijk of in een van haar buurten."),
    ]
    drawn = []
    area = drawings.towns(code, places.towns)
    if area is not None:
        drawn.append(Drawing(drawings.towns_title(), drawings.towns_description(), [area], is_map=True))
    if near:
        drawn.append(
            Drawing(
                drawings.tiles_title(),
                drawings.tiles_description(),
                drawings.tiles(districts),
                drawings.legend(),
            )
        )
    tables = [_towns(places)] if len(places.towns) > 1 else []
    return Part(
        "buurten",
        str(_("Wijken en buurten")),
        said=[str(one) for one in said],
        drawings=drawn,
        tables=[*tables, _districts(districts)],
        small=[str(one) for one in small],
    )


def _towns(places: Places) -> Table:
    return Table(
        drawings.towns_title(),
        (str(_("Plaats")), str(_("Initiatieven")), str(_("Signalen"))),
        tuple((spot.name, words.written(spot.entries), words.written(spot.leads)) for spot in places.towns),
    )


def _districts(districts: Sequence[District]) -> Table:
    return Table(
        drawings.tiles_title(),
        tuple(
            str(one)
            for one in (
                _("Wijk"),
                _("Initiatieven"),
                _("Signalen"),
                _("Buurten met een initiatief"),
                _("Buurten zonder"),
            )
        ),
        tuple(
            (
                one.spot.name,
                words.written(one.spot.entries),
                words.written(one.spot.leads),
                ", ".join(f"{spot.name} ({spot.entries})" for spot in one.neighbourhoods if spot.entries)
                or "–",
                ", ".join(spot.name for spot in one.neighbourhoods if not spot.entries) or "–",
            )
            for one in districts
        ),
    )


def groups_part(groups: Sequence[Reached], profiles: Profiles) -> Part:
    title = str(_("Welke groepen bewoners worden niet bereikt?"))
    small = ngettext(
        "De gemeente gaf op %(day)s voor %(number)s buurt op hoe de bewoners zijn verdeeld.",
        "De gemeente gaf op %(day)s voor %(number)s buurten op hoe de bewoners zijn verdeeld.",
        len(profiles.shares),
        day=words.day(profiles.uploaded_at),
        number=words.written(len(profiles.shares)),
    )
    table = Table(
        title,
        tuple(
            str(one)
            for one in (
                _("Groep"),
                _("Deel van de bewoners"),
                _("Het grootst in buurten"),
                _("Waarvan met initiatief"),
                _("Initiatieven daar"),
            )
        ),
        tuple(words.reached_row(one) for one in groups),
    )
    return Part("groepen", title, said=words.reached_words(groups), tables=(table,), small=(str(small),))
