"""What the API says of decisions on leads, and what it takes."""

from marshmallow import Schema, fields, validate

from models.store.decisions import NOTE_LIMIT
from models.store.drafts import HOURS, LIMITS, LINKS_LIMIT
from models.words import DecisionKind
from review.api.fields import Address, Closed, Day, Flag, Moment, Several, Text, Whole, Word
from review.api.names import DECISIONS, LEAD_STATUSES
from review.api.paging import SelfLink
from review.api.schemas import LARGEST, Code, told

#: Decisions that a program can take.
TAKEN = (
    DecisionKind.PROMOTE,
    DecisionKind.REJECT,
    DecisionKind.KNOWN,
    DecisionKind.SNOOZE,
    DecisionKind.UNDO,
)
_STATUSES = list(LEAD_STATUSES.values())


class BesluitLinks(SelfLink):
    """Where a decision is, and what it is about."""

    signaal = fields.Nested(Address, required=True)
    initiatief = fields.Nested(Address)


class Besluit(Schema):
    """One decision."""

    id = fields.Integer(required=True, metadata=told("Vast nummer.", 31))
    signaal_id = fields.Integer(
        data_key="signaalId", required=True, metadata=told("Nummer van het signaal.", 12)
    )
    soort = fields.String(
        required=True,
        validate=validate.OneOf(list(DECISIONS.values())),
        metadata=told("Wat er is besloten.", "afwijzen"),
    )
    status_voor = fields.String(
        data_key="statusVoor",
        required=True,
        validate=validate.OneOf(_STATUSES),
        metadata=told("Status van het signaal ervoor.", "open"),
    )
    status_na = fields.String(
        data_key="statusNa",
        required=True,
        validate=validate.OneOf(_STATUSES),
        metadata=told("En erna.", "afgewezen"),
    )
    gemaakt_op = Moment(data_key="gemaaktOp", required=True, metadata=told("Wanneer er is besloten."))
    reden = fields.String(
        required=True,
        allow_none=True,
        metadata=told("Reden van een afwijzing; die van terugdraaien alleen voor medewerkers.", "overheid"),
    )
    teruggedraaid = fields.Boolean(required=True, metadata=told("Een later besluit draaide dit terug."))
    uitgesteld_tot = Moment(
        data_key="uitgesteldTot",
        required=True,
        allow_none=True,
        metadata=told("Bij uitstellen: tot wanneer; null is: geen dag."),
    )
    toelichting = fields.String(metadata=told("Notitie; alleen voor medewerkers."))
    door = fields.String(metadata=told("Wie besloot; alleen voor medewerkers."))
    draait_terug = fields.Integer(
        data_key="draaitTerug",
        allow_none=True,
        metadata=told("Nummer van het besluit dat is teruggedraaid; alleen voor medewerkers."),
    )
    initiatief_id = fields.Integer(
        data_key="initiatiefId",
        allow_none=True,
        metadata=told("Nummer van het initiatief in het register; alleen voor medewerkers."),
    )
    bij_nieuws = fields.Boolean(
        data_key="bijNieuws",
        allow_none=True,
        metadata=told("Bij uitstellen: tot er nieuws is; alleen voor medewerkers."),
    )
    links = fields.Nested(BesluitLinks, data_key="_links", required=True)


class InitiatiefTekst(Closed):
    """What is written about an initiative."""

    naam = Text(LIMITS["name"], required=True, filled=True, metadata=told("Naam.", "Buurttuin Klarendal"))
    samenvatting = Text(
        LIMITS["summary"],
        required=True,
        filled=True,
        metadata=told(
            "In eigen woorden; tekst die uit een bron is overgenomen, wordt geweigerd.",
            "Buren maken samen een tuin op een leeg stuk grond.",
        ),
    )
    gemeente = Code(required=True, metadata=told("Code van het CBS.", "GM0202"))
    plaats = Text(
        150, allow_none=True, metadata=told("Sleutel of naam van een plaats in die gemeente.", "Klarendal")
    )
    thema = Text(40, allow_none=True, metadata=told("Thema.", "groen"))
    vraag = Text(LIMITS["question"], metadata=told("De vraag om hulp.", "Wie helpt met de vergunning?"))
    link = Text(LIMITS["link"], metadata=told("Waar erover te lezen is.", "https://voorbeeld.example/tuin"))
    meer_links = Several(
        Text(LIMITS["link"], 1),
        LINKS_LIMIT,
        data_key="meerLinks",
        metadata=told("Meer van zulke adressen.", ["https://tuin.example/"]),
    )
    contact = Text(
        LIMITS["contact"],
        metadata=told("Contact via de organisatie, nooit een privépersoon.", "Stichting De Tuin"),
    )
    expertise = Several(Text(40, 1), 50, metadata=told("Gevraagde kennis.", ["vergunningen"]))
    uren = Whole(*HOURS, allow_none=True, metadata=told("Geschatte uren; null is: niet geschat.", 40))


class BesluitVraag(Closed):
    """A decision to be taken."""

    soort = Word(
        [DECISIONS[kind] for kind in TAKEN],
        required=True,
        metadata=told("Wat er wordt besloten.", "afwijzen"),
    )
    versie = Whole(
        1,
        LARGEST,
        metadata=told(
            "Versie van het signaal zoals u het zag, of stuur de ETag in If-Match; niet bij terugdraaien.",
            3,
        ),
    )
    reden = Text(
        NOTE_LIMIT,
        metadata=told(
            "Bij afwijzen: een van de vaste redenen. Bij terugdraaien: in eigen woorden; verplicht als een "
            "ander besloot.",
            "overheid",
        ),
    )
    toelichting = Text(NOTE_LIMIT, metadata=told("Notitie voor collega’s; niet bij terugdraaien."))
    initiatief = fields.Nested(
        InitiatiefTekst, metadata=told("Bij opnemen: wat er in het register komt te staan.")
    )
    gezien = Several(
        Whole(1, LARGEST),
        50,
        metadata=told("Bij opnemen: nummers van initiatieven die erop lijken en die u zag.", [7]),
    )
    initiatief_id = Whole(
        1,
        LARGEST,
        data_key="initiatiefId",
        metadata=told("Bij alBekend: het initiatief waardoor het al bekend was.", 7),
    )
    tot_datum = Day(
        data_key="totDatum", metadata=told("Bij uitstellen: de dag waarop het terugkomt.", "2026-12-01")
    )
    bij_nieuws = Flag(
        data_key="bijNieuws",
        metadata=told("Bij uitstellen: het komt (ook) terug zodra er nieuws is.", True),
    )
    besluit_id = Whole(
        1,
        LARGEST,
        data_key="besluitId",
        metadata=told("Bij terugdraaien: het besluit dat wordt teruggedraaid.", 31),
    )
