"""Sources that were added on a page or by a command: they stand in the database, beside the source files."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from models.database import ensure_ready, open_engine, session_factory
from models.settings import Settings
from models.source import Source
from models.source_definition import DefinitionProblem, SourceDefinition, columns
from models.store.added_sources import added_sources
from models.store.sources import sync_sources

#: What stands in the place of a file in what is said about them.
ON_A_PAGE = "added on a page"


def beside_files(
    session: Session, files: Sequence[SourceDefinition], mistakes: Iterable[DefinitionProblem]
) -> tuple[list[SourceDefinition], list[DefinitionProblem]]:
    """The added sources that no source file defines as well; call it before the files are followed.

    Returns:
        Their definitions, by key, and a problem for each one that a file replaces by something else. An
        export that became a file replaces it by the same, which is no problem. A file with a mistake in a
        source of that key replaces it by nothing, until the mistake is mended.
    """
    in_files = {definition.key: definition for definition in files}
    mistaken = {mistake.source for mistake in mistakes}
    beside: list[SourceDefinition] = []
    problems: list[DefinitionProblem] = []
    for definition in added_sources(session):
        by_file = in_files.get(definition.key)
        if by_file is None:
            beside += [] if definition.key in mistaken else [definition]
        elif replace(by_file, defined_in="") != definition:
            problems.append(
                DefinitionProblem(
                    file=by_file.defined_in,
                    source=definition.key,
                    key="key",
                    message="is also the key of a source that was added on a page: the file counts, and what "
                    "was added is replaced; choose another key to keep both",
                )
            )
    return beside, problems


@dataclass(frozen=True)
class Followed:
    """What the source files and what was added on pages come to together."""

    #: Key -> row, of all sources that may be visited.
    rows: dict[str, Source]
    #: Definitions of the sources that were added on a page.
    added: list[SourceDefinition]
    #: What files replaced of these by something else.
    replaced: list[DefinitionProblem]


def follow_files(
    session: Session,
    definitions: Sequence[SourceDefinition],
    mistakes: Collection[DefinitionProblem],
    now: datetime,
) -> Followed:
    """Bring the rows in line with the source files; sources added on a page stay. The caller commits.

    Args:
        definitions, mistakes: as ``load_definitions`` gives them.
    """
    added, replaced = beside_files(session, definitions, mistakes)
    rows = sync_sources(
        session,
        [columns(definition) for definition in definitions],
        broken_keys={mistake.source for mistake in mistakes},
        broken_files={mistake.file for mistake in mistakes},
        now=now,
    )
    keys = {definition.key for definition in added}
    beside = session.scalars(select(Source).where(Source.defined_in == ""))
    rows.update({row.key: row for row in beside if row.key in keys})
    return Followed(rows, added, replaced)


def has_database(settings: Settings) -> bool:
    """Whether there may be a database: looking must not make one."""
    url = make_url(settings.effective_database_url)
    if url.get_backend_name() != "sqlite" or url.database is None:
        return True
    return Path(url.database).exists()


def look_up(
    settings: Settings, files: Sequence[SourceDefinition], mistakes: Collection[DefinitionProblem]
) -> tuple[list[SourceDefinition], list[DefinitionProblem], dict[str, str]]:
    """What :func:`beside_files` says of the database of the settings, and which sources are paused.

    Returns:
        Definitions, problems, and key -> why it is paused; all empty where there is no database yet.
    """
    if not has_database(settings):
        return [], [], {}
    engine = open_engine(settings)
    try:
        ensure_ready(engine)
        with session_factory(engine, writes=False)() as session:
            definitions, problems = beside_files(session, files, mistakes)
            paused = select(Source.key, Source.paused).where(
                Source.paused.is_not(None), Source.removed_at.is_(None)
            )
            return definitions, problems, {row[0]: row[1] or "" for row in session.execute(paused)}
    finally:
        engine.dispose()
