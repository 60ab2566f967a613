"""``/bronnen``: the sources and how they are doing, for programs of staff."""

from typing import Any

from marshmallow import Schema, fields
from sqlalchemy import select

from models.base import utc_now
from models.source import Source
from models.store.health import SourceHealth, source_healths, source_states
from models.words import Scope, Sign, SourceKind, SourceState
from review.api.core import Room
from review.api.fields import Moment, Word
from review.api.names import meaning
from review.api.paging import Paged, SelfLink, Where, address, page, page_of, where
from review.api.problems import problem
from review.api.schemas import Code, told
from review.database import db
from review.source_words import say

KINDS: dict[SourceKind, str] = {
    SourceKind.FEED: "feed",
    SourceKind.SITE: "site",
    SourceKind.SITEMAP: "sitemap",
    SourceKind.WORDPRESS: "wordpress",
    SourceKind.MASTODON: "mastodon",
    SourceKind.BLUESKY: "bluesky",
    SourceKind.KOOP: "koop",
    SourceKind.COUNCIL: "raad",
    SourceKind.YOUTUBE: "youtube",
    SourceKind.HANDIN: "inbreng",
}
STATES: dict[SourceState, str] = {
    SourceState.HEALTHY: "gezond",
    SourceState.ODD: "opvallend",
    SourceState.FAILING: "mislukt",
    SourceState.NEW: "nieuw",
    SourceState.PAUSED: "gepauzeerd",
    SourceState.UNREVIEWED: "nietBeoordeeld",
    SourceState.DISABLED: "uitgezet",
    SourceState.REMOVED: "verwijderd",
}
SIGNS: dict[Sign, str] = {
    Sign.MOVED: "verhuisd",
    Sign.SILENT: "stil",
    Sign.DOUBLED: "verdubbeld",
    Sign.PARKED: "domeinTeKoop",
    Sign.SUSPENDED: "opgeschort",
    Sign.CONSENT: "toestemmingsmuur",
    Sign.BOUNDS: "buitenDeGrenzen",
}


room = Room(
    "bronnen",
    "Bronnen die bezocht worden, en hoe het ermee gaat. Alleen voor programma’s van medewerkers.",
    path={"sleutel": ("Vaste sleutel van de bron.", "arnhemse-koerier")},
)
EXAMPLE = {
    "sleutel": "arnhemse-koerier",
    "titel": "Arnhemse Koerier",
    "soort": "feed",
    "url": "https://www.arnhemsekoerier.example/rss",
    "gemeente": "GM0202",
    "toestand": "opvallend",
    "tekenen": [{"teken": "stil", "sinds": "2026-11-20T05:00:00Z"}],
    "laatsteBezoek": "2026-11-22T09:00:00Z",
    "laatstGelukt": "2026-11-22T09:00:00Z",
    "volgendBezoek": "2026-11-22T10:00:00Z",
    "misluktOpRij": 0,
    "probleem": None,
    "nieuwIn30Dagen": 41,
    "_links": {"self": {"href": "https://scout.example.nl/api/v1/bronnen/arnhemse-koerier"}},
}


class Teken(Schema):
    """Something odd."""

    teken = Word(SIGNS.values(), required=True, metadata=told("Wat er opvalt."))
    sinds = Moment(required=True, metadata=told("Sinds wanneer."))


class Bron(Schema):
    """One source."""

    sleutel = fields.String(required=True, metadata=told("Vaste sleutel."))
    titel = fields.String(required=True, metadata=told("Titel."))
    soort = Word(KINDS.values(), required=True, metadata=told("Hoe zij wordt gelezen."))
    url = fields.String(required=True, metadata=told("Adres dat bezocht wordt, of de server daarvan."))
    gemeente = fields.String(
        required=True,
        allow_none=True,
        metadata=told("Gemeente waar zij over gaat, als code van het CBS; null is: meer dan één."),
    )
    toestand = Word(STATES.values(), required=True, metadata=told("Hoe het ermee gaat."))
    tekenen = fields.List(
        fields.Nested(Teken), required=True, metadata=told("Wat er opvalt, het zwaarste eerst.")
    )
    laatste_bezoek = Moment(
        required=True, allow_none=True, data_key="laatsteBezoek", metadata=told("Laatste bezoek.")
    )
    laatst_gelukt = Moment(
        required=True, allow_none=True, data_key="laatstGelukt", metadata=told("Laatste bezoek dat lukte.")
    )
    volgend_bezoek = Moment(
        required=True,
        allow_none=True,
        data_key="volgendBezoek",
        metadata=told("Niet eerder dan dit volgt een bezoek; null is: zodra het kan, of nooit."),
    )
    mislukt_op_rij = fields.Integer(
        required=True, data_key="misluktOpRij", metadata=told("Zoveel bezoeken op rij mislukten.")
    )
    probleem = fields.String(
        required=True,
        allow_none=True,
        metadata=told("Waarom het laatste bezoek mislukte; null is: het lukte."),
    )
    nieuw = fields.Integer(
        required=True, data_key="nieuwIn30Dagen", metadata=told("Nieuwe berichten in de laatste 30 dagen.")
    )
    links = fields.Nested(SelfLink, data_key="_links", required=True)


class BronnenFilter(Paged):
    """Which sources."""

    soort = Word(KINDS.values(), metadata=told("Alleen bronnen van deze soort.", "feed"))
    toestand = Word(STATES.values(), metadata=told("Alleen bronnen in deze toestand.", "mislukt"))
    gemeente = Code(metadata=told("Alleen bronnen over deze gemeente.", "GM0202"))


BronnenPagina = page_of(Bron, "BronnenPagina")


@room.operation(
    "GET",
    "/bronnen",
    summary="Bronnen",
    description="Alle bronnen op volgorde van hun sleutel, ook die niet meer bezocht worden.",
    scopes=(Scope.SOURCES_READ,),
    query=BronnenFilter,
    answer=BronnenPagina,
    example={
        "resultaten": [EXAMPLE],
        "_links": {"self": {"href": "https://scout.example.nl/api/v1/bronnen"}},
    },
)
def bronnen_lezen(query: dict[str, Any]) -> dict[str, Any]:
    """One page of sources, by key."""
    wanted, now = where(query), utc_now()
    keys, further = _keys(query, wanted)
    rows = {row.key: row for row in source_healths(db.session, now=now, keys=keys, accepted={})}
    backwards = wanted.before is not None
    return page(
        [_shown(rows[key]) for key in keys if key in rows],
        after=keys[-1] if keys and (further or backwards) else None,
        before=keys[0] if keys and (further if backwards else wanted.after) else None,
    )


def _keys(query: dict[str, Any], wanted: Where) -> tuple[list[str], bool]:
    """Keys of the page, and whether there are more beyond it."""
    asked = select(Source.key).order_by(Source.key)
    if "soort" in query:
        asked = asked.where(Source.kind == meaning(KINDS, query["soort"]))
    if "gemeente" in query:
        asked = asked.where(Source.municipality_code == query["gemeente"])
    keys = list(db.session.scalars(asked))
    if "toestand" in query:
        # A state follows from many things; all of them are read in one short query.
        state = meaning(STATES, query["toestand"])
        right = {one.key for one in source_states(db.session, now=utc_now()) if one.state is state}
        keys = [key for key in keys if key in right]
    # Compared here and not in the database, whose order of letters may be another.
    keys.sort()
    if wanted.before is not None:
        earlier = [key for key in keys if key < wanted.before]
        return earlier[-wanted.limit :], len(earlier) > wanted.limit
    later = [key for key in keys if key > (wanted.after or "")]
    return later[: wanted.limit], len(later) > wanted.limit


@room.operation(
    "GET",
    "/bronnen/<bron:sleutel>",
    summary="Eén bron",
    description="Eén bron, en hoe het ermee gaat.",
    scopes=(Scope.SOURCES_READ,),
    answer=Bron,
    example=EXAMPLE,
    tagged=True,
)
def bron_lezen(sleutel: str) -> dict[str, Any]:
    """One source.

    Raises:
        Problem: 404.
    """
    rows = source_healths(db.session, now=utc_now(), keys=[sleutel], accepted={})
    if not rows:
        problem(404, "Deze bron is er niet.")
    return _shown(rows[0])


def _shown(row: SourceHealth) -> dict[str, Any]:
    return {
        "sleutel": row.key,
        "titel": row.title,
        "soort": KINDS[row.kind],
        "url": row.url,
        "gemeente": row.municipality_code,
        "toestand": STATES[row.state],
        "tekenen": [{"teken": SIGNS[one.sign], "sinds": one.since} for one in row.signs],
        "laatste_bezoek": row.last_visit_at,
        "laatst_gelukt": row.last_success_at,
        "volgend_bezoek": row.next_visit_at,
        "mislukt_op_rij": row.failures,
        "probleem": say(row.problem).text if row.problem else None,
        "nieuw": row.new_30,
        "links": {"self": address(f"/bronnen/{row.key}")},
    }
