"""Names, house numbers and ways to reach a person, out of official texts."""

import time

import pytest

from scout.steps.persons import without_persons

OUT = [
    ("De heer J. Jansen vraagt een vergunning", "Iemand vraagt een vergunning"),
    ("mevrouw van Dijk-de Boer", "iemand"),
    ("namens mw. A.B. de Vries", "namens iemand"),
    ("De heer en mevrouw Bakker", "Iemand"),
    ("prof. dr. A. de Vries", "iemand"),
    ("familie Pietersen Dorpsstraat 12", "iemand Dorpsstraat"),
    ("Claudia Schipper over het zwembad", "iemand over het zwembad"),
    ("Jan-Willem de Groot", "iemand"),
    ("wethouder Jansen opent het dorpshuis", "wethouder opent het dorpshuis"),
    ("burgemeester Van Dijk opent", "burgemeester opent"),
    ("raadslid Pietje Puk (D66)", "raadslid (D66)"),
    ("Motie Schipper (CDA) en De Raad (SGP)", "Motie iemand (CDA) en De iemand (SGP)"),
    ("Stemmen voor: H. Timmermans (VVA)", "Stemmen voor: iemand (VVA)"),
    ("Inspreker Annie de Vries", "Inspreker"),
    ("Straatfeest Dorpsstraat 12", "Straatfeest Dorpsstraat"),
    ("Straatfeest Dorpsstraat 12-14", "Straatfeest Dorpsstraat"),
    ("Straatfeest Kerkstraat 3 t/m 7", "Straatfeest Kerkstraat"),
    ("Straatfeest Kerkstraat 12, 14 en 16a", "Straatfeest Kerkstraat"),
    ("Wilhelminapark 12 bis", "Wilhelminapark"),
    ("Grote Markt 5", "Grote Markt"),
    ("J.P. Coenstraat 14 in Arnhem", "J.P. Coenstraat in Arnhem"),
    ("Buurtfeest, Oosteinde 12, Assen", "Buurtfeest, Oosteinde, Assen"),
    ("evenement aan de Achterom 5 te Delft", "evenement aan de Achterom te Delft"),
    ("Dorpsstraat 12a, 6881AB Velp", "Dorpsstraat, Velp"),
    ("Het Laantje 3, 1234 AB Velp", "Het Laantje, Velp"),
    ("Velp (1234 AB)", "Velp"),
    ("mail j.jansen@voorbeeld.nl", "mail een e-mailadres"),
    ("bel 06-12345678", "bel een telefoonnummer"),
    ("bel (038) 123 45 67", "bel een telefoonnummer"),
    ("bel +31 6 12345678", "bel een telefoonnummer"),
    ("rekening NL91 ABNA 0417 1643 00", "rekening een rekeningnummer"),
]

STAYS = [
    "Burgemeester en wethouders van Zwolle",
    "college van Burgemeester en Wethouders van Den Haag",
    "Subsidieregeling bewonersinitiatieven 2026",
    "Jan van Galenstraat",
    "J.P. Coenstraat",
    "Dr. Schaepmanstraat",
    "Plein 1944 in Nijmegen",
    "Kermis Marktplein 2026",
    "Kermis Dorpsstraat 12 december",
    "Anna Paulowna",
    "Artikel 12, lid 3",
    "A. Inleiding\nB. Besluit",
    "B.V. De Boer en N.V. Nuon",
    "Right to Challenge: bewoners van de Kamperweg",
    "aanvrager Stichting Dorpshuis De Hoek",
    "initiatiefnemer wethouder Stichting Mooi Velp",
    "Motie GroenLinks over het buurthuis",
    "op 3 maart 2026 om 14.00 uur",
    "Beleidsregel 2026 EN meer",
    "zaaknummer Z-2026-004411",
    "",
]


@pytest.mark.parametrize(("text", "expected"), OUT)
def test_what_tells_of_a_person_goes(text: str, expected: str) -> None:
    found = without_persons(text)

    assert found == expected
    assert without_persons(found) == found


@pytest.mark.parametrize("text", STAYS)
def test_streets_places_offices_and_organisations_stay(text: str) -> None:
    assert without_persons(text) == text


def test_lines_stay_lines() -> None:
    assert (
        without_persons("Spreker: de heer Jansen\nOver het dorpshuis")
        == "Spreker: iemand\nOver het dorpshuis"
    )


@pytest.mark.parametrize(
    "piece", ["A ", "Jan ", "de ", "A. ", "straat 1 ", "0 1", "a@", "Jansen-", "van de ", "a", "1", "Aa’"]
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.process_time()

    without_persons(text)

    # A text of this length takes a tenth of a second; one that takes the square of it would take minutes.
    assert time.process_time() - began < 5
