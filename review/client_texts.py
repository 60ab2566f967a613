"""Words about programs that use the API: what each scope allows, and what can be wrong with a new one."""

from typing import Any

from flask_babel import lazy_gettext as _l

from models.store.api_clients import MOST, NAME_MAX
from models.words import Scope

#: What each scope allows; the document of the API says it in these words too.
SCOPES: dict[Scope, Any] = {
    Scope.LEADS_READ: _l("Signalen lezen"),
    Scope.LEADS_DECIDE: _l("Besluiten nemen over signalen"),
    Scope.INITIATIVES_READ: _l("Initiatieven in het register lezen"),
    Scope.INITIATIVES_WRITE: _l("Initiatieven toevoegen en wijzigen"),
    Scope.SHARES_READ: _l("Delingen lezen"),
    Scope.SHARES_ANSWER: _l("Antwoorden op delingen"),
    Scope.SOURCES_READ: _l("Bronnen en hun toestand lezen"),
    Scope.ITEMS_WRITE: _l("Berichten inbrengen"),
    Scope.ROUNDS_READ: _l("Rondes, matches en consultants lezen"),
    Scope.ROUNDS_WRITE: _l("Consultants bijhouden, rondes samenstellen en antwoorden op matches"),
}

#: Field and word of models.store.api_clients.InvalidClientError -> what to do.
PROBLEMS: dict[tuple[str, str], Any] = {
    ("name", "empty"): _l("Vul in hoe het programma heet."),
    ("name", "too_long"): _l("Maak de naam korter: hoogstens %(most)s tekens.", most=NAME_MAX),
    ("name", "taken"): _l("Er is al een programma met deze naam. Kies een andere."),
    ("name", "too_many"): _l("Er zijn al %(most)s programma’s. Trek er eerst een in.", most=MOST),
    ("scopes", "empty"): _l("Kies minstens één ding dat het programma mag."),
    ("scopes", "not_fitting"): _l("Dit past niet bij het account of de gemeente. Kies uit wat er staat."),
    ("municipality", "unknown"): _l("Deze gemeente is er niet. Kies er een uit de lijst."),
}
