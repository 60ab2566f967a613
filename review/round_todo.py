"""What is to be done in a round now, by whoever looks at it."""

from dataclasses import dataclass, field
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext

from models.store.rounds import RoundView
from models.words import MatchState, RoundState


@dataclass(frozen=True)
class Task:
    """One thing to do, or to know."""

    text: str
    #: Page where it is done, and what stands on the link; empty = nothing to do.
    endpoint: str = ""
    link: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def todo(row: RoundView) -> list[Task]:
    """What this viewer can do in a round now, the first thing first."""
    here = {"round_id": row.id}
    of_round = {"ronde": row.id}
    proposed = row.matches.get(MatchState.PROPOSED, 0)
    agreed, begun = row.matches.get(MatchState.AGREED, 0), row.matches.get(MatchState.DEPLOYED, 0)
    if g.viewer.leads_rounds:
        tasks = {
            RoundState.SEEDING: [
                Task(
                    _("Zet initiatieven en consultants in de ronde."),
                    "round_seeding.index",
                    _("Naar samenstellen"),
                    here,
                )
            ],
            RoundState.SELECTION: [
                Task(
                    _("De gemeenten kiezen. Kijk wie nog niet koos."),
                    "round_choice.index",
                    _("Naar kiezen"),
                    here,
                )
            ],
            RoundState.PAIRING: [
                Task(_("Koppel initiatieven en consultants."), "board.index", _("Naar het bord"), here)
            ],
            RoundState.COMPARING: [
                Task(
                    _("Vergelijk de twee koppelingen, en kies welke u voorstelt."),
                    "comparison.index",
                    _("Naar vergelijken"),
                    here,
                )
            ],
            RoundState.PROPOSING: [
                Task(
                    _("Kijk de koppelingen na en pas ze aan waar dat moet."),
                    "board.index",
                    _("Naar het bord"),
                    here,
                ),
                Task(
                    _("Stel de koppelingen voor, en volg de antwoorden."),
                    "matches.index",
                    _("Naar de matches"),
                    of_round,
                ),
            ],
            RoundState.DEPLOYED: [
                Task(
                    _("Laat het werk beginnen, en rond het af met het bezoek en de aanbevelingen."),
                    "matches.index",
                    _("Naar de matches"),
                    of_round,
                )
            ],
        }
        return tasks.get(row.state, [])
    if not g.viewer.answers:
        return []
    tasks = {
        RoundState.SEEDING: [
            Task(
                _(
                    "Draag initiatieven uit uw gemeente voor, en vul in wie de consultant ontvangt. De naam,"
                    " de vraag en de beschrijving zijn te zien voor de andere gemeenten in de ronde."
                ),
                "round_seeding.index",
                _("Naar samenstellen"),
                here,
            )
        ],
        RoundState.SELECTION: [
            Task(
                _("Kies welke initiatieven een consultant krijgen."),
                "round_choice.index",
                _("Naar kiezen"),
                here,
            )
        ],
        RoundState.PAIRING: [
            Task(
                _("Het netwerk koppelt nu initiatieven en consultants. U hoeft niets te doen."),
                "round_choice.index",
                _("Bekijk wat er gekozen is"),
                here,
            )
        ],
        RoundState.COMPARING: [
            Task(_("Het netwerk bekijkt de koppelingen. U hoeft niets te doen.")),
        ],
        RoundState.PROPOSING: [
            Task(
                ngettext(
                    "%(num)s voorstel over uw gemeente wacht op antwoord.",
                    "%(num)s voorstellen over uw gemeente wachten op antwoord.",
                    proposed,
                ),
                "matches.index",
                _("Naar de matches"),
                of_round,
            )
        ],
        RoundState.DEPLOYED: [
            Task(
                ngettext(
                    "%(num)s match van uw gemeente loopt.",
                    "%(num)s matches van uw gemeente lopen.",
                    agreed + begun,
                ),
                "matches.index",
                _("Naar de matches"),
                of_round,
            )
        ],
    }
    return tasks.get(row.state, [])
