"""``/berichten``: handing items in, and what became of them. Nothing handed in is fetched."""

import re
from typing import Any

from flask import current_app, g, request
from marshmallow import Schema, fields, validate

from models.base import ZONE, utc_now
from models.handed_in import HandedIn
from models.keys import keyed_hash
from models.store.handed_in import (
    LIMITS,
    HandIn,
    HandInProblem,
    InvalidHandInError,
    checked,
    hand_in,
    origin_of_words,
    with_origin,
)
from models.store.handed_in_list import (
    HandedInNotFoundError,
    HandedInRow,
    KnownAddress,
    handed_in_row,
    known_addresses,
)
from models.words import Channel, Scope
from review.api.core import Room
from review.api.examples import HANDED_IN
from review.api.fields import Address, Closed, Day, Flag, Moment, Text
from review.api.names import BECAME, CHANNELS, REFUSALS
from review.api.paging import SelfLink, address
from review.api.problems import Mistake, problem, wrong
from review.api.schemas import NUMBER, Code, told
from review.database import db, writing

room = Room(
    "berichten",
    "Berichten die een programma inbrengt: een adres of een tekst over een initiatief. Scout verwerkt ze "
    "bij de volgende ronde; het adres zelf wordt niet opgehaald.",
    path={"id": ("Nummer van wat is ingebracht.", HANDED_IN["id"])},
)

KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "Eigen kenmerk van dit verzoek: hetzelfde kenmerk brengt niets een tweede keer in.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}

PROBLEMS = {
    HandInProblem.EMPTY: "Schrijf in eigen woorden wat er gebeurt, in een of twee zinnen.",
    HandInProblem.NO_ADDRESS: "Dit moet een volledig adres zijn dat begint met https:// of http://.",
    HandInProblem.INSIDE: "Dit adres is alleen binnen een eigen netwerk te bereiken.",
    HandInProblem.ACCOUNT: "In dit adres staat de naam van een account. Neem het adres van het bericht zelf.",
    HandInProblem.UNKNOWN: "Deze gemeente is er niet. Zie /gemeenten.",
    HandInProblem.FUTURE: "Deze dag moet nog komen. Noem de dag waarop het verscheen.",
    HandInProblem.TOO_OLD: "Dit is te lang geleden.",
}
#: Field of a hand-in -> field of the API.
FIELDS = {
    "url": "url",
    "title": "titel",
    "summary": "samenvatting",
    "municipality_code": "gemeente",
    "published_on": "datum",
}


class IngebrachtLinks(SelfLink):
    """Where a hand-in is, and the lead it is in."""

    signaal = fields.Nested(Address)


class Ingebracht(Schema):
    """One hand-in and what became of it."""

    id = fields.Integer(required=True, metadata=told("Vast nummer.", 44))
    ingebracht_op = Moment(data_key="ingebrachtOp", required=True, metadata=told("Wanneer ingebracht."))
    kanaal = fields.String(
        required=True,
        validate=validate.OneOf(list(CHANNELS.values())),
        metadata=told("Hoe het is ingebracht.", "api"),
    )
    url = fields.String(required=True, metadata=told("Adres; leeg nadat het is verwerkt."))
    titel = fields.String(required=True, metadata=told("Titel; leeg nadat het is verwerkt."))
    samenvatting = fields.String(required=True, metadata=told("Leeg nadat het is verwerkt."))
    gemeente = fields.String(required=True, allow_none=True, metadata=told("Code van het CBS.", "GM0202"))
    stand = fields.String(
        required=True,
        validate=validate.OneOf(list(BECAME.values())),
        metadata=told(
            "Wat ervan werd: het wacht, het staat in een signaal, het is verwerkt (meer is er niet te "
            "zeggen), het was al bekend, of het is niet verwerkt.",
            "wacht",
        ),
    )
    reden = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(list(REFUSALS.values())),
        metadata=told("Waarom het niet is verwerkt."),
    )
    links = fields.Nested(IngebrachtLinks, data_key="_links", required=True)


class Bericht(Closed):
    """Something to hand in."""

    url = Text(LIMITS["url"], metadata=told("Adres; weglaten als er geen is.", HANDED_IN["url"]))
    titel = Text(LIMITS["title"], metadata=told("Titel.", HANDED_IN["titel"]))
    samenvatting = Text(
        LIMITS["summary"],
        required=True,
        filled=True,
        metadata=told("In eigen woorden wat er gebeurt.", HANDED_IN["samenvatting"]),
    )
    gemeente = Code(
        metadata=told(
            "Code van het CBS; weglaten als de tekst het zegt. Van een gemeente altijd de eigen.", "GM0202"
        )
    )
    datum = Day(metadata=told("Dag waarop het verscheen.", "2026-11-21"))
    toestemming = Flag(metadata=told("Of de maker het goedvindt; weglaten als dat niet is gevraagd.", True))
    eigen = Flag(
        load_default=False, metadata=told("Een eigen initiatief van de gemeente; alleen voor gemeenten.")
    )


@room.operation(
    "POST",
    "/berichten",
    summary="Bericht inbrengen",
    description="Brengt een bericht in, met dezelfde controles als het formulier. Hetzelfde nog een keer, "
    "of met dezelfde Idempotency-Key, geeft 200 met wat er al was. Staat het adres al bij een signaal dat "
    "u mag zien, of wacht het al, dan is het antwoord 409.",
    scopes=(Scope.ITEMS_WRITE,),
    body=Bericht,
    sends={
        "url": HANDED_IN["url"],
        "titel": HANDED_IN["titel"],
        "samenvatting": HANDED_IN["samenvatting"],
        "gemeente": "GM0202",
    },
    answer=Ingebracht,
    example=HANDED_IN,
    status=201,
    located=True,
    errors=(409,),
    headers_in=(IDEMPOTENCY_KEY,),
    also={200: "Dit was al ingebracht."},
)
def bericht_inbrengen(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str], int]:
    """Hand something in, once."""
    one = _read(body)
    secret = bytes(current_app.extensions["scout"].secret)
    key = request.headers.get("Idempotency-Key")
    words = origin_of_words(secret, one, g.viewer.account_id)
    origin = words if key is None else keyed_hash(secret, "api", str(g.client.id), key)
    before = with_origin(db.session, origin)
    if before is None and one.url:
        known = known_addresses(db.session, secret, g.viewer, [one.url]).get(one.url)
        if known is not None:
            _known(known)
    with writing() as store:
        before = with_origin(store, origin)
        kept = HandIn(**{**vars(one), "origin_key": origin})
        row = before or hand_in(store, kept, account_id=g.viewer.account_id, now=utc_now())
        if before is not None and not _same(before, one):
            problem(409, "Met deze Idempotency-Key is eerder iets anders ingebracht. Neem een nieuwe.")
        number = row.id
    shown = _shown(handed_in_row(db.session, g.viewer, number))
    status = 200 if before is not None else 201
    return shown, {"Location": shown["links"]["self"]["href"]}, status


@room.operation(
    "GET",
    f"/berichten/<{NUMBER}:id>",
    summary="Wat van een bericht werd",
    description="Wat er is geworden van iets dat is ingebracht. Medewerkers zien wat zij zelf inbrachten, "
    "een gemeente wat zij en haar collega’s inbrachten.",
    scopes=(Scope.ITEMS_WRITE,),
    answer=Ingebracht,
    example=HANDED_IN,
    tagged=True,
)
def bericht_lezen(id: int) -> dict[str, Any]:
    """What became of one."""
    try:
        return _shown(handed_in_row(db.session, g.viewer, id))
    except HandedInNotFoundError:
        problem(404)


def _read(body: dict[str, Any]) -> HandIn:
    """What is handed in, checked.

    Raises:
        Problem: 400 with every mistake.
    """
    own, code = None if g.viewer.decides else g.viewer.municipality_code, body.get("gemeente")
    mistakes = []
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY.fullmatch(key):
        said = "Dit moeten 1 tot 200 zichtbare tekens zijn, zonder spaties."
        mistakes.append(Mistake("header", "Idempotency-Key", said))
    if own is not None and code not in (None, own):
        said = "Dit programma hoort bij een andere gemeente. Laat dit weg."
        mistakes.append(Mistake("body", "gemeente", said))
    one = HandIn(
        channel=Channel.API,
        url=body.get("url", ""),
        title=body.get("titel", ""),
        summary=body["samenvatting"],
        municipality_code=own or code,
        published_on=body.get("datum"),
        consent=body.get("toestemming"),
        own=own is not None and body["eigen"],
    )
    today = utc_now().astimezone(ZONE).date()
    try:
        one = checked(one, current_app.extensions["scout"].settings, today=today)
    except InvalidHandInError as error:
        mistakes += [
            Mistake("body", FIELDS[name], PROBLEMS.get(why, f"Hooguit {LIMITS.get(name)} tekens."))
            for name, why in error.problems.items()
        ]
    if mistakes:
        wrong(*mistakes)
    return one


def _known(known: KnownAddress) -> None:
    """Say that an address is there already."""
    if known.lead_id is None:
        problem(409, "Dit adres is al ingebracht en wacht op verwerking.")
    link = {"signaal": address(f"/signalen/{known.lead_id}")}
    problem(
        409,
        "Dit adres staat al bij een signaal.",
        more={"signaalId": known.lead_id, "_links": link},
    )


def _same(row: HandedIn, one: HandIn) -> bool:
    """Whether these are the same words; once it is taken they are gone, and nobody can say."""
    if row.taken_at is not None:
        return True
    return (row.url, row.title, row.summary) == (one.url, one.title, one.summary)


def _shown(row: HandedInRow) -> dict[str, Any]:
    links = {"self": address(f"/berichten/{row.id}")}
    if row.lead_id is not None:
        links["signaal"] = address(f"/signalen/{row.lead_id}")
    return {
        "id": row.id,
        "ingebracht_op": row.at,
        "kanaal": CHANNELS[row.channel],
        "url": row.url,
        "titel": row.title,
        "samenvatting": row.summary,
        "gemeente": row.municipality_code,
        "stand": BECAME[row.became],
        "reden": REFUSALS[row.outcome] if row.outcome is not None else None,
        "links": links,
    }
