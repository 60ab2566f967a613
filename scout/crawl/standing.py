"""Storing what sources say of items they published: there, gone, or neither."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from models.source_definition import SourceDefinition
from models.store.gone import items_with_ids, note_gone, note_there, note_unknown, withdraw
from models.store.items import external_key
from scout.drafts import Standing

if TYPE_CHECKING:
    from scout.crawl.crew import Crew


async def store_standing(crew: "Crew", standing: Mapping[int, Standing]) -> int:
    """Store the standing of items (by id), in one transaction; what is gone for the second time goes.

    Returns:
        How many items went.
    """
    if not standing:
        return 0
    now = crew.context.now()

    def of(wanted: Standing) -> list[int]:
        return [item_id for item_id, told in standing.items() if told is wanted]

    def store(session: Session) -> int:
        # First, for it holds leads: whoever else wants both takes them before items.
        again = note_gone(session, of(Standing.GONE), now)
        note_there(session, of(Standing.THERE), now)
        note_unknown(session, of(Standing.UNKNOWN), now)
        return len(withdraw(session, again, crew.context.settings, now).items) if again else 0

    withdrawn = await crew.storage.write(store)
    crew.withdrawn += withdrawn
    return withdrawn


async def take_gone(crew: "Crew", source: SourceDefinition, ids: Collection[str]) -> None:
    """Take it as an answer that the source's own list says that items are deleted.

    Args:
        ids: the source's own ids (``Reading.gone``).
    """
    if not ids:
        return
    keys = {external_key(crew.secret, source.key, one) for one in ids}
    found = await crew.storage.read(lambda session: items_with_ids(session, source.key, keys))
    await store_standing(crew, dict.fromkeys(found, Standing.GONE))
