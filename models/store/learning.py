"""What decisions and answers teach: each as labelled hashed features, also long after the text is gone.

Nothing here is text, link or name: features are hashed, and the rest is on tombstones anyway (DESIGN 7).
"""

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from models.decision import Decision
from models.initiative import Initiative
from models.item import Item
from models.item_features import ItemFeatures
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.share import Share
from models.words import Answer, DecisionKind, LeadStatus, Origin

#: Decisions that say "yes, an initiative"; a rejection says no if its reason does.
YES = (DecisionKind.PROMOTE, DecisionKind.KNOWN)
#: What a municipality's answer says: "yes, an initiative" or "no". The others say nothing: "niet van ons" is
#: about the place, "later" about the time.
ANSWERS = {Answer.TAKEN_UP: True, Answer.KNOWN: True, Answer.NO_INITIATIVE: False}
#: What an item other than the best one counts at most; all others of a lead together count 1.
OTHER_ITEM = 0.5
#: Decisions read at a time.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class LabelledItem:
    """One item with what somebody says of it."""

    #: Who says it: staff by deciding, or the municipality by answering.
    origin: Origin
    #: Number of the decision, or of the share that was answered.
    number: int
    lead_id: int
    item_id: int
    initiative: bool
    #: As chosen for the register; empty when it is not in there.
    theme: str
    municipality_code: str | None
    #: How far this is about this very item: 1.0 for the lead's best, less for the others.
    share: float
    #: Its chance of being drawn for review; None = some model flagged it, so that it needed no luck.
    drawn: float | None
    #: When it was said.
    decided_at: datetime
    #: Packed hashed features (see ``scout.classify.hashing``).
    features: bytes


@dataclass(frozen=True, slots=True)
class _Standing:
    """One decision or answer that says yes or no, with what its lead adds."""

    origin: Origin
    number: int
    lead_id: int
    initiative: bool
    theme: str
    municipality_code: str | None
    made_at: datetime


def labelled_items(
    session: Session, *, space: str, no_initiative: Collection[str], most: int
) -> list[LabelledItem]:
    """What the newest standing decisions and answers say, in the order in which it was said, by item.

    A decision stands when it was not undone and its lead was not withdrawn at the source; an answer when it
    was not changed since. Yes is said of all items of its lead, no only of the best: that is the one which
    was shown. What joined the lead or was changed afterwards is left out: nobody looked at it. An item in
    several leads (a round-up) counts once, and only as yes: that one part of it is no initiative says little.

    Of what staff and municipality say of one lead, only the newest counts, also when they contradict each
    other: whoever speaks last knows what the other said. A municipality that answers "geen initiatief" sees
    that staff shared it, and staff that decides afterwards sees that answer. So no lead counts twice, and
    neither outranks the other.

    Args:
        space: only features made by this hashing.
        no_initiative: reasons of rejection that say "this is no initiative"; the others say nothing.
        most: at most half as many of each label.
    """
    found: dict[bool, dict[int, LabelledItem]] = {True: {}, False: {}}
    said = _said(session, no_initiative)
    while chunk := list(islice(said, CHUNK)):
        room = [one for one in chunk if len(found[one.initiative]) < most // 2]
        for item in _items(session, room, space):
            rows = found[item.initiative]
            known = rows.get(item.item_id)
            if (known is None and len(rows) < most // 2) or (known is not None and known.share < item.share):
                rows[item.item_id] = item
        if all(len(rows) >= most // 2 for rows in found.values()):
            break
    chosen = (*found[True].values(), *found[False].values())
    return sorted(chosen, key=lambda row: (row.decided_at, row.lead_id, row.item_id))


def _said(session: Session, no_initiative: Collection[str]) -> Iterator[_Standing]:
    """What was said of each lead last, by staff or municipality; newest first."""
    both = (_decided(session, no_initiative), _answered(session))
    seen: set[int] = set()
    for one in heapq.merge(*both, key=lambda one: one.made_at, reverse=True):
        if one.lead_id not in seen:
            seen.add(one.lead_id)
            yield one


def _decided(session: Session, no_initiative: Collection[str]) -> Iterator[_Standing]:
    """Standing decisions that say yes or no, newest first."""
    undoing = aliased(Decision)
    query = (
        select(Decision, Lead.municipality_code, Initiative.theme)
        .join(Lead, Lead.id == Decision.lead_id)
        .outerjoin(Initiative, Initiative.id == Decision.initiative_id)
        .where(
            or_(
                Decision.kind.in_(YES),
                (Decision.kind == DecisionKind.REJECT) & Decision.reason.in_(sorted(no_initiative)),
            ),
            ~select(undoing.id).where(undoing.undoes_id == Decision.id).exists(),
            Lead.status != LeadStatus.WITHDRAWN,
        )
        .order_by(Decision.id.desc())
        .limit(CHUNK)
    )
    before: ColumnElement[bool] = true()
    while rows := session.execute(query.where(before)).all():
        for decision, municipality_code, theme in rows:
            yes = decision.kind in YES
            yield _Standing(
                Origin.REVIEWER,
                decision.id,
                decision.lead_id,
                yes,
                (theme or "") if yes else "",
                municipality_code,
                decision.made_at,
            )
        before = Decision.id < rows[-1][0].id


def _answered(session: Session) -> Iterator[_Standing]:
    """Answers of municipalities that say yes or no, newest first; also to what was taken back since."""
    query = (
        select(Share, Lead.id, Initiative.theme)
        .outerjoin(Initiative, Initiative.id == Share.initiative_id)
        .join(Lead, Lead.id == func.coalesce(Share.lead_id, Initiative.lead_id))
        .where(
            Share.answered_at.is_not(None),
            Share.answer.in_(sorted(ANSWERS)),
            Lead.status != LeadStatus.WITHDRAWN,
        )
        .order_by(Share.answered_at.desc(), Share.id.desc())
        .limit(CHUNK)
    )
    before: ColumnElement[bool] = true()
    while rows := session.execute(query.where(before)).all():
        for share, lead_id, theme in rows:
            assert share.answer is not None
            assert share.answered_at is not None
            yes = ANSWERS[share.answer]
            about = (theme or "") if yes else ""
            yield _Standing(
                Origin.MUNICIPALITY,
                share.id,
                lead_id,
                yes,
                about,
                share.municipality_code,
                share.answered_at,
            )
        last = rows[-1][0]
        before = or_(
            Share.answered_at < last.answered_at,
            (Share.answered_at == last.answered_at) & (Share.id < last.id),
        )


def _items(session: Session, standing: Sequence[_Standing], space: str) -> Iterator[LabelledItem]:
    """The items that these speak of, as far as there are features of them."""
    leads = [one.lead_id for one in standing]
    members: dict[int, list[tuple[Item, datetime]]] = {}
    for item, lead_id, added_at in session.execute(
        select(Item, LeadItem.lead_id, LeadItem.added_at)
        .join(LeadItem, LeadItem.item_id == Item.id)
        .where(LeadItem.lead_id.in_(leads))
    ):
        members.setdefault(lead_id, []).append((item, added_at))
    numbers = sorted({item.id for items in members.values() for item, _ in items})
    estimates: dict[int, list[Prediction]] = {}
    for prediction in session.scalars(
        select(Prediction).where(Prediction.item_id.in_(numbers)).order_by(Prediction.id)
    ):
        estimates.setdefault(prediction.item_id, []).append(prediction)
    features = {
        row.item_id: row.features
        for row in session.execute(
            select(ItemFeatures.item_id, ItemFeatures.features).where(
                ItemFeatures.item_id.in_(numbers), ItemFeatures.space == space
            )
        )
    }
    in_several = set(
        session.scalars(
            select(LeadItem.item_id)
            .where(LeadItem.item_id.in_(numbers))
            .group_by(LeadItem.item_id)
            .having(func.count() > 1)
        )
    )
    for one in standing:
        shown = [item for item, added_at in members.get(one.lead_id, []) if added_at <= one.made_at]
        shown.sort(key=lambda item: _rank(item, estimates.get(item.id, []), one.made_at))
        for place, item in enumerate(shown):
            changed = item.changed_at is not None and item.changed_at > one.made_at
            says = one.initiative or (place == 0 and item.id not in in_several)
            if item.id in features and not changed and says:
                yield LabelledItem(
                    one.origin,
                    one.number,
                    one.lead_id,
                    item.id,
                    one.initiative,
                    one.theme,
                    one.municipality_code,
                    1.0 if place == 0 else min(OTHER_ITEM, 1 / (len(shown) - 1)),
                    _drawn(estimates.get(item.id, [])),
                    one.made_at,
                    features[item.id],
                )


def _rank(item: Item, estimates: Sequence[Prediction], made_at: datetime) -> tuple[float, datetime, str]:
    """The order in which a lead follows its items: the best one was shown when the decision was made."""
    before = [estimate.score for estimate in estimates if estimate.made_at <= made_at]
    score = before[-1] if before else 0.0
    return -score, item.published_at or item.first_seen_at, item.url_key


def _drawn(estimates: Sequence[Prediction]) -> float | None:
    if any(estimate.flagged for estimate in estimates):
        return None
    return max((estimate.drawn for estimate in estimates if estimate.drawn is not None), default=None)
