"""Examples in the document, made up."""

from typing import Any

ADDRESS = "https://scout.example.nl/api/v1"


def _at(path: str) -> dict[str, str]:
    return {"href": f"{ADDRESS}{path}"}


TOWN = {"code": "GM0202", "naam": "Arnhem"}
QUARTER = {"sleutel": "cbs:WK020204", "naam": "Klarendal"}

LEAD: dict[str, Any] = {
    "id": 12,
    "titel": "Buurttuin aan de Kamperweg",
    "fragment": "Bewoners van de Kamperweg leggen samen een tuin aan op een leeg stuk grond.",
    "gemeente": TOWN,
    "plaats": QUARTER,
    "thema": "groen",
    "score": 0.87,
    "status": "open",
    "redenen": ["bewoners doen het werk", "zoekt mensen, geld of ruimte"],
    "gevondenOp": "2026-11-21T06:30:00Z",
    "nieuwsteBerichtOp": "2026-11-21T05:00:00Z",
    "aantalBerichten": 2,
    "uitgesteldTot": None,
    "inhoudVerwijderd": False,
    "versie": 3,
    "_links": {"self": _at("/signalen/12")},
}

DECISION: dict[str, Any] = {
    "id": 31,
    "signaalId": 12,
    "soort": "afwijzen",
    "statusVoor": "open",
    "statusNa": "afgewezen",
    "gemaaktOp": "2026-11-21T09:15:00Z",
    "reden": "overheid",
    "teruggedraaid": False,
    "uitgesteldTot": None,
    "toelichting": "De gemeente legt deze tuin aan.",
    "door": "A. Voorbeeld",
    "draaitTerug": None,
    "initiatiefId": None,
    "bijNieuws": None,
    "_links": {"self": _at("/signalen/12/besluiten/31"), "signaal": _at("/signalen/12")},
}

WRITTEN: dict[str, Any] = {
    "naam": "Buurttuin Klarendal",
    "samenvatting": "Buren maken samen een tuin op een leeg stuk grond en onderhouden die zelf.",
    "gemeente": "GM0202",
    "plaats": "Klarendal",
    "thema": "groen",
    "vraag": "Wie helpt met de vergunning?",
    "link": "https://voorbeeld.example/tuin",
    "meerLinks": [],
    "contact": "Stichting De Tuin",
    "expertise": ["vergunningen"],
    "uren": 40,
}

INITIATIVE: dict[str, Any] = {
    "id": 7,
    "beperkt": False,
    "vervallen": False,
    "naam": WRITTEN["naam"],
    "samenvatting": WRITTEN["samenvatting"],
    "gemeente": TOWN,
    "plaats": QUARTER,
    "thema": "groen",
    "fase": "gesignaleerd",
    "vraag": WRITTEN["vraag"],
    "link": WRITTEN["link"],
    "meerLinks": [],
    "contact": WRITTEN["contact"],
    "expertise": ["vergunningen"],
    "uren": 40,
    "goedgekeurd": False,
    "geinformeerd": "nogTeDoen",
    "geinformeerdOp": None,
    "signaalId": 12,
    "opgenomenOp": "2026-11-21T09:20:00Z",
    "gewijzigdOp": "2026-11-21T09:20:00Z",
    "versie": 1,
    "wijziging": 205,
    "_links": {"self": _at("/initiatieven/7"), "signaal": _at("/signalen/12")},
}

SHARE: dict[str, Any] = {
    "id": 17,
    "titel": "Buurttuin Klarendal",
    "gemeente": TOWN,
    "plaats": {"naam": "Klarendal"},
    "thema": "groen",
    "link": "https://voorbeeld.example/tuin",
    "bericht": "Kent u dit initiatief al?",
    "status": "aangeboden",
    "aangebodenOp": "2026-11-21T09:20:00Z",
    "gezienOp": None,
    "antwoord": None,
    "antwoordOp": None,
    "antwoordDoor": None,
    "toelichting": "",
    "laterOp": None,
    "inContactOp": None,
    "geslotenOp": None,
    "uitkomst": None,
    "versie": 1,
    "_links": {"self": _at("/delingen/17"), "initiatief": _at("/initiatieven/7")},
}

HANDED_IN: dict[str, Any] = {
    "id": 44,
    "ingebrachtOp": "2026-11-22T10:00:00Z",
    "kanaal": "api",
    "url": "https://krant.example/buurttuin",
    "titel": "Buurttuin",
    "samenvatting": "Buren willen samen een tuin beginnen en zoeken grond.",
    "gemeente": "GM0202",
    "stand": "wacht",
    "reden": None,
    "_links": {"self": _at("/berichten/44")},
}

OFFERED: dict[str, Any] = {
    "gemeente": "GM0202",
    "naam": "Kim Voorbeeld",
    "email": "kim@arnhem.example",
    "functie": "Adviseur vergunningen",
    "expertise": ["vergunningen"],
    "themas": [{"thema": "groen", "opdrachten": 2}],
    "talen": ["nl"],
    "ervaring": "Begeleidde eerder twee buurttuinen.",
    "uren": 40,
    "vanafDag": "2027-01-11",
    "totEnMet": "2027-06-30",
    "maxOpdrachten": 2,
    "reisafstandKm": 50,
    "vertrekplaats": "Klarendal",
    "akkoordNaam": "Jo Voorbeeld",
    "akkoordEmail": "jo@arnhem.example",
    "beschikbaar": True,
}

CONSULTANT: dict[str, Any] = {
    "id": 5,
    **OFFERED,
    "gemeente": TOWN,
    "vertrekplaats": QUARTER,
    "versie": 1,
    "toegevoegdOp": "2026-11-22T10:00:00Z",
    "gewijzigdOp": "2026-11-22T10:00:00Z",
    "_links": {"self": _at("/consultants/5")},
}

ROUND: dict[str, Any] = {
    "id": 3,
    "naam": "Voorjaarsronde",
    "status": "voorstellen",
    "eersteDag": "2027-01-11",
    "laatsteDag": "2027-06-30",
    "methode": "punten",
    "punten": 10,
    "plaatsen": 20,
    "quorum": 0.5,
    "automatisch": True,
    "gemaaktOp": "2026-11-02T09:00:00Z",
    "vastgelegdOp": "2026-11-16T09:00:00Z",
    "vingerafdruk": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "gekoppeldOp": "2026-11-20T15:00:00Z",
    "geeindigdOp": None,
    "aantallen": {
        "gemeenten": 12,
        "initiatieven": 34,
        "gekozen": 20,
        "consultants": 26,
        "urenGevraagd": 610,
        "urenAangeboden": 845.5,
        "matches": {
            "voorgesteld": 3,
            "akkoord": 1,
            "afgewezen": 0,
            "ingezet": 0,
            "afgerond": 0,
            "gestopt": 0,
        },
    },
    "versie": 5,
    "_links": {
        "self": _at("/rondes/3"),
        "initiatieven": _at("/rondes/3/initiatieven"),
        "matches": _at("/rondes/3/matches"),
    },
}

IN_ROUND: dict[str, Any] = {
    "id": 7,
    "naam": WRITTEN["naam"],
    "gemeente": TOWN,
    "plaats": {"naam": "Klarendal"},
    "thema": "groen",
    "vraag": WRITTEN["vraag"],
    "samenvatting": WRITTEN["samenvatting"],
    "expertise": ["vergunningen"],
    "uren": 40,
    "taal": "nl",
    "gekozen": True,
    "ingebrachtOp": "2026-11-03T09:00:00Z",
    "uitgevallenOp": None,
    "ontvanger": {"naam": "Jo Voorbeeld", "email": "jo@arnhem.example", "uren": 8},
    "_links": {"ronde": _at("/rondes/3"), "initiatief": _at("/initiatieven/7")},
}

MATCH: dict[str, Any] = {
    "id": 21,
    "status": "voorgesteld",
    "initiatief": {"id": 7, "naam": WRITTEN["naam"], "thema": "groen", "plaats": {"naam": "Klarendal"}},
    "gemeente": TOWN,
    "ontvanger": {"naam": "Jo Voorbeeld", "email": "jo@arnhem.example", "uren": 8},
    "consultant": {
        "id": 9,
        "naam": "Kim Voorbeeld",
        "functie": "Adviseur vergunningen",
        "email": "kim@rheden.example",
    },
    "werkgever": {"code": "GM0275", "naam": "Rheden"},
    "uren": 40,
    "eersteDag": "2027-01-11",
    "laatsteDag": "2027-06-30",
    "redenen": {
        "expertise": ["vergunningen"],
        "themaBekend": True,
        "eerdereOpdrachten": 2,
        "kilometers": 9.5,
    },
    "antwoorden": [
        {
            "partij": "consultant",
            "akkoord": True,
            "toelichting": "",
            "gegevenOp": "2026-11-21T10:00:00Z",
        }
    ],
    "wachtOp": ["werkgever", "ontvanger"],
    "voorgesteldOp": "2026-11-20T16:00:00Z",
    "begonnenOp": None,
    "bezoekOp": None,
    "aanbevelingen": "",
    "bestedeUren": None,
    "geeindigdOp": None,
    "versie": 2,
    "_links": {
        "self": _at("/rondes/3/matches/21"),
        "ronde": _at("/rondes/3"),
        "initiatief": _at("/initiatieven/7"),
    },
}
