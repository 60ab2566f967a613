"""Checking a decision before it is taken, all at once; and saying why the store did not take it."""

from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from models.store.casework import SnoozeDateError
from models.store.decisions import (
    AlreadyDecidedError,
    AlreadyUndoneError,
    CopiedTextError,
    DecisionNotFoundError,
    NotUndoableError,
    PurgedLeadError,
    ReasonRequiredError,
    StaleLeadError,
    UnknownEntryError,
)
from models.store.drafts import InitiativeDraft, InvalidInitiativeError, check_draft
from models.store.exports import moment
from models.store.leads import LogEntry
from review.api.drafts import copied, looks_known, mistakes_of
from review.api.names import DECISIONS, LEAD_STATUSES
from review.api.paging import address
from review.api.problems import Mistake, Problem, wrong
from review.deciding import LooksKnownError

#: What is sent with each kind: what must be there, and what may be.
FIELDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "opnemen": (frozenset({"initiatief"}), frozenset({"gezien", "versie", "toelichting"})),
    "afwijzen": (frozenset({"reden"}), frozenset({"versie", "toelichting"})),
    "alBekend": (frozenset(), frozenset({"initiatiefId", "versie", "toelichting"})),
    "uitstellen": (frozenset(), frozenset({"totDatum", "bijNieuws", "versie", "toelichting"})),
    "terugdraaien": (frozenset({"besluitId"}), frozenset({"reden", "versie"})),
}
#: Name as the body has it once it is read -> as it was sent.
SENT = {
    "initiatief_id": "initiatiefId",
    "tot_datum": "totDatum",
    "bij_nieuws": "bijNieuws",
    "besluit_id": "besluitId",
}


def checked(session: Session, body: dict[str, Any], draft: InitiativeDraft | None, *, tagged: bool) -> None:
    """Stop when what was sent can't be a decision.

    Args:
        draft: of the initiative in it; None = there is none.
        tagged: the version came as an ETag.

    Raises:
        Problem: 400 with every mistake.
    """
    labels = current_app.extensions["scout"].labels
    kind = body["soort"]
    there = {SENT.get(name, name) for name in body} - {"soort"}
    needed, possible = FIELDS[kind]
    found = [Mistake("body", name, f"Dit is verplicht bij {kind}.") for name in sorted(needed - there)]
    found += [
        Mistake("body", name, f"Dit kan niet bij {kind}.") for name in sorted(there - needed - possible)
    ]
    if kind != "terugdraaien" and "versie" not in there and not tagged:
        found.append(
            Mistake("body", "versie", "Noem de versie van het signaal, of stuur de ETag in If-Match.")
        )
    if kind == "afwijzen" and "reden" in there and body["reden"] not in labels.reasons:
        found.append(Mistake("body", "reden", f"Kies een van: {', '.join(labels.reasons)}."))
    if kind == "uitstellen" and "totDatum" not in there and not body.get("bij_nieuws"):
        found.append(
            Mistake("body", "totDatum", "Noem een dag in totDatum, of zet bijNieuws op true, of beide.")
        )
    if kind == "opnemen" and draft is not None:
        try:
            check_draft(session, draft, labels.themes, labels.expertise)
        except InvalidInitiativeError as error:
            found += mistakes_of(error, "initiatief")
    if found:
        wrong(*found)


def refusal(error: Exception, lead_id: int, draft: InitiativeDraft | None) -> Problem | None:
    """Why a decision was not taken, as the program is told; None = that is not for it."""
    if isinstance(error, (AlreadyDecidedError, AlreadyUndoneError)):
        return _too_late(error, lead_id)
    if isinstance(error, LooksKnownError):
        return looks_known(error.entries)
    for kind, (status, text) in CONFLICTS.items():
        if isinstance(error, kind):
            return Problem(status, text)
    mistakes = _mistakes(error, draft)
    return Problem(400, mistakes=mistakes) if mistakes else None


def _mistakes(error: Exception, draft: InitiativeDraft | None) -> list[Mistake]:
    """What is wrong with what was sent, if that is why."""
    if isinstance(error, InvalidInitiativeError):
        return mistakes_of(error, "initiatief")
    if isinstance(error, CopiedTextError) and draft is not None:
        return [copied(error, draft, "initiatief")]
    if isinstance(error, SnoozeDateError):
        said = f"Kies een dag na vandaag, uiterlijk {error.latest.isoformat()}."
        return [Mistake("body", "totDatum", said)]
    return [
        Mistake("body", field, text) for kind, (field, text) in MISTAKES.items() if isinstance(error, kind)
    ]


#: What can't be done any more -> status and what is said.
CONFLICTS: dict[type[Exception], tuple[int, str]] = {
    StaleLeadError: (
        409,
        "Het signaal is veranderd sinds u het zag: er kwam een bericht bij, of een ander deed er iets mee. "
        "Haal het opnieuw op.",
    ),
    PurgedLeadError: (409, "De inhoud van dit signaal is verwijderd. Er kan niets meer mee gebeuren."),
    NotUndoableError: (409, "Dit besluit kan niet meer worden teruggedraaid."),
}
#: What was sent and can't be taken -> the field and what is said.
MISTAKES: dict[type[Exception], tuple[str, str]] = {
    ReasonRequiredError: ("reden", "Schrijf waarom u dit besluit terugdraait."),
    UnknownEntryError: ("initiatiefId", "Dit initiatief staat niet in het register."),
    DecisionNotFoundError: ("besluitId", "Dit is geen besluit over dit signaal."),
}


def _too_late(error: AlreadyDecidedError | AlreadyUndoneError, lead_id: int) -> Problem:
    """Somebody else was first: who, what and when."""
    if isinstance(error, AlreadyUndoneError):
        by = f" door {error.undone.by}" if error.undone else ""
        return Problem(409, f"Dit besluit was al teruggedraaid{by}.", more=_by(error.undone, lead_id))
    status = LEAD_STATUSES[error.status]
    said = f"Over dit signaal is al besloten: de status is nu {status}."
    if error.last is not None:
        said += f" {error.last.by} deed dit op {moment(error.last.made_at)}."
    return Problem(409, said, more={"signaalStatus": status, **_by(error.last, lead_id)})


def _by(entry: LogEntry | None, lead_id: int) -> dict[str, Any]:
    """The decision that was first."""
    if entry is None:
        return {}
    return {
        "besluit": {
            "id": entry.id,
            "soort": DECISIONS[entry.kind],
            "door": entry.by,
            "gemaaktOp": moment(entry.made_at),
            "_links": {"self": address(f"/signalen/{lead_id}/besluiten/{entry.id}")},
        }
    }
