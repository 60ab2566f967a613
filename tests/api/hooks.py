"""A check of our own for schemathesis, which runs this in the environment of the tools.

The document says what a field may hold. That a place lies in that municipality, that a day is still to come
or that two fields go together, no schema can say. Then the answer is 400 as well (API Design Rules,
invalid-input), and every mistake in it must be one of these; any other 400 for what fits the document is a
defect of one of the two.
"""

import json
import re
from typing import Any

import schemathesis

#: What no schema can say, as ``fouten`` says it.
BEYOND = re.compile(
    "|".join(
        (
            # There is no such thing, or not there.
            r"Deze plaats ligt niet in deze gemeente\..*",
            r"Deze gemeente is er niet\..*",
            r"Dit thema is er niet\.",
            r"Deze kennis staat niet in de lijst\.",
            r"Deze taal staat niet in de lijst\.",
            r"Kies een van: .*",
            r"Dit initiatief staat niet in het register\.",
            r"Dit is geen besluit over dit signaal\.",
            r"Deze gemeente heeft al een consultant met dit e-mailadres\.",
            # Of another day.
            r"Kies een dag na vandaag, .*",
            r"Dit is te lang geleden\.",
            r"Deze dag moet nog komen\..*",
            r"Deze dag ligt vóór vanafDag\..*",
            # Fields that go together, or not.
            r"Dit (?:kan niet|is verplicht) bij \w+\.",
            r"Dit kan alleen bij \w+\.",
            r"Noem de versie van (?:het signaal|de deling|de match), of stuur de ETag in If-Match\.",
            r"Noem een dag in totDatum, of zet bijNieuws op true, of beide\.",
            r"Dit kan alleen een programma van medewerkers vragen\.",
            r"Dit programma hoort bij een andere gemeente\..*",
            r"Dit thema staat er twee keer\.",
            r"Vul dit in: schrijf hoe u dit hebt gehoord\.",
            # Only spaces or stray characters, and addresses that only look like one.
            r"Vul dit in\.",
            r"Dit moet een e-mailadres zijn, zoals naam@gemeente\.nl\.",
            r"Dit moet een volledig adres zijn dat begint met https:// of http://\.",
            r"Dit adres is alleen binnen een eigen netwerk te bereiken\.",
            r"In dit adres staat de naam van een account\..*",
            r"Schrijf in eigen woorden wat er gebeurt, in een of twee zinnen\.",
            # Own words.
            r"Meer dan \d+ tekens achter elkaar staan ook in een bron: .*",
        )
    ),
    re.DOTALL,
)


@schemathesis.check
def what_fits_is_only_refused_for_what_no_schema_says(ctx: Any, response: Any, case: Any) -> None:
    """Fail for a 400 to data that fits the document, unless it tells of something beyond it."""
    meta = case.meta
    if response.status_code != 400 or meta is None or not meta.generation.mode.is_positive:
        return
    mistakes = json.loads(response.content).get("fouten", [])
    strange = [one for one in mistakes if not BEYOND.fullmatch(one["wat"])]
    assert mistakes, "400 without saying what is wrong"
    assert not strange, f"this fits the document, and is refused: {strange}"
