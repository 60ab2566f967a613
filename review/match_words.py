"""Matches in words: states, parties, why the two fit, and why one ended."""

from collections.abc import Mapping
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.labels import Labels
from models.store.match_mails import MailRow
from models.store.match_rows import AnswerRow, MatchRow
from models.words import MatchState, Party
from review.channel_texts import TROUBLES
from review.consultant_words import day_words, unknown
from review.mail_out import Trouble

STATES: dict[MatchState, Any] = {
    MatchState.PROPOSED: _l("voorgesteld"),
    MatchState.AGREED: _l("iedereen is akkoord"),
    MatchState.DECLINED: _l("afgewezen"),
    MatchState.DEPLOYED: _l("bezig"),
    MatchState.FINISHED: _l("afgerond"),
    MatchState.STOPPED: _l("gestopt"),
}
#: Colour of the badge, beside the words.
COLOURS: dict[MatchState, str] = {
    MatchState.PROPOSED: "new",
    MatchState.AGREED: "promoted",
    MatchState.DECLINED: "rejected",
    MatchState.DEPLOYED: "promoted",
    MatchState.FINISHED: "merged",
    MatchState.STOPPED: "rejected",
}
PARTIES: dict[Party, Any] = {
    Party.CONSULTANT: _l("consultant"),
    Party.EMPLOYER: _l("werkgever"),
    Party.HOST: _l("ontvangende gemeente"),
    Party.INITIATOR: _l("initiatiefnemer"),
}
#: Why a match ended, where the product itself ended it (``models.store.round_leavers``).
ENDED: dict[str, Any] = {
    "withdrawn": _l("Het initiatief staat niet meer in het register."),
    "removed": _l("De consultant doet niet meer mee."),
    "unavailable": _l("De consultant is niet meer beschikbaar."),
    "period": _l("De consultant is in deze periode niet beschikbaar."),
    "municipality_left": _l("Een van de gemeenten doet niet meer mee aan het netwerk."),
    "round_cancelled": _l("De ronde is gestopt."),
}

#: Kind of message -> its name (``review.match_mail.KINDS``).
MAILS: dict[str, Any] = {
    "verzoek": _l("vraag of het goed is"),
    "herinnering": _l("herinnering"),
    "akkoord": _l("bericht dat iedereen akkoord is"),
    "begonnen": _l("bericht dat het werk begint"),
    "gestopt": _l("bericht dat het niet doorgaat"),
    "evaluatie_start": _l("vragen bij de start"),
    "evaluatie_na_afloop": _l("vragen na afloop"),
    "evaluatie_half_jaar": _l("vragen na een half jaar"),
    "herinnering_start": _l("herinnering aan de vragen bij de start"),
    "herinnering_na_afloop": _l("herinnering aan de vragen na afloop"),
    "herinnering_half_jaar": _l("herinnering aan de vragen na een half jaar"),
}

#: What the log says was done with a match (``models.store.match_changes.DONE``).
LOGGED: dict[str, Any] = {
    "proposed": _l("voorgesteld"),
    "agreed": _l("iedereen is akkoord"),
    "declined": _l("afgewezen"),
    "deployed": _l("het werk begint"),
    "finished": _l("afgerond"),
    "stopped": _l("gestopt"),
}


def period(row: MatchRow) -> str:
    """When the work of the round is."""
    first, last = row.deployed_on or row.first_day, row.last_day
    if first and last and first <= last:
        return str(_("van %(start)s tot en met %(end)s", start=day_words(first), end=day_words(last)))
    if first:
        return str(_("vanaf %(start)s", start=day_words(first)))
    if last:
        return str(_("tot en met %(end)s", end=day_words(last)))
    return str(_("in overleg"))


def named(name: str) -> str:
    """The name of a consultant or initiative."""
    return name or unknown()


def title(row: MatchRow) -> str:
    """Who helps with what."""
    return str(_("%(who)s bij ‘%(what)s’", who=row.consultant or _("Consultant"), what=named(row.initiative)))


def what_now(row: MatchRow) -> str:
    """What happens next with a match, and who does it; empty = it is over."""
    if row.state is MatchState.PROPOSED:
        silent = ", ".join(str(PARTIES[party]) for party in row.waits_for)
        return str(_("Nu: wachten op antwoord van %(parties)s.", parties=silent))
    if row.state is MatchState.AGREED:
        return str(
            _(
                "Nu: spreek samen af wanneer het werk begint. De gemeente %(name)s of de projectleider vult"
                " die dag in.",
                name=row.municipality,
            )
        )
    if row.state is MatchState.DEPLOYED and row.deployed_on is not None:
        return str(
            _(
                "Het werk begint op %(day)s. Aan het eind bezoekt de consultant de gemeente. De gemeente"
                " %(name)s of de projectleider vult dan de aanbevelingen in.",
                day=day_words(row.deployed_on),
                name=row.municipality,
            )
        )
    return ""


def why_ended(row: MatchRow) -> str:
    """Why a match ended, in one sentence; empty = nobody said."""
    return str(ENDED.get(row.ended_why) or row.ended_why)


def why_they_fit(reasons: Mapping[str, Any], labels: Labels, theme: str | None) -> list[str]:
    """Why these two fit: short sentences, the weightiest first. What does not fit is not told here."""
    told = []
    if reasons.get("shared"):
        words = ", ".join(labels.expertise.get(slug, slug) for slug in reasons["shared"])
        told.append(_("Kennis die gevraagd is: %(words)s", words=words))
    if reasons.get("theme") and theme is not None:
        name = labels.themes.get(theme, theme)
        times = reasons.get("times") or 0
        if times:
            told.append(
                ngettext(
                    "%(num)s eerdere opdracht met het thema %(theme)s",
                    "%(num)s eerdere opdrachten met het thema %(theme)s",
                    times,
                    theme=name,
                )
            )
        else:
            told.append(_("Kent het thema %(theme)s", theme=name))
    if reasons.get("language") and reasons["language"] != "nl":
        name = labels.languages.get(reasons["language"], reasons["language"])
        told.append(_("Werkt in de taal van de vraag: %(name)s", name=name))
    if reasons.get("km") is not None:
        told.append(_("Afstand: %(km)s km (hemelsbreed)", km=format_decimal(reasons["km"])))
    return [str(words) for words in told]


def answer_words(answer: AnswerRow | None) -> str:
    """What a party said."""
    if answer is None:
        return str(_("nog geen antwoord"))
    return str(_("akkoord") if answer.agrees else _("niet akkoord"))


def mail_words(mail: MailRow) -> str:
    """What a message is about."""
    return str(MAILS.get(mail.kind, mail.kind))


def mail_problem(mail: MailRow) -> str:
    """Why a message was not sent, in one sentence; empty = nothing is wrong."""
    if not mail.problem:
        return ""
    word = mail.problem.split()[0]
    if word in set(Trouble):
        return str(TROUBLES[Trouble(word)])
    return str(_("Er is geen e-mailadres bekend."))
