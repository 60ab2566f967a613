"""``/rondes``: matching rounds, and the initiatives in them."""

from typing import Any

from flask import g

from models.store.round_seeding import Refusal, seed
from models.store.rounds import (
    RoundInitiativeRow,
    RoundNotAllowedError,
    RoundNotFoundError,
    RoundStateError,
    get_round,
    initiatives_of,
    round_page,
)
from models.words import Scope
from review.api.core import Room
from review.api.examples import ADDRESS, IN_ROUND, ROUND
from review.api.names import NOT_PUT_IN, ROUND_STATES, meaning
from review.api.paging import Where, page, where
from review.api.problems import problem
from review.api.schemas import NUMBER
from review.api.schemas_rounds import (
    InbrengInRonde,
    InRondeGezet,
    Ronde,
    RondeInitiatievenFilter,
    RondeInitiatievenPagina,
    RondesFilter,
    RondesPagina,
    put_in_shown,
    round_shown,
)
from review.database import db, writing

room = Room(
    "rondes",
    "Rondes: gemeenten kiezen samen initiatieven en zetten daar consultants uit andere gemeenten voor in. "
    "Een programma van een gemeente ziet de rondes waar de gemeente aan meedoet.",
    path={"id": ("Nummer van de ronde.", ROUND["id"])},
)
INITIATIVES = f"/rondes/<{NUMBER}:id>/initiatieven"


@room.operation(
    "GET",
    "/rondes",
    summary="Rondes",
    description="Rondes, nieuwste eerst.",
    scopes=(Scope.ROUNDS_READ,),
    query=RondesFilter,
    answer=RondesPagina,
    example={"resultaten": [ROUND], "_links": {"self": {"href": f"{ADDRESS}/rondes"}}},
)
def rondes_lezen(query: dict[str, Any]) -> dict[str, Any]:
    """One page of rounds."""
    wanted = where(query)
    found = round_page(
        db.session,
        g.viewer,
        state=meaning(ROUND_STATES, query["status"]) if "status" in query else None,
        after=wanted.after,
        before=wanted.before,
        limit=wanted.limit,
    )
    return page([round_shown(row) for row in found.rows], after=found.after, before=found.before)


@room.operation(
    "GET",
    f"/rondes/<{NUMBER}:id>",
    summary="Eén ronde",
    description="Eén ronde, met hoeveel erin zit. Wat is gekoppeld, is er pas als match: koppelingen waaraan "
    "nog wordt gewerkt zijn niet op te vragen, en stemmen van gemeenten ook niet.",
    scopes=(Scope.ROUNDS_READ,),
    answer=Ronde,
    example=ROUND,
    tagged=True,
)
def ronde_lezen(id: int) -> dict[str, Any]:
    """One round."""
    try:
        return round_shown(get_round(db.session, g.viewer, id))
    except RoundNotFoundError:
        problem(404)


@room.operation(
    "GET",
    INITIATIVES,
    summary="Initiatieven in een ronde",
    description="De initiatieven in een ronde, op volgorde van nummer, hoogste eerst. Alle gemeenten van de "
    "ronde zien ze; wie de consultant ontvangt en wat uitviel, zien alleen medewerkers en de eigen gemeente.",
    scopes=(Scope.ROUNDS_READ,),
    query=RondeInitiatievenFilter,
    answer=RondeInitiatievenPagina,
    example={
        "resultaten": [IN_ROUND],
        "_links": {"self": {"href": f"{ADDRESS}/rondes/{ROUND['id']}/initiatieven"}},
    },
)
def ronde_initiatieven_lezen(id: int, query: dict[str, Any]) -> dict[str, Any]:
    """One page of what is in a round."""
    wanted = where(query)
    try:
        rows = initiatives_of(db.session, g.viewer, id)
    except RoundNotFoundError:
        problem(404)
    fitting = [
        row
        for row in rows
        if query.get("gemeente") in (None, row.municipality_code)
        and query.get("gekozen") in (None, row.selected is True)
    ]
    shown, after, before = _cut(fitting, wanted)
    return page(
        [put_in_shown(row, known=row.own or g.viewer.decides) for row in shown], after=after, before=before
    )


@room.operation(
    "POST",
    INITIATIVES,
    summary="Initiatieven in een ronde zetten",
    description="Zet initiatieven uit het register in een ronde die wordt samengesteld. Een programma van "
    "een gemeente kan dat met de eigen initiatieven; een programma van een projectleider met alle. Naam, "
    "vraag, samenvatting, uren en gevraagde kennis zijn daarna te zien voor alle gemeenten van de ronde. "
    "Wat er al in zat, telt niet dubbel. Wordt de ronde niet meer samengesteld, dan is het antwoord 409.",
    scopes=(Scope.ROUNDS_WRITE,),
    body=InbrengInRonde,
    sends={"initiatieven": [7, 8]},
    answer=InRondeGezet,
    example={"toegevoegd": [7], "alInRonde": [], "geweigerd": [{"id": 8, "reden": "weg"}]},
    errors=(409,),
)
def ronde_initiatieven_inbrengen(id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Put initiatives into a round."""
    try:
        with writing() as store:
            put = seed(store, id, body["initiatieven"], viewer=g.viewer)
    except RoundNotFoundError:
        problem(404)
    except RoundNotAllowedError:
        problem(403, "Dit kan alleen een programma van een projectleider, of van een gemeente die meedoet.")
    except RoundStateError as error:
        now = f" De status is nu {ROUND_STATES[error.state]}." if error.state is not None else ""
        problem(409, f"Deze ronde wordt niet meer samengesteld.{now}")
    return {
        "toegevoegd": put.added,
        "al_in_ronde": put.already,
        "geweigerd": [
            {"id": number, "reden": NOT_PUT_IN.get(why, NOT_PUT_IN[Refusal.GONE])}
            for number, why in sorted(put.refused.items())
        ],
    }


def _cut(
    rows: list[RoundInitiativeRow], wanted: Where
) -> tuple[list[RoundInitiativeRow], int | None, int | None]:
    """The rows of one page by number, highest first, and where the neighbouring ones begin."""
    rows = sorted(rows, key=lambda row: -row.initiative_id)
    numbers = [row.initiative_id for row in rows]
    begin = 0
    if wanted.after is not None:
        begin = sum(number >= wanted.after for number in numbers)
    elif wanted.before is not None:
        begin = max(0, sum(number > wanted.before for number in numbers) - wanted.limit)
    end = begin + wanted.limit
    if wanted.before is not None:
        end = min(end, sum(number > wanted.before for number in numbers))
    shown = rows[begin:end]
    after = shown[-1].initiative_id if shown and end < len(rows) else None
    return shown, after, shown[0].initiative_id if shown and begin else None
