"""Words on screen for the words in the code, in Dutch; the catalogue holds the English."""

from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from models.alike import Alike
from models.labels import Labels
from models.store.initiatives import HOURS, LIMITS, LINKS_LIMIT, Problem
from models.store.waking import Woken
from models.words import DecisionKind, LeadStatus, Phase, PlaceKind, SourceKind

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
    DecisionKind.SNOOZE: _l("‘%(title)s’ is uitgesteld."),
    DecisionKind.MERGE: _l("‘%(title)s’ is samengevoegd met een ander signaal."),
    DecisionKind.SPLIT: _l("‘%(title)s’ is gesplitst. De gekozen berichten staan nu in een eigen signaal."),
    DecisionKind.UNDO: _l("Het besluit is ongedaan gemaakt. ‘%(title)s’ staat weer open."),
}
#: The same when the lead is not open after that.
UNDONE = _l("Het besluit is ongedaan gemaakt. De status van ‘%(title)s’ is: %(status)s.")

#: Why a lead or a register entry may be about the same.
ALIKE = {
    Alike.SAME_LINK: _l("zelfde link"),
    Alike.SAME_NAME: _l("zelfde naam"),
    Alike.SAME_ORGANISATION: _l("zelfde organisatie"),
    Alike.SAME_SITE: _l("zelfde website"),
    Alike.SIMILAR_WORDS: _l("lijkt qua woorden"),
}

#: Why a snoozed lead came back by itself.
WOKEN = {
    Woken.DATE: _l("Dit signaal kwam terug, zoals afgesproken"),
    Woken.NEWS: _l("Dit signaal kwam terug, want er kwam een bericht bij"),
    Woken.MERGE: _l("Dit signaal kwam terug, want er werd een ander mee samengevoegd"),
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

#: Kinds of places as lists of them are headed, from large to small.
PLACE_KINDS = (
    (_l("Plaatsen"), (PlaceKind.TOWN,)),
    (_l("Wijken"), (PlaceKind.DISTRICT,)),
    (_l("Buurten"), (PlaceKind.NEIGHBOURHOOD,)),
    (_l("Andere namen"), (PlaceKind.ALIAS, PlaceKind.KNOWN)),
)

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
    "links": _l("Andere links"),
    "informed_on": _l("Wanneer"),
    "question": _l("Vraag om hulp"),
    "contact": _l("Contact"),
    "note": _l("Notitie"),
    "reason": _l("Reden"),
    "expertise": _l("Gevraagde kennis"),
    "hours": _l("Geschatte uren"),
    "tot": _l("Uitstellen tot"),
    "met": _l("Samenvoegen met"),
    "nummer": _l("Nummer of adres van een ander signaal"),
    "bericht": _l("Berichten"),
    "aan": _l("Toewijzen aan"),
    "text": _l("Notitie"),
    "answer": _l("Antwoord"),
    "ending": _l("Afloop"),
    "gemeente": _l("Gemeente"),
    "later_on": _l("Opnieuw vragen op"),
    "message": _l("Bericht aan de gemeente"),
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
        limit = LIMITS["link" if field == "links" else field]
        return _l("Maak dit korter: hooguit %(limit)s tekens.", limit=limit)
    if problem is Problem.TOO_MANY:
        return _l("Zet hier hooguit %(limit)s links neer.", limit=LINKS_LIMIT)
    if problem is Problem.OUT_OF_RANGE:
        return _l("Vul een heel getal in van %(least)s tot en met %(most)s.", least=HOURS[0], most=HOURS[1])
    if problem is Problem.NO_ADDRESS:
        return (
            _l("Zet op elke regel één volledig adres dat begint met https:// of http://.")
            if field == "links"
            else _l("Vul een volledig adres in dat begint met https:// of http://.")
        )
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
        part: ``themes``, ``reasons``, ``expertise`` or ``evidence``.
    """
    english = get_locale() is not None and get_locale().language == "en"
    return dict(getattr(labels, f"{part}_en" if english else part))
