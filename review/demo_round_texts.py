"""Who and what is in the sample rounds of ``make demo``; everything in them is invented."""

ARNHEM, RHEDEN, OVERBETUWE = "GM0202", "GM0275", "GM1734"
#: Municipalities that take part, with the address of whoever answers for them; the demo signs in as Arnhem's.
OFFICERS = {RHEDEN: "rheden@voorbeeld.example", OVERBETUWE: "overbetuwe@voorbeeld.example"}
#: Name, municipality, theme, expertise, hours of help, what is asked.
INITIATIVES = (
    ("Buurtmoestuin De Spade", ARNHEM, "groen", ("groenbeheer",), 12, "Welke grond mogen wij gebruiken?"),
    ("Wijkkeuken Aan Tafel", ARNHEM, "zorg", ("subsidies",), 10, "Welke subsidie past bij ons?"),
    ("Zonnedak Dorpshuis", RHEDEN, "energie", ("juridisch",), 16, "Hoe richten wij een coöperatie op?"),
    ("Speelbos Kruipdoor", RHEDEN, "jeugd", ("groenbeheer",), 8, "Wie onderhoudt straks de bomen?"),
    ("Repaircafé Driel", OVERBETUWE, "circulair", ("communicatie",), 6, "Hoe bereiken wij meer mensen?"),
    ("Deelauto in het dorp", OVERBETUWE, "mobiliteit", ("juridisch",), 14, "Welke afspraken zijn er nodig?"),
)
#: Name, municipality, function, expertise, theme -> assignments before, hours, most at once. All invented.
CONSULTANTS: tuple[tuple[str, str, str, tuple[str, ...], dict[str, int], int, int], ...] = (
    ("Ans Arnhem (voorbeeld)", ARNHEM, "Jurist", ("juridisch",), {"energie": 2}, 40, 2),
    ("Ben Arnhem (voorbeeld)", ARNHEM, "Adviseur groen", ("groenbeheer",), {"jeugd": 1}, 24, 2),
    ("Roos Rheden (voorbeeld)", RHEDEN, "Adviseur subsidies", ("subsidies",), {"zorg": 3}, 30, 2),
    ("Rik Rheden (voorbeeld)", RHEDEN, "Communicatieadviseur", ("communicatie",), {}, 16, 1),
    ("Oda Overbetuwe (voorbeeld)", OVERBETUWE, "Beheerder groen", ("groenbeheer",), {"groen": 2}, 32, 2),
)
#: Which consultant each initiative of the first round gets.
PAIRS = ((0, 4), (1, 2), (2, 0))
CHOSEN, NEXT = "Najaarsronde (voorbeeld)", "Voorjaarsronde (voorbeeld)"
LESSON = "Spreek in de eerste week af wie welke vergunning aanvraagt. Dat scheelde hier veel wachten."
RECOMMENDATIONS = "Maak het gebruik van de grond voor vijf jaar vast, en kies een vaste dag voor het beheer."
