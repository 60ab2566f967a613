"""Words on screen for the words in the code, in Dutch; the catalogue holds the English."""

from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from models.labels import Labels
from models.store.initiatives import LIMITS, Problem
from models.words import DecisionKind, LeadStatus, Phase, SourceKind

STATUSES = {
    LeadStatus.OPEN: _l("open"),
    LeadStatus.SNOOZED: _l("uitgesteld"),
    LeadStatus.PROMOTED: _l("opgenomen"),
    LeadStatus.REJECTED: _l("afgewezen"),
    LeadStatus.KNOWN: _l("al bekend"),
    LeadStatus.MERGED: _l("samengevoegd"),
    LeadStatus.WITHDRAWN: _l("weg bij de bron"),
    LeadStatus.EXPIRED: _l("verlopen"),
}

#: What somebody did, after the name.
DEEDS = {
    DecisionKind.PROMOTE: _l("nam dit op in het register"),
    DecisionKind.REJECT: _l("wees dit af"),
    DecisionKind.KNOWN: _l("gaf aan dat dit al bekend was"),
    DecisionKind.SNOOZE: _l("stelde dit uit"),
    DecisionKind.MERGE: _l("voegde dit samen met een ander signaal"),
    DecisionKind.SPLIT: _l("splitste dit signaal"),
    DecisionKind.UNDO: _l("maakte een besluit ongedaan"),
}

#: What was just done, with the title of the lead.
DONE = {
    DecisionKind.PROMOTE: _l("‘%(title)s’ staat nu in het register."),
    DecisionKind.REJECT: _l("‘%(title)s’ is afgewezen."),
    DecisionKind.KNOWN: _l("‘%(title)s’ staat nu bij ‘al bekend’."),
    DecisionKind.UNDO: _l("Het besluit is ongedaan gemaakt. ‘%(title)s’ staat weer open."),
}

PHASES = {
    Phase.SIGNALLED: _l("gesignaleerd"),
    Phase.IN_CONTACT: _l("in contact"),
    Phase.GUIDED: _l("begeleid"),
    Phase.FINISHED: _l("afgerond"),
    Phase.STOPPED: _l("gestopt"),
}

SOURCE_KINDS = {
    SourceKind.FEED: _l("nieuwsfeed"),
    SourceKind.SITE: _l("website"),
    SourceKind.SITEMAP: _l("website"),
    SourceKind.WORDPRESS: _l("website"),
    SourceKind.MASTODON: _l("Mastodon"),
    SourceKind.BLUESKY: _l("Bluesky"),
    SourceKind.KOOP: _l("officiële bekendmakingen"),
    SourceKind.COUNCIL: _l("gemeenteraad"),
    SourceKind.YOUTUBE: _l("YouTube"),
    SourceKind.HANDIN: _l("ingebracht door mensen"),
}

#: Lowest score -> how likely a citizen initiative is, in words; the order is by score.
LIKELIHOODS = (
    (0.85, _l("zeer waarschijnlijk"), 5),
    (0.7, _l("waarschijnlijk"), 4),
    (0.5, _l("goed mogelijk"), 3),
    (0.3, _l("mogelijk"), 2),
    (0.0, _l("onzeker"), 1),
)

FIELDS = {
    "name": _l("Naam"),
    "summary": _l("Samenvatting"),
    "municipality_code": _l("Gemeente"),
    "place_key": _l("Plaats of wijk"),
    "theme": _l("Thema"),
    "link": _l("Link"),
    "question": _l("Vraag om hulp"),
    "contact": _l("Contact"),
    "note": _l("Notitie"),
    "reason": _l("Reden"),
}


def likelihood(score: float) -> tuple[Any, int]:
    """A score in words, and as 1 to 5 for drawing."""
    for lowest, words, level in LIKELIHOODS:
        if score >= lowest:
            return words, level
    return LIKELIHOODS[-1][1:]


def problem_text(field: str, problem: Problem) -> Any:
    """What is wrong with a field and what to do, in one sentence."""
    if problem is Problem.TOO_LONG:
        return _l("Maak dit korter: hooguit %(limit)s tekens.", limit=LIMITS.get(field, 0))
    if problem is Problem.NO_ADDRESS:
        return _l("Vul een volledig adres in dat begint met https:// of http://.")
    if problem is Problem.EMPTY:
        return {
            "name": _l("Vul een naam in."),
            "summary": _l("Schrijf een samenvatting in uw eigen woorden."),
            "municipality_code": _l("Kies een gemeente."),
        }.get(field, _l("Vul dit in."))
    return {
        "municipality_code": _l("Kies een gemeente uit de lijst."),
        "place_key": _l("Kies een plaats of wijk in deze gemeente, of laat dit leeg."),
        "theme": _l("Kies een thema uit de lijst."),
    }.get(field, _l("Kies iets uit de lijst."))


def localised(labels: Labels, part: str) -> dict[str, str]:
    """Slug -> name in the language of the visitor.

    Args:
        part: ``themes``, ``reasons`` or ``evidence``.
    """
    english = get_locale() is not None and get_locale().language == "en"
    return dict(getattr(labels, f"{part}_en" if english else part))
