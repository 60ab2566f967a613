"""``/consultants``: civil servants whom municipalities lend out, to read."""

from typing import Any

from flask import g

from models.store.consultants_list import consultant_page, get_consultant
from models.words import Scope
from review.api.core import Room
from review.api.examples import ADDRESS, CONSULTANT
from review.api.paging import page, where
from review.api.schemas import NUMBER
from review.api.schemas_consultants import (
    Consultant,
    ConsultantsFilter,
    ConsultantsPagina,
    consultant_shown,
)
from review.database import db

room = Room(
    "consultants",
    "Consultants: medewerkers die hun gemeente uitleent voor initiatieven in andere gemeenten. Een programma "
    "van een gemeente ziet en bewerkt alleen de eigen consultants.",
    path={"id": ("Nummer van de consultant.", CONSULTANT["id"])},
)


@room.operation(
    "GET",
    "/consultants",
    summary="Consultants",
    description="Consultants, nieuwste eerst. Een gemeente krijgt alleen de eigen.",
    scopes=(Scope.ROUNDS_READ,),
    query=ConsultantsFilter,
    answer=ConsultantsPagina,
    example={"resultaten": [CONSULTANT], "_links": {"self": {"href": f"{ADDRESS}/consultants"}}},
)
def consultants_lezen(query: dict[str, Any]) -> dict[str, Any]:
    """One page of consultants."""
    wanted = where(query)
    found = consultant_page(
        db.session,
        g.viewer,
        municipality_code=query.get("gemeente"),
        expertise=query.get("expertise"),
        theme=query.get("thema"),
        available=query.get("beschikbaar"),
        begin=query.get("vanaf"),
        end=query.get("tot_en_met"),
        after=wanted.after,
        before=wanted.before,
        limit=wanted.limit,
    )
    return page([consultant_shown(row) for row in found.rows], after=found.after, before=found.before)


@room.operation(
    "GET",
    f"/consultants/<{NUMBER}:id>",
    summary="Eén consultant",
    description="Eén consultant. Wie is weggehaald, is er niet meer: dan is het antwoord 404.",
    scopes=(Scope.ROUNDS_READ,),
    answer=Consultant,
    example=CONSULTANT,
    tagged=True,
)
def consultant_lezen(id: int) -> dict[str, Any]:
    """One consultant."""
    return consultant_shown(get_consultant(db.session, g.viewer, id))
