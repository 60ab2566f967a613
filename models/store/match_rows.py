"""Matches as shown: who sees what of one."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from models.account import Account
from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match, MatchAnswer
from models.municipality import Municipality
from models.place import Place
from models.round import Round, RoundInitiative
from models.store.match_rules import ANSWERED_IN, ASKED
from models.store.viewer import Viewer
from models.words import MatchState, Party, RoundState

#: Reasons of a match that anybody sees who sees the match.
OPEN_REASONS = ("shared", "theme", "times", "km", "language")
#: Fields of a row that are columns of the match itself.
OWN_COLUMNS = (
    "state",
    "version",
    "half_hours",
    "fit",
    "reasons",
    "proposed_at",
    "deployed_on",
    "visit_on",
    "recommendations",
    "spent",
    "ended_at",
    "ended_why",
)
_employer = aliased(Municipality)


@dataclass(frozen=True)
class AnswerRow:
    """What a party said last of a proposal."""

    agrees: bool
    #: For staff and the party's own municipality; else empty.
    reason: str
    #: Name of the account that answered; empty = by the secret link, or not for this viewer: a municipality
    #: gets the names of its own people only.
    by: str
    by_link: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MatchRow:
    """One match as shown; fields as in :class:`models.match.Match`."""

    id: int
    round_id: int
    round_name: str
    round_state: RoundState
    #: First and last day of the work in the round.
    first_day: date | None
    last_day: date | None
    initiative_id: int
    #: Empty = withdrawn from the register.
    initiative: str
    question: str
    summary: str
    theme: str | None
    place: str | None
    #: The host.
    municipality_code: str
    municipality: str
    host_name: str
    host_email: str
    host_hours: int | None
    consultant_id: int
    #: Empty = taken out.
    consultant: str
    consultant_function: str
    consultant_email: str
    employer_code: str
    employer_municipality: str
    #: Who agrees there; for staff and the employer itself.
    employer_name: str
    employer_email: str
    state: MatchState
    version: int
    half_hours: int
    #: 0 to 1000; None = not for this viewer.
    fit: int | None
    #: ``shared`` (slugs), ``theme`` (it is known), ``times``, ``km``, ``language``; for staff also ``parts``,
    #: ``broken`` (soft rules) and ``set_aside`` (why they do not count).
    reasons: dict[str, Any]
    proposed_at: datetime
    deployed_on: date | None
    visit_on: date | None
    recommendations: str
    #: In half hours.
    spent: int | None
    ended_at: datetime | None
    ended_why: str
    answers: dict[Party, AnswerRow] = field(default_factory=dict)

    @property
    def waits_for(self) -> tuple[Party, ...]:
        """Who still has to answer."""
        if self.state is not MatchState.PROPOSED:
            return ()
        return tuple(party for party in ASKED if party not in self.answers)


def match_rows() -> Select[*tuple[Any, ...]]:
    """All matches, named as in :class:`MatchRow`."""
    columns: dict[str, Any] = {
        "id": Match.id,
        "round_id": Match.round_id,
        "round_name": Round.name,
        "round_state": Round.state,
        "first_day": Round.first_day,
        "last_day": Round.last_day,
        "initiative_id": Match.initiative_id,
        "initiative": Initiative.name,
        "question": Initiative.question,
        "summary": Initiative.summary,
        "theme": Initiative.theme,
        "place": Place.name,
        "municipality_code": Initiative.municipality_code,
        "municipality": Municipality.name,
        "host_name": func.coalesce(RoundInitiative.host_name, ""),
        "host_email": func.coalesce(RoundInitiative.host_email, ""),
        "host_hours": RoundInitiative.host_hours,
        "consultant_id": Match.consultant_id,
        "consultant": Consultant.name,
        "consultant_function": Consultant.function,
        "consultant_email": Consultant.email,
        "employer_code": Consultant.municipality_code,
        "employer_municipality": _employer.name,
        "employer_name": Consultant.employer_name,
        "employer_email": Consultant.employer_email,
        **{name: getattr(Match, name) for name in OWN_COLUMNS},
        "_withdrawn": Initiative.withdrawn_at,
    }
    of_round = (RoundInitiative.round_id == Match.round_id) & (
        RoundInitiative.initiative_id == Match.initiative_id
    )
    return (
        select(*(column.label(name) for name, column in columns.items()))
        .select_from(Match)
        .join(Round, Round.id == Match.round_id)
        .join(Initiative, Initiative.id == Match.initiative_id)
        .join(Municipality, Municipality.code == Initiative.municipality_code)
        .join(Consultant, Consultant.id == Match.consultant_id)
        .join(_employer, _employer.code == Consultant.municipality_code)
        .join(Place, Place.key == Initiative.place_key, isouter=True)
        .join(RoundInitiative, of_round, isouter=True)
    )


def made(found: Any) -> MatchRow:
    """A row of :func:`match_rows`, without answers."""
    values = dict(found._mapping)
    if values.pop("_withdrawn") is not None:
        # Out of the register: what it was about is for nobody any more.
        values.update(initiative="", question="", summary="", place=None)
    return MatchRow(**values)


def finished(session: Session, rows: list[MatchRow], viewer: Viewer | None) -> list[MatchRow]:
    """The rows with the newest answer of each party, without what is not for this viewer."""
    answers: dict[int, dict[Party, AnswerRow]] = {row.id: {} for row in rows}
    found = session.execute(
        select(
            MatchAnswer,
            func.coalesce(func.nullif(Account.name, ""), Account.email, ""),
            Account.municipality_code,
        )
        .join(Account, Account.id == MatchAnswer.account_id, isouter=True)
        .where(MatchAnswer.match_id.in_(answers))
        .order_by(MatchAnswer.id)
    )
    for answer, name, town in found:
        # Who of the network wrote an answer down is for staff; a municipality gets its own people.
        known = viewer is None or viewer.decides or town == viewer.municipality_code
        by = name if known else ""
        answers[answer.match_id][answer.party] = AnswerRow(
            answer.agrees, answer.reason, by, answer.account_id is None, answer.at
        )
    whole = [replace(row, answers=answers[row.id]) for row in rows]
    return [_for(viewer, row) for row in whole] if viewer is not None and not viewer.decides else whole


def _for(viewer: Viewer, row: MatchRow) -> MatchRow:
    """What a municipality sees of a match: of the other side only what it needs to work together."""
    host = viewer.municipality_code == row.municipality_code
    employer = viewer.municipality_code == row.employer_code
    agreed = row.state in (MatchState.AGREED, MatchState.DEPLOYED, MatchState.FINISHED)
    own = {Party.HOST: host, Party.EMPLOYER: employer, Party.CONSULTANT: employer}
    hidden: dict[str, Any] = {
        "fit": None,
        "reasons": {name: row.reasons[name] for name in OPEN_REASONS if name in row.reasons},
        "answers": {
            party: answer if own.get(party) else replace(answer, reason="", by="")
            for party, answer in row.answers.items()
        },
    }
    if not host and not agreed:
        hidden.update(host_name="", host_email="", host_hours=None)
    if not employer:
        hidden.update(employer_name="", employer_email="")
        if row.state not in ANSWERED_IN and not agreed:
            # It did not come to anything: who it would have been is no longer for the host.
            hidden.update(consultant="", consultant_function="", consultant_email="")
    return replace(row, **hidden)
