"""What the API says of entries of the register, and what it takes."""

from marshmallow import Schema, fields, validate

from models.words import Informed
from review.api.fields import Address, Day, Flag, Moment, Several, Text, Whole, Word
from review.api.names import INFORMED, PHASES
from review.api.paging import Paged, SelfLink, page_of
from review.api.schemas import LARGEST, Code, GemeenteNaam, PlaatsNaam, told
from review.api.schemas_decisions import InitiatiefTekst


class InitiatiefLinks(SelfLink):
    """Where an entry is, and the lead it came from."""

    signaal = fields.Nested(Address)


class Initiatief(Schema):
    """One entry. Of another municipality's only what is required stands there, and the first few fields."""

    id = fields.Integer(required=True, metadata=told("Vast nummer; verandert nooit.", 7))
    beperkt = fields.Boolean(
        required=True,
        metadata=told("Een initiatief van een andere gemeente: alleen wat anderen mogen zien."),
    )
    vervallen = fields.Boolean(
        required=True,
        metadata=told(
            "Staat niet (meer) in het register, of past niet bij de keuzes; alle andere velden ontbreken."
        ),
    )
    naam = fields.String(metadata=told("Naam."))
    gemeente = fields.Nested(GemeenteNaam, metadata=told("De gemeente."))
    plaats = fields.Nested(PlaatsNaam, allow_none=True, metadata=told("Plaats, wijk of buurt."))
    thema = fields.String(allow_none=True, metadata=told("Thema.", "groen"))
    fase = fields.String(
        validate=validate.OneOf(list(PHASES.values())), metadata=told("Hoe ver het is.", "gesignaleerd")
    )
    link = fields.String(metadata=told("Waar erover te lezen is; kan leeg zijn."))
    samenvatting = fields.String(metadata=told("In eigen woorden van het netwerk of de gemeente."))
    vraag = fields.String(metadata=told("De vraag om hulp; kan leeg zijn."))
    meer_links = fields.List(
        fields.String(), data_key="meerLinks", metadata=told("Meer adressen waar erover te lezen is.")
    )
    contact = fields.String(metadata=told("Contact via de organisatie; kan leeg zijn."))
    expertise = fields.List(
        fields.String(), metadata=told("Gevraagde kennis.", ["vergunningen", "subsidies"])
    )
    uren = fields.Integer(allow_none=True, metadata=told("Geschatte uren; null is: niet geschat.", 40))
    goedgekeurd = fields.Boolean(
        metadata=told("Andere gemeenten mogen er een deel van zien: naam, thema, fase, plaats en link.")
    )
    geinformeerd = fields.String(
        validate=validate.OneOf([INFORMED[one] for one in Informed]),
        metadata=told("Of de mensen van het initiatief weten dat het in het register staat.", "gedaan"),
    )
    geinformeerd_op = Day(
        data_key="geinformeerdOp", allow_none=True, metadata=told("Sinds welke dag zij dat weten.")
    )
    signaal_id = fields.Integer(
        data_key="signaalId", allow_none=True, metadata=told("Het signaal waar het uit komt.", 12)
    )
    opgenomen_op = Moment(data_key="opgenomenOp", metadata=told("Wanneer het in het register kwam."))
    gewijzigd_op = Moment(data_key="gewijzigdOp", metadata=told("Wanneer het voor het laatst veranderde."))
    versie = fields.Integer(metadata=told("Telt de wijzigingen.", 1))
    wijziging = fields.Integer(
        metadata=told("Nummer van de laatste wijziging; deze nummers lopen over alle initiatieven op.", 205)
    )
    links = fields.Nested(InitiatiefLinks, data_key="_links", required=True)


class InitiatievenFilter(Paged):
    """Which entries are asked for."""

    gemeente = Code(metadata=told("Code van het CBS. Een onbekende code geeft een lege lijst.", "GM0202"))
    thema = Text(40, 1, metadata=told("Thema.", "groen"))
    fase = Word(PHASES.values(), metadata=told("Hoe ver het is.", "gesignaleerd"))
    zoek = Text(100, 1, metadata=told("Woorden die erin staan.", "buurttuin"))
    expertise = Text(40, 1, metadata=told("Gevraagde kennis.", "vergunningen"))
    goedgekeurd = Flag(metadata=told("Alleen wat anderen wel, of juist niet mogen zien.", True))
    beperkt = Flag(
        load_default=False,
        metadata=told(
            "In plaats van de eigen initiatieven die van andere gemeenten, met weinig velden. Wijzigingen "
            "daarvan zijn er niet."
        ),
    )
    gewijzigd_na = Whole(
        0,
        LARGEST,
        data_key="gewijzigdNa",
        metadata=told(
            "Alles wat na deze wijziging veranderde, ook wat verviel, op volgorde van wijziging; 0 is vanaf "
            "het begin. Ga verder met volgendeWijziging.",
            0,
        ),
    )


InitiatievenPagina = page_of(
    Initiatief,
    "InitiatievenPagina",
    volgende_wijziging=fields.Integer(
        data_key="volgendeWijziging",
        metadata=told("Alleen met gewijzigdNa: geef dit de volgende keer op in gewijzigdNa.", 205),
    ),
)


class InitiatiefNieuw(InitiatiefTekst):
    """An entry to be made."""

    gezien = Several(
        Whole(1, LARGEST),
        50,
        metadata=told("Nummers van initiatieven die erop lijken en die u zag.", [7]),
    )


class InitiatiefWijziging(InitiatiefTekst):
    """An entry as it is to be. Texts that are left out become empty."""

    fase = Word(PHASES.values(), metadata=told("Hoe ver het is; weglaten is: blijft zo.", "inContact"))
    goedgekeurd = Flag(
        metadata=told("Andere gemeenten mogen er een deel van zien; weglaten is: blijft zo.", True)
    )
