"""Words on screen about digests by e-mail."""

from typing import Any

from flask_babel import lazy_gettext as _l

from models.store.channels import MOST
from models.store.digests import DigestProblem
from models.words import Rhythm
from review.mail_out import Trouble

#: How often, the usual choice first.
RHYTHMS = {Rhythm.WEEKLY: _l("elke week, op maandag"), Rhythm.DAILY: _l("elke dag")}

#: Why an address can't get a digest.
PROBLEMS: dict[DigestProblem, Any] = {
    DigestProblem.EMAIL: _l("Vul een e-mailadres in, zoals initiatieven@voorbeeld.nl."),
    DigestProblem.FOREIGN: _l(
        "Dit adres hoort niet bij uw gemeente. Kies een adres met dezelfde naam achter de @ als die van uw "
        "collega’s, of vraag het de projectleider."
    ),
    DigestProblem.LEFT: _l("Deze gemeente doet nu niet mee aan het netwerk en krijgt geen overzichten."),
    DigestProblem.FULL: _l("Er zijn al %(count)s adressen. Stop er eerst een.", count=MOST),
}

#: Why a mail was not sent.
TROUBLES: dict[Trouble, Any] = {
    Trouble.UNREACHABLE: _l("De mailserver is niet te bereiken."),
    Trouble.UNENCRYPTED: _l("De mailserver biedt geen beveiligde verbinding."),
    Trouble.SIGN_IN: _l("De mailserver accepteert onze naam en ons wachtwoord niet."),
    Trouble.BUSY: _l("De mailserver vraagt om het later opnieuw te proberen."),
    Trouble.REFUSED: _l("De mailserver weigert het bericht."),
    Trouble.RECIPIENT: _l("De mailserver weigert dit e-mailadres."),
    Trouble.LOST: _l("De verbinding viel weg tijdens het versturen."),
}


def problem_words(problem: str) -> str:
    """A problem as it is kept (``recipient 550``) in words; empty stays empty."""
    word, _, code = problem.partition(" ")
    if word not in set(Trouble):
        return ""
    words = str(TROUBLES[Trouble(word)])
    return f"{words} (code {code})" if code else words
