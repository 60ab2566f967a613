"""What the API says of leads and their items, and which ones can be asked for."""

from marshmallow import Schema, fields, validate

from review.api.fields import Address, Day, Moment, Text, Word
from review.api.names import LEAD_STATUSES, ORDERS
from review.api.paging import Paged, SelfLink, page_of
from review.api.schemas import Code, GemeenteNaam, Part, Plaats, told
from review.api.schemas_decisions import Besluit


class SignaalLinks(SelfLink):
    """Where a lead is, and what was made of it."""

    initiatief = fields.Nested(Address, metadata=told("Het initiatief in het register dat eruit voortkwam."))


class Signaal(Schema):
    """One lead as lists show it."""

    id = fields.Integer(required=True, metadata=told("Vast nummer.", 12))
    titel = fields.String(required=True, metadata=told("Titel; leeg nadat de inhoud is verwijderd."))
    fragment = fields.String(
        required=True,
        validate=validate.Length(max=150),
        metadata=told("De passage waarom dit een signaal is; hoogstens 150 tekens."),
    )
    gemeente = fields.Nested(
        GemeenteNaam, required=True, allow_none=True, metadata=told("De gemeente; null is: niet bekend.")
    )
    plaats = fields.Nested(
        Plaats, required=True, allow_none=True, metadata=told("Plaats, wijk of buurt; null is: niet bekend.")
    )
    thema = fields.String(required=True, allow_none=True, metadata=told("Thema.", "groen"))
    score = fields.Float(
        required=True,
        validate=validate.Range(0, 1),
        metadata=told("Hoe waarschijnlijk het een bewonersinitiatief is; ordent alleen.", 0.87),
    )
    status = fields.String(
        required=True,
        validate=validate.OneOf(list(LEAD_STATUSES.values())),
        metadata=told("Hoe het ermee staat.", "open"),
    )
    redenen = fields.List(
        fields.String(),
        required=True,
        metadata=told("Waarom dit een initiatief kan zijn, in woorden.", ["bewoners doen het werk"]),
    )
    gevonden_op = Moment(data_key="gevondenOp", required=True, metadata=told("Wanneer het signaal ontstond."))
    nieuwste_bericht_op = Moment(
        data_key="nieuwsteBerichtOp",
        required=True,
        allow_none=True,
        metadata=told("Wanneer het nieuwste bericht verscheen."),
    )
    aantal_berichten = fields.Integer(
        data_key="aantalBerichten", required=True, metadata=told("Aantal berichten.", 2)
    )
    uitgesteld_tot = Moment(
        data_key="uitgesteldTot",
        required=True,
        allow_none=True,
        metadata=told("Tot wanneer het is uitgesteld; null is: niet, of tot er nieuws is."),
    )
    inhoud_verwijderd = fields.Boolean(
        data_key="inhoudVerwijderd",
        required=True,
        metadata=told("De bewaartermijn is voorbij: titel, fragment en berichten zijn weg."),
    )
    versie = fields.Integer(
        required=True, metadata=told("Telt de wijzigingen; stuur deze mee met een besluit.", 3)
    )
    links = fields.Nested(SignaalLinks, data_key="_links", required=True)


class SignaalBericht(Schema):
    """One item of a lead."""

    url = fields.String(
        required=True, metadata=told("Adres; leeg als er geen is.", "https://krant.example/1")
    )
    bron = fields.String(required=True, metadata=told("Naam van de bron.", "Arnhemse Koerier"))
    titel = fields.String(required=True, metadata=told("Titel.", "Buurttuin aan de Kamperweg"))
    publicatie_datum = Day(
        data_key="publicatieDatum",
        required=True,
        allow_none=True,
        metadata=told("Dag waarop het verscheen; null is: niet bekend."),
    )


class SignaalGeheel(Signaal):
    """One lead with all there is of it."""

    berichten = fields.List(
        fields.Nested(SignaalBericht), required=True, metadata=told("De berichten, nieuwste eerst.")
    )
    besluiten = fields.List(
        fields.Nested(Besluit), required=True, metadata=told("De besluiten, oudste eerst.")
    )


class SignalenFilter(Paged):
    """Which leads are asked for."""

    gemeente = Code(metadata=told("Code van het CBS. Een onbekende code geeft een lege lijst.", "GM0202"))
    buurt = Text(
        80, 1, metadata=told("Sleutel van een plaats, wijk of buurt; wat erin ligt telt mee.", "cbs:WK020204")
    )
    thema = Text(40, 1, metadata=told("Thema.", "groen"))
    status = Word(LEAD_STATUSES.values(), load_default="open", metadata=told("Hoe het ermee staat.", "open"))
    score_vanaf = Part(data_key="scoreVanaf", metadata=told("Alleen deze score of hoger.", 0.5))
    bron = Text(100, 1, metadata=told("Sleutel van een bron waar een bericht uit komt.", "arnhemse-koerier"))
    nieuwste_bericht_vanaf = Day(
        data_key="nieuwsteBerichtVanaf",
        metadata=told("Alleen met een bericht van deze dag of later.", "2026-11-01"),
    )
    gevonden_vanaf = Day(
        data_key="gevondenVanaf", metadata=told("Alleen gevonden op deze dag of later.", "2026-11-01")
    )
    toegewezen_aan = Word(
        ("mij", "niemand"),
        data_key="toegewezenAan",
        metadata=told("Wie het in handen heeft; alleen voor programma’s van medewerkers.", "niemand"),
    )
    zoek = Text(100, 1, metadata=told("Woorden in titel, fragment, plaats en thema.", "buurttuin"))
    volgorde = Word(
        ORDERS.values(),
        load_default="gemengd",
        metadata=told(
            "Volgorde. Met zoek en gevondenVanaf is die altijd nieuwste, met scoreVanaf altijd score.",
            "score",
        ),
    )


SignalenPagina = page_of(Signaal, "SignalenPagina")
