"""The mixed order of the queue as it is kept: ``Lead.precedence``, so that a page is one look-up.

:func:`arrange` works the order out after leads came in. What it needs to go on is in the leads
themselves: those that wait say where their municipality was, those decided on how far it came. So it
can be killed and run again, and run twice it changes nothing. See ``models.attention`` for the rules.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from models.attention import (
    ELSEWHERE,
    LIKELY_FROM,
    NOWHERE,
    Kind,
    Shares,
    Waiting,
    cost,
    fair_shares,
    flow_of,
    mixed,
    starts,
    turns,
)
from models.base import utc_now
from models.lead import Lead
from models.municipality import Municipality
from models.store.viewer import Viewer
from models.words import LeadStatus

#: Precedence of a lead that came (back) into the queue since the order was worked out.
NOT_ARRANGED = 0
#: Statuses that somebody gave: the lead got its place in the queue.
LOOKED_AT = (
    LeadStatus.PROMOTED,
    LeadStatus.REJECTED,
    LeadStatus.KNOWN,
    LeadStatus.MERGED,
    LeadStatus.SNOOZED,
)
#: Days that count when the proportions of likely, uncertain and drawn leads are kept.
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Attention:
    """How much attention one municipality gets."""

    #: CBS code, :data:`NOWHERE` or :data:`ELSEWHERE`.
    flow: str
    #: Empty for the last two.
    name: str
    waiting: int
    #: When the lead that waits longest was opened; None = none waits.
    oldest_at: datetime | None
    #: Leads on which somebody decided in the period, and those of them that entered the register.
    decided: int
    promoted: int
    #: Its part of all decisions in the period, and what part would be fair; 0.0 to 1.0, None = no
    #: decisions at all.
    share: float | None
    fair: float | None


def none_but(statuses: Collection[LeadStatus]) -> ColumnElement[bool]:
    """Leads of these statuses, said by leaving out all others; for use beside a range of time.

    SQLite takes a list of statuses for a better key than a range, and then reads hundreds of thousands of
    leads for those of a month. What is left out is no key, so it goes by the time.
    """
    return Lead.status.not_in([status for status in LeadStatus if status not in statuses])


def participating(session: Session, today: date) -> frozenset[str]:
    """Codes of the municipalities that take part today; empty as long as none was entered."""
    return frozenset(
        session.scalars(
            select(Municipality.code).where(
                Municipality.participates_from <= today,
                or_(Municipality.participates_until.is_(None), Municipality.participates_until >= today),
            )
        )
    )


def seen_as(viewer: Viewer, taking_part: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Who takes part as far as this viewer is concerned, and the flows that are its own.

    A municipality sees its own figures also before it takes part. Staff has no flow of its own, and
    sees them all.
    """
    if viewer.decides or not viewer.reads or viewer.municipality_code is None:
        return taking_part, frozenset()
    own = frozenset({viewer.municipality_code})
    return taking_part | own if taking_part else taking_part, own


def arrange(
    read: sessionmaker[Session],
    write: sessionmaker[Session],
    shares: Shares,
    *,
    now: datetime | None = None,
) -> int:
    """Give every open lead its place in the mixed order; one short transaction for each municipality.

    Returns:
        How many leads got another place than they had.
    """
    at = now or utc_now()
    with read() as session:
        taking_part = participating(session, at.date())
        codes = session.scalars(
            select(Lead.municipality_code).where(Lead.status == LeadStatus.OPEN).distinct()
        ).all()
        flows = sorted({flow_of(code, taking_part) for code in codes})
        if not flows:
            return 0
        decided = _decided_lately(session, taking_part, at - LATELY)
        heads = {}
        for flow in flows:
            head = _head(session, _of(flow, taking_part), shares)
            if head is not None:
                heads[flow] = head
        # How far each came in the past matters only to those that had nothing waiting.
        reached = {} if len(heads) == len(flows) else _reached(session, taking_part)
        begin = starts(heads, {**dict.fromkeys(flows, 0), **reached})
    changed = 0
    for flow in flows:
        with write() as session:
            changed += _seat(
                session, _of(flow, taking_part), begin[flow], decided.get(flow, Counter()), shares
            )
            session.commit()
    return changed


def _of(flow: str, taking_part: frozenset[str]) -> ColumnElement[bool]:
    """Condition for the leads of a flow."""
    if flow == NOWHERE:
        return Lead.municipality_code.is_(None)
    if flow == ELSEWHERE:
        return and_(Lead.municipality_code.is_not(None), Lead.municipality_code.not_in(sorted(taking_part)))
    return Lead.municipality_code == flow


def _head(session: Session, own: ColumnElement[bool], shares: Shares) -> int | None:
    """Where on the clock the first waiting lead of a flow begins; None = none has a place yet."""
    first = session.execute(
        select(Lead.precedence, Lead.score)
        .where(Lead.status == LeadStatus.OPEN, own, Lead.precedence < NOT_ARRANGED)
        .order_by(Lead.precedence.desc(), Lead.score.desc(), Lead.id.desc())
        .limit(1)
    ).first()
    return None if first is None else max(0, -first.precedence - cost(first.score, shares.guaranteed))


def _reached(session: Session, taking_part: frozenset[str]) -> dict[str, int]:
    """Flow -> turn of the last of its leads that was decided on."""
    found: dict[str, int] = {}
    for code, precedence in session.execute(
        select(Lead.municipality_code, func.min(Lead.precedence))
        .where(Lead.status.in_(LOOKED_AT), Lead.precedence < NOT_ARRANGED)
        .group_by(Lead.municipality_code)
    ):
        flow = flow_of(code, taking_part)
        found[flow] = max(found.get(flow, 0), -precedence)
    return found


def _decided_lately(
    session: Session, taking_part: frozenset[str], since: datetime
) -> dict[str, Counter[Kind]]:
    """Flow -> how many leads of each kind were decided on."""
    kind = case(
        (Lead.drawn.is_not(None), Kind.DRAWN.value),
        (Lead.score >= LIKELY_FROM, Kind.LIKELY.value),
        else_=Kind.UNCERTAIN.value,
    )
    found: dict[str, Counter[Kind]] = {}
    for code, word, count in session.execute(
        select(Lead.municipality_code, kind, func.count())
        .where(none_but(LOOKED_AT), Lead.decided_at >= since)
        .group_by(Lead.municipality_code, kind)
    ):
        found.setdefault(flow_of(code, taking_part), Counter())[Kind(word)] += count
    return found


def _seat(
    session: Session, own: ColumnElement[bool], start: int, decided: Counter[Kind], shares: Shares
) -> int:
    """Write the turns of one flow; the caller commits."""
    rows = session.execute(
        select(Lead.id, Lead.score, Lead.drawn, Lead.precedence).where(Lead.status == LeadStatus.OPEN, own)
    ).all()
    order = mixed(
        (Waiting(row.id, row.score, drawn=row.drawn is not None) for row in rows), decided, shares.kinds
    )
    wanted = turns(order, start, shares.guaranteed)
    moves = [{"lead": row.id, "place": -wanted[row.id]} for row in rows if row.precedence != -wanted[row.id]]
    if moves:
        table = Lead.__table__
        assert isinstance(table, Table)
        # Past the mapper: a lead that moves in the queue has not changed for whoever is looking at it.
        session.connection().execute(
            update(table).where(table.c.id == bindparam("lead")).values(precedence=bindparam("place")), moves
        )
    return len(moves)


def attention(
    session: Session, viewer: Viewer, *, since: datetime, now: datetime | None = None
) -> list[Attention]:
    """What each municipality has waiting and got: by name, then those elsewhere and without municipality.

    A viewer of one municipality gets only that one; its shares are those among all.
    """
    at = now or utc_now()
    taking_part, own = seen_as(viewer, participating(session, at.date()))
    waiting: Counter[str] = Counter()
    decided: Counter[str] = Counter()
    promoted: Counter[str] = Counter()
    oldest: dict[str, datetime] = {}
    # Grouped by what is no column, or SQLite reads all leads there are in the order of an index on it.
    place = func.coalesce(Lead.municipality_code, "").label("place")
    for code, count, first in session.execute(
        select(place, func.count(), func.min(Lead.opened_at))
        .where(Lead.status == LeadStatus.OPEN)
        .group_by(place)
    ):
        flow = flow_of(code or None, taking_part)
        waiting[flow] += count
        oldest[flow] = min(oldest.get(flow, first), first)
    for code, status, count in session.execute(
        select(place, Lead.status, func.count())
        .where(none_but(LOOKED_AT), Lead.decided_at >= since)
        .group_by(place, Lead.status)
    ):
        flow = flow_of(code or None, taking_part)
        decided[flow] += count
        promoted[flow] += count if status is LeadStatus.PROMOTED else 0
    flows = {*taking_part, NOWHERE, *waiting, *decided, *own}
    total = decided.total()
    fair = fair_shares({flow: waiting[flow] + decided[flow] for flow in flows}, total)
    names = _names(session, flows)
    return [
        Attention(
            flow=flow,
            name=names.get(flow, ""),
            waiting=waiting[flow],
            oldest_at=oldest.get(flow),
            decided=decided[flow],
            promoted=promoted[flow],
            share=decided[flow] / total if total else None,
            fair=fair[flow] / total if total else None,
        )
        for flow in sorted(flows, key=lambda flow: (flow not in names, names.get(flow, ""), flow == NOWHERE))
        if viewer.decides or flow in own
    ]


def _names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    found = session.execute(
        select(Municipality.code, Municipality.name).where(Municipality.code.in_(sorted(codes)))
    )
    return {code: name for code, name in found}  # noqa: C416 - rows are not pairs to mypy
