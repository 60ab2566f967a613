"""``/delingen``: what was given to municipalities, and what they make of it."""

from typing import Any

from flask import g, request
from marshmallow import Schema, fields, validate

from models.store.share_rules import (
    TEXT_LIMIT,
    LaterDateError,
    ShareMoveError,
    ShareNotAllowedError,
    ShareNotFoundError,
    StaleShareError,
    TextTooLongError,
)
from models.store.shares import ShareRow, answer_share, get_share, share_page
from models.words import Answer, Scope
from review.api import etags
from review.api.core import Room
from review.api.examples import ADDRESS, SHARE
from review.api.fields import Address, Closed, Day, Flag, Moment, Text, Whole, Word
from review.api.names import ANSWERS, ENDINGS, SHARE_STATUSES, meaning
from review.api.paging import Paged, SelfLink, address, page, page_of, where
from review.api.problems import Mistake, Problem, problem, wrong
from review.api.schemas import IF_MATCH, LARGEST, NUMBER, Code, GemeenteNaam, PlaatsNaam, cleaned, told
from review.api.schemas import municipality as town
from review.database import db, writing

room = Room(
    "delingen",
    "Delingen: signalen en initiatieven die aan een gemeente zijn gegeven, en haar antwoord. Een programma "
    "van een gemeente ziet alleen de eigen delingen.",
    path={"id": ("Nummer van de deling.", SHARE["id"])},
)


class DelingLinks(SelfLink):
    """Where a share is, and what was shared."""

    signaal = fields.Nested(Address)
    initiatief = fields.Nested(Address)


class Deling(Schema):
    """One share."""

    id = fields.Integer(required=True, metadata=told("Vast nummer.", 17))
    titel = fields.String(required=True, metadata=told("Naam of titel; leeg als de inhoud weg is."))
    gemeente = fields.Nested(GemeenteNaam, required=True, metadata=told("Aan wie het is gegeven."))
    plaats = fields.Nested(
        PlaatsNaam, required=True, allow_none=True, metadata=told("Plaats, wijk of buurt.")
    )
    thema = fields.String(required=True, allow_none=True, metadata=told("Thema.", "groen"))
    link = fields.String(required=True, metadata=told("Waar erover te lezen is; kan leeg zijn."))
    bericht = fields.String(required=True, metadata=told("Wat het netwerk erbij schreef; kan leeg zijn."))
    status = fields.String(
        required=True,
        validate=validate.OneOf(list(SHARE_STATUSES.values())),
        metadata=told("Hoe het ermee staat.", "aangeboden"),
    )
    aangeboden_op = Moment(data_key="aangebodenOp", required=True, metadata=told("Wanneer gegeven."))
    gezien_op = Moment(
        data_key="gezienOp",
        required=True,
        allow_none=True,
        metadata=told("Wanneer iemand van de gemeente het opende of beantwoordde."),
    )
    antwoord = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(list(ANSWERS.values())),
        metadata=told("Antwoord van de gemeente; null is: nog geen."),
    )
    antwoord_op = Moment(
        data_key="antwoordOp", required=True, allow_none=True, metadata=told("Wanneer beantwoord.")
    )
    antwoord_door = fields.String(
        data_key="antwoordDoor", required=True, allow_none=True, metadata=told("Wie antwoordde.")
    )
    toelichting = fields.String(required=True, metadata=told("Van de gemeente; kan leeg zijn."))
    later_op = Day(
        data_key="laterOp",
        required=True,
        allow_none=True,
        metadata=told("Na het antwoord later: de dag waarop het opnieuw wordt gevraagd."),
    )
    in_contact_op = Moment(
        data_key="inContactOp",
        required=True,
        allow_none=True,
        metadata=told("Sinds wanneer de gemeente in contact is."),
    )
    gesloten_op = Moment(
        data_key="geslotenOp", required=True, allow_none=True, metadata=told("Wanneer gesloten.")
    )
    uitkomst = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(list(ENDINGS.values())),
        metadata=told("Waarmee het sloot; null is: nog niet gesloten."),
    )
    versie = fields.Integer(
        required=True, metadata=told("Telt de wijzigingen; stuur deze mee met een antwoord.", 1)
    )
    links = fields.Nested(DelingLinks, data_key="_links", required=True)


class DelingenFilter(Paged):
    """Which shares are asked for."""

    gemeente = Code(metadata=told("Code van het CBS. Een onbekende code geeft een lege lijst.", "GM0202"))
    status = Word(SHARE_STATUSES.values(), metadata=told("Hoe het ermee staat.", "aangeboden"))
    wacht = Flag(load_default=False, metadata=told("Alleen delingen die op een antwoord wachten.", True))


class Antwoord(Closed):
    """What a municipality makes of a share."""

    antwoord = Word(ANSWERS.values(), required=True, metadata=told("Het antwoord.", "opgepakt"))
    toelichting = Text(TEXT_LIMIT, metadata=told("In eigen woorden; mag leeg zijn.", "Wij nemen contact op."))
    later_op = Day(
        data_key="laterOp",
        metadata=told("Bij later: de dag waarop het opnieuw wordt gevraagd.", "2026-12-14"),
    )
    versie = Whole(
        1,
        LARGEST,
        metadata=told("Versie van de deling zoals u die zag, of stuur de ETag in If-Match.", 1),
    )


DelingenPagina = page_of(Deling, "DelingenPagina")


@room.operation(
    "GET",
    "/delingen",
    summary="Delingen",
    description="Delingen, nieuwste eerst.",
    scopes=(Scope.SHARES_READ,),
    query=DelingenFilter,
    answer=DelingenPagina,
    example={"resultaten": [SHARE], "_links": {"self": {"href": f"{ADDRESS}/delingen"}}},
)
def delingen_lezen(query: dict[str, Any]) -> dict[str, Any]:
    """One page of shares."""
    wanted = where(query)
    found = share_page(
        db.session,
        g.viewer,
        status=meaning(SHARE_STATUSES, query["status"]) if "status" in query else None,
        waiting=query["wacht"],
        municipality_code=query.get("gemeente"),
        counted=False,
        after=wanted.after,
        before=wanted.before,
        limit=wanted.limit,
    )
    return page([shown(row) for row in found.rows], after=found.after, before=found.before)


@room.operation(
    "GET",
    f"/delingen/<{NUMBER}:id>",
    summary="Eén deling",
    description="Eén deling. Lezen door een programma telt niet als gezien: dat doet iemand die haar opent.",
    scopes=(Scope.SHARES_READ,),
    answer=Deling,
    example=SHARE,
    tagged=True,
)
def deling_lezen(id: int) -> dict[str, Any]:
    """One share."""
    return shown(_share(id))


@room.operation(
    "POST",
    f"/delingen/<{NUMBER}:id>/antwoorden",
    summary="Deling beantwoorden",
    description="Zegt wat de gemeente van een deling vindt. Alleen voor programma’s van de gemeente zelf. "
    "Een later antwoord vervangt een eerder. Antwoordde een collega intussen, dan is het antwoord 409, met "
    "wie wat antwoordde. Hetzelfde twee keer sturen telt één keer.",
    scopes=(Scope.SHARES_ANSWER,),
    body=Antwoord,
    sends={"antwoord": "opgepakt", "toelichting": "Wij nemen contact op.", "versie": 1},
    answer=Deling,
    example=SHARE,
    tagged=True,
    errors=(409, 412),
    headers_in=(IF_MATCH,),
)
def deling_beantwoorden(id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Answer a share."""
    row, viewer = _share(id), g.viewer
    if not viewer.answers:
        problem(403, "Antwoorden kan alleen een programma van de gemeente zelf.")
    tagged = bool(request.if_match)
    if tagged:
        etags.must_match(Deling().dump(shown(row)))
    answer = meaning(ANSWERS, body["antwoord"])
    mistakes = []
    if not tagged and "versie" not in body:
        said = "Noem de versie van de deling, of stuur de ETag in If-Match."
        mistakes.append(Mistake("body", "versie", said))
    if answer is not Answer.LATER and "later_op" in body:
        mistakes.append(Mistake("body", "laterOp", "Dit kan alleen bij later."))
    if mistakes:
        wrong(*mistakes)
    try:
        with writing() as store:
            answer_share(
                store,
                id,
                viewer=viewer,
                answer=answer,
                version=row.version if tagged else body["versie"],
                note=cleaned(body.get("toelichting", "")),
                later_on=body.get("later_op"),
            )
    except (StaleShareError, ShareMoveError) as error:
        raise _too_late(error) from error
    except LaterDateError as error:
        said = f"Kies een dag na vandaag, uiterlijk {error.latest.isoformat()}."
        wrong(Mistake("body", "laterOp", said))
    except TextTooLongError:
        wrong(Mistake("body", "toelichting", f"Maak dit korter: hooguit {TEXT_LIMIT} tekens."))
    except ShareNotAllowedError:
        problem(403, "Antwoorden kan alleen een programma van de gemeente zelf.")
    return shown(_share(id))


def _share(share_id: int) -> ShareRow:
    try:
        return get_share(db.session, g.viewer, share_id)
    except ShareNotFoundError:
        problem(404)


def _too_late(error: StaleShareError | ShareMoveError) -> Problem:
    """It is not as it was, or is past answers: how it is now."""
    now = error.row
    status = SHARE_STATUSES[now.status]
    said = f"De deling is veranderd sinds u haar zag: de status is nu {status}."
    if isinstance(error, ShareMoveError):
        said = f"Op een deling met de status {status} kan geen antwoord meer komen."
    if now.answered_by:
        said += f" {now.answered_by} antwoordde {ANSWERS[now.answer] if now.answer else ''}."
    return Problem(409, said, more={"deling": Deling().dump(shown(now))})


def shown(row: ShareRow) -> dict[str, Any]:
    """One share as :class:`Deling` dumps it."""
    links = {"self": address(f"/delingen/{row.id}")}
    if row.initiative_id is not None and row.there:
        links["initiatief"] = address(f"/initiatieven/{row.initiative_id}")
    if row.lead_id is not None and row.initiative_id is None and row.there:
        links["signaal"] = address(f"/signalen/{row.lead_id}")
    return {
        "id": row.id,
        "titel": row.title,
        "gemeente": town(row.municipality_code, row.municipality),
        "plaats": {"naam": row.place} if row.place is not None else None,
        "thema": row.theme,
        "link": row.link,
        "bericht": row.message,
        "status": SHARE_STATUSES[row.status],
        "aangeboden_op": row.offered_at,
        "gezien_op": row.seen_at,
        "antwoord": ANSWERS[row.answer] if row.answer is not None else None,
        "antwoord_op": row.answered_at,
        "antwoord_door": row.answered_by,
        "toelichting": row.answer_note,
        "later_op": row.later_on,
        "in_contact_op": row.in_contact_at,
        "gesloten_op": row.ended_at,
        "uitkomst": ENDINGS[row.ending] if row.ending is not None else None,
        "versie": row.version,
        "links": links,
    }
