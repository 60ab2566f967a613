"""What the messages about evaluations say, in plain Dutch."""

from flask_babel import gettext as _

from models.store.evaluations import mail_kind, reminder_kind
from models.store.match_rows import MatchRow
from models.words import MatchState, Moment, Party
from review.match_letters import Kind, Letter, Writing
from review.match_words import named

#: Where the link leads; a test holds it against the addresses of the application.
EVALUATION_PATH = "/evaluatie/{0}"


def ask(asked: Writing, moment: Moment) -> Letter:
    """Ask a party to fill in the form of a moment."""
    row = asked.row
    what = named(row.initiative)
    questions = {
        Moment.START: _("Wat moet er aan het einde klaar zijn? En wat hebt u nog nodig?"),
        Moment.AFTERWARDS: _("Is het doel gehaald, en wat kan een volgende keer beter?"),
        Moment.HALF_YEAR: _("Wat is er in het half jaar daarna gedaan?"),
    }
    told: dict[Moment, tuple[str, str]] = {
        Moment.START: (
            _("Drie minuten: hoe begint het bij ‘%(what)s’?", what=what),
            _("Het werk voor dit initiatief begint. Wij stellen u een paar korte vragen."),
        ),
        Moment.AFTERWARDS: (
            _("Drie minuten: hoe ging het bij ‘%(what)s’?", what=what),
            _("Het werk voor dit initiatief is klaar. Wij stellen u een paar korte vragen."),
        ),
        Moment.HALF_YEAR: (
            _("Drie minuten: een half jaar na ‘%(what)s’", what=what),
            _("Een half jaar geleden was het werk voor dit initiatief klaar. Hoe staat het er nu voor?"),
        ),
    }
    subject, why = told[moment]
    before = [_greeting(asked)]
    after = [_("Dit kost hooguit drie minuten. U hoeft zich niet aan te melden.")]
    if asked.passed_on:
        subject = _("Wilt u dit doorsturen? %(subject)s", subject=subject)
        before.append(
            _(
                "Van de initiatiefnemer hebben wij geen e-mailadres. Wilt u deze mail naar de "
                "initiatiefnemer doorsturen? De vragen zijn niet voor u: u krijgt zelf een andere mail."
            )
        )
    else:
        after.append(_("Deze link is alleen voor u. Stuur deze mail niet door."))
    return Letter(
        subject=subject,
        heading=subject,
        before=(*before, why, questions[moment]),
        facts=(
            (_("Initiatief"), what),
            (_("Gemeente"), row.municipality),
            (_("Consultant"), named(row.consultant)),
        ),
        link=(_("Vragen beantwoorden"), asked.link(EVALUATION_PATH, moment.value)),
        after=tuple(after),
    )


def remind(asked: Writing, moment: Moment) -> Letter:
    """Ask once more."""
    first = ask(asked, moment)
    said = _("Wij hebben nog geen antwoord. Daarom sturen wij de vraag nog één keer.")
    return Letter(
        subject=_("Herinnering: %(subject)s", subject=first.subject),
        heading=first.heading,
        before=(first.before[0], said, *first.before[1:]),
        facts=first.facts,
        link=first.link,
        after=first.after,
    )


def _greeting(asked: Writing) -> str:
    row = asked.row
    host = row.host_name or str(_("collega"))
    name = {
        Party.CONSULTANT: row.consultant or str(_("collega")),
        Party.HOST: host,
        Party.INITIATOR: host if asked.passed_on else str(_("initiatiefnemer")),
    }[asked.party]
    return str(_("Dag %(name)s,", name=name))


def _kinds(moment: Moment) -> dict[str, Kind]:
    """Asking and reminding; an answer drops both (``models.store.evaluations``)."""

    def holds(row: MatchRow, party: Party) -> bool:
        return row.state is (MatchState.DEPLOYED if moment is Moment.START else MatchState.FINISHED)

    asking, reminding = mail_kind(moment), reminder_kind(moment)
    return {
        asking: Kind(lambda asked: ask(asked, moment), holds),
        reminding: Kind(lambda asked: remind(asked, moment), holds, follows=asking),
    }


#: Every kind of message about an evaluation.
LETTERS: dict[str, Kind] = {key: kind for moment in Moment for key, kind in _kinds(moment).items()}
