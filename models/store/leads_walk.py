"""Finding the leads of a list: quick for common choices and for rare ones, in a database of any size.

A list is walked in its order, along an index: a choice that fits many leads has its page together after a
few. When :data:`WALK` leads were passed and the page is not full, or :data:`FIRST_WALK` and hardly anything
was found, the choice is a rare one. Then all leads that fit are taken from the search index, which keeps
status, municipality, place, theme, person and sources beside the words, and are put in order: that can't be
many, as so few of those walked past fitted.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from models.lead import Lead
from models.search import Term, read
from models.store.leads_filter import (
    Filter,
    Order,
    columns_for,
    facets,
    order_for,
    others,
    ranges,
    source_facets,
)
from models.store.places import places_within
from models.store.search import holds, matching_leads
from models.store.search_texts import on_sqlite
from models.store.viewer import Viewer

#: Leads that are walked past before it is asked whether going on is worth while: what does not stand in the
#: index of the order (place, source, words) is looked up lead by lead, in about ten pages of the file each.
FIRST_WALK = 250
#: Leads that are walked past for one page. A choice that fits less than about one in a hundred leads of a
#: status goes to the search index: of a million leads at most some ten thousand.
WALK = 2500
#: And when something is searched for that fits so many of the first ones that this is likely to be enough.
LONG_WALK = 4 * WALK
#: Leads that the search index gives at first when something is searched for; each time four times as many.
PORTION = 100
#: Days of which the first lead is looked up before searching in them; of more, most leads fit anyway.
RECENT_DAYS = 31


@dataclass(frozen=True)
class Wanted:
    """One page of a list, all questions about it answered."""

    filter: Filter
    #: Municipality to keep to; None = all.
    code: str | None
    #: Keys of the place asked for and of what lies in it.
    places: frozenset[str]
    #: What is searched for; empty = nothing.
    terms: tuple[Term, ...]
    #: What the list goes by, highest first.
    columns: tuple[Any, ...]
    #: Their values, of the lead where the page begins; None = at the top.
    start: tuple[Any, ...] | None
    #: The page lies above that lead, and is listed upwards.
    upwards: bool
    limit: int
    skip: frozenset[int]

    def beyond(self, columns: Sequence[Any]) -> list[ColumnElement[bool]]:
        """Condition that keeps to the page's side of where it begins."""
        if self.start is None:
            return []
        # Compared as one row of values: an index takes that at once, however far down the list.
        row, place = tuple_(*columns), tuple_(*self.start)
        return [row > place if self.upwards else row < place]

    def sort(self, columns: Sequence[Any]) -> list[Any]:
        """In which order leads come."""
        return [column.asc() if self.upwards else column.desc() for column in columns]


def lead_ids(
    session: Session,
    viewer: Viewer,
    filter: Filter,
    order: Order,
    *,
    start: Sequence[Any] | None,
    upwards: bool,
    limit: int,
    skip: Collection[int] = (),
) -> list[int]:
    """Numbers of leads from some place in the list on.

    Args:
        start: what the list goes by (``columns_for``), of the lead where the page begins; it is left out.
        upwards: the leads above it, the nearest first.
        skip: leads to leave out.
    """
    allowed, code = _municipality(viewer, filter)
    terms = tuple(read(filter.text)) if filter.text else ()
    places = places_within(session, filter.place_key) if filter.place_key is not None else frozenset()
    nothing = (filter.text and not terms) or (filter.place_key is not None and not places)
    if not allowed or nothing:
        return []
    wanted = Wanted(
        filter=filter,
        code=code,
        places=places,
        terms=terms,
        columns=columns_for(filter, order_for(filter, order)),
        start=tuple(start) if start is not None else None,
        upwards=upwards,
        limit=limit,
        skip=frozenset(skip),
    )
    if terms and on_sqlite(session):
        # Its index gives leads by number: it stops by itself when the page is full.
        return _searched(session, wanted)
    lengths = (WALK, LONG_WALK) if terms else (WALK,)
    if limit * FIRST_WALK >= WALK:
        # For a page. That the first ones have no next lead says little: one in a thousand would do.
        lengths = (FIRST_WALK, *lengths)
    for length in lengths:
        found, whole = _walked(session, wanted, length)
        if whole:
            return found
        if len(found) * lengths[-1] < limit * length:
            break
    return _searched(session, wanted) if terms else _gathered(session, wanted)


def _municipality(viewer: Viewer, filter: Filter) -> tuple[bool, str | None]:
    """Whether there can be anything for this viewer, and the municipality to keep to."""
    if viewer.decides:
        return True, filter.municipality_code
    own = viewer.municipality_code if viewer.reads else None
    return own is not None and filter.municipality_code in (None, own), own


def _walked(session: Session, wanted: Wanted, length: int) -> tuple[list[int], bool]:
    """What fits among the next ``length`` leads along the index of the order, and whether it is the page."""
    filter, columns = wanted.filter, wanted.columns
    within: list[ColumnElement[bool]] = [Lead.status == filter.status, *wanted.beyond(columns)]
    if wanted.skip:
        within.append(Lead.id.not_in(wanted.skip))
    along, across = _split(wanted)
    passed = select(Lead).where(*within, *along).order_by(*wanted.sort(columns))
    if not across and not wanted.terms:
        return list(session.scalars(passed.with_only_columns(Lead.id).limit(wanted.limit))), True
    names = dict.fromkeys(
        ["id", "municipality_code", "place_key", "theme", "assignee_id", "score", "opened_at", "precedence"]
    )
    walk = passed.with_only_columns(*(getattr(Lead, name) for name in names)).limit(length).subquery()
    fits = _fitting(session, wanted, walk.c)
    if not on_sqlite(session) and (wanted.terms or filter.source_key is not None):
        fits.append(holds(walk.c.id, wanted.terms, source_facets(filter)))
    sort = wanted.sort([walk.c[column.key] for column in columns])
    found = list(session.scalars(select(walk.c.id).where(*fits).order_by(*sort).limit(wanted.limit)))
    if len(found) == wanted.limit:
        return found, True
    went_on = session.scalar(passed.with_only_columns(Lead.id).offset(length - 1).limit(1))
    return found, went_on is None


def _split(wanted: Wanted) -> tuple[list[ColumnElement[bool]], bool]:
    """Conditions that the index of the order takes, and whether there are others."""
    filter, columns = wanted.filter, wanted.columns
    along: list[ColumnElement[bool]] = []
    across = bool(others(filter, wanted.places, Lead))
    if wanted.code is not None:
        if Lead.score in columns:
            along.append(Lead.municipality_code == wanted.code)
        else:
            across = True
    if columns[0] is Lead.score or columns[0] is Lead.opened_at:
        along += ranges(filter, Lead, only=columns[0].key)
        across = across or bool(ranges(filter, Lead, but=columns[0].key))
    else:
        across = across or bool(ranges(filter, Lead))
    return along, across


def _fitting(session: Session, wanted: Wanted, lead: Any) -> list[ColumnElement[bool]]:
    """Everything that is asked for but status and words; ``lead`` has the columns.

    Not on PostgreSQL the source: the search index says that, of a single lead too, and a ``tsvector`` keeps
    its key as it is written. Asked of the items, the planner may read all that the source ever brought.
    """
    filter = wanted.filter if on_sqlite(session) else replace(wanted.filter, source_key=None)
    found = [*others(filter, wanted.places, lead), *ranges(filter, lead)]
    if wanted.code is not None:
        found.append(lead.municipality_code == wanted.code)
    return found


def _searched(session: Session, wanted: Wanted) -> list[int]:
    """The page of what is searched for, from the search index: leads by number."""
    asked = _asked(session, wanted)
    number = asked.selected_columns.lead_id
    if wanted.filter.days is not None and wanted.filter.days <= RECENT_DAYS:
        # Nothing lies before the first lead of those days.
        recent = select(Lead.id).where(
            Lead.status == wanted.filter.status, *ranges(wanted.filter, Lead, only="opened_at")
        )
        first = session.scalar(select(func.min(recent.cte("recent").prefix_with("MATERIALIZED").c.id)))
        asked = asked.where(number >= (first or 0))
    fits = [Lead.status == wanted.filter.status, *_fitting(session, wanted, Lead)]
    if wanted.skip:
        fits.append(Lead.id.not_in(wanted.skip))
    edge = wanted.start[0] if wanted.start else None
    if not on_sqlite(session):
        if edge is not None:
            asked = asked.where(number > edge if wanted.upwards else number < edge)
        # Found before it is put in order: else PostgreSQL may read all leads, newest first.
        found_first = asked.cte("indexed").prefix_with("MATERIALIZED")
        page = select(Lead.id).join(found_first, found_first.c.lead_id == Lead.id).where(*fits)
        return list(session.scalars(page.order_by(*wanted.sort([Lead.id])).limit(wanted.limit)))
    portion = PORTION
    found: list[int] = []
    while len(found) < wanted.limit:
        step = asked.order_by(number.asc() if wanted.upwards else number.desc()).limit(portion)
        if edge is not None:
            step = step.where(number > edge if wanted.upwards else number < edge)
        numbers = list(session.scalars(step))
        fitting = set(session.scalars(select(Lead.id).where(Lead.id.in_(numbers), *fits)))
        found += [one for one in numbers if one in fitting]
        if len(numbers) < portion:
            break
        edge, portion = numbers[-1], portion * 4
    return found[: wanted.limit]


def _gathered(session: Session, wanted: Wanted) -> list[int]:
    """The page of a rare choice: everything that fits, put in order."""
    # SQLite would follow the index of the order again; a plus in front keeps it from that.
    kept: Any = _Plain() if on_sqlite(session) else Lead
    fits = [kept.status == wanted.filter.status, *_fitting(session, wanted, kept)]
    if len(facets(wanted.filter, wanted.code, wanted.places)) > 1:
        fits.append(Lead.id.in_(_asked(session, wanted)))
    else:
        # Only scores, ages and dates of items: the leads of an age stand together.
        fits = [Lead.status == wanted.filter.status, *ranges(wanted.filter, kept, but="opened_at")]
        fits += ranges(wanted.filter, Lead, only="opened_at")
        fits += others(wanted.filter, wanted.places, kept)
    rows = select(*wanted.columns).where(*fits).cte("fitting").prefix_with("MATERIALIZED")
    columns = [rows.c[column.key] for column in wanted.columns]
    page = select(rows.c.id).where(*wanted.beyond(columns)).order_by(*wanted.sort(columns))
    if wanted.skip:
        page = page.where(rows.c.id.not_in(wanted.skip))
    return list(session.scalars(page.limit(wanted.limit)))


class _Plain:
    """Columns of ``Lead`` that SQLite looks up in the row and in no index."""

    def __getattr__(self, name: str) -> Any:
        column = getattr(Lead, name)
        return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


def _asked(session: Session, wanted: Wanted) -> Select[Any]:
    """``lead_id`` of the leads that have the facets and the words, by the search index."""
    return matching_leads(session, wanted.terms, facets(wanted.filter, wanted.code, wanted.places))
