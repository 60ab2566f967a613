"""The search index: bringing it up to date, asking it, and making it forget.

Triggers keep the facets of leads in it, empty it of what is deleted, and note in ``search_todo`` whose
words have changed (migration 0004); the words are made here, for they need stems. Kept of a lead are
title, snippet, names, place, municipality and theme, and what the register says of it: nothing that
DESIGN 7 keeps out. Both databases get the same words; SQLite searches them with FTS5, PostgreSQL with
``tsvector``.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    Select,
    cast,
    column,
    delete,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.search import Atom, Term, words_of
from models.store.search_texts import entry_texts, lead_texts, on_sqlite, written

#: Leads and entries whose words are made in one transaction; whoever else writes waits no longer than that.
BATCH = 100
#: Rows that are looked at one by one rather than asking the index for the beginning of a word: 3000 take some
#: 6 ms, a common beginning 30 (``benchmarks.queue_data``, a million leads, PostgreSQL 18, 2026-11-22).
LOOKED_AT = 3000


@dataclass(frozen=True)
class Kind:
    """One sort of things that can be searched for."""

    #: What is kept of each, and the column with its number; the FTS5 index of SQLite is ``{table}_fts``.
    table: str
    key: str
    #: Session and numbers -> texts of each.
    texts: Any


#: ``search_todo.kind`` -> what it is about.
KINDS = {
    "lead": Kind("search_lead", "lead_id", lead_texts),
    "initiative": Kind("search_register", "initiative_id", entry_texts),
}

_todo = table("search_todo", column("id"), column("kind"), column("object_id"))


def refresh(session: Session, limit: int = BATCH) -> int:
    """Bring the index up to date for what was noted as changed, the oldest first. The caller commits.

    Returns:
        How many notes were worked off; 0 = nothing is left, or others are at work on the rest.
    """
    session.flush()
    noted = session.execute(
        select(_todo.c.id, _todo.c.kind, _todo.c.object_id).order_by(_todo.c.id).limit(limit)
    ).all()
    done: list[int] = []
    for name, kind in KINDS.items():
        wanted = {row.object_id for row in noted if row.kind == name}
        if not wanted:
            continue
        held = set(session.scalars(_rows(kind, wanted).with_for_update(skip_locked=True)))
        # Read only now that the rows are held: nobody can put older words over newer ones.
        _write(session, kind, held)
        gone = wanted - set(session.scalars(_rows(kind, wanted)))
        done += [row.id for row in noted if row.kind == name and row.object_id in held | gone]
    if done:
        session.execute(delete(_todo).where(_todo.c.id.in_(done)))
    return len(done)


def refresh_lead(session: Session, lead_id: int) -> None:
    """Bring the index up to date for one lead and its entries in the register. The caller commits."""
    session.flush()
    entries = set(session.scalars(select(Initiative.id).where(Initiative.lead_id == lead_id)))
    _refresh_at_once(session, {"lead": {lead_id}, "initiative": entries})


def refresh_entry(session: Session, initiative_id: int) -> None:
    """Bring the index up to date for one entry of the register and the lead that it came of, which is found
    by its words too. The caller commits.
    """
    session.flush()
    lead_id = session.scalar(select(Initiative.lead_id).where(Initiative.id == initiative_id))
    if lead_id is not None:
        refresh_lead(session, lead_id)
    else:
        _refresh_at_once(session, {"initiative": {initiative_id}})


def _refresh_at_once(session: Session, numbers: dict[str, set[int]]) -> None:
    """Bring the index up to date for these, by kind."""
    for name, wanted in numbers.items():
        if wanted:
            # Rows before notes, as refresh() takes them: so nobody waits for each other in a circle.
            session.scalars(_rows(KINDS[name], wanted).with_for_update()).all()
            session.execute(delete(_todo).where(_todo.c.kind == name, _todo.c.object_id.in_(wanted)))
            _write(session, KINDS[name], wanted)


def _rows(kind: Kind, numbers: Collection[int]) -> Select[tuple[Any]]:
    key: Any = column(kind.key)
    return select(key).select_from(table(kind.table, key)).where(key.in_(numbers)).order_by(key)


def _write(session: Session, kind: Kind, numbers: Collection[int]) -> None:
    if not numbers:
        return
    made = [
        {"number": number, "words": written(session, words_of(texts))}
        for number, texts in kind.texts(session, sorted(numbers)).items()
    ]
    if on_sqlite(session):
        change, differs = "words = :words", "words <> :words"
    elif kind.table == "search_lead":
        change = "vector = CAST(:words AS tsvector) || search_facets(lead_id)"
        differs = "search_words(vector) <> CAST(:words AS tsvector)"
    else:
        change, differs = "vector = CAST(:words AS tsvector)", "vector <> CAST(:words AS tsvector)"
    # Names of our own tables and columns only.
    order = f"UPDATE {kind.table} SET {change} WHERE {kind.key} = :number AND {differs}"  # noqa: S608
    session.connection().execute(text(order), made)


def matching_leads(session: Session, terms: Sequence[Term], facets: Iterable[tuple[str, ...]]) -> Select[Any]:
    """Selection of ``lead_id``: leads with all of these terms, and of each set of facets at least one."""
    return _matching(session, KINDS["lead"], [*_as_terms(facets), *terms])


def _as_terms(facets: Iterable[tuple[str, ...]]) -> list[Term]:
    return [tuple((Atom((word,)),) for word in words) for words in facets]


def matching_entries(session: Session, terms: Sequence[Term]) -> Select[Any]:
    """Selection of ``initiative_id``: entries of the register with all of these terms (at least one)."""
    return _matching(session, KINDS["initiative"], terms)


def _matching(session: Session, kind: Kind, terms: Sequence[Term]) -> Select[Any]:
    if on_sqlite(session):
        index = table(f"{kind.table}_fts", column("rowid"))
        number: Any = index.c.rowid
        fits = literal_column(index.name).op("MATCH")(literal(fts_query(terms)))
        return select(number.label(kind.key)).select_from(index).where(fits)
    kept = table(kind.table, column(kind.key), column("vector"))
    whole = [term for term in terms if not any(atom.begins for way in term for atom in way)]
    if whole and len(whole) < len(terms) and _expected(session, kind, whole) <= LOOKED_AT:
        # For the beginning of a word the index gathers all rows with any word that begins so, whatever else
        # is asked. Where the rest leaves few rows, these are looked at instead.
        rest = [term for term in terms if term not in whole]
        looked_at = func.tsvector_concat(kept.c.vector, cast(literal(""), TSVECTOR))
        return select(kept.c[kind.key]).where(_fits(kept.c.vector, whole), _fits(looked_at, rest))
    return select(kept.c[kind.key]).where(_fits(kept.c.vector, terms))


def _expected(session: Session, kind: Kind, terms: Sequence[Term]) -> int:
    """PostgreSQL: how many rows its planner expects to have all of these terms."""
    asked = {"query": ts_query(terms)}
    order = f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {kind.table} WHERE vector @@ CAST(:query AS tsquery)"  # noqa: S608
    (plan,) = session.execute(text(order), asked).scalar_one()
    return int(plan["Plan"]["Plan Rows"])


def holds(number: Any, terms: Sequence[Term], facets: Iterable[tuple[str, ...]] = ()) -> Any:
    """PostgreSQL: condition that one lead has all of these terms and facets, looked up by its number."""
    kept = table("search_lead", column("lead_id"), column("vector"))
    # A value for each lead: a condition that something exists would be turned into a search of all.
    fits = _fits(kept.c.vector, [*_as_terms(facets), *terms])
    return select(fits).where(kept.c.lead_id == number).scalar_subquery()


def _fits(vector: Any, terms: Sequence[Term]) -> Any:
    return vector.op("@@", return_type=Boolean())(cast(literal(ts_query(terms)), TSQUERY))


def fts_query(terms: Iterable[Term]) -> str:
    """Terms as FTS5 reads them. Words have letters and digits only, facets no quotes."""

    def said(atom: Atom) -> str:
        return f'"{" ".join(word.replace(chr(34), "") for word in atom.words)}"{" *" if atom.begins else ""}'

    return _all(terms, said, " AND ", " OR ")


def ts_query(terms: Iterable[Term]) -> str:
    """Terms as PostgreSQL reads them."""

    def said(atom: Atom) -> str:
        quoted = ["'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in atom.words]
        return "(" + " <-> ".join(quoted) + (":*" if atom.begins else "") + ")"

    return _all(terms, said, " & ", " | ")


def _all(terms: Iterable[Term], said: Any, both: str, either: str) -> str:
    return both.join(
        "(" + either.join("(" + both.join(said(atom) for atom in way) + ")" for way in term) + ")"
        for term in terms
    )
