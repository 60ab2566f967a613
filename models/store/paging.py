"""Pages of rows by number, the newest first; no page is counted off, so a deep one is as quick as any."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session


class Numbered(Protocol):
    """A row as shown, with its number."""

    @property
    def id(self) -> int:
        """By what the rows are in order."""


Shown = TypeVar("Shown", bound=Numbered)


@dataclass(frozen=True)
class Paged(Generic[Shown]):
    """The rows of one page, and where the neighbouring ones begin; None = there is none."""

    rows: list[Shown]
    before: int | None
    after: int | None


def newest_first(
    session: Session,
    query: Select[*tuple[Any, ...]],
    number: InstrumentedAttribute[int],
    make: Callable[[Any], Shown],
    *,
    wanted: Sequence[ColumnElement[bool]] = (),
    after: int | None,
    before: int | None,
    limit: int,
) -> Paged[Shown]:
    """One page of what ``query`` finds, of that what is ``wanted``.

    Args:
        number: column of the number, the :attr:`Numbered.id` of what is made.
        make: a row of the query -> as it is shown.
        wanted: conditions on the table of ``number``. The page is looked for there alone, so that all that
            ``query`` lays beside it is read for the rows of this page only; the query itself should then
            leave out nothing more.
        after: rows older than this number.
        before: the rows just newer than this number instead.
        limit: most rows on a page.
    """
    beyond: list[ColumnElement[bool]] = []
    if before is not None:
        beyond = [number > before]
    elif after is not None:
        beyond = [number < after]
    order = number.asc() if before is not None else number.desc()
    if wanted:
        found = select(number).where(*wanted, *beyond).order_by(order).limit(limit + 1)
        beyond = [number.in_(found)]
    # One more than is shown, to know whether the pages go on.
    rows = [make(row) for row in session.execute(query.where(*beyond).order_by(order).limit(limit + 1))]
    more, rows = len(rows) > limit, rows[:limit]
    if before is not None:
        rows.reverse()
    newer = more if before is not None else after is not None
    older = more if before is None else True
    return Paged(
        rows=rows,
        before=rows[0].id if rows and newer else None,
        after=rows[-1].id if rows and older else None,
    )
