"""``/initiatieven``: adding to the register and changing it, with the same checks as the forms."""

from typing import Any

from flask import current_app, g

from models.store.deciding import CopiedTextError
from models.store.drafts import InvalidInitiativeError, check_draft
from models.store.initiatives import get_initiative
from models.store.register import (
    InitiativeNotAllowedError,
    StaleInitiativeError,
    add_initiative,
    approve,
    change_initiative,
    set_phase,
)
from models.words import Scope
from review.api import etags
from review.api.drafts import copied, draft_of, looks_known, mistakes_of
from review.api.examples import INITIATIVE, WRITTEN
from review.api.initiatieven import room
from review.api.names import PHASES, meaning
from review.api.paging import address
from review.api.problems import problem, wrong
from review.api.schemas import NUMBER
from review.api.schemas_register import Initiatief, InitiatiefNieuw, InitiatiefWijziging
from review.api.shown_register import entry_shown
from review.database import db, writing
from review.deciding import lookalikes

__all__ = ["room"]

NOT_YOURS = "Dit programma mag alleen schrijven voor de eigen gemeente."


@room.operation(
    "POST",
    "/initiatieven",
    summary="Initiatief toevoegen",
    description="Zet een initiatief in het register dat niet uit een signaal komt. Staat er al iets dat erop "
    "lijkt, dan is het antwoord 409 met in lijktOp de initiatieven; noem die in gezien als het toch iets "
    "anders is. Een programma van een gemeente schrijft alleen voor die gemeente.",
    scopes=(Scope.INITIATIVES_WRITE,),
    body=InitiatiefNieuw,
    sends=WRITTEN,
    answer=Initiatief,
    example=INITIATIVE,
    status=201,
    tagged=True,
    located=True,
    errors=(409,),
)
def initiatief_toevoegen(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Add an entry."""
    scout = current_app.extensions["scout"]
    themes, expertise = scout.labels.themes, scout.labels.expertise
    if not g.viewer.decides and body["gemeente"] != g.viewer.municipality_code:
        problem(403, NOT_YOURS)
    draft = draft_of(db.session, body)
    try:
        with writing() as store:
            check_draft(store, draft, themes, expertise)
            likely = lookalikes(store, g.viewer, None, draft)
            if not {one.id for one in likely} <= set(body.get("gezien", ())):
                raise looks_known(likely)
            made = add_initiative(
                store, draft, viewer=g.viewer, secret=scout.secret, themes=themes, expertise=expertise
            ).id
    except InvalidInitiativeError as error:
        wrong(*mistakes_of(error))
    except InitiativeNotAllowedError:
        problem(403, NOT_YOURS)
    shown = entry_shown(get_initiative(db.session, g.viewer, made))
    return shown, {"Location": address(f"/initiatieven/{made}")["href"]}


@room.operation(
    "PUT",
    f"/initiatieven/<{NUMBER}:id>",
    summary="Initiatief wijzigen",
    description="Vervangt wat over een initiatief is geschreven. Wat u weglaat, wordt leeg; alleen fase en "
    "goedgekeurd blijven dan zoals ze zijn. Stuur in If-Match de ETag die u zag.",
    scopes=(Scope.INITIATIVES_WRITE,),
    body=InitiatiefWijziging,
    sends={**WRITTEN, "fase": "inContact"},
    answer=Initiatief,
    example=INITIATIVE,
    tagged=True,
    matching=True,
    errors=(409,),
)
def initiatief_wijzigen(id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Change an entry."""
    scout = current_app.extensions["scout"]
    row = get_initiative(db.session, g.viewer, id)
    etags.must_match(Initiatief().dump(entry_shown(row)))
    if row.withdrawn_at is not None:
        problem(409, "Dit initiatief staat niet meer in het register.")
    draft = draft_of(db.session, body, row.lead_id)
    if not g.viewer.decides and draft.municipality_code != g.viewer.municipality_code:
        problem(403, NOT_YOURS)
    viewer = g.viewer
    try:
        with writing() as store:
            version = change_initiative(
                store,
                id,
                draft,
                viewer=viewer,
                version=row.version,
                secret=scout.secret,
                themes=scout.labels.themes,
                expertise=scout.labels.expertise,
            ).version
            if "fase" in body:
                phase = meaning(PHASES, body["fase"])
                version = set_phase(store, id, phase, viewer=viewer, version=version).version
            if "goedgekeurd" in body:
                approve(store, id, body["goedgekeurd"], viewer=viewer, version=version)
    except InvalidInitiativeError as error:
        wrong(*mistakes_of(error))
    except CopiedTextError as error:
        wrong(copied(error, draft))
    except StaleInitiativeError:
        problem(412)
    except InitiativeNotAllowedError:
        problem(403, NOT_YOURS)
    return entry_shown(get_initiative(db.session, g.viewer, id))
