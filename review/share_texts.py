"""Words on screen for shares: how they stand, what was answered, how they ended, what happened to them."""

from typing import Any

from flask_babel import format_date, format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.store.share_rules import Move, Why
from models.store.shares_history import ShareEvent
from models.store.shares_list import ShareRow
from models.words import Answer, Ending, ShareStatus

STATUSES = {
    ShareStatus.OFFERED: _l("aangeboden"),
    ShareStatus.SEEN: _l("gezien"),
    ShareStatus.ANSWERED: _l("beantwoord"),
    ShareStatus.IN_CONTACT: _l("in contact"),
    ShareStatus.CLOSED: _l("afgesloten"),
    ShareStatus.LAPSED: _l("geen antwoord"),
    ShareStatus.WITHDRAWN: _l("ingetrokken"),
}

#: What was answered, as others read it.
ANSWERS = {
    Answer.TAKEN_UP: _l("opgepakt"),
    Answer.KNOWN: _l("al bekend"),
    Answer.NOT_OURS: _l("niet van ons"),
    Answer.NO_INITIATIVE: _l("geen initiatief"),
    Answer.LATER: _l("later"),
}
#: The same on the buttons of who answers.
BUTTONS = {
    Answer.TAKEN_UP: _l("Wij pakken dit op"),
    Answer.KNOWN: _l("Al bekend"),
    Answer.NOT_OURS: _l("Niet van ons"),
    Answer.NO_INITIATIVE: _l("Geen initiatief"),
    Answer.LATER: _l("Later"),
}

ENDINGS = {
    Ending.HELPED: _l("Wij hebben geholpen"),
    Ending.MATCHING: _l("Het initiatief zoekt een consultant van een andere gemeente"),
    Ending.ON_ITS_OWN: _l("Het initiatief redt zichzelf"),
    Ending.NO_CONTACT: _l("Het initiatief wilde geen contact, of was niet te bereiken"),
    Ending.STOPPED: _l("Het initiatief is gestopt"),
}

#: What somebody did, after the name.
DEEDS = {
    Move.SEE: _l("opende dit"),
    Move.ANSWER: _l("antwoordde"),
    Move.CONTACT: _l("is in contact met het initiatief"),
    Move.CLOSE: _l("sloot dit af"),
    Move.TAKE_BACK: _l("trok dit in"),
    Move.WITHDRAW: _l("trok dit in"),
}

#: What happened by itself.
ITSELF = {
    Move.REMIND: _l("De gemeente kreeg een herinnering: er was nog geen antwoord."),
    Move.LAPSE: _l("Er kwam geen antwoord binnen de termijn. Antwoorden kan nog steeds."),
    Move.ASK_AGAIN: _l("De gemeente kreeg de vraag opnieuw, zoals afgesproken."),
}

#: Why something was taken back, or what changed.
REASONS = {
    Why.STAFF: _l("Het netwerk vraagt geen antwoord meer."),
    Why.UNDONE: _l("De opname in het register is ongedaan gemaakt."),
    Why.REMOVED: _l("Het initiatief staat niet meer in het register."),
    Why.MOVED: _l("Het hoort bij een andere gemeente."),
    Why.REJECTED: _l("Het netwerk heeft besloten dat dit niet in het register komt."),
    Why.KNOWN: _l("Het netwerk kende dit al."),
    Why.MERGED: _l("Het signaal is samengevoegd met een ander signaal."),
    Why.GONE: _l("De bron heeft dit, of een deel ervan, verwijderd."),
    Why.OBJECTION: _l("Er is bezwaar gemaakt tegen een bron. Die is verwijderd."),
    Why.EXPIRED: _l("De bewaartermijn is voorbij. De inhoud is verwijderd."),
}


#: Words of the audit log that stand in no other list there.
LOGGED: dict[str, Any] = {
    **{status.value: words for status, words in STATUSES.items()},
    **{answer.value: words for answer, words in ANSWERS.items()},
    **{ending.value: words for ending, words in ENDINGS.items()},
    Move.SEE.value: _l("geopend"),
    Move.ANSWER.value: _l("beantwoord"),
    Move.CONTACT.value: _l("contact gelegd"),
    Move.CLOSE.value: _l("afgesloten"),
    Move.TAKE_BACK.value: _l("ingetrokken"),
    Move.WITHDRAW.value: _l("ingetrokken"),
    Move.REMIND.value: _l("herinnerd"),
    Move.LAPSE.value: _l("termijn voorbij"),
    Move.ASK_AGAIN.value: _l("opnieuw gevraagd"),
    Why.STAFF.value: _l("door het netwerk"),
    Why.UNDONE.value: _l("opname ongedaan gemaakt"),
    Why.REMOVED.value: _l("uit het register gehaald"),
    Why.MOVED.value: _l("andere gemeente"),
}

#: How a share stands, for staff.
STATES = {
    ShareStatus.OFFERED: _l("Aangeboden aan %(municipality)s op %(day)s. Nog niet gezien."),
    ShareStatus.SEEN: _l("Aangeboden aan %(municipality)s op %(day)s. Gezien, nog geen antwoord."),
    ShareStatus.ANSWERED: _l("%(municipality)s antwoordde: %(answer)s."),
    ShareStatus.IN_CONTACT: _l("%(municipality)s is in contact met het initiatief."),
    ShareStatus.CLOSED: _l("%(municipality)s heeft dit afgesloten: ‘%(ending)s’."),
    ShareStatus.LAPSED: _l("Aangeboden aan %(municipality)s op %(day)s. Er kwam geen antwoord."),
    ShareStatus.WITHDRAWN: _l("Aangeboden aan %(municipality)s op %(day)s, en weer ingetrokken."),
}
REMINDED = _l("Aangeboden aan %(municipality)s op %(day)s. Nog geen antwoord; herinnerd op %(reminded)s.")


def state(row: ShareRow) -> str:
    """How a share stands, in one sentence for staff."""
    words = REMINDED if row.overdue else STATES[row.status]
    return str(words) % {
        "municipality": row.municipality,
        "day": _day(row.offered_at),
        "reminded": _day(row.reminded_at) if row.reminded_at is not None else "",
        "answer": ANSWERS[row.answer] if row.answer is not None else "",
        "ending": ENDINGS[row.ending] if row.ending is not None else "",
    }


def first(row: ShareRow) -> str:
    """Who answered what and when, for whoever comes second."""
    if row.status is ShareStatus.WITHDRAWN:
        return str(_("Deze deling is intussen ingetrokken."))
    if row.answered_by is None or row.answer is None or row.answered_at is None:
        return str(
            _("Deze deling is intussen veranderd. De status is nu ‘%(status)s’.", status=STATUSES[row.status])
        )
    return str(
        _(
            "%(name)s antwoordde al ‘%(answer)s’ (%(moment)s).",
            name=row.answered_by,
            answer=ANSWERS[row.answer],
            moment=format_datetime(row.answered_at, "d MMMM yyyy, HH:mm"),
        )
    )


def line(event: ShareEvent) -> tuple[str, str, str]:
    """Who did what, and more about it, for the history of a share.

    Returns:
        The name (empty = it happened by itself), what was done, and a sentence (may be empty).
    """
    done = Move(event.done) if event.done in set(Move) else None
    more = _why(event)
    if done in ITSELF:
        return "", str(ITSELF[done]), ""
    if done is None and more and not event.by:
        # The source changed, not the share.
        return "", more, ""
    did = DEEDS[done] if done is not None else _offered(event)
    if done is Move.ANSWER and event.after.get("answer") in set(Answer):
        did = _("antwoordde: %(answer)s", answer=ANSWERS[Answer(event.after["answer"])])
    if done is Move.CLOSE and event.after.get("ending") in set(Ending):
        more = str(ENDINGS[Ending(event.after["ending"])])
    by = event.by or ("" if event.own else str(_("Het netwerk")))
    return by, str(did), more


def _offered(event: ShareEvent) -> Any:
    """What was done that is no move: it was offered, or stands for something else now."""
    if "undoes" in event.after:
        return _("bood dit weer aan: een besluit is ongedaan gemaakt")
    if "municipality" in event.after:
        return _("bood dit aan")
    if event.after.get("initiative") and "lead" not in event.after:
        return _("nam het signaal op in het register")
    return _("veranderde dit")


def _why(event: ShareEvent) -> str:
    why = event.after.get("why")
    return str(REASONS[Why(why)]) if why in set(Why) else ""


def _day(moment: Any) -> str:
    return str(format_date(moment, "d MMMM yyyy"))
