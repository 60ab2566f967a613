"""Words of feeds and webhooks: states, problems, kinds of events."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from models.store.channels import ChannelError, NotYourChannelError, TooManyChannelsError
from models.store.webhooks import Stopped
from models.words import DeliveryState, EventKind
from review.outgoing import SECONDS, Problem

#: What happened, in the list of what was sent.
EVENTS: dict[EventKind, Any] = {
    EventKind.SHARE_OFFERED: _l("deling aangeboden"),
    EventKind.SHARE_CHANGED: _l("deling gewijzigd"),
    EventKind.SHARE_WITHDRAWN: _l("deling ingetrokken"),
    EventKind.INITIATIVE_ENTERED: _l("initiatief opgenomen"),
    EventKind.INITIATIVE_CHANGED: _l("initiatief gewijzigd"),
    EventKind.INITIATIVE_WITHDRAWN: _l("initiatief vervallen"),
}

STATES: dict[DeliveryState, Any] = {
    DeliveryState.WAITING: _l("wacht"),
    DeliveryState.GIVEN_UP: _l("opgegeven"),
    DeliveryState.DELIVERED: _l("aangekomen"),
}

#: Why an address is refused, or nothing arrived.
PROBLEMS: dict[Problem, Any] = {
    Problem.ADDRESS: _l(
        "Dit is geen adres waar berichten heen kunnen. Het begint met https:// en heeft geen gebruikersnaam, "
        "wachtwoord of # erin."
    ),
    Problem.NOT_PUBLIC: _l(
        "Dit adres is van een besloten netwerk. Geef een adres dat op internet te bereiken is."
    ),
    Problem.PORT: _l(
        "Dit adres gebruikt een poort die niet mag. Alleen poort 443 (https) en 80 (http) mogen."
    ),
    Problem.INSECURE: _l("Dit adres is niet beveiligd. Geef een adres dat begint met https://."),
    Problem.UNKNOWN_NAME: _l("De naam in het adres bestaat niet."),
    Problem.CERTIFICATE: _l("Het certificaat van de ontvanger klopt niet."),
    Problem.CONNECTION: _l("De ontvanger is niet te bereiken, of brak de verbinding af."),
    Problem.TIMEOUT: _l("De ontvanger antwoordde niet binnen %(seconds)s seconden.", seconds=int(SECONDS)),
}

#: Why a webhook stopped by itself, and what to do.
STOPPED: dict[Stopped, Any] = {
    Stopped.GONE: _l(
        "De ontvanger antwoordde dat hij er niet meer is (410). Klopt dat niet? Hervat de webhook dan."
    ),
    Stopped.UNREADABLE: _l(
        "Het geheim is niet meer te lezen, omdat de sleutel van Scout is veranderd. Maak een nieuw geheim en "
        "hervat de webhook daarna."
    ),
}

#: Why a channel can't be made.
REFUSED: dict[type[ChannelError], Any] = {
    NotYourChannelError: _l("Kies een gemeente uit de lijst."),
    TooManyChannelsError: _l("Er zijn er al te veel. Haal er eerst een weg."),
}

#: Fields of the forms.
FIELDS: dict[str, Any] = {
    "gemeente": _l("Gemeente"),
    "name": _l("Naam"),
    "ontvanger": _l("Adres van de ontvanger"),
    "van": _l("Vanaf"),
    "tot": _l("Tot en met"),
}


def problem_words(word: str, status: int | None) -> str:
    """Why a try failed, in one sentence; empty = it did not.

    Args:
        word: a :class:`Problem`, a :class:`Stopped`, or ``status``, as deliveries keep it.
        status: of the answer.
    """
    if word in set(Problem):
        return str(PROBLEMS[Problem(word)])
    if word in set(Stopped):
        return str(STOPPED[Stopped(word)])
    if word and status is not None and 300 <= status < 400:
        return str(
            gettext("De ontvanger verwees door (status %(status)s). Dat volgen we niet.", status=status)
        )
    if word and status is not None:
        return str(gettext("De ontvanger antwoordde met status %(status)s.", status=status))
    return ""
