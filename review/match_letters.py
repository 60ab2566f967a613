"""What the messages about a match say, in plain Dutch, to consultant, employer and host municipality."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from models.labels import Labels
from models.match import Match
from models.store.match_rows import MatchRow
from models.store.match_rules import AGREED, BEGUN, REMINDER, REQUEST, STOPPED
from models.words import MatchState, Party
from review.consultant_words import day_words, hours_words, unknown
from review.match_links import ANSWER, token_of
from review.match_words import named, period, why_ended, why_they_fit

#: Where the link of an answer leads; a test holds it against the addresses of the application.
ANSWER_PATH = "/antwoord/{0}"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message in words."""

    subject: str
    heading: str
    #: Said before and after the facts.
    before: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    #: Words and full address of the link; None = there is none.
    link: tuple[str, str] | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Writing:
    """All that is needed to write to one party of one match."""

    row: MatchRow
    match: Match
    party: Party
    #: ``https://scout.example.nl``, without a slash at its end.
    base: str
    secret: bytes
    labels: Labels
    #: It goes to the host municipality, which is to pass it on to the initiator.
    passed_on: bool = False

    def link(self, path: str, purpose: str) -> str:
        """Full address of a page that opens with a secret link.

        Args:
            path: with ``{0}`` where the secret goes.
            purpose: as for :func:`review.match_links.token_of`.
        """
        return self.base + path.format(token_of(self.secret, self.match, self.party, purpose))


@dataclass(frozen=True)
class Kind:
    """One kind of message."""

    write: Callable[[Writing], Letter]
    #: Whether it is still worth sending, as the match is now.
    holds: Callable[[MatchRow, Party], bool]
    #: The kind that this one reminds of, which must have been sent some days before; empty = none.
    follows: str = ""


def request(asked: Writing) -> Letter:
    """Ask whether a party agrees."""
    row = asked.row
    who, what, where = named(row.consultant), named(row.initiative), row.municipality
    if asked.party is Party.CONSULTANT:
        subject = _("Wilt u helpen bij ‘%(what)s’?", what=what)
        before = (
            _("Dag %(name)s,", name=who),
            _(
                "U doet als consultant mee in ‘%(round)s’ van het Participatienetwerk. Wij denken dat u goed "
                "past bij dit initiatief. Wilt u helpen?",
                round=row.round_name,
            ),
        )
    elif asked.party is Party.EMPLOYER:
        subject = _("Mag %(who)s helpen in %(where)s?", who=who, where=where)
        before = (
            _("Dag %(name)s,", name=row.employer_name or _("collega")),
            _(
                "%(who)s doet namens uw gemeente mee in ‘%(round)s’ van het Participatienetwerk. Wij stellen "
                "deze opdracht voor. Bent u daarmee akkoord?",
                who=who,
                round=row.round_name,
            ),
        )
    else:
        subject = _("Een consultant voor ‘%(what)s’: bent u akkoord?", what=what)
        before = (
            _("Dag %(name)s,", name=row.host_name or _("collega")),
            _(
                "Uw gemeente zoekt hulp voor dit initiatief. Wij hebben een consultant gevonden in een "
                "andere gemeente: %(who)s. Bent u akkoord?",
                who=who,
            ),
        )
    return Letter(
        subject=subject,
        heading=subject,
        before=before,
        facts=facts_of(asked),
        link=(_("Antwoord geven"), asked.link(ANSWER_PATH, ANSWER)),
        after=(
            _("Zegt u nee? Dan zoeken wij een andere oplossing."),
            _("Deze link is alleen voor u. Stuur deze mail niet door."),
        ),
    )


def reminder(asked: Writing) -> Letter:
    """Ask once more."""
    first = request(asked)
    return Letter(
        subject=_("Herinnering: %(subject)s", subject=first.subject),
        heading=first.heading,
        before=(
            first.before[0],
            _("Wij hebben nog geen antwoord van u. Daarom sturen wij de vraag nog een keer."),
        ),
        facts=first.facts,
        link=first.link,
        after=first.after,
    )


def agreed(asked: Writing) -> Letter:
    """Say that all have agreed, and who is to be called."""
    row = asked.row
    return Letter(
        subject=_("Iedereen is akkoord: ‘%(what)s’", what=named(row.initiative)),
        heading=_("Iedereen is akkoord"),
        before=(
            _(
                "%(who)s helpt bij ‘%(what)s’ in %(where)s. De consultant, de werkgever en de ontvangende "
                "gemeente zijn akkoord.",
                who=named(row.consultant),
                what=named(row.initiative),
                where=row.municipality,
            ),
        ),
        facts=contacts_of(asked),
        after=(_("Neem contact met elkaar op en spreek af wanneer het werk begint."),),
    )


def begun(asked: Writing) -> Letter:
    """Say when the work begins."""
    row = asked.row
    first = day_words(row.deployed_on) if row.deployed_on else unknown()
    return Letter(
        subject=_("Het werk begint op %(day)s: ‘%(what)s’", day=first, what=named(row.initiative)),
        heading=_("Het werk begint op %(day)s", day=first),
        before=(
            _(
                "%(who)s gaat helpen bij ‘%(what)s’ in %(where)s.",
                who=named(row.consultant),
                what=named(row.initiative),
                where=row.municipality,
            ),
        ),
        facts=contacts_of(asked),
        after=(
            _("Aan het einde bezoekt de consultant de ontvangende gemeente, met aanbevelingen."),
            _("Wij vragen u later kort hoe het gaat."),
        ),
    )


def stopped(asked: Writing) -> Letter:
    """Say that it is over."""
    row = asked.row
    told = (
        _("Dit werk stopt. U hoeft niets meer te doen.")
        if row.deployed_on is not None
        else _("Deze match gaat niet door. U hoeft niets meer te doen.")
    )
    why = why_ended(row)
    facts = [(_("Initiatief"), named(row.initiative)), (_("Gemeente"), row.municipality)]
    return Letter(
        subject=_("Gaat niet door: ‘%(what)s’", what=named(row.initiative))
        if row.deployed_on is None
        else _("Gestopt: ‘%(what)s’", what=named(row.initiative)),
        heading=_("Het gaat niet door") if row.deployed_on is None else _("Het werk stopt"),
        before=(told, *((_("Reden: %(why)s", why=why),) if why else ())),
        facts=tuple(facts),
        after=(_("Bedankt voor het meedenken."),),
    )


def facts_of(asked: Writing) -> tuple[tuple[str, str], ...]:
    """Who, what, where, when, how much, and why they fit."""
    row = asked.row
    why = why_they_fit(row.reasons, asked.labels, row.theme)
    told = [
        (_("Initiatief"), named(row.initiative)),
        (_("Waar"), ", ".join(part for part in (row.place, row.municipality) if part)),
        (_("Vraag"), row.question),
        (_("Waar het over gaat"), row.summary),
        (_("Consultant"), consultant_words(row)),
        (_("Uren"), hours_words(row.half_hours)),
        (_("Wanneer"), period(row)),
        # As on the page of the match: an employer gets to know who it is when all have agreed.
        (_("Contactpersoon"), "" if asked.party is Party.EMPLOYER and not agreed_on(row) else row.host_name),
        (_("Waarom dit past"), "; ".join(why)),
    ]
    return tuple((str(name), value) for name, value in told if value)


def agreed_on(row: MatchRow) -> bool:
    """Whether all have agreed, so that each may know whom to call."""
    return row.state in (MatchState.AGREED, MatchState.DEPLOYED, MatchState.FINISHED)


def contacts_of(asked: Writing) -> tuple[tuple[str, str], ...]:
    """Who is to be called."""
    row = asked.row
    told = [
        (_("Consultant"), ", ".join(part for part in (consultant_words(row), row.consultant_email) if part)),
        (_("Contactpersoon"), ", ".join(part for part in (row.host_name, row.host_email) if part)),
        (_("Uren"), hours_words(row.half_hours)),
        (_("Wanneer"), period(row)),
    ]
    return tuple((str(name), value) for name, value in told if value)


def consultant_words(row: MatchRow) -> str:
    """Name, function and municipality of the consultant."""
    parts = (
        named(row.consultant),
        row.consultant_function,
        _("gemeente %(name)s", name=row.employer_municipality),
    )
    return ", ".join(str(part) for part in parts if part)


def _waits(row: MatchRow, party: Party) -> bool:
    return row.state is MatchState.PROPOSED and party not in row.answers


#: Every kind of message about a match itself.
LETTERS: dict[str, Kind] = {
    REQUEST: Kind(request, _waits),
    REMINDER: Kind(reminder, _waits, follows=REQUEST),
    AGREED: Kind(agreed, lambda row, party: row.state is MatchState.AGREED),
    BEGUN: Kind(begun, lambda row, party: row.state is MatchState.DEPLOYED),
    STOPPED: Kind(stopped, lambda row, party: row.state in (MatchState.DECLINED, MatchState.STOPPED)),
}
