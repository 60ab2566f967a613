"""Municipalities with the same civil servants: between them, nobody is "of another municipality"."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.mergers import now_of
from models.municipality import Municipality

#: Characters of the name of a joint organisation.
LONGEST = 100


def together(session: Session) -> tuple[frozenset[str], ...]:
    """Groups of CBS codes that share their civil servants, in the order of their names; none of one alone."""
    found: dict[str, set[str]] = {}
    rows = session.execute(
        select(Municipality.code, Municipality.staff_body).where(Municipality.staff_body != "")
    )
    for code, body in rows:
        found.setdefault(body.casefold(), set()).add(now_of(code))
    return tuple(frozenset(codes) for _body, codes in sorted(found.items()) if len(codes) > 1)


def same_staff(session: Session) -> Callable[[str, str], bool]:
    """Whether two codes are of one municipality by now, or of two that share their civil servants."""
    groups = together(session)

    def same(one: str, other: str) -> bool:
        pair = {now_of(one), now_of(other)}
        return len(pair) == 1 or any(pair <= group for group in groups)

    return same
