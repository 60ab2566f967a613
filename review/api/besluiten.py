"""``/signalen/…/besluiten``: deciding on leads, with the same checks as the forms."""

from typing import Any

from flask import g, request
from sqlalchemy.orm import Session

from models.decision import Decision
from models.store.casework import snooze
from models.store.decisions import DecisionNotFoundError, undo
from models.store.drafts import InitiativeDraft
from models.store.leads import decision_log, get_lead
from models.words import Scope
from review.api import etags
from review.api.core import Room
from review.api.decisions_checked import checked, refusal
from review.api.drafts import draft_of
from review.api.examples import DECISION, LEAD, WRITTEN
from review.api.paging import address
from review.api.problems import problem
from review.api.schemas import IF_MATCH, NUMBER, cleaned
from review.api.schemas_decisions import Besluit, BesluitVraag
from review.api.schemas_leads import SignaalGeheel
from review.api.shown_leads import decision_shown
from review.api.signalen import whole
from review.database import db, writing
from review.deciding import know_lead, promote_lead, reject_lead

room = Room(
    "besluiten",
    "Besluiten over signalen. Alles wat op het scherm wordt gecontroleerd, wordt ook hier gecontroleerd.",
    path={
        "id": ("Nummer van het signaal.", LEAD["id"]),
        "besluitId": ("Nummer van het besluit.", DECISION["id"]),
    },
)


@room.operation(
    "GET",
    f"/signalen/<{NUMBER}:id>/besluiten/<{NUMBER}:besluitId>",
    summary="Eén besluit",
    description="Eén besluit over een signaal.",
    scopes=(Scope.LEADS_READ,),
    answer=Besluit,
    example=DECISION,
    tagged=True,
)
def besluit_lezen(id: int, besluitId: int) -> dict[str, Any]:
    """One decision."""
    get_lead(db.session, g.viewer, id)
    for entry in decision_log(db.session, id, decision_id=besluitId):
        return decision_shown(id, entry, g.viewer)
    problem(404)


@room.operation(
    "POST",
    f"/signalen/<{NUMBER}:id>/besluiten",
    summary="Besluit nemen",
    description="Neemt een signaal op in het register, wijst het af, zegt dat het al bekend was, stelt het "
    "uit, of draait een besluit terug. Alleen voor programma’s van medewerkers van het netwerk: het besluit "
    "staat op naam van wie het programma maakte. Was een ander eerder, dan is het antwoord 409 met wie wat "
    "besloot. Staat er in het register al iets dat erop lijkt, dan is het antwoord ook 409, met in lijktOp "
    "de initiatieven; noem die in gezien als het toch iets anders is.",
    scopes=(Scope.LEADS_DECIDE,),
    body=BesluitVraag,
    sends={"soort": "opnemen", "versie": 3, "initiatief": WRITTEN},
    answer=Besluit,
    example=DECISION,
    status=201,
    located=True,
    errors=(409, 412),
    headers_in=(IF_MATCH,),
)
def besluit_nemen(id: int, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Decide on a lead."""
    if not g.viewer.decides:
        problem(403, "Besluiten kan alleen een programma van medewerkers van het netwerk.")
    row = get_lead(db.session, g.viewer, id)
    tagged = bool(request.if_match)
    if tagged:
        etags.must_match(SignaalGeheel().dump(whole(g.viewer, id)))
    draft = draft_of(db.session, body["initiatief"], id) if body.get("initiatief") else None
    checked(db.session, body, draft, tagged=tagged)
    version = row.version if tagged else body.get("versie", 0)
    try:
        with writing() as store:
            decision_id = _decide(store, id, body, draft, version).id
    except Exception as error:
        found = refusal(error, id, draft)
        if found is None:
            raise
        raise found from error
    entry = decision_log(db.session, id, decision_id=decision_id)[0]
    return decision_shown(id, entry, g.viewer), {
        "Location": address(f"/signalen/{id}/besluiten/{decision_id}")["href"]
    }


def _decide(
    store: Session, lead_id: int, body: dict[str, Any], draft: InitiativeDraft | None, version: int
) -> Decision:
    """Carry it out; raises what the store raises."""
    kind, note, viewer = body["soort"], cleaned(body.get("toelichting", "")), g.viewer
    if kind == "opnemen" and draft is not None:
        seen = body.get("gezien", ())
        return promote_lead(store, lead_id, draft, viewer=viewer, version=version, seen=seen, note=note)
    if kind == "afwijzen":
        return reject_lead(store, lead_id, viewer=viewer, version=version, reason=body["reden"], note=note)
    if kind == "alBekend":
        entry = body.get("initiatief_id")
        return know_lead(store, lead_id, viewer=viewer, version=version, initiative_id=entry, note=note)
    if kind == "uitstellen":
        return snooze(
            store,
            lead_id,
            viewer=viewer,
            version=version,
            until=body.get("tot_datum"),
            on_news=body.get("bij_nieuws", False),
            note=note,
        )
    decision = store.get(Decision, body["besluit_id"])
    if decision is None or decision.lead_id != lead_id:
        raise DecisionNotFoundError(f"lead {lead_id} has no decision {body['besluit_id']}")
    return undo(store, decision.id, viewer=viewer, reason=cleaned(body.get("reden", "")))
