"""Words on screen of handing in, in Dutch; the catalogue holds the English."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.store.handed_in import LIMITS, HandInProblem
from models.words import Channel, Outcome
from review.handed_files import MOST_BYTES, MOST_ROWS, Fault

FIELDS = {
    "url": _l("Webadres"),
    "title": _l("Titel"),
    "summary": _l("Samenvatting in uw eigen woorden"),
    "municipality_code": _l("Gemeente"),
    "published_on": _l("Dag"),
    "consent": _l("Vindt de maker dit goed?"),
    "file": _l("Bestand"),
}

PROBLEMS = {
    HandInProblem.EMPTY: _l("Schrijf in uw eigen woorden wat er gebeurt, in een of twee zinnen."),
    HandInProblem.NO_ADDRESS: _l("Dit is geen webadres. Begin met https:// of laat het leeg."),
    HandInProblem.INSIDE: _l(
        "Dit adres is alleen binnen een eigen netwerk te bereiken. Neem het adres van de openbare pagina, of "
        "laat het leeg."
    ),
    HandInProblem.ACCOUNT: _l(
        "In dit adres staat de naam van een account, en die bewaart Scout niet. Neem het adres van het "
        "bericht zelf, of laat het leeg."
    ),
    HandInProblem.UNKNOWN: _l("Deze gemeente bestaat niet. Controleer de naam."),
    HandInProblem.NOT_YOURS: _l("Uw account hoort bij een andere gemeente. Laat dit leeg."),
    HandInProblem.NO_DAY: _l("Dit is geen dag. Schrijf de dag zoals 21-11-2026, of laat het leeg."),
    HandInProblem.FUTURE: _l("Deze dag moet nog komen. Schrijf de dag waarop het bericht verscheen."),
    HandInProblem.TOO_OLD: _l("Dit is te lang geleden. Breng alleen in wat kort geleden verscheen."),
}

FAULTS = {
    Fault.TOO_LARGE: _l(
        "Het bestand is te groot: hoogstens %(size)s kB. Verdeel het over meer bestanden.",
        size=MOST_BYTES // 1000,
    ),
    Fault.EMPTY: _l("Er staat niets in het bestand. Zet onder de kopregel een rij voor elk initiatief."),
    Fault.NO_TEXT: _l("Dit is geen tekst die te lezen is. Bewaar het bestand als CSV (UTF-8) of als XLSX."),
    Fault.NO_HEADER: _l(
        "De kolom ‘samenvatting’ is niet gevonden. Zet op de eerste rij: url, titel, gemeente, samenvatting, "
        "datum."
    ),
    Fault.TOO_MANY: _l(
        "Er staan te veel rijen in het bestand: hoogstens %(rows)s. Verdeel ze over meer bestanden.",
        rows=MOST_ROWS,
    ),
    Fault.BROKEN: _l("Het bestand is beschadigd. Open het in uw rekenprogramma en bewaar het opnieuw."),
    Fault.OTHER_KIND: _l("Dit soort bestand kan niet. Bewaar het als CSV of als XLSX."),
}
NO_FILE = _l("Kies eerst een bestand op uw computer.")
FORMULA = _l("Hier staat een formule. Zet er de tekst zelf neer.")
IN_FILE = _l("Dit adres staat ook in rij %(row)s. Laat het één keer staan.")
IN_LEADS = _l("Dit staat al bij de signalen. Haal de rij weg.")
IN_LINE = _l("Dit is al ingebracht en wacht op verwerking. Haal de rij weg.")

CHANNELS = {
    Channel.FORM: _l("met het formulier"),
    Channel.UPLOAD: _l("met een bestand"),
    Channel.EMAIL: _l("per e-mail"),
    Channel.API: _l("met een ander programma"),
}

#: Why something that was handed in is not looked at further.
REFUSALS = {
    Outcome.NO_TEXT: _l("Niet verwerkt: er stond te weinig tekst in."),
    Outcome.NO_LINK: _l("Niet verwerkt: het adres klopt niet."),
    Outcome.LANGUAGE: _l("Niet verwerkt: de samenvatting is niet in het Nederlands geschreven."),
    Outcome.TOO_OLD: _l("Niet verwerkt: het is te lang geleden."),
    Outcome.SUPPRESSED: _l("Niet verwerkt: iemand maakte bezwaar tegen dit adres of deze website."),
    Outcome.ERROR: _l("Niet verwerkt: er ging iets mis. Vraag de beheerder om hulp."),
}


def problem_words(field: str, problem: HandInProblem) -> str:
    """One sentence about one field: what is wrong and what to do."""
    if problem is HandInProblem.TOO_LONG:
        return str(_("Dit is te lang. Schrijf hoogstens %(most)s tekens.", most=LIMITS[field]))
    return str(PROBLEMS[problem])


def mistake_words(why: str) -> str:
    """One sentence about one cell of a file, of the words that :mod:`review.hand_in_rows` keeps for it."""
    kind, _sep, rest = why.partition(":")
    if kind == "problem":
        field, _sep, problem = rest.partition(":")
        return problem_words(field, HandInProblem(problem))
    if kind == "in_file":
        return f"{IN_FILE}" % {"row": rest}
    return str({"formula": FORMULA, "in_leads": IN_LEADS, "in_line": IN_LINE}[kind])
