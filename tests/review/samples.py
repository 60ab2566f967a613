"""A queue that looks like a real morning, for browser tests and pictures. All names are invented."""

from sqlalchemy.orm import Session

from models.words import LeadStatus
from tests.review.factories import evidence_of, make_item, make_lead, make_source

SOURCES = {
    "arnhemse-bode": "Arnhemse Bode",
    "rhedens-weekblad": "Rhedens Weekblad",
    "wijkkrant-presikhaaf": "Wijkkrant Presikhaaf",
    "renkum-vandaag": "Renkum Vandaag",
    "betuwe-nu": "Betuwe Nu",
    "duiven-post": "Duiven Post",
}

#: title, place, municipality, theme, score, days ago, sources, snippet, passages with reasons
LEADS = [
    (
        "Bewoners openen een deelkast met gereedschap in Presikhaaf",
        "Presikhaaf",
        "GM0202",
        "circulair",
        0.97,
        0.2,
        ["wijkkrant-presikhaaf", "arnhemse-bode", "betuwe-nu"],
        "Twaalf buren uit de Bethaniënstraat bouwden zelf een kast waaruit iedereen in de wijk "
        "gereedschap leent. Ze zoeken nog een droge plek.",
        [
            ("bouwden zelf een kast", "bewoners doen het werk", 2.1),
            ("Ze zoeken nog", "zoekt mensen, geld of ruimte", 1.2),
        ],
    ),
    (
        "Samen koken op donderdag in het oude schooltje van Velp",
        "Velp",
        "GM0275",
        "ontmoeting",
        0.94,
        1,
        ["rhedens-weekblad", "arnhemse-bode"],
        "Elke donderdag koken vrijwilligers voor wie niet alleen wil eten. Het schooltje kregen ze "
        "van de buurt in bruikleen.",
        [
            ("koken vrijwilligers", "vrijwilligers doen het werk", 1.9),
            ("van de buurt", "een plek van de buurt", 0.8),
        ],
    ),
    (
        "Dorpshuis Driel draait door dankzij inwoners",
        "Driel",
        "GM1734",
        "ontmoeting",
        0.91,
        2,
        ["betuwe-nu"],
        "Nu de beheerder stopt, nemen dertig inwoners van Driel het dorpshuis zelf over. Vanaf januari "
        "draaien zij de bar en de boekhouding.",
        [("nemen dertig inwoners van Driel het dorpshuis zelf over", "bewoners nemen iets over", 2.6)],
    ),
    (
        "Geveltuintjes in Klarendal: hele straat doet mee",
        "Klarendal",
        "GM0202",
        "groen",
        0.88,
        3,
        ["arnhemse-bode"],
        "Tegel eruit, plant erin: de bewoners van de Hommelstraat maakten zaterdag 41 geveltuintjes en "
        "delen nu ook hun regenton.",
        [("de bewoners van de Hommelstraat maakten", "bewoners doen het werk", 2.0)],
    ),
    (
        "Fietsvrijwilligers brengen ouderen naar de markt in Renkum",
        "Renkum",
        "GM0274",
        "mobiliteit",
        0.82,
        4,
        ["renkum-vandaag", "arnhemse-bode"],
        "Met twee opgeknapte duofietsen rijden vrijwilligers elke woensdag ouderen naar de markt. "
        "Er is plaats voor meer fietsers.",
        [("rijden vrijwilligers", "vrijwilligers doen het werk", 1.7)],
    ),
    (
        "Buurtbatterij voor De Laar krijgt vorm",
        "De Laar",
        "GM0202",
        "energie",
        0.76,
        5,
        ["arnhemse-bode"],
        "Een werkgroep van bewoners wil zonnestroom uit de wijk delen met een gezamenlijke batterij en "
        "houdt volgende week een avond.",
        [("Een werkgroep van bewoners wil", "een groep mensen begint iets", 1.5)],
    ),
    (
        "Moestuin achter de kerk zoekt nieuwe handen",
        "Duiven",
        "GM0226",
        "voedsel",
        0.71,
        6,
        ["duiven-post"],
        "De vrijwilligers van de moestuin geven hun oogst aan de voedselbank en zoeken versterking "
        "voor het voorjaar.",
        [("De vrijwilligers van de moestuin geven", "vrijwilligers doen het werk", 1.4)],
    ),
    (
        "Speeltuin Het Konijnenhol opgeknapt door ouders",
        "",
        "GM0226",
        "jeugd",
        0.64,
        8,
        ["duiven-post"],
        "Ouders schuurden en verfden drie zaterdagen lang. De gemeente betaalde het zand.",
        [
            ("Ouders schuurden en verfden", "bewoners doen het werk", 1.3),
            ("De gemeente betaalde", "de gemeente helpt mee", 0.4),
        ],
    ),
    (
        "Informatieavond over de nieuwe fietsroute",
        "Elst",
        "GM1734",
        "mobiliteit",
        0.41,
        2,
        ["betuwe-nu"],
        "De gemeente nodigt inwoners uit om mee te denken over de route. Bewoners kunnen zelf een "
        "voorstel doen.",
        [
            ("Bewoners kunnen zelf", "zelf en samen", 0.6),
            ("De gemeente nodigt inwoners uit", "de gemeente doet iets", -1.1),
        ],
    ),
]


def fill(session: Session) -> None:
    """Put the sample leads into the database; the caller commits."""
    for key, title in SOURCES.items():
        make_source(session, key, title)
    for title, place, municipality, theme, score, days, sources, snippet, passages in LEADS:
        evidence = [evidence_of(snippet, passage, reason, weight) for passage, reason, weight in passages]
        if score > 0.8:
            evidence.append({"reason": "gedaan door bewoners", "start": None, "end": None, "weight": 0.5})
        items = [
            make_item(
                session,
                title=title if number == 0 else f"{title.split(':')[0]} (vervolg)",
                text=snippet + " " + "Meer hierover leest u in de krant van morgen. " * 3,
                snippet=snippet,
                evidence=evidence,
                score=score - number / 50,
                source=source,
                age_days=days + number,
                municipality=municipality,
                theme=theme,
            )
            for number, source in enumerate(sources)
        ]
        make_lead(
            session,
            title=title,
            score=score,
            municipality=municipality,
            place=place,
            theme=theme,
            items=items,
            age_days=days,
        )
    make_lead(
        session, title="Braderie in het centrum", score=0.5, status=LeadStatus.REJECTED, theme="economie"
    )
