"""What the API says of matches and what it takes; and a match as these shapes hold it."""

from typing import Any

from marshmallow import Schema, fields, validate

from models.store.match_rules import MOST_SPENT, REASON_LIMIT
from models.store.matches import MatchRow
from models.store.viewer import Viewer
from models.words import Party
from review.api.fields import Address, Closed, Day, Flag, Hours, Moment, Text, Whole, Word
from review.api.names import MATCH_STATES, PARTIES
from review.api.paging import Paged, SelfLink, address, page_of
from review.api.schemas import LARGEST, GemeenteNaam, PlaatsNaam, municipality, told
from review.api.schemas_rounds import SUM, Ontvanger

_PARTIES = list(PARTIES.values())


class MatchInitiatief(Schema):
    """The initiative of a match."""

    id = fields.Integer(required=True, metadata=told("Nummer van het initiatief.", 7))
    naam = fields.String(required=True, metadata=told("Naam; leeg als het uit het register is."))
    thema = fields.String(required=True, allow_none=True, metadata=told("Thema.", "groen"))
    plaats = fields.Nested(
        PlaatsNaam, required=True, allow_none=True, metadata=told("Plaats, wijk of buurt.")
    )


class MatchConsultant(Schema):
    """The consultant of a match."""

    id = fields.Integer(required=True, metadata=told("Nummer van de consultant.", 9))
    naam = fields.String(
        required=True, metadata=told("Naam; leeg als dat niet meer bekend is, of niet voor dit programma.")
    )
    functie = fields.String(required=True, metadata=told("Functie; kan leeg zijn."))
    email = fields.String(required=True, metadata=told("E-mailadres van het werk; kan leeg zijn."))


class MatchRedenen(Schema):
    """Why they fit; what is not known is missing."""

    expertise = fields.List(
        fields.String(), metadata=told("Gevraagde kennis die de consultant heeft.", ["vergunningen"])
    )
    thema_bekend = fields.Boolean(
        data_key="themaBekend", metadata=told("De consultant kent het thema.", True)
    )
    eerdere_opdrachten = fields.Integer(
        data_key="eerdereOpdrachten", metadata=told("Eerdere opdrachten met dit thema.", 2)
    )
    kilometers = fields.Float(metadata=told("Afstand in kilometers, hemelsbreed.", 9.5))


class MatchAntwoord(Schema):
    """What a party said last."""

    partij = fields.String(
        required=True, validate=validate.OneOf(_PARTIES), metadata=told("Wie.", "consultant")
    )
    akkoord = fields.Boolean(required=True, metadata=told("Of de partij akkoord is.", True))
    toelichting = fields.String(
        required=True, metadata=told("Alleen voor medewerkers en de eigen gemeente; kan leeg zijn.")
    )
    gegeven_op = Moment(data_key="gegevenOp", required=True, metadata=told("Wanneer."))


class MatchLinks(SelfLink):
    """Where a match is, and what it is about, for who may read that."""

    ronde = fields.Nested(Address, required=True)
    initiatief = fields.Nested(Address)
    consultant = fields.Nested(Address)


class Match(Schema):
    """One match: a consultant for an initiative in another municipality."""

    id = fields.Integer(required=True, metadata=told("Vast nummer.", 21))
    status = fields.String(
        required=True,
        validate=validate.OneOf(list(MATCH_STATES.values())),
        metadata=told("Hoe ver het is.", "voorgesteld"),
    )
    initiatief = fields.Nested(MatchInitiatief, required=True, metadata=told("Het initiatief."))
    gemeente = fields.Nested(
        GemeenteNaam, required=True, metadata=told("De gemeente van het initiatief: de ontvanger.")
    )
    ontvanger = fields.Nested(
        Ontvanger,
        required=True,
        metadata=told("Wie de consultant ontvangt; voor de werkgever pas als iedereen akkoord is."),
    )
    consultant = fields.Nested(MatchConsultant, required=True, metadata=told("De consultant."))
    werkgever = fields.Nested(GemeenteNaam, required=True, metadata=told("De gemeente van de consultant."))
    uren = Hours(*SUM, required=True, metadata=told("Uren hulp.", 40))
    eerste_dag = Day(
        data_key="eersteDag", required=True, allow_none=True, metadata=told("Eerste dag van de ronde.")
    )
    laatste_dag = Day(
        data_key="laatsteDag", required=True, allow_none=True, metadata=told("Laatste dag van de ronde.")
    )
    redenen = fields.Nested(MatchRedenen, required=True, metadata=told("Waarom het past."))
    antwoorden = fields.List(
        fields.Nested(MatchAntwoord), required=True, metadata=told("Het laatste antwoord van elke partij.")
    )
    wacht_op = fields.List(
        fields.String(validate=validate.OneOf(_PARTIES)),
        data_key="wachtOp",
        required=True,
        metadata=told("Wie nog moet antwoorden.", ["ontvanger"]),
    )
    voorgesteld_op = Moment(data_key="voorgesteldOp", required=True, metadata=told("Wanneer voorgesteld."))
    begonnen_op = Day(
        data_key="begonnenOp", required=True, allow_none=True, metadata=told("Eerste dag van het werk.")
    )
    bezoek_op = Day(
        data_key="bezoekOp",
        required=True,
        allow_none=True,
        metadata=told("Dag van het bezoek ter afsluiting."),
    )
    aanbevelingen = fields.String(required=True, metadata=told("Van de consultant; kan leeg zijn."))
    bestede_uren = Hours(
        0,
        MOST_SPENT,
        data_key="bestedeUren",
        required=True,
        allow_none=True,
        metadata=told("Uren die echt zijn besteed."),
    )
    geeindigd_op = Moment(
        data_key="geeindigdOp", required=True, allow_none=True, metadata=told("Wanneer geëindigd.")
    )
    versie = fields.Integer(
        required=True, metadata=told("Telt de wijzigingen; stuur deze mee met een antwoord.", 2)
    )
    links = fields.Nested(MatchLinks, data_key="_links", required=True)


class MatchesFilter(Paged):
    """Which matches of a round are asked for."""

    status = Word(MATCH_STATES.values(), metadata=told("Hoe ver het is.", "voorgesteld"))
    wacht = Flag(
        load_default=False,
        metadata=told("Alleen wat op een antwoord wacht; voor een gemeente: op een antwoord van haar zelf."),
    )


MatchesPagina = page_of(Match, "MatchesPagina")


class Akkoord(Closed):
    """What a party says of a match."""

    partij = Word(
        _PARTIES,
        required=True,
        metadata=told(
            "Voor wie: ontvanger is de gemeente van het initiatief, werkgever die van de consultant.",
            "ontvanger",
        ),
    )
    akkoord = Flag(required=True, metadata=told("Of de partij akkoord is.", True))
    toelichting = Text(
        REASON_LIMIT,
        metadata=told(
            "In eigen woorden; mag leeg zijn, behalve wanneer een projectleider opschrijft wat een partij "
            "zei."
        ),
    )
    versie = Whole(
        1, LARGEST, metadata=told("Versie van de match zoals u die zag, of stuur de ETag in If-Match.", 2)
    )


def match_shown(row: MatchRow, viewer: Viewer) -> dict[str, Any]:
    """One match as :class:`Match` dumps it."""
    host = viewer.decides or viewer.municipality_code == row.municipality_code
    employer = viewer.decides or viewer.municipality_code == row.employer_code
    links = {
        "self": address(f"/rondes/{row.round_id}/matches/{row.id}"),
        "ronde": address(f"/rondes/{row.round_id}"),
    }
    if host and row.initiative:
        links["initiatief"] = address(f"/initiatieven/{row.initiative_id}")
    if employer and row.consultant:
        links["consultant"] = address(f"/consultants/{row.consultant_id}")
    return {
        "id": row.id,
        "status": MATCH_STATES[row.state],
        "initiatief": {
            "id": row.initiative_id,
            "naam": row.initiative,
            "thema": row.theme,
            "plaats": {"naam": row.place} if row.place is not None else None,
        },
        "gemeente": municipality(row.municipality_code, row.municipality),
        "ontvanger": {"naam": row.host_name, "email": row.host_email, "uren": row.host_hours},
        "consultant": {
            "id": row.consultant_id,
            "naam": row.consultant,
            "functie": row.consultant_function,
            "email": row.consultant_email,
        },
        "werkgever": municipality(row.employer_code, row.employer_municipality),
        "uren": row.half_hours,
        "eerste_dag": row.first_day,
        "laatste_dag": row.last_day,
        "redenen": _reasons(row.reasons),
        "antwoorden": [
            {
                "partij": PARTIES[party],
                "akkoord": row.answers[party].agrees,
                "toelichting": row.answers[party].reason,
                "gegeven_op": row.answers[party].at,
            }
            for party in Party
            if party in row.answers and party in PARTIES
        ],
        "wacht_op": [PARTIES[party] for party in row.waits_for],
        "voorgesteld_op": row.proposed_at,
        "begonnen_op": row.deployed_on,
        "bezoek_op": row.visit_on,
        "aanbevelingen": row.recommendations,
        "bestede_uren": row.spent,
        "geeindigd_op": row.ended_at,
        "versie": row.version,
        "links": links,
    }


#: Reason as it is kept -> its name here.
REASONS = {
    "shared": "expertise",
    "theme": "thema_bekend",
    "times": "eerdere_opdrachten",
    "km": "kilometers",
}


def _reasons(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: kept[key] for key, name in REASONS.items() if kept.get(key) is not None}
