"""``/consultants``: entering and changing them, with the same checks as the forms."""

from typing import Any, NoReturn

from flask import current_app, g
from sqlalchemy.orm import Session

from models.place import Place
from models.store.consultant_drafts import (
    LIMITS,
    WRITTEN,
    ConsultantDraft,
    ConsultantProblem,
    InvalidConsultantError,
    tidy,
)
from models.store.consultants import (
    ConsultantNotAllowedError,
    StaleConsultantError,
    add_consultant,
    change_consultant,
)
from models.store.consultants_list import consultants_by_email, get_consultant
from models.store.drafts import find_place
from models.words import Scope
from review.api import etags
from review.api.consultants import room
from review.api.examples import CONSULTANT, OFFERED
from review.api.paging import address
from review.api.problems import Mistake, problem, wrong
from review.api.schemas import NUMBER, cleaned
from review.api.schemas_consultants import (
    Consultant,
    ConsultantNieuw,
    ConsultantWijziging,
    consultant_shown,
)
from review.database import db, writing

__all__ = ["room"]

#: Field of the body -> field of the store, where it is kept as it was read.
PLAIN = {
    "gemeente": "municipality_code",
    "uren": "half_hours",
    "vanaf": "period_from",
    "tot_en_met": "period_until",
    "max_opdrachten": "most",
    "reisafstand_km": "radius_km",
    "beschikbaar": "available",
}
#: The same for texts.
TEXTS = {
    "naam": "name",
    "email": "email",
    "functie": "function",
    "ervaring": "experience",
    "akkoord_naam": "employer_name",
    "akkoord_email": "employer_email",
}
#: And for lists of words.
LISTS = {"expertise": "expertise", "talen": "languages"}
#: Field of the store -> its name in a body.
NAMES = {
    **{
        theirs: ConsultantNieuw().fields[ours].data_key or ours
        for ours, theirs in (PLAIN | TEXTS | LISTS).items()
    },
    "themes": "themas",
    "place_key": "vertrekplaats",
}
NOT_YOURS = "Dit programma mag alleen schrijven voor de eigen gemeente."
TWICE = "Dit thema staat er twee keer."
UNKNOWN = {
    "municipality_code": "Deze gemeente is er niet. Zie /gemeenten.",
    "place_key": "Deze plaats ligt niet in deze gemeente. Laat dit leeg, of noem een andere.",
    "expertise": "Deze kennis staat niet in de lijst.",
    "themes": "Dit thema is er niet.",
    "languages": "Deze taal staat niet in de lijst.",
}


@room.operation(
    "POST",
    "/consultants",
    summary="Consultant toevoegen",
    description="Voegt een consultant toe. Heeft de gemeente al een consultant met dit e-mailadres, dan is "
    "het antwoord 409 met in consultant welke dat is: opnieuw sturen maakt dus niemand dubbel. Een programma "
    "van een gemeente schrijft alleen voor die gemeente.",
    scopes=(Scope.ROUNDS_WRITE,),
    body=ConsultantNieuw,
    sends=OFFERED,
    answer=Consultant,
    example=CONSULTANT,
    status=201,
    tagged=True,
    located=True,
    errors=(409,),
)
def consultant_toevoegen(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Enter a consultant."""
    if not g.viewer.decides and body["gemeente"] != g.viewer.municipality_code:
        problem(403, NOT_YOURS)
    values = {"function": "", "themes": {}, "languages": ("nl",), "experience": ""}
    draft = ConsultantDraft(**{**values, **_values(db.session, body, body["gemeente"])})
    try:
        with writing() as store:
            made = add_consultant(store, draft, viewer=g.viewer, labels=_labels()).id
    except InvalidConsultantError as error:
        _refused(error, draft)
    except ConsultantNotAllowedError:
        problem(403, NOT_YOURS)
    shown = consultant_shown(get_consultant(db.session, g.viewer, made))
    return shown, {"Location": address(f"/consultants/{made}")["href"]}


@room.operation(
    "PATCH",
    f"/consultants/<{NUMBER}:id>",
    summary="Consultant wijzigen",
    description="Verandert wat u noemt; de rest blijft zoals het is. Een lijst wordt helemaal vervangen, en "
    "null maakt een dag, de reisafstand of de vertrekplaats leeg. Stuur in If-Match de ETag die u zag. Een "
    "consultant blijft bij de eigen gemeente. Met beschikbaar op false wordt iemand niet meer voor nieuwe "
    "rondes gevraagd.",
    scopes=(Scope.ROUNDS_WRITE,),
    body=ConsultantWijziging,
    sends={"uren": 32.5, "totEnMet": None, "beschikbaar": True},
    answer=Consultant,
    example=CONSULTANT,
    tagged=True,
    matching=True,
    errors=(409,),
)
def consultant_wijzigen(id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Change a consultant."""
    row = get_consultant(db.session, g.viewer, id)
    etags.must_match(Consultant().dump(consultant_shown(row)))
    kept = {name: getattr(row, name) for name in WRITTEN}
    draft = ConsultantDraft(**{**kept, **_values(db.session, body, row.municipality_code)})
    try:
        with writing() as store:
            change_consultant(store, id, draft, viewer=g.viewer, version=row.version, labels=_labels())
    except InvalidConsultantError as error:
        _refused(error, draft)
    except StaleConsultantError:
        problem(412)
    except ConsultantNotAllowedError:
        problem(403, NOT_YOURS)
    return consultant_shown(get_consultant(db.session, g.viewer, id))


def _values(session: Session, body: dict[str, Any], code: str) -> dict[str, Any]:
    """What was written, by field of the store.

    Raises:
        Problem: 400: a theme stands there twice.
    """
    found = {theirs: body[ours] for ours, theirs in PLAIN.items() if ours in body}
    found |= {theirs: cleaned(body[ours]) for ours, theirs in TEXTS.items() if ours in body}
    found |= {
        theirs: tuple(cleaned(one) for one in body[ours]) for ours, theirs in LISTS.items() if ours in body
    }
    if "themas" in body:
        pairs = [(cleaned(one["thema"]), one["opdrachten"]) for one in body["themas"]]
        found["themes"] = dict(pairs)
        if len(found["themes"]) < len(pairs):
            wrong(Mistake("body", "themas", TWICE))
    if "vertrekplaats" in body:
        text = cleaned(body["vertrekplaats"] or "")
        known = session.get(Place, text) if text else None
        # What is neither a key nor a name is passed on as it is: no key looks like it, so it is refused.
        found["place_key"] = known.key if known else find_place(session, code, text) if text else None
        found["place_key"] = found["place_key"] or text or None
    return found


def _refused(error: InvalidConsultantError, draft: ConsultantDraft) -> NoReturn:
    """Say why it can't be taken.

    Raises:
        Problem: 409 when somebody with that address is there, and that is all; else 400.
    """
    if set(error.problems.values()) == {ConsultantProblem.DOUBLE}:
        key = (draft.municipality_code, tidy(draft).email)
        there = consultants_by_email(db.session, g.viewer, [key]).get(key)
        more = {"consultant": Consultant().dump(consultant_shown(there))} if there else {}
        problem(409, "Deze gemeente heeft al een consultant met dit e-mailadres.", more=more)
    wrong(*(Mistake("body", NAMES[name], _said(name, why)) for name, why in error.problems.items()))


def _said(name: str, why: ConsultantProblem) -> str:
    return {
        ConsultantProblem.EMPTY: "Vul dit in.",
        ConsultantProblem.TOO_LONG: f"Maak dit korter: hooguit {LIMITS.get(name)} tekens.",
        ConsultantProblem.UNKNOWN: UNKNOWN.get(name, "Dit staat niet in de lijst."),
        ConsultantProblem.NO_EMAIL: "Dit moet een e-mailadres zijn, zoals naam@gemeente.nl.",
        ConsultantProblem.BACKWARDS: "Deze dag ligt vóór vanafDag. Verander een van de twee.",
        ConsultantProblem.DOUBLE: "Deze gemeente heeft al een consultant met dit e-mailadres.",
    }.get(why, "Dit past hier niet.")


def _labels() -> Any:
    return current_app.extensions["scout"].labels
