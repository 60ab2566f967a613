"""What the demo found, in Dutch: counts per source and per municipality, and the best leads."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.municipality import Municipality
from models.prediction import Prediction
from models.run import Run
from models.source import Source
from models.words import LeadStatus

#: Leads that the summary names.
BEST = 5
#: Characters of a title or a problem in a table.
WIDTH = 70
#: What stands for a text that names no municipality.
NOWHERE = "(geen gemeente)"


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    name: str
    items: int
    flagged: int
    leads: int
    problem: str = ""


@dataclass(frozen=True)
class Found:
    """Everything that the summary shows."""

    sources: tuple[Row, ...]
    municipalities: tuple[Row, ...]
    #: Score, title and municipality of the best open leads.
    best: tuple[tuple[float, str, str], ...]
    #: All leads, also those decided on.
    leads: int


def found(session: Session) -> Found:
    """Count what the database holds now."""
    names: dict[str | None, str] = {row.code: row.name for row in session.scalars(select(Municipality))}
    by_source, by_place = _Counts(), _Counts()
    for source, code, flagged in _newest_estimates(session):
        by_source.item(source, flagged=flagged)
        by_place.item(names.get(code, NOWHERE), flagged=flagged)
    pairs = select(Item.source_key, LeadItem.lead_id).join_from(LeadItem, Item).distinct()
    by_source.leads.update(source for source, _ in session.execute(pairs))
    leads = session.scalars(select(Lead)).all()
    by_place.leads.update(names.get(lead.municipality_code, NOWHERE) for lead in leads)
    living = sorted(
        (lead for lead in leads if lead.status is LeadStatus.OPEN), key=lambda lead: (-lead.score, lead.id)
    )
    return Found(
        sources=tuple(
            by_source.row(source.key, title=source.title, problem=_problem(session, source))
            for source in session.scalars(
                select(Source).where(Source.removed_at.is_(None)).order_by(Source.title)
            )
        ),
        municipalities=tuple(
            by_place.row(name) for name in sorted(by_place.items, key=lambda name: (name == NOWHERE, name))
        ),
        best=tuple(
            (lead.score, lead.title, names.get(lead.municipality_code, NOWHERE)) for lead in living[:BEST]
        ),
        leads=len(leads),
    )


class _Counts:
    """Items, flagged items and leads by name."""

    def __init__(self) -> None:
        self.items: Counter[str] = Counter()
        self.flagged: Counter[str] = Counter()
        self.leads: Counter[str] = Counter()

    def item(self, name: str, *, flagged: bool) -> None:
        self.items[name] += 1
        self.flagged[name] += flagged

    def row(self, name: str, *, title: str = "", problem: str = "") -> Row:
        return Row(title or name, self.items[name], self.flagged[name], self.leads[name], problem)


def _newest_estimates(session: Session) -> Iterable[tuple[str, str | None, bool]]:
    """Source, municipality and flag of every living item, by the newest model that judged its text."""
    rows = session.execute(
        select(Item.id, Item.source_key, Prediction.municipality_code, Prediction.flagged)
        .outerjoin(
            Prediction, and_(Prediction.item_id == Item.id, Prediction.content_hash == Item.content_hash)
        )
        .where(Item.purged_at.is_(None))
        .order_by(Prediction.id)
    )
    return {number: (source, code, bool(flagged)) for number, source, code, flagged in rows}.values()


def _problem(session: Session, source: Source) -> str:
    """What went wrong in its last visit, or why there was none; empty = nothing."""
    last = session.scalars(
        select(Run)
        .where(Run.source_key == source.key)
        .order_by(Run.started_at.desc(), Run.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return source.paused or "niet bezocht"
    # The only address that the demo prints is that of the queue.
    return re.sub(r"https?://\S+", "the address", last.problem or source.paused or "")


def lines(result: Found) -> list[str]:
    """The summary as text, without colours, for terminals and logs alike."""
    return [
        *_table("Per bron", result.sources),
        "",
        *_table("Per gemeente", result.municipalities),
        "",
        f"De beste van {result.leads} signalen",
        # Never "100%": an estimate is not a certainty.
        *(f"  {min(score, 0.99):4.0%}  {_short(title)} ({place})" for score, title, place in result.best),
    ]


def _table(heading: str, rows: Sequence[Row]) -> Iterable[str]:
    width = max([len(heading), *(len(row.name) for row in rows)])
    yield f"{heading:<{width}}  berichten  gemarkeerd  signalen"
    for row in rows:
        counts = f"{row.items:>9}  {row.flagged:>10}  {row.leads:>8}"
        yield f"{row.name:<{width}}  {counts}" + (f"  ! {_short(row.problem)}" if row.problem else "")


def _short(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1].rstrip() + "…"
