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
