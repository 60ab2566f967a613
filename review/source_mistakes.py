"""What is wrong with a source that was filled in, beside its field: the words of ``check_source`` in Dutch.

A key names the setting as source files do; here it becomes the field of the form that holds it.
"""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from models.source_definition import DefinitionProblem

#: Setting of a source file -> field of the form.
FIELD_OF = {
    "key": "sleutel",
    "title": "titel",
    "url": "adres",
    "every": "hoe_vaak",
    "municipality": "gemeente",
    "article": "patroon",
    "expect": "minst",
    "expect.min": "minst",
    "expect.max": "meest",
    "terms": "voorwaarden",
    "terms.url": "voorwaarden",
    "terms.checked": "gelezen",
    "terms.basis": "grondslag",
    "terms.purpose": "doel",
}

#: Setting, words in the English sentence -> Dutch. The first that fits counts; empty words always do.
MISTAKES: tuple[tuple[str, str, Any], ...] = (
    ("key", "is missing", _l("Vul een sleutel in.")),
    ("key", "", _l("Gebruik kleine letters, cijfers en losse streepjes, bijvoorbeeld ‘de-koerier’.")),
    ("title", "", _l("Vul de naam van de bron in.")),
    ("url", "name and password", _l("Laat naam en wachtwoord uit het adres weg.")),
    ("url", "", _l("Vul een volledig adres in dat begint met https:// of http://.")),
    ("every", "", _l("Kies uit de lijst hoe vaak Scout langsgaat.")),
    ("municipality", "", _l("Kies een gemeente uit de lijst.")),
    ("article", "is missing", _l("Vul in waaraan Scout een artikel herkent, bijvoorbeeld /nieuws/.")),
    ("article", "", _l("Dit patroon klopt niet. Vul een deel van het adres in, bijvoorbeeld /nieuws/.")),
    ("expect", "exchange them", _l("Het laagste aantal is groter dan het hoogste. Verwissel ze.")),
    ("expect", "", _l("Vul een heel getal in, 0 of meer.")),
    ("expect.min", "", _l("Vul een heel getal in, 0 of meer.")),
    ("expect.max", "", _l("Vul een heel getal in, 0 of meer.")),
    ("terms.url", "name and password", _l("Laat naam en wachtwoord uit het adres weg.")),
    ("terms.url", "", _l("Vul het volledige adres van de voorwaarden in.")),
    ("terms.checked", "", _l("Vul de dag in waarop u de voorwaarden las.")),
    ("terms.basis", "", _l("Vul de grondslag uit de AVG in.")),
    ("terms.purpose", "", _l("Vul in waarvoor u deze bron volgt.")),
)

#: For what the form has no field of, such as the hashtag that was found.
OTHER = _l("Deze bron kan zo niet worden bewaard: %(key)s klopt niet. Zoek opnieuw met het adres.")


def by_field(problems: Sequence[DefinitionProblem]) -> dict[str, str]:
    """Field of the form -> what is wrong with it and what to do; the first mistake of each field."""
    found: dict[str, str] = {}
    for problem in problems:
        field = FIELD_OF.get(problem.key, "adres")
        found.setdefault(field, in_words(problem))
    return found


def in_words(problem: DefinitionProblem) -> str:
    """One mistake, in the visitor's language."""
    for key, words, dutch in MISTAKES:
        if key == problem.key and words in problem.message:
            return str(dutch)
    return str(OTHER) % {"key": problem.key}
