"""Taking addresses that lead to nothing any more out of the register, and out of its history."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.initiative_change import InitiativeChange
from models.store.audit import record
from models.store.events import tell
from models.words import EventKind


def unlink(
    session: Session, lead_ids: Collection[int], urls: Collection[str], now: datetime
) -> list[Initiative]:
    """Entries that these leads became no longer point to these addresses; holds them.

    Returns:
        The entries that changed: :func:`tell_unlinked` tells of them.
    """
    entries = session.scalars(
        select(Initiative)
        .where(Initiative.lead_id.in_(sorted(lead_ids)))
        .order_by(Initiative.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    changed = []
    for entry in entries:
        fields: dict[str, list[Any]] = {}
        # What stood there is not told: it must be gone.
        if entry.link and entry.link in urls:
            entry.link, fields["link"] = "", [None, ""]
        left = [url for url in entry.links if url not in urls]
        if left != entry.links:
            entry.links, fields["links"] = left, [None, left]
        _forget(session, entry, urls)
        if fields:
            entry.updated_at = now
            entry.version += 1
            session.add(InitiativeChange(initiative_id=entry.id, account_id=None, at=now, fields=fields))
            changed.append(entry)
    session.flush()
    return changed


def tell_unlinked(session: Session, entries: Sequence[Initiative], now: datetime) -> None:
    """Write down that these entries changed, and tell it outside."""
    for entry in entries:
        record(
            session,
            None,
            "initiative",
            "initiative",
            entry.id,
            after={"why": "deleted at the source"},
            at=now,
        )
        if entry.withdrawn_at is None:
            tell(
                session,
                EventKind.INITIATIVE_CHANGED,
                municipality_code=entry.municipality_code,
                initiative=entry,
                data={"fields": ["link"], "phase": entry.phase.value},
                at=now,
            )


def _forget(session: Session, entry: Initiative, urls: Collection[str]) -> None:
    """Earlier changes of the entry no longer name the addresses either."""
    rows = session.scalars(select(InitiativeChange).where(InitiativeChange.initiative_id == entry.id))
    for row in rows:
        without = {
            name: [_without(value, urls) for value in values] if name in ("link", "links") else values
            for name, values in row.fields.items()
        }
        if without != row.fields:
            row.fields = without


def _without(value: Any, urls: Collection[str]) -> Any:
    if isinstance(value, list):
        return [one for one in value if one not in urls]
    return "" if value in urls else value
