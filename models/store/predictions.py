"""Items that wait for an estimate, and the estimates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from models.item import Item
from models.item_features import ItemFeatures
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.source import Source
from models.store.handed_in import handed_municipalities
from models.words import LeadStatus


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """An item to be flagged, with all that flagging may look at."""

    id: int
    #: What the estimate will be about; the item may change in the meantime.
    content_hash: str
    title: str
    #: Empty when the item has no text (any more).
    text: str
    #: Default for items whose text names no municipality.
    municipality_code: str | None
    #: Keyed hash of its address.
    url_key: str = ""
    #: It stands in a lead already.
    in_lead: bool = False
    #: Somebody handed it in.
    handed_in: bool = False


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one model version says of one item."""

    item_id: int
    content_hash: str
    score: float
    flagged: bool
    theme: str | None = None
    #: 0.0 to 1.0.
    theme_score: float = 0.0
    #: As the text has them; empty where it says none.
    initiative_name: str = ""
    organisation_name: str = ""
    municipality_code: str | None = None
    place_key: str | None = None
    snippet: str = ""
    evidence: list[dict[str, Any]] = field(default_factory=list)
    #: Not flagged, but drawn for review: the chance it had of that.
    drawn: float | None = None
    #: Of a round-up (see :class:`models.prediction.Prediction`).
    sections: list[dict[str, Any]] = field(default_factory=list)
    #: Which hashing made :attr:`features`.
    space: str = ""
    #: Packed hashed features; None = keep none.
    features: bytes | None = None


def count_waiting(session: Session) -> int:
    """How many items wait for an estimate."""
    return session.scalar(select(func.count(Item.id)).where(_waits())) or 0


def waiting_items(session: Session, *, limit: int, after: int = 0) -> list[WaitingItem]:
    """Items that wait for an estimate: new or changed since the last one, and not purged; by id.

    Args:
        after: only items with a higher id, so that one whose estimate is refused is not met again.
    """
    return _items(session, _waits(), after=after, limit=limit)


def count_open(session: Session, *, model_version: str) -> int:
    """How many items of open leads have no estimate by this model version."""
    return session.scalar(select(func.count(Item.id)).where(_open_without(model_version))) or 0


def open_items(session: Session, *, model_version: str, limit: int, after: int = 0) -> list[WaitingItem]:
    """Items of open leads that this model version has not judged; by id."""
    return _items(session, _open_without(model_version), after=after, limit=limit)


def save_estimates(
    session: Session, estimates: Sequence[Estimate], *, model_version: str, made_at: datetime
) -> int:
    """Write estimates and mark their items as flagged; the caller commits.

    An item that changed or was purged since it was read is left alone: it still waits, or never
    will. An estimate by the same model of the same content is replaced, so that a repeated run
    doubles nothing.

    Returns:
        How many were written.
    """
    written = 0
    for estimate in estimates:
        marked = session.execute(
            update(Item)
            .where(
                Item.id == estimate.item_id,
                Item.content_hash == estimate.content_hash,
                Item.purged_at.is_(None),
            )
            .values(flagged_hash=estimate.content_hash)
            .execution_options(synchronize_session=False)
        )
        if not marked.rowcount:  # type: ignore[attr-defined]
            continue
        written += 1
        _save_prediction(session, estimate, model_version, made_at)
        _forget_former_words(session, estimate)
        _save_features(session, estimate)
    session.flush()
    return written


def _save_prediction(session: Session, estimate: Estimate, model_version: str, made_at: datetime) -> None:
    session.execute(
        delete(Prediction)
        .where(
            Prediction.item_id == estimate.item_id,
            Prediction.model_version == model_version,
            Prediction.content_hash == estimate.content_hash,
        )
        .execution_options(synchronize_session=False)
    )
    session.add(
        Prediction(
            item_id=estimate.item_id,
            model_version=model_version,
            content_hash=estimate.content_hash,
            score=estimate.score,
            flagged=estimate.flagged,
            theme=estimate.theme,
            theme_score=estimate.theme_score,
            initiative_name=estimate.initiative_name,
            organisation_name=estimate.organisation_name,
            municipality_code=estimate.municipality_code,
            place_key=estimate.place_key,
            snippet=estimate.snippet,
            evidence=estimate.evidence,
            sections=estimate.sections,
            drawn=estimate.drawn,
            made_at=made_at,
        )
    )


def _forget_former_words(session: Session, estimate: Estimate) -> None:
    """What an item said before it was edited is kept nowhere."""
    session.execute(
        update(Prediction)
        .where(
            Prediction.item_id == estimate.item_id,
            Prediction.content_hash != estimate.content_hash,
            or_(Prediction.flagged, Prediction.drawn.is_not(None)),
        )
        .values(snippet="", evidence=[], sections=[], initiative_name="", organisation_name="")
        .execution_options(synchronize_session=False)
    )


def _save_features(session: Session, estimate: Estimate) -> None:
    session.execute(
        delete(ItemFeatures)
        .where(ItemFeatures.item_id == estimate.item_id)
        .execution_options(synchronize_session=False)
    )
    if estimate.features is not None:
        session.add(ItemFeatures(item_id=estimate.item_id, space=estimate.space, features=estimate.features))


def _waits() -> ColumnElement[bool]:
    return Item.purged_at.is_(None) & or_(Item.flagged_hash.is_(None), Item.flagged_hash != Item.content_hash)


def _open_without(model_version: str) -> ColumnElement[bool]:
    in_open_lead = (
        select(LeadItem.item_id).join(Lead, Lead.id == LeadItem.lead_id).where(Lead.status == LeadStatus.OPEN)
    )
    judged = (
        select(Prediction.id)
        .where(
            Prediction.item_id == Item.id,
            Prediction.model_version == model_version,
            Prediction.content_hash == Item.content_hash,
        )
        .correlate(Item)
    )
    # Without its text an item can't be judged again.
    with_text = select(ItemText.item_id).where(ItemText.item_id == Item.id).correlate(Item)
    return Item.purged_at.is_(None) & Item.id.in_(in_open_lead) & ~judged.exists() & with_text.exists()


def _items(session: Session, wanted: ColumnElement[bool], *, after: int, limit: int) -> list[WaitingItem]:
    chosen = (
        select(
            Item.id,
            Item.content_hash,
            Item.title,
            Item.url_key,
            ItemText.text,
            Source.municipality_code,
            select(LeadItem.lead_id).where(LeadItem.item_id == Item.id).exists().label("in_lead"),
        )
        .join(Source, Source.key == Item.source_key)
        .outerjoin(ItemText, ItemText.item_id == Item.id)
        .where(wanted, Item.id > after)
        .order_by(Item.id)
        .limit(limit)
    )
    rows = session.execute(chosen).all()
    handed_in = handed_municipalities(session, [row.id for row in rows])
    return [
        WaitingItem(
            id=row.id,
            content_hash=row.content_hash,
            title=row.title,
            text=row.text or "",
            municipality_code=row.municipality_code or handed_in.get(row.id),
            url_key=row.url_key,
            in_lead=bool(row.in_lead),
            handed_in=row.id in handed_in,
        )
        for row in rows
    ]
