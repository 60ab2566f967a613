"""``/initiatieven``: the register, to read, to write in, and to keep up with."""

from dataclasses import replace
from typing import Any

from flask import g

from models.store.initiatives import InitiativeNotFoundError, get_initiative, initiative_page
from models.store.register_feed import ChangedRow, changed_since, entries_with
from models.store.register_foreign import foreign_initiative, foreign_page
from models.words import Scope
from review.api.core import Room
from review.api.examples import ADDRESS, INITIATIVE
from review.api.names import PHASES, meaning
from review.api.paging import Where, page, where
from review.api.schemas import NUMBER
from review.api.schemas_register import Initiatief, InitiatievenFilter, InitiatievenPagina
from review.api.shown_register import changes_shown, entry_shown, foreign_shown
from review.database import db

room = Room(
    "initiatieven",
    "Initiatieven: het register. Een programma van een gemeente leest en schrijft de eigen initiatieven, en "
    "ziet een deel van wat andere gemeenten hebben goedgekeurd.",
    path={"id": ("Nummer van het initiatief.", INITIATIVE["id"])},
)

#: From the beginning: entries from before changes were counted have number 0.
BEGINNING = -1


@room.operation(
    "GET",
    "/initiatieven",
    summary="Initiatieven",
    description="Initiatieven in het register, nieuwste eerst. Met gewijzigdNa komt alles wat sinds een "
    "wijziging veranderde, op volgorde: een ander systeem blijft daarmee bij zonder iets te missen. Volg "
    "eerst de links next, en vraag later verder met volgendeWijziging. Wat verviel, of niet (meer) bij de "
    "andere keuzes past, komt als nummer met vervallen. Een initiatief dat onder het lezen opnieuw "
    "verandert, komt later nog eens, met een hoger nummer.",
    scopes=(Scope.INITIATIVES_READ,),
    query=InitiatievenFilter,
    answer=InitiatievenPagina,
    example={
        "resultaten": [INITIATIVE],
        "volgendeWijziging": 205,
        "_links": {"self": {"href": f"{ADDRESS}/initiatieven?gewijzigdNa=0"}},
    },
)
def initiatieven_lezen(query: dict[str, Any]) -> dict[str, Any]:
    """One page of the register, of what others may see of it, or of its changes."""
    wanted = where(query)
    if "gewijzigd_na" in query:
        return _changes(query, wanted)
    chosen = {
        "text": query.get("zoek", ""),
        "municipality_code": query.get("gemeente"),
        "theme": query.get("thema"),
        "phase": meaning(PHASES, query["fase"]) if "fase" in query else None,
        "after": wanted.after,
        "before": wanted.before,
        "limit": wanted.limit,
        "counted": False,
    }
    if query["beperkt"]:
        if "expertise" in query or query.get("goedgekeurd") is False:
            return page([])  # nobody sees that of others
        foreign = foreign_page(db.session, g.viewer, **chosen)
        return page([foreign_shown(row) for row in foreign.rows], after=foreign.after, before=foreign.before)
    found = initiative_page(
        db.session,
        g.viewer,
        expertise=query.get("expertise"),
        approved=query.get("goedgekeurd"),
        **chosen,
    )
    return page([entry_shown(row) for row in found.rows], after=found.after, before=found.before)


@room.operation(
    "GET",
    f"/initiatieven/<{NUMBER}:id>",
    summary="Eén initiatief",
    description="Eén initiatief. Van een andere gemeente is er alleen een deel, en alleen als dat is "
    "goedgekeurd.",
    scopes=(Scope.INITIATIVES_READ,),
    answer=Initiatief,
    example=INITIATIVE,
    tagged=True,
)
def initiatief_lezen(id: int) -> dict[str, Any]:
    """One entry."""
    try:
        return entry_shown(get_initiative(db.session, g.viewer, id))
    except InitiativeNotFoundError:
        return foreign_shown(foreign_initiative(db.session, g.viewer, id))


def _changes(query: dict[str, Any], wanted: Where) -> dict[str, Any]:
    """What changed since a number; a cursor goes on within what is not numbered."""
    since = query["gewijzigd_na"]
    if query["beperkt"]:
        return page([], volgende_wijziging=since)  # changes of others are told to nobody
    number, after_id = wanted.after or (since or BEGINNING, 0)
    rows = changed_since(db.session, g.viewer, number, after_id=after_id, limit=wanted.limit + 1)
    more, rows = len(rows) > wanted.limit, rows[: wanted.limit]
    last = rows[-1] if rows else None
    fitting = _fitting(query, rows)
    rows = [row if row.id in fitting else replace(row, initiative=None) for row in rows]
    return page(
        changes_shown(rows),
        after=[last.change_number, last.id] if last is not None and more else None,
        volgende_wijziging=max(since, number, last.change_number if last is not None else 0),
    )


def _fitting(query: dict[str, Any], rows: list[ChangedRow]) -> set[int]:
    """Those of these entries that fit the choices; for who makes choices the others are not there."""
    entries = [row.initiative for row in rows if row.initiative is not None]
    found = {
        entry.id
        for entry in entries
        if query.get("gemeente") in (None, entry.municipality_code)
        and query.get("thema") in (None, entry.theme)
        and query.get("fase") in (None, PHASES[entry.phase])
        and query.get("goedgekeurd") in (None, entry.approved_at is not None)
        and ("expertise" not in query or query["expertise"] in entry.expertise)
    }
    return found & entries_with(db.session, query["zoek"], found) if "zoek" in query else found
