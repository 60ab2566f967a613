"""What is to be done in a round now, by whoever looks at it."""

from dataclasses import dataclass, field
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext

from models.base import utc_now
from models.store.match_proposing import proposable
from models.store.matches import waiting_matches
from models.store.pairing import locked_pairs, pairs_of
from models.store.round_jobs_list import jobs_of
from models.store.rounds import RoundView, initiatives_of
from models.words import JobPurpose, MatchState, PairingKind, RoundState
from review.database import db
from review.mending import advice_of


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
        }
        if row.state is RoundState.PROPOSING:
            return _proposing(row)
        if row.state is RoundState.DEPLOYED:
            return _working(row, agreed, begun)
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
                    "%(num)s voorstel wacht op uw antwoord.",
                    "%(num)s voorstellen wachten op uw antwoord.",
                    waiting_matches(db.session, g.viewer, round_id=row.id),
                ),
                "matches.index",
                _("Naar de matches"),
                of_round,
            )
        ],
        RoundState.DEPLOYED: [
            Task(
                ngettext(
                    "%(num)s match van uw gemeente loopt. Ontvangt u de consultant? Zeg dan zelf wanneer het"
                    " werk begint, en rond het af.",
                    "%(num)s matches van uw gemeente lopen. Ontvangt u de consultant? Zeg dan zelf wanneer"
                    " het werk begint, en rond het af.",
                    agreed + begun,
                ),
                "matches.index",
                _("Naar de matches"),
                of_round,
            )
        ],
    }
    return tasks.get(row.state, [])


def after_board(row: RoundView, *, without: int) -> Task | None:
    """Where to go on from the board, once there is nothing left to do on it; None = there is.

    Args:
        without: initiatives on the board that nobody stands beside.
    """
    if not g.viewer.leads_rounds or without:
        return None
    if row.state is RoundState.PAIRING:
        said = _("Elk initiatief heeft een consultant. Klaar? Sluit dan het koppelen.")
        return Task(said, "rounds.one", _("Naar het overzicht"), {"round_id": row.id})
    return next_to_propose(row)


def next_to_propose(row: RoundView) -> Task | None:
    """That there are pairs to propose; None = there are none, or it is not the time."""
    count = proposable(db.session, row.id) if row.state is RoundState.PROPOSING else 0
    return _to_propose(row, count) if count else None


def _to_propose(row: RoundView, count: int) -> Task:
    said = ngettext(
        "%(num)s koppeling is nog niet voorgesteld.",
        "%(num)s koppelingen zijn nog niet voorgesteld.",
        count,
    )
    return Task(said, "matches.index", _("Naar de matches"), {"ronde": row.id})


def _proposing(row: RoundView) -> list[Task]:
    """For the leader, while proposals are made: what is to propose, who is silent, who has nobody."""
    here, of_round, tasks = {"round_id": row.id}, {"ronde": row.id}, []
    count = proposable(db.session, row.id)
    if count:
        said = _("Kijk de koppelingen na en pas ze aan waar dat moet.")
        tasks += [Task(said, "board.index", _("Naar het bord"), here), _to_propose(row, count)]
    proposed = row.matches.get(MatchState.PROPOSED, 0)
    if proposed:
        said = ngettext(
            "%(num)s voorstel wacht op antwoord. Wie niet antwoordt, krijgt na vijf werkdagen een"
            " herinnering.",
            "%(num)s voorstellen wachten op antwoord. Wie niet antwoordt, krijgt na vijf werkdagen een"
            " herinnering.",
            proposed,
        )
        tasks.append(Task(said, "matches.index", _("Naar de matches"), of_round))
    without = _without(row)
    if without:
        said = ngettext(
            "%(num)s initiatief heeft geen consultant. Koppel het opnieuw.",
            "%(num)s initiatieven hebben geen consultant. Koppel ze opnieuw.",
            without,
        )
        tasks.append(Task(said, "board.index", _("Naar het bord"), {**here, "toon": "zonder"}))
        tasks.append(Task(_advised(row), "automatic.index", _("Naar het advies"), here))
    return tasks


def _without(row: RoundView) -> int:
    """How many chosen initiatives have neither a pair nor a match that goes on."""
    have = {pair.initiative_id for pair in pairs_of(db.session, row.id, PairingKind.FINAL)}
    have |= set(locked_pairs(db.session, row.id))
    return sum(
        bool(one.selected) and one.out_at is None and one.initiative_id not in have
        for one in initiatives_of(db.session, g.viewer, row.id)
    )


def _advised(row: RoundView) -> str:
    """How far the advice of the computer is."""
    jobs = jobs_of(db.session, g.viewer, row.id, now=utc_now())
    newest = next((job for job in jobs if job.purpose is JobPurpose.MENDING), None)
    if newest is None:
        return str(_("Of vraag de computer om advies."))
    if newest.state in ("waiting", "working"):
        return str(_("De computer zoekt nu wie er nog kan."))
    advice = advice_of(db.session, g.viewer, row.id)
    if newest.state == "done" and advice is not None and advice.changes:
        return str(_("De computer heeft een advies. U kunt het overnemen."))
    return str(_("De computer vond niemand zonder een regel opzij te zetten."))


def _working(row: RoundView, agreed: int, begun: int) -> list[Task]:
    """For the leader, while the work goes on."""
    tasks, to = [], ("matches.index", _("Naar de matches"))
    if agreed:
        said = ngettext(
            "Bij %(num)s match is iedereen akkoord. Vul in wanneer het werk begint.",
            "Bij %(num)s matches is iedereen akkoord. Vul in wanneer het werk begint.",
            agreed,
        )
        tasks.append(Task(said, *to, {"ronde": row.id, "stand": "akkoord"}))
    if begun:
        said = ngettext(
            "Bij %(num)s match is het werk bezig. Rond die af na het laatste bezoek, met de aanbevelingen.",
            "Bij %(num)s matches is het werk bezig. Rond die af na het laatste bezoek, met de aanbevelingen.",
            begun,
        )
        tasks.append(Task(said, *to, {"ronde": row.id, "stand": "bezig"}))
    without = _without(row)
    if without:
        said = ngettext(
            "%(num)s initiatief heeft geen consultant. Wilt u nog iemand voorstellen? Ga dan terug naar"
            " voorstellen.",
            "%(num)s initiatieven hebben geen consultant. Wilt u nog iemand voorstellen? Ga dan terug naar"
            " voorstellen.",
            without,
        )
        tasks.append(Task(said, "automatic.index", _("Naar het advies"), {"round_id": row.id}))
    return tasks
