"""Words on screen of accounts, in Dutch; the catalogue holds the English."""

from flask_babel import lazy_gettext as _l

from models.store.accounts import NAME_MAX, AccountProblem
from models.store.passwords import PASSWORD_MAX, PASSWORD_MIN, PasswordProblem
from models.words import Role

#: What a role is called, and what it may do.
ROLES = {
    Role.REVIEWER: (_l("Beoordelaar"), _l("beoordeelt signalen van alle gemeenten")),
    Role.MUNICIPALITY: (_l("Gemeente"), _l("ziet signalen en initiatieven van de eigen gemeente")),
    Role.PROJECT_LEADER: (_l("Projectleider"), _l("beoordeelt signalen en leidt de matchingrondes")),
    Role.ADMIN: (_l("Beheerder"), _l("beoordeelt signalen en beheert bronnen en accounts")),
    Role.PRIVACY_OFFICER: (
        _l("Functionaris gegevensbescherming"),
        _l("ziet het logboek, geen signalen"),
    ),
}

_LENGTH = _l("Een wachtwoord heeft %(least)s tot %(most)s tekens.", least=PASSWORD_MIN, most=PASSWORD_MAX)
PASSWORD_PROBLEMS = {
    PasswordProblem.SHORT: _LENGTH,
    PasswordProblem.LONG: _LENGTH,
    PasswordProblem.COMMON: _l("Dit wachtwoord gebruiken veel mensen. Kies een ander."),
    PasswordProblem.PATTERN: _l("Dit wachtwoord is een herhaling of een rijtje toetsen. Kies een ander."),
    PasswordProblem.PERSONAL: _l("Gebruik in het wachtwoord niet uw naam of e-mailadres."),
}

ACCOUNT_PROBLEMS = {
    AccountProblem.EMAIL: _l("Dit is geen e-mailadres. Schrijf het als naam@gemeente.nl."),
    AccountProblem.TAKEN: _l("Er is al een account met dit e-mailadres."),
    AccountProblem.ROLE: _l("Deze rol bestaat niet."),
    AccountProblem.NO_ROLE: _l("Kies ten minste één rol."),
    AccountProblem.MUNICIPALITY_MISSING: _l("Bij de rol Gemeente hoort een gemeente. Kies er een."),
    AccountProblem.MUNICIPALITY_UNKNOWN: _l("Deze gemeente bestaat niet."),
    AccountProblem.MUNICIPALITY_NEEDLESS: _l("Alleen bij de rol Gemeente hoort een gemeente."),
    AccountProblem.PASSWORD: _LENGTH,
    AccountProblem.NOBODY: _l("Dit account bestaat niet."),
    AccountProblem.CLOSED: _l("Dit account is gesloten."),
    AccountProblem.OPEN: _l("Dit account is al open."),
    AccountProblem.LAST_ADMIN: _l("Dit is de laatste beheerder. Geef eerst iemand anders de rol Beheerder."),
    AccountProblem.NAME: _l(
        "Een naam heeft hoogstens %(most)s tekens, zonder de tekens < en >.", most=NAME_MAX
    ),
    AccountProblem.PROVIDER: _l("Dit account meldt zich elders aan. De rollen komen daarvandaan."),
}

#: Problem -> field of the form beside which it is said.
FIELD_OF = {
    AccountProblem.EMAIL: "email",
    AccountProblem.TAKEN: "email",
    AccountProblem.ROLE: "roles",
    AccountProblem.NO_ROLE: "roles",
    AccountProblem.LAST_ADMIN: "roles",
    AccountProblem.PROVIDER: "roles",
    AccountProblem.MUNICIPALITY_MISSING: "municipality",
    AccountProblem.MUNICIPALITY_UNKNOWN: "municipality",
    AccountProblem.MUNICIPALITY_NEEDLESS: "municipality",
    AccountProblem.NAME: "name",
}

#: Fields of the forms about accounts.
ACCOUNT_FIELDS = {
    "email": _l("E-mailadres"),
    "name": _l("Naam"),
    "roles": _l("Rollen"),
    "municipality": _l("Gemeente"),
    "password": _l("Wachtwoord"),
    "repeat": _l("Wachtwoord nog een keer"),
}
