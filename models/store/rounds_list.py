"""Who and what is in a round, for whoever may see it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match
from models.municipality import Municipality
from models.place import Place
from models.round import RoundConsultant, RoundInitiative
from models.store.match_rules import LIVE
from models.store.round_rules import seen_round
from models.store.viewer import Viewer


@dataclass(frozen=True, kw_only=True)
class RoundInitiativeRow:
    """One initiative in a round, as shown."""

    round_id: int
    initiative_id: int
    #: Empty for other municipalities once it was withdrawn from the register.
    name: str
    municipality_code: str
    municipality: str
    place: str | None
    theme: str | None
    #: The question for help, and what it is, in staff's own words.
    question: str
    summary: str
    expertise: list[str]
    half_hours: int
    language: str
    #: Of the host municipality; empty and None for other municipalities.
    host_name: str = ""
    host_email: str = ""
    host_hours: int | None = None
    seeded_at: datetime
    #: None = not decided yet.
    selected: bool | None
    out_at: datetime | None = None
    out_why: str = ""
    #: Whether it is the viewer's own municipality's.
    own: bool = False

    @property
    def host_known(self) -> bool:
        """Whether contact person, address and hours were filled in."""
        return bool(self.host_name and self.host_email and self.host_hours)


@dataclass(frozen=True, kw_only=True)
class RoundConsultantRow:
    """One consultant in a round, as shown."""

    round_id: int
    consultant_id: int
    #: Empty = taken out, or not for this viewer.
    name: str
    function: str
    email: str
    municipality_code: str
    municipality: str
    #: Nothing for other municipalities.
    expertise: list[str] = field(default_factory=list)
    themes: dict[str, int] = field(default_factory=dict)
    languages: list[str] = field(default_factory=list)
    radius_km: int | None = None
    half_hours: int
    most: int
    added_at: datetime
    out_at: datetime | None = None
    out_why: str = ""
    own: bool = False


def initiatives_of(session: Session, viewer: Viewer, round_id: int) -> list[RoundInitiativeRow]:
    """The initiatives of a round by name, those that fell out among them.

    Other municipalities get no host, and none that fell out of the round.

    Raises:
        RoundNotFoundError: there is no such round, or it is not for this viewer.
    """
    seen_round(session, viewer, round_id)
    rows = session.execute(
        select(RoundInitiative, Initiative, Municipality.name, Place.name)
        .join(Initiative, Initiative.id == RoundInitiative.initiative_id)
        .join(Municipality, Municipality.code == Initiative.municipality_code)
        .join(Place, Place.key == Initiative.place_key, isouter=True)
        .where(RoundInitiative.round_id == round_id)
        .order_by(func.lower(Initiative.name), Initiative.id)
    ).all()
    found = []
    for one, initiative, municipality, place in rows:
        own = not viewer.decides and initiative.municipality_code == viewer.municipality_code
        known = viewer.decides or own
        if not known and (one.out_at is not None or initiative.withdrawn_at is not None):
            continue
        found.append(
            RoundInitiativeRow(
                round_id=round_id,
                initiative_id=initiative.id,
                name=initiative.name,
                municipality_code=initiative.municipality_code,
                municipality=municipality,
                place=place,
                theme=initiative.theme,
                question=initiative.question,
                summary=initiative.summary,
                expertise=list(initiative.expertise),
                half_hours=one.half_hours,
                language=one.language,
                host_name=one.host_name if known else "",
                host_email=one.host_email if known else "",
                host_hours=one.host_hours if known else None,
                seeded_at=one.seeded_at,
                selected=one.selected,
                out_at=one.out_at,
                out_why=one.out_why,
                own=own,
            )
        )
    return found


def consultants_of(session: Session, viewer: Viewer, round_id: int) -> list[RoundConsultantRow]:
    """The consultants of a round by name, those that fell out among them.

    A municipality gets its own, and of others those who are matched with an initiative of its own: of them
    name, function, address and municipality.

    Raises:
        RoundNotFoundError: there is no such round, or it is not for this viewer.
    """
    seen_round(session, viewer, round_id)
    matched: set[int] = set()
    if not viewer.decides:
        matched = set(
            session.scalars(
                select(Match.consultant_id)
                .join(Initiative, Initiative.id == Match.initiative_id)
                .where(
                    Match.round_id == round_id,
                    Match.state.in_(LIVE),
                    Initiative.municipality_code == viewer.municipality_code,
                )
            )
        )
    rows = session.execute(
        select(RoundConsultant, Consultant, Municipality.name)
        .join(Consultant, Consultant.id == RoundConsultant.consultant_id)
        .join(Municipality, Municipality.code == Consultant.municipality_code)
        .where(RoundConsultant.round_id == round_id)
        .order_by(func.lower(Consultant.name), Consultant.id)
    ).all()
    found = []
    for one, consultant, municipality in rows:
        own = not viewer.decides and consultant.municipality_code == viewer.municipality_code
        known = viewer.decides or own
        if not known and (consultant.id not in matched):
            continue
        found.append(
            RoundConsultantRow(
                round_id=round_id,
                consultant_id=consultant.id,
                name=consultant.name,
                function=consultant.function,
                email=consultant.email,
                municipality_code=consultant.municipality_code,
                municipality=municipality,
                expertise=list(consultant.expertise) if known else [],
                themes=dict(consultant.themes) if known else {},
                languages=list(consultant.languages) if known else [],
                radius_km=consultant.radius_km if known else None,
                half_hours=one.half_hours if known else 0,
                most=one.most if known else 0,
                added_at=one.added_at,
                out_at=one.out_at,
                out_why=one.out_why if known else "",
                own=own,
            )
        )
    return found
