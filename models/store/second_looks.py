"""Second looks: some decisions are drawn, and somebody else judges the lead again without knowing the first.

Whether a decision is drawn follows from its number and the secret key alone: it can be checked later,
and nobody who lacks the key can know beforehand which decision will be looked at again. What comes out
changes nothing about the lead; it measures how far reviewers agree (``models.agreement``).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from models.account import Account
from models.agreement import Agreement, agreement_of
from models.base import utc_now
from models.decision import Decision
from models.keys import keyed_hash
from models.labels import Labels
from models.lead import Lead
from models.second_look import SecondLook
from models.settings import Settings
from models.store.audit import record
from models.store.viewer import Viewer
from models.words import DecisionKind, Verdict

#: Part of the decisions that is drawn, unless the settings say otherwise.
SHARE = 0.05
#: Decisions that say "yes, an initiative". A rejection says no if its reason does.
YES = (DecisionKind.PROMOTE, DecisionKind.KNOWN)
#: Deciding one way or the other, or taking that back: who did so knows the lead too well to be blind.
JUDGING = (*YES, DecisionKind.REJECT, DecisionKind.UNDO)
#: How long a look waits. Rejected leads are purged after this time (``models.store.purge``); were the others
#: to wait longer, then whoever is shown an older one would know that it was not rejected.
WAITS = timedelta(days=7)


class SecondLookError(Exception):
    """The answer was not kept; nothing was changed."""


class NotForYouError(SecondLookError):
    """There is no such look, or none that this account may answer."""


class LapsedError(SecondLookError):
    """The decision was undone, or the lead's content is gone, or it took too long."""


class AlreadyAnsweredError(SecondLookError):
    """Somebody else was first."""

    def __init__(self, by: str) -> None:
        super().__init__("somebody else answered first")
        #: Name of who did, else the e-mail address.
        self.by = by


class UnknownReasonError(SecondLookError):
    """ "No initiative" without a (known) reason."""


@dataclass(frozen=True)
class Drawing:
    """Which decisions are drawn."""

    #: 0.0 = none, 1.0 = all.
    share: float = SHARE
    #: Reasons of rejection that say "this is no initiative". Other rejections say nothing about that and
    #: are never drawn.
    no_initiative: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings, labels: Labels) -> "Drawing":
        """As the settings and labels say."""
        return cls(settings.second_look_share, labels.no_initiative)


#: For who has no settings at hand: rejections are then left out.
USUAL = Drawing()


@dataclass(frozen=True)
class SecondLookRow:
    """One look that waits; says nothing about the first decision."""

    id: int
    lead_id: int


def draw(session: Session, decision: Decision, secret: bytes, drawing: Drawing = USUAL) -> SecondLook | None:
    """Put a decision aside for a second look if its number is drawn; the caller commits.

    Args:
        decision: just made and flushed.
        secret: keys the draw.
    """
    judges = decision.kind in YES or (
        decision.kind is DecisionKind.REJECT and decision.reason in drawing.no_initiative
    )
    if not judges or chance_number(secret, decision.id) >= drawing.share:
        return None
    look = SecondLook(decision_id=decision.id, lead_id=decision.lead_id, drawn_at=decision.made_at)
    session.add(look)
    session.flush()
    return look


def chance_number(secret: bytes, decision_id: int) -> float:
    """The lot of a decision: 0.0 to below 1.0, evenly spread, the same each time; below the share = drawn."""
    # 52 bits: what a float holds exactly.
    return int(keyed_hash(secret, "second look", str(decision_id))[:13], 16) / 16**13


# Staff sees all municipalities, and nobody else has looks to answer. Put together once: the list of leads
# asks with every page.
_own, _undoing = aliased(Decision), aliased(Decision)
_OPEN = (
    select(SecondLook.id, SecondLook.lead_id)
    .join(Decision, Decision.id == SecondLook.decision_id)
    .join(Lead, Lead.id == SecondLook.lead_id)
    .where(
        SecondLook.answered_at.is_(None),
        SecondLook.drawn_at > bindparam("since"),
        Lead.status == Decision.new_status,
        Lead.purged_at.is_(None),
        ~exists().where(_undoing.undoes_id == Decision.id),
        ~exists().where(
            _own.lead_id == SecondLook.lead_id,
            _own.account_id == bindparam("account"),
            _own.kind.in_(JUDGING),
        ),
    )
)
_NUMBER_OPEN = select(func.count()).select_from(_OPEN.subquery())


def _asked(viewer: Viewer, now: datetime | None) -> dict[str, Any]:
    return {"account": viewer.account_id, "since": (now or utc_now()) - WAITS}


def waiting(session: Session, viewer: Viewer, *, now: datetime | None = None) -> int:
    """How many looks wait that this viewer may answer."""
    if not viewer.decides:
        return 0
    return session.scalar(_NUMBER_OPEN, _asked(viewer, now)) or 0


def next_look(
    session: Session, viewer: Viewer, *, after: int = 0, now: datetime | None = None
) -> SecondLookRow | None:
    """The look that waits longest and that this viewer may answer; None = there is none.

    Args:
        after: number of a look that was passed over; only later ones count.
    """
    if not viewer.decides:
        return None
    query = _OPEN.where(SecondLook.id > after).order_by(SecondLook.id).limit(1)
    row = session.execute(query, _asked(viewer, now)).first()
    return SecondLookRow(row[0], row[1]) if row else None


def get_look(session: Session, viewer: Viewer, look_id: int, *, now: datetime | None = None) -> SecondLookRow:
    """One look that waits for this viewer.

    Raises:
        NotForYouError, AlreadyAnsweredError, LapsedError: it can't be answered.
    """
    row = None
    if viewer.decides:
        row = session.execute(_OPEN.where(SecondLook.id == look_id), _asked(viewer, now)).first()
    if row is not None:
        return SecondLookRow(row[0], row[1])
    raise _why_not(session, viewer, look_id)


def answer(
    session: Session,
    look_id: int,
    *,
    viewer: Viewer,
    verdict: Verdict,
    reason: str = "",
    reasons: Collection[str] = (),
    now: datetime | None = None,
) -> SecondLook:
    """Keep what the second reader made of a lead; the lead itself stays as it is. The caller commits.

    Args:
        reason: for "no initiative": one of ``reasons``.

    Raises:
        NotForYouError, AlreadyAnsweredError, LapsedError, UnknownReasonError: nothing was changed.
    """
    at = now or utc_now()
    get_look(session, viewer, look_id, now=at)
    if verdict is Verdict.INITIATIVE:
        reason = ""
    elif reason not in reasons:
        raise UnknownReasonError("say why it is no initiative")
    kept = session.execute(
        # Of two at once the second waits for the first, and then finds the answer there.
        update(SecondLook)
        .where(SecondLook.id == look_id, SecondLook.verdict.is_(None))
        .values(account_id=viewer.account_id, verdict=verdict, reason=reason, answered_at=at)
        .execution_options(synchronize_session=False)
    )
    if kept.rowcount == 0:  # type: ignore[attr-defined]
        raise _why_not(session, viewer, look_id)
    look = session.get_one(SecondLook, look_id, populate_existing=True)
    record(
        session,
        viewer.account_id,
        "second_look",
        "lead",
        look.lead_id,
        after={"second_look": look.id, "verdict": verdict.value, **({"reason": reason} if reason else {})},
        at=at,
    )
    return look


def agreement(session: Session, *, since: datetime, until: datetime | None = None) -> Agreement:
    """How far second readers agreed with first decisions.

    What was decided anew after the second look still counts as it was: both had judged.

    Args:
        since, until: looks answered from the one until before the other count.
    """
    first = case((Decision.kind.in_(YES), True), else_=False)
    second = case((SecondLook.verdict == Verdict.INITIATIVE, True), else_=False)
    query = (
        select(first, second, func.count())
        .join_from(SecondLook, Decision, Decision.id == SecondLook.decision_id)
        .where(SecondLook.answered_at >= since)
        .group_by(first, second)
    )
    if until is not None:
        query = query.where(SecondLook.answered_at < until)
    counts = {(bool(one), bool(other)): number for one, other, number in session.execute(query)}
    return agreement_of(
        both_yes=counts.get((True, True), 0),
        both_no=counts.get((False, False), 0),
        first_only=counts.get((True, False), 0),
        second_only=counts.get((False, True), 0),
    )


def _why_not(session: Session, viewer: Viewer, look_id: int) -> SecondLookError:
    """Why this viewer can't answer this look."""
    row = session.execute(
        select(
            SecondLook.verdict,
            SecondLook.account_id,
            func.coalesce(func.nullif(Account.name, ""), Account.email, ""),
            Lead.id,
        )
        .join(Lead, Lead.id == SecondLook.lead_id)
        .join(Account, Account.id == SecondLook.account_id, isouter=True)
        .where(SecondLook.id == look_id, viewer.scope(Lead.municipality_code))
    ).first()
    if row is None or not viewer.decides or _judged(session, viewer, row[3]):
        return NotForYouError(f"there is no second look {look_id} for this account")
    if row[0] is not None:
        return AlreadyAnsweredError(row[2])
    return LapsedError("there is nothing left to judge")


def _judged(session: Session, viewer: Viewer, lead_id: int) -> bool:
    return (
        session.scalar(
            select(Decision.id)
            .where(
                Decision.lead_id == lead_id,
                Decision.account_id == viewer.account_id,
                Decision.kind.in_(JUDGING),
            )
            .limit(1)
        )
        is not None
    )
