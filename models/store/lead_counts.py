"""Numbers of leads, for the screens: read from the counted ones, never by counting leads.

Triggers on ``lead`` note every change of status and municipality in ``lead_count`` (migration 0004), in the
transaction that makes it. A number is the sum of its changes; :func:`compact_counts` puts them together.
"""

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from models.lead_count import LeadCount
from models.municipality import Municipality
from models.store.viewer import Viewer
from models.words import LeadStatus


def count_by_status(
    session: Session, viewer: Viewer, *, municipality_code: str | None = None
) -> dict[LeadStatus, int]:
    """How many leads there are of each status; a status without leads is left out."""
    number = func.sum(LeadCount.change)
    query = (
        select(LeadCount.status, number)
        .where(viewer.scope(LeadCount.municipality_code))
        .group_by(LeadCount.status)
        .having(number != 0)
    )
    if municipality_code is not None:
        query = query.where(LeadCount.municipality_code == municipality_code)
    return {status: int(count) for status, count in session.execute(query)}


def municipalities_with_leads(
    session: Session, viewer: Viewer, status: LeadStatus
) -> list[tuple[str, str, int]]:
    """Code, name and number of leads of each municipality that has leads of this status, by name."""
    number = func.sum(LeadCount.change)
    counts = (
        select(LeadCount.municipality_code.label("code"), number.label("leads"))
        .where(LeadCount.status == status, viewer.scope(LeadCount.municipality_code))
        .group_by(LeadCount.municipality_code)
        .having(number != 0)
        .subquery()
    )
    return [
        (code, name, int(count))
        for code, name, count in session.execute(
            select(Municipality.code, Municipality.name, counts.c.leads)
            .join(counts, counts.c.code == Municipality.code)
            .order_by(Municipality.name)
        )
    ]


def compact_counts(session: Session) -> None:
    """Put the noted changes together, one row for each status and municipality. The caller commits.

    Changes that others write meanwhile stay beside it: whoever reads finds the same numbers before, during
    and after.
    """
    if session.get_bind().dialect.name == "postgresql":
        # One statement, so one view of the table: nothing can come in between taking out and putting in.
        session.execute(
            text(
                "WITH taken AS (DELETE FROM lead_count RETURNING status, municipality_code, change) "
                "INSERT INTO lead_count (status, municipality_code, change) "
                "SELECT status, municipality_code, sum(change) FROM taken "
                "GROUP BY status, municipality_code HAVING sum(change) <> 0"
            )
        )
        return
    # The only writer of the file, from the first statement to the commit.
    newest = session.scalar(select(func.max(LeadCount.id))) or 0
    number = func.sum(LeadCount.change)
    session.execute(
        insert(LeadCount).from_select(
            ["status", "municipality_code", "change"],
            select(LeadCount.status, LeadCount.municipality_code, number)
            .where(LeadCount.id <= newest)
            .group_by(LeadCount.status, LeadCount.municipality_code)
            .having(number != 0),
        )
    )
    session.execute(delete(LeadCount).where(LeadCount.id <= newest))
