"""The audit log in words: what was done, to what, and each field and value of before and after."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import format_date, format_decimal, gettext
from flask_babel import lazy_gettext as _l

from models.words import DecisionKind, Role, Verdict
from review import (
    client_texts,
    consultant_words,
    evaluation_words,
    lesson_words,
    match_words,
    register_words,
    round_choice_words,
    round_words,
    share_texts,
    texts,
)
from review.shown import labels, names

#: Action of the log -> what somebody did. The same keys as ``models.store.audit.ACTIONS``.
DEEDS = {
    "decide": _l("besloot over een signaal"),
    "undo": _l("maakte een besluit ongedaan"),
    "wake": _l("zette een uitgesteld signaal terug"),
    "assign": _l("wees een signaal toe"),
    "note": _l("schreef een notitie"),
    "second_look": _l("beoordeelde een signaal voor de tweede keer"),
    "account_add": _l("maakte een account"),
    "account_change": _l("veranderde een account"),
    "account_secure": _l("veranderde de beveiliging van een account"),
    "participation": _l("veranderde wanneer een gemeente meedoet"),
    "invite": _l("maakte of verwijderde een uitnodiging"),
    "sign_in": _l("meldde zich aan"),
    "sign_in_refused": _l("hield een aanmelding tegen"),
    "view": _l("veranderde een bewaarde weergave"),
    "source": _l("veranderde of bezocht een bron"),
    "withdraw": _l("haalde berichten weg"),
    "initiative": _l("veranderde een initiatief"),
    "share": _l("veranderde een deling"),
    "channel": _l("veranderde een kanaal"),
    "consultant": _l("veranderde een consultant"),
    "round": _l("veranderde een ronde"),
    "pairing": _l("veranderde een koppeling"),
    "match": _l("veranderde een match"),
    "report": _l("maakte een rapport"),
    "export": _l("haalde een bestand op"),
    "expire": _l("verwijderde oude regels uit dit logboek"),
}

#: Kind of object -> its name, before its number.
OBJECTS = {
    "lead": _l("signaal"),
    "initiative": _l("initiatief"),
    "account": _l("account"),
    "invitation": _l("uitnodiging"),
    "view": _l("weergave"),
    "municipality": _l("gemeente"),
    "source": _l("bron"),
    "objection": _l("bezwaar"),
    "share": _l("deling"),
    "digest": _l("e-mailoverzicht"),
    "feed": _l("feedadres"),
    "webhook": _l("webhook"),
    "client": _l("programma"),
    "consultant": _l("consultant"),
    "round": _l("ronde"),
    "match": _l("match"),
    "lesson": _l("les"),
    "report": _l("rapport"),
    "profiles": _l("profielen van bewoners"),
    "log": _l("logboek"),
}

#: Field of before and after -> its name.
FIELDS = {
    "account": _l("account"),
    "active": _l("open"),
    "answer": _l("antwoord"),
    "approved": _l("te zien voor andere gemeenten"),
    "assignee": _l("toegewezen aan"),
    "automatic": _l("ook automatisch koppelen"),
    "available": _l("beschikbaar"),
    "batch": _l("reeks"),
    "characters": _l("aantal tekens"),
    "code": _l("code van een app"),
    "consultant": _l("consultant"),
    "decision": _l("besluit"),
    "done": _l("wat"),
    "enabled": _l("aan"),
    "ending": _l("afloop"),
    "entries": _l("aantal regels"),
    "every": _l("hoe vaak (seconden)"),
    "fields": _l("gegevens"),
    "expertise": _l("kennis"),
    "filter": _l("filter"),
    "first_day": _l("eerste dag"),
    "forbidden": _l("verboden"),
    "format": _l("soort bestand"),
    "from": _l("vanaf"),
    "ground": _l("grondslag"),
    "hash": _l("controlegetal"),
    "hours": _l("uren"),
    "informed": _l("organisatie geïnformeerd"),
    "informed_on": _l("geïnformeerd op"),
    "initiative": _l("initiatief"),
    "invitation": _l("uitnodiging"),
    "items": _l("berichten"),
    "job": _l("automatisch koppelen gevraagd"),
    "job_done": _l("automatisch koppelen klaar"),
    "job_stopped": _l("automatisch koppelen gestopt"),
    "kind": _l("soort"),
    "languages": _l("talen"),
    "last_day": _l("laatste dag"),
    "later_on": _l("opnieuw vragen op"),
    "lead": _l("signaal"),
    "method": _l("manier van kiezen"),
    "most": _l("hoogste aantal opdrachten"),
    "minutes": _l("minuten"),
    "moment": _l("moment"),
    "municipality": _l("gemeente"),
    "name": _l("naam"),
    "note": _l("notitie"),
    "numbers": _l("nummers"),
    "other_lead": _l("ander signaal"),
    "pairing": _l("koppeling"),
    "party": _l("wie"),
    "passkey": _l("toegangssleutel"),
    "phase": _l("fase"),
    "pinned": _l("vastgezet"),
    "place_key": _l("plaats of wijk"),
    "password": _l("wachtwoord"),
    "places": _l("hoogste aantal gekozen"),
    "points": _l("punten"),
    "quorum": _l("deel dat moet kiezen"),
    "radius_km": _l("reisafstand (km)"),
    "reason": _l("reden"),
    "recovery_codes": _l("herstelcodes over"),
    "rhythm": _l("hoe vaak"),
    "roles": _l("rollen"),
    "scopes": _l("mag"),
    "second_look": _l("tweede blik"),
    "second_step": _l("tweede stap"),
    "sessions": _l("sessies"),
    "set_aside": _l("regels opzij gezet"),
    "shared": _l("gedeeld"),
    "snoozed_until": _l("uitgesteld tot"),
    "state": _l("stand"),
    "status": _l("status"),
    "theme": _l("thema"),
    "terms_checked": _l("voorwaarden bekeken op"),
    "undoes": _l("maakt ongedaan: besluit"),
    "until": _l("tot en met"),
    "verdict": _l("oordeel"),
    "visit_on": _l("afsluitend bezoek"),
    "wake_on_news": _l("terug bij nieuws"),
    "way": _l("manier"),
    "why": _l("waarom"),
    "withdrawn": _l("ingetrokken"),
}

#: Fields that hold the number of an account.
PERSONS = ("account", "assignee")

KINDS = {
    DecisionKind.PROMOTE: _l("opnemen"),
    DecisionKind.REJECT: _l("afwijzen"),
    DecisionKind.KNOWN: _l("al bekend"),
    DecisionKind.SNOOZE: _l("uitstellen"),
    DecisionKind.MERGE: _l("samenvoegen"),
    DecisionKind.SPLIT: _l("splitsen"),
    DecisionKind.UNDO: _l("ongedaan maken"),
}

ROLES = {
    Role.REVIEWER: _l("beoordelaar"),
    Role.MUNICIPALITY: _l("gemeente"),
    Role.PROJECT_LEADER: _l("projectleider"),
    Role.ADMIN: _l("beheerder"),
    Role.PRIVACY_OFFICER: _l("functionaris gegevensbescherming"),
}

#: Values that are words of our own, whatever the field.
WORDS: dict[str, Any] = {
    **share_texts.LOGGED,
    **{status.value: words for status, words in texts.STATUSES.items()},
    # Of a lead: gone at its source; of a share: taken back.
    "withdrawn": _l("weg of ingetrokken"),
    **{kind.value: words for kind, words in KINDS.items()},
    **{role.value: words for role, words in ROLES.items()},
    **{phase.value: words for phase, words in texts.PHASES.items()},
    **{scope.value: words for scope, words in client_texts.SCOPES.items()},
    **{informed.value: words for informed, words in register_words.INFORMED.items()},
    Verdict.INITIATIVE.value: _l("initiatief"),
    Verdict.NO_INITIATIVE.value: _l("geen initiatief"),
    "news": _l("er kwam nieuws"),
    "date": _l("de datum was daar"),
    "deleted at the source": _l("verwijderd bij de bron"),
    "objection": _l("bezwaar"),
    "url": _l("adres"),
    "domain": _l("domein"),
    **{state.value: words for state, words in round_words.STATES.items()},
    **{method.value: words for method, words in round_words.METHODS.items()},
    **{kind.value: words for kind, words in round_words.KINDS.items()},
    **{
        str(why): words
        for why, words in round_words.FELL_OUT.items()
        # These two have a word already.
        if why not in ("removed", "withdrawn")
    },
    **{moment.value: words for moment, words in evaluation_words.MOMENTS.items()},
    **{party.value: words for party, words in match_words.PARTIES.items()},
    **match_words.LOGGED,
    "evaluated": _l("vragen beantwoord"),
    "added": _l("toegevoegd"),
    "ended": _l("beëindigd"),
    "changed": _l("veranderd"),
    "removed": _l("weggehaald"),
    "past its term": _l("bewaartermijn voorbij"),
    "new secret": _l("nieuw geheim"),
    "paused": _l("op pauze"),
    "resumed": _l("niet meer op pauze"),
    "visit": _l("bezoek gevraagd"),
    "on": _l("aan"),
    "off": _l("uit"),
    "too many failures": _l("te vaak geprobeerd"),
    "password": _l("wachtwoord"),
    "passkey": _l("toegangssleutel"),
    "password and code": _l("wachtwoord en code van een app"),
    "password and passkey": _l("wachtwoord en toegangssleutel"),
    "password and recovery code": _l("wachtwoord en herstelcode"),
    "provider": _l("organisatieaccount"),
    "link in a mail": _l("link in een e-mail"),
    "ernaast": _l("naast het koppelen met de hand"),
    "herstel": _l("advies na een nee of vertrek"),
    "fell out": _l("uitgevallen"),
    "initiatives put in": _l("initiatieven erin"),
    "initiatives taken out": _l("initiatieven eruit"),
    "consultants put in": _l("consultants erin"),
    "consultants taken out": _l("consultants eruit"),
    "chosen together": _l("samen gekozen"),
    "choice closed": _l("kiezen gesloten"),
    "dagelijks": _l("elke dag"),
    "wekelijks": _l("elke week"),
}


def deed(action: str) -> str:
    """What somebody did; the word of the code where there is no other."""
    return str(DEEDS.get(action, action))


def thing(kind: str, number: str, people: Mapping[int, str]) -> str:
    """What it was done to: ``signaal 12``, ``account 3 (Bob)``."""
    named = f"{OBJECTS.get(kind, kind)} {number}".strip()
    if kind == "municipality":
        return f"{OBJECTS[kind]} {names().get(number, number)}"
    person = people.get(int(number)) if kind == "account" and number.isdecimal() else None
    return f"{named} ({person})" if person else named


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], people: Mapping[int, str]
) -> list[tuple[str, str, str]]:
    """Field, value before and value after, in words; empty = there was none.

    Args:
        people: number of an account -> name.
    """
    fields = [*before, *(name for name in after if name not in before)]
    return [
        (
            str(FIELDS.get(name, name)),
            _value(name, before.get(name), people) if name in before else "",
            _value(name, after.get(name), people) if name in after else "",
        )
        for name in fields
        if before.get(name) != after.get(name)
    ]


def _value(name: str, value: Any, people: Mapping[int, str]) -> str:
    if value is None or value in ("", []):
        return str(gettext("niemand") if name in PERSONS else gettext("niets"))
    if isinstance(value, bool):
        return str(gettext("ja") if value else gettext("nee"))
    if isinstance(value, list):
        return ", ".join(_value(name, one, people) for one in value)
    if name in PERSONS:
        return people.get(value, str(value))
    return str(SHOWN.get(name, _word)(value))


def _word(value: Any) -> Any:
    return WORDS.get(str(value), value)


def _day(text: str) -> str:
    try:
        return str(format_date(datetime.fromisoformat(text), "d MMMM yyyy"))
    except ValueError:
        return text


#: Names of fields of entries, consultants, lessons and rounds.
_WRITTEN = (
    register_words.NAMES,
    consultant_words.NAMES,
    lesson_words.NAMES,
    round_words.NAMES,
    round_choice_words.HOST_FIELDS,
    {"staff_body": _l("gezamenlijke ambtelijke organisatie")},
)
#: Fields whose values are no words of the list above -> how they are shown.
SHOWN: dict[str, Callable[[Any], Any]] = {
    "characters": format_decimal,
    "entries": format_decimal,
    # The whole one stands in the file.
    "hash": lambda value: f"{value[:12]}…",
    "municipality": lambda code: names().get(code, code),
    "fields": lambda name: next((part[name] for part in _WRITTEN if name in part), name),
    "expertise": lambda slug: labels("expertise").get(slug, slug),
    "languages": lambda slug: labels("languages").get(slug, slug),
    "hours": format_decimal,
    "place_key": register_words.SHOWN["place_key"],
    "theme": register_words.SHOWN["theme"],
    "informed_on": _day,
    "reason": lambda slug: labels("reasons").get(slug, slug),
    "from": _day,
    "until": _day,
    "snoozed_until": _day,
    "later_on": _day,
    "first_day": _day,
    "visit_on": _day,
    "last_day": _day,
}
