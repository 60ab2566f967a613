"""counted leads and search

Revision: 0004
Follows: 0003

Numbers of leads and the search index are kept by triggers, so that no way of writing can forget them:
bulk updates, purging, merging and undoing included. What they need of Python, the stems of words, is noted
in ``search_todo`` and worked off by ``models.store.search``. All tables named ``search_…`` are outside
the models: they differ between the databases and hold nothing that can't be made again.

A later migration that makes SQLite copy one of :data:`WATCHED` (``batch_alter_table`` does for most
changes) loses the triggers on it, without a word: it must make them again.
``tests/models/test_finding_counts.py`` fails when one is missing.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WATCHED = ("lead", "lead_item", "item", "initiative", "place", "municipality")

#: Columns of a lead that its words are made from, and its facets; and of an entry in the register.
TOLD = ["title", "snippet", "initiative_name", "organisation_name", "municipality_code", "place_key", "theme"]
FACETS = ["status", "municipality_code", "place_key", "theme", "assignee_id"]
REGISTER = [
    "name",
    "summary",
    "question",
    "municipality_code",
    "place_key",
    "theme",
    "lead_id",
    "withdrawn_at",
]
#: The content of a lead has been deleted.
EMPTIED = "NEW.title = '' AND NEW.snippet = '' AND NEW.initiative_name = '' AND NEW.organisation_name = ''"

#: Facets are words with a colon: ``s:`` status, ``m:`` municipality, ``p:`` place, ``t:`` theme, ``a:``
#: account that has the lead in hand (0 = nobody), ``b:`` a source of it.
SQLITE = {
    "facets": "SELECT 's:' || status || coalesce(' m:' || municipality_code, '') "
    "|| coalesce(' p:' || replace(place_key, ' ', '_'), '') || coalesce(' t:' || theme, '') "
    "|| ' a:' || coalesce(assignee_id, 0) || ' ' "
    "|| coalesce((SELECT group_concat(DISTINCT 'b:' || source_key) FROM lead_item "
    "JOIN item ON item.id = item_id WHERE lead_id = lead.id), '') FROM lead WHERE lead.id = ",
    "new lead": "INSERT INTO search_lead (lead_id, facets, words) VALUES (NEW.id, ({facets}NEW.id), '')",
    "face": "UPDATE search_lead SET facets = ({facets}{lead}) WHERE lead_id IN ({lead})",
    "emptied": "UPDATE search_lead SET words = '' WHERE lead_id = NEW.id AND {emptied}",
    "has source": "instr(replace(facets, ',', ' ') || ' ', ' b:' || source_key || ' ') > 0",
    "new entry": "INSERT INTO search_register (initiative_id, words) VALUES (NEW.id, '')",
    "withdrawn": "UPDATE search_register SET words = '' "
    "WHERE initiative_id = NEW.id AND NEW.withdrawn_at IS NOT NULL",
}
POSTGRESQL = {
    "new lead": "INSERT INTO search_lead (lead_id, vector) VALUES (NEW.id, search_facets(NEW.id))",
    "face": "UPDATE search_lead SET vector = search_words(vector) || search_facets(lead_id) "
    "WHERE lead_id IN ({lead})",
    "emptied": "UPDATE search_lead SET vector = search_facets(lead_id) WHERE lead_id = NEW.id AND {emptied}",
    "has source": "vector @@ quote_literal('b:' || source_key)::tsquery",
    "new entry": "INSERT INTO search_register (initiative_id, vector) VALUES (NEW.id, '')",
    "withdrawn": "UPDATE search_register SET vector = '' "
    "WHERE initiative_id = NEW.id AND NEW.withdrawn_at IS NOT NULL",
}

SQLITE_TABLES = (
    "CREATE TABLE search_todo "
    "(id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, object_id INTEGER NOT NULL)",
    "CREATE TABLE search_lead (lead_id INTEGER PRIMARY KEY, facets TEXT NOT NULL, words TEXT NOT NULL)",
    "CREATE TABLE search_register (initiative_id INTEGER PRIMARY KEY, words TEXT NOT NULL)",
)
#: Characters of facets belong to words; beginnings of words are kept ready, of 2 to 4 letters and the mark
#: before them.
FTS = "tokenize = \"unicode61 remove_diacritics 0 tokenchars ':-_.'\", columnsize = 0, prefix = '3 4 5'"
SQLITE_INDEXES = {
    "search_lead": ("lead_id", "facets", "words"),
    "search_register": ("initiative_id", "words"),
}

POSTGRESQL_TABLES = (
    "CREATE TABLE search_todo (id BIGSERIAL PRIMARY KEY, kind TEXT NOT NULL, object_id INTEGER NOT NULL)",
    "CREATE TABLE search_lead (lead_id INTEGER PRIMARY KEY, vector TSVECTOR NOT NULL)",
    "CREATE TABLE search_register (initiative_id INTEGER PRIMARY KEY, vector TSVECTOR NOT NULL)",
    """
    CREATE FUNCTION search_facets(wanted INTEGER) RETURNS tsvector LANGUAGE sql STABLE AS $$
        SELECT array_to_tsvector(array_remove(ARRAY[
            's:' || status, 'm:' || municipality_code, 'p:' || replace(place_key, ' ', '_'), 't:' || theme,
            'a:' || coalesce(assignee_id, 0)
        ], NULL) || ARRAY(
            SELECT DISTINCT 'b:' || source_key FROM lead_item JOIN item ON item.id = item_id
            WHERE lead_id = lead.id
        )) FROM lead WHERE lead.id = wanted
    $$
    """,
    """
    CREATE FUNCTION search_words(vector tsvector) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
        SELECT ts_delete(vector, ARRAY(SELECT lexeme FROM unnest(vector) WHERE lexeme LIKE '_:%'))
    $$
    """,
)


def _sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def _triggers() -> dict[str, tuple[str, str, list[str]]]:
    """Name -> when, on what condition, and what to do."""
    said = "IS NOT" if _sqlite() else "IS DISTINCT FROM"
    words = SQLITE if _sqlite() else POSTGRESQL

    def do(what: str, lead: str = "") -> str:
        facets = words.get("facets", "")
        return words[what].format(facets=facets, lead=lead, emptied=EMPTIED)

    def differ(*columns: str) -> str:
        return "(" + " OR ".join(f"OLD.{column} {said} NEW.{column}" for column in columns) + ")"

    def count(row: str, change: int) -> str:
        values = f"{row}.status, {row}.municipality_code, {change}"
        return f"INSERT INTO lead_count (status, municipality_code, change) VALUES ({values})"

    def note(kind: str, rows: str) -> str:
        return f"INSERT INTO search_todo (kind, object_id) SELECT '{kind}', {rows}"

    def note_all(condition: str) -> list[str]:
        return [note(kind, f"id FROM {kind} WHERE {condition}") for kind in ("lead", "initiative")]

    def note_lead(row: str) -> str:
        return note("lead", f"id FROM lead WHERE id = {row}.lead_id")

    turned = ("status", "municipality_code")
    # Most items of a lead come from sources that it has already.
    arrives = (
        f"{do('face', 'NEW.lead_id')} "
        f"AND NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.item_id AND {do('has source')})"
    )
    return {
        "lead_counted_in": ("INSERT ON lead", "", [count("NEW", 1)]),
        "lead_counted_out": ("DELETE ON lead", "", [count("OLD", -1)]),
        "lead_counted_on": (
            "UPDATE OF status, municipality_code ON lead",
            differ(*turned),
            [count("OLD", -1), count("NEW", 1)],
        ),
        "lead_found_in": ("INSERT ON lead", "", [do("new lead"), note("lead", "NEW.id")]),
        "lead_found_out": ("DELETE ON lead", "", ["DELETE FROM search_lead WHERE lead_id = OLD.id"]),
        "lead_found_on": (f"UPDATE OF {', '.join(FACETS)} ON lead", differ(*FACETS), [do("face", "NEW.id")]),
        "lead_told": (
            f"UPDATE OF {', '.join(TOLD)} ON lead",
            differ(*TOLD),
            [note("lead", "NEW.id"), do("emptied")],
        ),
        "lead_item_found_in": ("INSERT ON lead_item", "", [arrives]),
        "lead_item_found_out": ("DELETE ON lead_item", "", [do("face", "OLD.lead_id")]),
        "lead_item_found_on": (
            "UPDATE OF lead_id, item_id ON lead_item",
            "",
            [do("face", "OLD.lead_id"), do("face", "NEW.lead_id")],
        ),
        "initiative_found_in": (
            "INSERT ON initiative",
            "",
            [do("new entry"), note("initiative", "NEW.id"), note_lead("NEW")],
        ),
        "initiative_found_out": (
            "DELETE ON initiative",
            "",
            ["DELETE FROM search_register WHERE initiative_id = OLD.id", note_lead("OLD")],
        ),
        "initiative_told": (
            f"UPDATE OF {', '.join(REGISTER)} ON initiative",
            differ(*REGISTER),
            [note("initiative", "NEW.id"), note_lead("OLD"), note_lead("NEW"), do("withdrawn")],
        ),
        "place_told": ("UPDATE OF name ON place", differ("name"), note_all("place_key = NEW.key")),
        "municipality_told": (
            "UPDATE OF name ON municipality",
            differ("name"),
            note_all("municipality_code = NEW.code"),
        ),
    }


def _index_triggers() -> dict[str, str]:
    """SQLite: name -> trigger that brings every change of the words into the FTS5 index."""
    found = {}
    for table, (key, *columns) in SQLITE_INDEXES.items():
        index, listed = f"{table}_fts", ", ".join(columns)
        old, new = (", ".join(f"{row}.{column}" for column in (key, *columns)) for row in ("OLD", "NEW"))
        out = f"INSERT INTO {index} ({index}, rowid, {listed}) VALUES ('delete', {old});"
        into = f"INSERT INTO {index} (rowid, {listed}) VALUES ({new});"
        differ = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in columns)
        found[f"{table}_in"] = f"AFTER INSERT ON {table} BEGIN {into} END"
        found[f"{table}_out"] = f"AFTER DELETE ON {table} BEGIN {out} END"
        found[f"{table}_on"] = f"AFTER UPDATE ON {table} WHEN {differ} BEGIN {out} {into} END"
    return found


def _make_tables() -> None:
    if not _sqlite():
        for statement in POSTGRESQL_TABLES:
            op.execute(statement)
        op.execute("INSERT INTO search_lead (lead_id, vector) SELECT id, search_facets(id) FROM lead")
        op.execute("INSERT INTO search_register (initiative_id, vector) SELECT id, '' FROM initiative")
        for table in SQLITE_INDEXES:
            # Without a list of pending entries: every search would have to read it through.
            op.execute(
                f"CREATE INDEX ix_{table}_vector ON {table} USING gin (vector) WITH (fastupdate = off)"
            )
        return
    for statement in SQLITE_TABLES:
        op.execute(statement)
    every = f"({SQLITE['facets']}every.id)"
    op.execute(f"INSERT INTO search_lead (lead_id, facets, words) SELECT id, {every}, '' FROM lead AS every")
    op.execute("INSERT INTO search_register (initiative_id, words) SELECT id, '' FROM initiative")
    for table, (key, *columns) in SQLITE_INDEXES.items():
        parts = f"{', '.join(columns)}, content = '{table}', content_rowid = '{key}', {FTS}"
        op.execute(f"CREATE VIRTUAL TABLE {table}_fts USING fts5 ({parts})")
        op.execute(f"INSERT INTO {table}_fts ({table}_fts) VALUES ('rebuild')")
    for name, what in _index_triggers().items():
        op.execute(f"CREATE TRIGGER {name} {what}")


def upgrade() -> None:
    _make_tables()
    op.execute("CREATE INDEX ix_search_todo_object_id ON search_todo (object_id)")
    for name, (moment, condition, statements) in _triggers().items():
        body = "".join(f"{statement}; " for statement in statements)
        when = f"FOR EACH ROW {f'WHEN {condition} ' if condition else ''}"
        if _sqlite():
            op.execute(f"CREATE TRIGGER {name} AFTER {moment} {when}BEGIN {body}END")
            continue
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}RETURN NULL; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} AFTER {moment} {when}EXECUTE FUNCTION {name}()")
    op.execute(
        "INSERT INTO lead_count (status, municipality_code, change) "
        "SELECT status, municipality_code, count(*) FROM lead GROUP BY status, municipality_code"
    )
    for kind in ("lead", "initiative"):
        op.execute(f"INSERT INTO search_todo (kind, object_id) SELECT '{kind}', id FROM {kind}")


def downgrade() -> None:
    for name, (moment, _, _) in _triggers().items():
        if _sqlite():
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {moment.rpartition(' ')[2]}")
            op.execute(f"DROP FUNCTION {name}()")
    if _sqlite():
        for table in SQLITE_INDEXES:
            op.execute(f"DROP TABLE {table}_fts")
    else:
        op.execute("DROP FUNCTION search_facets(INTEGER)")
        op.execute("DROP FUNCTION search_words(tsvector)")
    for table in ("search_todo", "search_lead", "search_register"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DELETE FROM lead_count")
