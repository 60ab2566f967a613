"""What the API says of consultants, and what it takes; and a consultant as these shapes hold it."""

from typing import Any

from marshmallow import Schema, fields

from models.store.consultant_drafts import LIMITS, RANGES
from models.store.consultants_list import ConsultantRow
from review.api.fields import Closed, Day, Flag, Hours, Moment, Several, Text, Whole
from review.api.paging import Paged, SelfLink, address, page_of
from review.api.schemas import Code, GemeenteNaam, Plaats, municipality, place, told

#: Most themes, kinds of expertise and languages in one request; the lists of them are shorter.
MOST_WORDS = 50


class ThemaErvaring(Schema):
    """A theme, and how often somebody worked on it."""

    thema = fields.String(required=True, metadata=told("Thema.", "groen"))
    opdrachten = fields.Integer(
        required=True, metadata=told("In hoeveel eerdere opdrachten; 0 is: bekend, nog niet gedaan.", 2)
    )


class Consultant(Schema):
    """One consultant: a civil servant whom the own municipality lends out."""

    id = fields.Integer(required=True, metadata=told("Vast nummer.", 5))
    gemeente = fields.Nested(GemeenteNaam, required=True, metadata=told("De werkgever."))
    naam = fields.String(required=True, metadata=told("Naam.", "Kim Voorbeeld"))
    email = fields.String(required=True, metadata=told("E-mailadres van het werk.", "kim@arnhem.example"))
    functie = fields.String(required=True, metadata=told("Functie; kan leeg zijn."))
    expertise = fields.List(
        fields.String(), required=True, metadata=told("Kennis.", ["vergunningen", "subsidies"])
    )
    themas = fields.List(fields.Nested(ThemaErvaring), required=True, metadata=told("Bekende thema’s."))
    talen = fields.List(fields.String(), required=True, metadata=told("Talen.", ["nl", "fy"]))
    ervaring = fields.String(required=True, metadata=told("In eigen woorden; kan leeg zijn."))
    uren = Hours(*RANGES["half_hours"], required=True, metadata=told("Uren in de hele periode.", 40))
    vanaf = Day(
        data_key="vanafDag",
        required=True,
        allow_none=True,
        metadata=told("Eerste dag van de periode; null is: vanaf nu."),
    )
    tot_en_met = Day(
        data_key="totEnMet",
        required=True,
        allow_none=True,
        metadata=told("Laatste dag van de periode; null is: zonder einde."),
    )
    max_opdrachten = fields.Integer(
        data_key="maxOpdrachten", required=True, metadata=told("Hoogste aantal opdrachten tegelijk.", 2)
    )
    reisafstand_km = fields.Integer(
        data_key="reisafstandKm",
        required=True,
        allow_none=True,
        metadata=told("Reisafstand in kilometers; null is: maakt niet uit.", 50),
    )
    vertrekplaats = fields.Nested(
        Plaats,
        required=True,
        allow_none=True,
        metadata=told("Waar het reizen begint; null is: het midden van de gemeente."),
    )
    akkoord_naam = fields.String(
        data_key="akkoordNaam", required=True, metadata=told("Wie bij de werkgever akkoord geeft.")
    )
    akkoord_email = fields.String(
        data_key="akkoordEmail", required=True, metadata=told("E-mailadres van wie akkoord geeft.")
    )
    beschikbaar = fields.Boolean(required=True, metadata=told("Kan voor nieuwe rondes worden gevraagd."))
    versie = fields.Integer(required=True, metadata=told("Telt de wijzigingen.", 1))
    toegevoegd_op = Moment(data_key="toegevoegdOp", required=True, metadata=told("Wanneer toegevoegd."))
    gewijzigd_op = Moment(
        data_key="gewijzigdOp", required=True, metadata=told("Wanneer het laatst gewijzigd.")
    )
    links = fields.Nested(SelfLink, data_key="_links", required=True)


class ConsultantsFilter(Paged):
    """Which consultants are asked for."""

    gemeente = Code(metadata=told("Code van het CBS. Een onbekende code geeft een lege lijst.", "GM0202"))
    expertise = Text(40, 1, metadata=told("Kennis.", "vergunningen"))
    thema = Text(40, 1, metadata=told("Bekend thema.", "groen"))
    beschikbaar = Flag(
        metadata=told("Alleen wie voor nieuwe rondes kan worden gevraagd, of juist niet.", True)
    )
    vanaf = Day(
        data_key="vanafDag",
        metadata=told("Alleen van wie de periode op of na deze dag nog een dag heeft.", "2027-01-11"),
    )
    tot_en_met = Day(
        data_key="totEnMet",
        metadata=told("Alleen van wie de periode op of vóór deze dag al een dag heeft.", "2027-06-30"),
    )


ConsultantsPagina = page_of(Consultant, "ConsultantsPagina")


class ThemaKeuze(Closed):
    """A theme that somebody knows."""

    thema = Text(40, 1, required=True, metadata=told("Thema.", "groen"))
    opdrachten = Whole(*RANGES["themes"], load_default=0, metadata=told("In hoeveel eerdere opdrachten.", 2))


class ConsultantWijziging(Closed):
    """What is to be otherwise; what is left out stays as it is."""

    naam = Text(LIMITS["name"], filled=True, metadata=told("Naam.", "Kim Voorbeeld"))
    email = Text(
        LIMITS["email"],
        filled=True,
        metadata=told("E-mailadres van het werk.", "kim@arnhem.example", format="email"),
    )
    functie = Text(LIMITS["function"], metadata=told("Functie.", "Adviseur vergunningen"))
    expertise = Several(Text(40, 1), MOST_WORDS, 1, metadata=told("Kennis.", ["vergunningen"]))
    themas = Several(fields.Nested(ThemaKeuze), MOST_WORDS, metadata=told("Bekende thema’s, elk één keer."))
    talen = Several(Text(10, 1), MOST_WORDS, 1, metadata=told("Talen.", ["nl"]))
    ervaring = Text(LIMITS["experience"], metadata=told("In eigen woorden."))
    uren = Hours(*RANGES["half_hours"], metadata=told("Uren in de hele periode, in hele of halve uren.", 40))
    vanaf = Day(
        data_key="vanafDag",
        allow_none=True,
        metadata=told("Eerste dag van de periode; null is: vanaf nu.", "2027-01-11"),
    )
    tot_en_met = Day(
        data_key="totEnMet",
        allow_none=True,
        metadata=told("Laatste dag van de periode; null is: zonder einde.", "2027-06-30"),
    )
    max_opdrachten = Whole(
        *RANGES["most"], data_key="maxOpdrachten", metadata=told("Hoogste aantal opdrachten tegelijk.", 2)
    )
    reisafstand_km = Whole(
        *RANGES["radius_km"],
        data_key="reisafstandKm",
        allow_none=True,
        metadata=told("Reisafstand in kilometers; null is: maakt niet uit.", 50),
    )
    vertrekplaats = Text(
        150,
        allow_none=True,
        metadata=told(
            "Sleutel of naam van een plaats in de gemeente; leeg of null is: het midden van de gemeente.",
            "Klarendal",
        ),
    )
    akkoord_naam = Text(
        LIMITS["employer_name"],
        filled=True,
        data_key="akkoordNaam",
        metadata=told("Wie bij de werkgever akkoord geeft.", "Jo Voorbeeld"),
    )
    akkoord_email = Text(
        LIMITS["employer_email"],
        filled=True,
        data_key="akkoordEmail",
        metadata=told("E-mailadres van wie akkoord geeft.", "jo@arnhem.example", format="email"),
    )
    beschikbaar = Flag(metadata=told("Kan voor nieuwe rondes worden gevraagd.", True))


class ConsultantNieuw(ConsultantWijziging):
    """A consultant to be entered. What is left out is empty, Dutch, one assignment at once and available."""

    gemeente = Code(required=True, metadata=told("De werkgever: code van het CBS.", "GM0202"))

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Demand what nobody can be asked without."""
        field_obj.required = field_obj.required or field_name in NEEDED


#: Fields of a new consultant that can't be left out, besides the municipality.
NEEDED = ("naam", "email", "expertise", "uren", "akkoord_naam", "akkoord_email")


def consultant_shown(row: ConsultantRow) -> dict[str, Any]:
    """One consultant as :class:`Consultant` dumps it."""
    return {
        "id": row.id,
        "gemeente": municipality(row.municipality_code, row.municipality),
        "naam": row.name,
        "email": row.email,
        "functie": row.function,
        "expertise": list(row.expertise),
        "themas": [{"thema": theme, "opdrachten": count} for theme, count in row.themes.items()],
        "talen": list(row.languages),
        "ervaring": row.experience,
        "uren": row.half_hours,
        "vanaf": row.period_from,
        "tot_en_met": row.period_until,
        "max_opdrachten": row.most,
        "reisafstand_km": row.radius_km,
        "vertrekplaats": place(row.place_key, row.place),
        "akkoord_naam": row.employer_name,
        "akkoord_email": row.employer_email,
        "beschikbaar": row.available,
        "versie": row.version,
        "toegevoegd_op": row.added_at,
        "gewijzigd_op": row.updated_at,
        "links": {"self": address(f"/consultants/{row.id}")},
    }
