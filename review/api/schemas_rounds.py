"""What the API says of matching rounds and what is in them, and what it takes."""

from typing import Any

from marshmallow import Schema, fields, validate

from models.store.rounds import RoundInitiativeRow, RoundView
from review.api.fields import Address, Closed, Day, Flag, Hours, Moment, Several, Whole, Word
from review.api.names import MATCH_STATES, METHODS, NOT_PUT_IN, ROUND_STATES
from review.api.paging import Paged, SelfLink, address, page_of
from review.api.schemas import LARGEST, Code, GemeenteNaam, PlaatsNaam, municipality, told

#: Most initiatives that are put into a round with one request.
AT_ONCE = 100
#: Bounds of sums of half hours: there are none.
SUM = (0, LARGEST)


class MatchesAantal(Schema):
    """How many matches there are in each state."""

    voorgesteld = fields.Integer(required=True, metadata=told("Wachten op een antwoord.", 3))
    akkoord = fields.Integer(required=True, metadata=told("Alle drie akkoord.", 1))
    afgewezen = fields.Integer(required=True, metadata=told("Iemand wilde niet.", 0))
    ingezet = fields.Integer(required=True, metadata=told("Het werk loopt.", 0))
    afgerond = fields.Integer(required=True, metadata=told("Klaar, met een bezoek ter afsluiting.", 0))
    gestopt = fields.Integer(required=True, metadata=told("Voortijdig gestopt.", 0))


class RondeAantallen(Schema):
    """What is in a round; what fell out does not count."""

    gemeenten = fields.Integer(required=True, metadata=told("Gemeenten die meekiezen.", 12))
    initiatieven = fields.Integer(required=True, metadata=told("Initiatieven.", 34))
    gekozen = fields.Integer(required=True, metadata=told("Gekozen initiatieven.", 20))
    consultants = fields.Integer(required=True, metadata=told("Consultants.", 26))
    uren_gevraagd = Hours(
        *SUM, data_key="urenGevraagd", required=True, metadata=told("Uren hulp die worden gevraagd.", 610)
    )
    uren_aangeboden = Hours(
        *SUM, data_key="urenAangeboden", required=True, metadata=told("Uren van de consultants.", 845.5)
    )
    matches = fields.Nested(
        MatchesAantal, required=True, metadata=told("Matches; voor een gemeente alleen de eigen.")
    )


class RondeLinks(SelfLink):
    """Where a round is, and what is in it."""

    initiatieven = fields.Nested(Address, required=True)
    matches = fields.Nested(Address, required=True)


class Ronde(Schema):
    """One matching round."""

    id = fields.Integer(required=True, metadata=told("Vast nummer.", 3))
    naam = fields.String(required=True, metadata=told("Naam.", "Voorjaarsronde"))
    status = fields.String(
        required=True,
        validate=validate.OneOf(list(ROUND_STATES.values())),
        metadata=told("Hoe ver de ronde is.", "voorstellen"),
    )
    eerste_dag = Day(
        data_key="eersteDag", required=True, allow_none=True, metadata=told("Eerste dag van het werk.")
    )
    laatste_dag = Day(
        data_key="laatsteDag", required=True, allow_none=True, metadata=told("Laatste dag van het werk.")
    )
    methode = fields.String(
        required=True,
        validate=validate.OneOf(list(METHODS.values())),
        metadata=told("Hoe gemeenten samen kiezen: punten verdelen, of ja zeggen.", "punten"),
    )
    punten = fields.Integer(required=True, metadata=told("Punten die elke gemeente verdeelt.", 10))
    plaatsen = fields.Integer(
        required=True,
        allow_none=True,
        metadata=told("Hoeveel initiatieven er hoogstens worden gekozen; null is: alle met steun.", 20),
    )
    quorum = fields.Float(
        required=True,
        metadata=told("Welk deel van de gemeenten moet hebben gekozen, van 0 tot en met 1.", 0.5),
    )
    automatisch = fields.Boolean(
        required=True, metadata=told("Naast het koppelen met de hand wordt ook automatisch gekoppeld.")
    )
    gemaakt_op = Moment(data_key="gemaaktOp", required=True, metadata=told("Wanneer gemaakt."))
    vastgelegd_op = Moment(
        data_key="vastgelegdOp",
        required=True,
        allow_none=True,
        metadata=told("Wanneer is vastgelegd waarmee wordt gekoppeld."),
    )
    vingerafdruk = fields.String(
        required=True,
        metadata=told("SHA-256 van wat is vastgelegd, in hexadecimalen; leeg is: nog niet vastgelegd."),
    )
    gekoppeld_op = Moment(
        data_key="gekoppeldOp",
        required=True,
        allow_none=True,
        metadata=told("Wanneer het koppelen met de hand is gesloten."),
    )
    geeindigd_op = Moment(
        data_key="geeindigdOp", required=True, allow_none=True, metadata=told("Wanneer de ronde eindigde.")
    )
    aantallen = fields.Nested(RondeAantallen, required=True, metadata=told("Wat erin zit."))
    versie = fields.Integer(required=True, metadata=told("Telt de wijzigingen van de ronde zelf.", 5))
    links = fields.Nested(RondeLinks, data_key="_links", required=True)


class RondesFilter(Paged):
    """Which rounds are asked for."""

    status = Word(ROUND_STATES.values(), metadata=told("Hoe ver de ronde is.", "voorstellen"))


RondesPagina = page_of(Ronde, "RondesPagina")


class Ontvanger(Schema):
    """Whom the consultant meets at the municipality of an initiative."""

    naam = fields.String(required=True, metadata=told("Contactpersoon bij de gemeente; kan leeg zijn."))
    email = fields.String(required=True, metadata=told("E-mailadres van het werk; kan leeg zijn."))
    uren = fields.Integer(
        required=True, allow_none=True, metadata=told("Uren die de gemeente zelf vrijmaakt.", 8)
    )


class RondeInitiatiefLinks(Schema):
    """Which round it is in, and where it stands in the register, for who may read it there."""

    ronde = fields.Nested(Address, required=True)
    initiatief = fields.Nested(Address)


class RondeInitiatief(Schema):
    """One initiative in a round."""

    id = fields.Integer(required=True, metadata=told("Nummer van het initiatief.", 7))
    naam = fields.String(required=True, metadata=told("Naam.", "Buurttuin Klarendal"))
    gemeente = fields.Nested(GemeenteNaam, required=True, metadata=told("De gemeente van het initiatief."))
    plaats = fields.Nested(
        PlaatsNaam, required=True, allow_none=True, metadata=told("Plaats, wijk of buurt.")
    )
    thema = fields.String(required=True, allow_none=True, metadata=told("Thema.", "groen"))
    vraag = fields.String(required=True, metadata=told("De vraag om hulp; kan leeg zijn."))
    samenvatting = fields.String(required=True, metadata=told("In eigen woorden."))
    expertise = fields.List(
        fields.String(), required=True, metadata=told("Gevraagde kennis.", ["vergunningen"])
    )
    uren = Hours(*SUM, required=True, metadata=told("Uren hulp in deze ronde.", 40))
    taal = fields.String(required=True, metadata=told("Taal waarin het gesprek gaat.", "nl"))
    gekozen = fields.Boolean(
        required=True,
        allow_none=True,
        metadata=told("Of de gemeenten het samen kozen; null is: nog niet besloten."),
    )
    ingebracht_op = Moment(
        data_key="ingebrachtOp", required=True, metadata=told("Wanneer in de ronde gezet.")
    )
    uitgevallen_op = Moment(
        data_key="uitgevallenOp",
        required=True,
        allow_none=True,
        metadata=told("Wanneer het uit de ronde viel; null is: het doet mee."),
    )
    ontvanger = fields.Nested(
        Ontvanger,
        metadata=told("Wie de consultant ontvangt; alleen voor medewerkers en de eigen gemeente."),
    )
    links = fields.Nested(RondeInitiatiefLinks, data_key="_links", required=True)


class RondeInitiatievenFilter(Paged):
    """Which initiatives of a round are asked for."""

    gemeente = Code(metadata=told("Code van het CBS. Een onbekende code geeft een lege lijst.", "GM0202"))
    gekozen = Flag(metadata=told("Alleen wat is gekozen, of juist niet (of nog niet).", True))


RondeInitiatievenPagina = page_of(RondeInitiatief, "RondeInitiatievenPagina")


class InbrengInRonde(Closed):
    """What is put into a round."""

    initiatieven = Several(
        Whole(1, LARGEST),
        AT_ONCE,
        1,
        required=True,
        metadata=told("Nummers van initiatieven in het register.", [7, 8]),
    )


class Geweigerd(Schema):
    """An initiative that was not put in."""

    id = fields.Integer(required=True, metadata=told("Nummer van het initiatief.", 8))
    reden = fields.String(
        required=True,
        validate=validate.OneOf(list(NOT_PUT_IN.values())),
        metadata=told(
            "weg: niet in het register, of niet van de gemeente van dit programma. doetNietMee: de gemeente "
            "doet vandaag niet mee aan het netwerk.",
            "weg",
        ),
    )


class InRondeGezet(Schema):
    """What came of it."""

    toegevoegd = fields.List(fields.Integer(), required=True, metadata=told("Nu in de ronde gezet.", [7]))
    al_in_ronde = fields.List(
        fields.Integer(), data_key="alInRonde", required=True, metadata=told("Zat er al in.", [])
    )
    geweigerd = fields.List(
        fields.Nested(Geweigerd), required=True, metadata=told("Kon er niet in, en waarom niet.")
    )


def round_shown(row: RoundView) -> dict[str, Any]:
    """One round as :class:`Ronde` dumps it."""
    return {
        "id": row.id,
        "naam": row.name,
        "status": ROUND_STATES[row.state],
        "eerste_dag": row.first_day,
        "laatste_dag": row.last_day,
        "methode": METHODS[row.method],
        "punten": row.points,
        "plaatsen": row.places,
        "quorum": row.quorum,
        "automatisch": row.automatic,
        "gemaakt_op": row.created_at,
        "vastgelegd_op": row.frozen_at,
        "vingerafdruk": row.snapshot_hash,
        "gekoppeld_op": row.paired_at,
        "geeindigd_op": row.ended_at,
        "aantallen": {
            "gemeenten": row.municipalities,
            "initiatieven": row.initiatives,
            "gekozen": row.selected,
            "consultants": row.consultants,
            "uren_gevraagd": row.wanted,
            "uren_aangeboden": row.offered,
            "matches": {word: row.matches.get(state, 0) for state, word in MATCH_STATES.items()},
        },
        "versie": row.version,
        "links": {
            "self": address(f"/rondes/{row.id}"),
            "initiatieven": address(f"/rondes/{row.id}/initiatieven"),
            "matches": address(f"/rondes/{row.id}/matches"),
        },
    }


def put_in_shown(row: RoundInitiativeRow, *, known: bool) -> dict[str, Any]:
    """One initiative in a round as :class:`RondeInitiatief` dumps it.

    Args:
        known: it is for staff, or for its own municipality.
    """
    links = {"ronde": address(f"/rondes/{row.round_id}")}
    more: dict[str, Any] = {}
    if known:
        links["initiatief"] = address(f"/initiatieven/{row.initiative_id}")
        more["ontvanger"] = {"naam": row.host_name, "email": row.host_email, "uren": row.host_hours}
    return {
        "id": row.initiative_id,
        "naam": row.name,
        "gemeente": municipality(row.municipality_code, row.municipality),
        "plaats": {"naam": row.place} if row.place is not None else None,
        "thema": row.theme,
        "vraag": row.question,
        "samenvatting": row.summary,
        "expertise": row.expertise,
        "uren": row.half_hours,
        "taal": row.language,
        "gekozen": row.selected,
        "ingebracht_op": row.seeded_at,
        "uitgevallen_op": row.out_at,
        "links": links,
        **more,
    }
