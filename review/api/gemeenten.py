"""``/gemeenten``: the municipalities of the Netherlands, and which of them take part."""

from typing import Any

from marshmallow import Schema, fields
from sqlalchemy import false, func, select

from models.base import utc_now
from models.mergers import MERGERS
from models.municipality import Municipality
from review.api.core import Room
from review.api.fields import Day, Flag, Text
from review.api.paging import Paged, SelfLink, address, page, page_of, where
from review.api.problems import problem
from review.database import db

CODE = "GM0202"


room = Room(
    "gemeenten",
    "Gemeenten van Nederland, met hun code van het CBS, en welke meedoen aan het netwerk.",
    path={"code": ("Code van het CBS: GM en vier cijfers.", CODE)},
)

EXAMPLE = {
    "code": CODE,
    "tooi": "gm0202",
    "naam": "Arnhem",
    "provincie": "Gelderland",
    "inwoners": 170000,
    "inwonersJaar": 2025,
    "doetMee": True,
    "doetMeeVanaf": "2026-09-01",
    "doetMeeTotEnMet": None,
    "_links": {"self": {"href": f"https://scout.example.nl/api/v1/gemeenten/{CODE}"}},
}


class Gemeente(Schema):
    """One municipality."""

    code = fields.String(required=True, metadata={"description": "Code van het CBS."})
    tooi = fields.String(required=True, metadata={"description": "Identificatie volgens TOOI."})
    naam = fields.String(required=True, metadata={"description": "Naam."})
    provincie = fields.String(required=True, metadata={"description": "Provincie."})
    inwoners = fields.Integer(required=True, metadata={"description": "Inwoners (CBS)."})
    inwoners_jaar = fields.Integer(
        required=True, data_key="inwonersJaar", metadata={"description": "Op 1 januari van dit jaar."}
    )
    doet_mee = fields.Boolean(
        required=True, data_key="doetMee", metadata={"description": "Doet vandaag mee aan het netwerk."}
    )
    doet_mee_vanaf = Day(
        required=True,
        allow_none=True,
        data_key="doetMeeVanaf",
        metadata={"description": "Eerste dag in het netwerk; null is: doet niet mee."},
    )
    doet_mee_tot_en_met = Day(
        required=True,
        allow_none=True,
        data_key="doetMeeTotEnMet",
        metadata={"description": "Laatste dag in het netwerk; null is: zonder einde."},
    )
    links = fields.Nested(SelfLink, data_key="_links", required=True)


class GemeentenFilter(Paged):
    """Which municipalities."""

    naam = Text(80, 1, metadata={"description": "Deel van de naam.", "example": "arn"})
    doet_mee = Flag(
        data_key="doetMee", metadata={"description": "Alleen gemeenten die vandaag meedoen, of juist niet."}
    )


GemeentenPagina = page_of(Gemeente, "GemeentenPagina")


@room.operation(
    "GET",
    "/gemeenten",
    summary="Gemeenten",
    description="Alle gemeenten van nu, op volgorde van hun code.",
    query=GemeentenFilter,
    answer=GemeentenPagina,
    example={"resultaten": [EXAMPLE], "_links": EXAMPLE["_links"]},
)
def gemeenten_lezen(query: dict[str, Any]) -> dict[str, Any]:
    """One page of municipalities, by code."""
    wanted = where(query)
    asked = select(Municipality).limit(wanted.limit + 1)
    if query.get("naam"):
        asked = asked.where(Municipality.name.icontains(query["naam"], autoescape=True))
    if "doet_mee" in query:
        today = utc_now().date()
        inside = (Municipality.participates_from <= today) & (
            Municipality.participates_until.is_(None) | (Municipality.participates_until >= today)
        )
        asked = asked.where(func.coalesce(inside, false()) == query["doet_mee"])
    if wanted.before is not None:
        asked = asked.where(Municipality.code < wanted.before).order_by(Municipality.code.desc())
    else:
        asked = asked.where(Municipality.code > (wanted.after or "")).order_by(Municipality.code)
    found = list(db.session.scalars(asked))
    further, rows = len(found) > wanted.limit, found[: wanted.limit]
    if wanted.before is not None:
        rows.reverse()
    return page(
        [_shown(row) for row in rows],
        after=rows[-1].code if rows and (further or wanted.before is not None) else None,
        before=rows[0].code if rows and (further if wanted.before is not None else wanted.after) else None,
    )


@room.operation(
    "GET",
    "/gemeenten/<gemeente:code>",
    summary="Eén gemeente",
    description="Eén gemeente. Is zij sinds 2021 opgegaan in een andere, dan is het antwoord 404, en staat "
    "bij opvolger welke dat is.",
    answer=Gemeente,
    example=EXAMPLE,
    tagged=True,
)
def gemeente_lezen(code: str) -> dict[str, Any]:
    """One municipality.

    Raises:
        Problem: 404; with its successor where it merged into another.
    """
    row = db.session.get(Municipality, code)
    if row is not None:
        return _shown(row)
    merged = MERGERS.get(code)
    if merged is None:
        problem(404, "Deze gemeente is er niet.")
    into = db.session.get_one(Municipality, merged.into)
    problem(
        404,
        f"De gemeente {merged.name} is er niet meer: zij hoort sinds {merged.since.isoformat()} bij "
        f"{into.name} ({into.code}).",
        more={
            "opvolger": {
                "code": into.code,
                "naam": into.name,
                "sinds": merged.since.isoformat(),
                "_links": {"self": address(f"/gemeenten/{into.code}")},
            }
        },
    )


def _shown(row: Municipality) -> dict[str, Any]:
    today, start, end = utc_now().date(), row.participates_from, row.participates_until
    return {
        "code": row.code,
        "tooi": row.code.lower(),
        "naam": row.name,
        "provincie": row.province,
        "inwoners": row.inhabitants,
        "inwoners_jaar": row.inhabitants_year,
        "doet_mee": start is not None and start <= today and (end is None or today <= end),
        "doet_mee_vanaf": start,
        "doet_mee_tot_en_met": end,
        "links": {"self": address(f"/gemeenten/{row.code}")},
    }
