"""The register on a map: municipalities by their number of entries, and the places within one."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_plus

from flask import Blueprint, Response, g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.geo import GEO
from models.store.register_counts import PlaceCount, municipality_counts, place_counts
from models.words import PlaceKind
from review import register_drawing as drawing
from review.asked import MUNICIPALITY
from review.database import db
from review.headers import STATIC_SECONDS
from review.shown import names

blueprint = Blueprint("register_map", __name__, url_prefix="/register")

#: Value of ``gebied`` that shows all municipalities, also to who gets their own by default.
COUNTRY = "nederland"
#: A code of no municipality, which stands in an address for that of any.
ANY_CODE = "GM0000"
#: The same for the key of a place.
ANY_PLACE = "PLAATS"

KINDS = {
    PlaceKind.TOWN: _l("plaats"),
    PlaceKind.DISTRICT: _l("wijk"),
    PlaceKind.NEIGHBOURHOOD: _l("buurt"),
    PlaceKind.ALIAS: _l("andere naam"),
    PlaceKind.KNOWN: _l("andere naam"),
}


@dataclass(frozen=True)
class Row:
    """One line of the table below the map."""

    name: str
    count: int
    #: Page with these entries; empty = there is none for this viewer.
    link: str
    #: CBS code, of a municipality; empty = a place.
    code: str = ""
    #: What sort of place; empty = a municipality.
    kind: str = ""
    lat: float | None = None
    lon: float | None = None


@blueprint.get("/kaart")
def index() -> str:
    """The whole country, or one municipality; an officer sees the own one first."""
    code = request.args.get("gemeente", "")
    if not (MUNICIPALITY.fullmatch(code) and code in names()):
        whole = g.viewer.decides or request.args.get("gebied", "") == COUNTRY
        code = "" if whole else g.viewer.municipality_code or ""
    return _municipality(code) if code else _country()


@blueprint.get("/kaart/grenzen.geojson")
def boundaries() -> Response:
    """Boundaries of all municipalities: public facts, no numbers. The address changes when they do."""
    plain, packed, version = _boundaries()
    zipped = request.accept_encodings["gzip"] > 0
    response = Response(packed if zipped else plain, mimetype="application/geo+json")
    response.headers["Vary"] = "Accept-Encoding"
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    if request.args.get("v", "") == version:
        g.cache_control = f"private, max-age={STATIC_SECONDS}, immutable"
    return response


def _country() -> str:
    counts = municipality_counts(db.session, g.viewer)
    # Made once for all: an address takes longer than the rest of its line.
    lists = _list_of(ANY_CODE)
    own = {g.viewer.municipality_code: _list_of(g.viewer.municipality_code or "")}
    rows = sorted(
        (
            Row(names().get(code, code), count, own.get(code) or lists.replace(ANY_CODE, code), code)
            for code, count in counts.items()
        ),
        key=lambda row: (-row.count, row.name),
    )
    said = _(
        "Gemeenten van Nederland: hoe dichter het raster, hoe meer initiatieven. De tabel noemt de aantallen."
    )
    return _page(
        "", rows, drawing.country(counts, _("Initiatieven per gemeente"), said), sum(counts.values())
    )


def _municipality(code: str) -> str:
    places, nowhere = place_counts(db.session, g.viewer, code)
    rows = _place_rows(code, places)
    if nowhere:
        rows.append(Row(_("Plaats niet genoemd"), nowhere, ""))
    said = _(
        "De gemeente %(town)s met een stip voor elke plaats; hoe groter, hoe meer initiatieven. "
        "De tabel noemt de aantallen, ook die van wijken en buurten.",
        town=names()[code],
    )
    title = _("Initiatieven in %(town)s", town=names()[code])
    total = sum(place.count for place in places) + nowhere
    return _page(code, rows, drawing.municipality(code, places, title, said), total)


def _place_rows(code: str, places: list[PlaceCount]) -> list[Row]:
    own = g.viewer.decides or code == g.viewer.municipality_code
    # Made once for all, as on the map of the country.
    link = url_for("register.index", gemeente=code, buurt=ANY_PLACE) if own else ""
    kinds = {kind: str(words) for kind, words in KINDS.items()}
    return [
        Row(
            place.name,
            place.count,
            link.replace(ANY_PLACE, quote_plus(place.key)),
            kind=kinds[place.kind],
            lat=place.lat,
            lon=place.lon,
        )
        for place in places
    ]


def _list_of(code: str) -> str:
    """The list of what this viewer may see of a municipality."""
    if g.viewer.decides:
        return url_for("register.index", gemeente=code)
    if code == g.viewer.municipality_code:
        return url_for("register.index")
    return url_for("register_foreign.index", van=code)


def _page(code: str, rows: list[Row], picture: object, total: int) -> str:
    return render_template(
        "register_map.html",
        code=code,
        rows=rows,
        picture=picture,
        total=total,
        list_of=_list_of,
        municipalities=sorted(names().items(), key=lambda one: one[1]),
        legend=drawing.legend(),
        class_of=drawing.class_of,
        entries_words=drawing.entries_words,
        map_of=url_for(".index", gemeente=ANY_CODE),
        ANY_CODE=ANY_CODE,
        boundaries=url_for(".boundaries", v=_boundaries()[2]),
        COUNTRY=COUNTRY,
    )


@lru_cache(maxsize=1)
def _boundaries() -> tuple[bytes, bytes, str]:
    """The file as it is and packed, and its version."""
    plain = (GEO / "gemeentegrenzen.geojson").read_bytes()
    return plain, gzip.compress(plain, mtime=0), hashlib.sha256(plain).hexdigest()[:12]
