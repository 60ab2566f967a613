"""Looking after the whole search index: bringing it up to date, making it forget, making it again."""

from typing import Any

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from models.initiative import Initiative
from models.lead import Lead
from models.search import words_of
from models.store.lead_counts import compact_counts
from models.store.search import KINDS, refresh
from models.store.search_texts import on_sqlite, written

#: Pages of the index that are merged in one transaction, so that others that write never wait long; of 4 kB.
MERGE_PAGES = 200

#: Puts a lead or entry into the index, by database; the facets are made as migration 0004 makes them.
_FACETS = """
    's:' || status || coalesce(' m:' || municipality_code, '')
    || coalesce(' p:' || replace(place_key, ' ', '_'), '') || coalesce(' t:' || theme, '')
    || ' a:' || coalesce(assignee_id, 0) || ' '
    || coalesce((SELECT group_concat(DISTINCT 'b:' || source_key)
    FROM lead_item JOIN item ON item.id = item_id WHERE lead_id = lead.id), '')
"""
_PUT_IN = {
    ("lead", True): "INSERT INTO search_lead (lead_id, facets, words) "  # noqa: S608 - all of it our own
    f"SELECT id, {_FACETS}, :words FROM lead WHERE id = :number",
    ("initiative", True): "INSERT INTO search_register (initiative_id, words) VALUES (:number, :words)",
    ("lead", False): "INSERT INTO search_lead (lead_id, vector) "
    "SELECT id, CAST(:words AS tsvector) || search_facets(id) FROM lead WHERE id = :number",
    ("initiative", False): "INSERT INTO search_register (initiative_id, vector) "
    "VALUES (:number, CAST(:words AS tsvector))",
}


def refresh_all(sessions: sessionmaker[Session]) -> int:
    """Bring the index up to date and put the counted leads together; may be stopped and repeated at any time.

    Returns:
        How many notes about changed words were worked off.
    """
    total = 0
    while True:
        with sessions() as session:
            done = refresh(session)
            session.commit()
        total += done
        if not done:
            break
    with sessions() as session:
        compact_counts(session)
        session.commit()
    return total


def forget_words(engine: Engine) -> None:
    """Make SQLite's index forget what was taken out of it; other databases: nothing to do.

    FTS5 only marks words as taken out, until it merges its parts. So they are merged, in short transactions:
    words of deleted leads are gone from the file after that. (Its own way to do so at once needs SQLite
    3.42, and a file that older ones can't read.)
    """
    if engine.dialect.name != "sqlite":
        return
    for kind in KINDS.values():
        # A negative number begins to merge all parts; the same call, positive, goes on with it.
        pages, changes = -MERGE_PAGES, 2
        while changes >= 2:
            with engine.execution_options(writes=True).begin() as connection:
                raw: Any = connection.connection.driver_connection
                before = raw.total_changes
                connection.exec_driver_sql(
                    f"INSERT INTO {kind.table}_fts ({kind.table}_fts, rank) VALUES ('merge', ?)",  # noqa: S608
                    (pages,),
                )
                changes = raw.total_changes - before
            pages = MERGE_PAGES


def rebuild(sessions: sessionmaker[Session], portion: int = 2000) -> int:
    """Make the whole index again, after rows came in past the triggers or a theme got another name.

    Returns:
        How many leads are in it.
    """
    with sessions() as session:
        for name in ("search_todo", *(kind.table for kind in KINDS.values())):
            session.connection().exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608 - our own names
        session.commit()
    total = 0
    for name, source in (("lead", Lead), ("initiative", Initiative)):
        last = 0
        while True:
            with sessions() as session:
                numbers = session.scalars(
                    select(source.id).where(source.id > last).order_by(source.id).limit(portion)
                ).all()
                if not numbers:
                    break
                made = [
                    {"number": number, "words": written(session, words_of(texts))}
                    for number, texts in KINDS[name].texts(session, numbers).items()
                ]
                session.connection().execute(text(_PUT_IN[name, on_sqlite(session)]), made)
                session.commit()
            last = numbers[-1]
            total += len(numbers) if source is Lead else 0
    return total
