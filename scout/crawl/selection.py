"""Which sources are visited in a run, and why the others are not. Pure, given the rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from models.source import Source
from models.source_definition import DefinitionProblem, SourceDefinition, terms_problem
from scout.crawl.schedule import is_due
from scout.definitions import UnknownSourceError
from scout.kinds import KINDS


def chosen(
    definitions: Sequence[SourceDefinition],
    mistakes: Sequence[DefinitionProblem],
    keys: Collection[str] | None,
) -> list[SourceDefinition]:
    """The definitions with these keys; None = all.

    Raises:
        UnknownSourceError: a key is neither defined nor the key of a definition with a mistake.
    """
    if keys is None:
        return list(definitions)
    known = {definition.key for definition in definitions} | {mistake.source for mistake in mistakes}
    unknown = [key for key in keys if key not in known]
    if unknown:
        names = ", ".join(repr(key) for key in unknown)
        raise UnknownSourceError(f"no source file defines {names}: `scout sources list` shows all sources")
    return [definition for definition in definitions if definition.key in keys]


def select(
    definitions: Sequence[SourceDefinition],
    rows: Mapping[str, Source],
    *,
    now: datetime,
    everything: bool,
    named: bool,
) -> tuple[list[SourceDefinition], list[tuple[str, str]]]:
    """Say which sources to visit now.

    Args:
        everything: also those that are not due.
        named: they were asked for by key, so that one that is switched off is worth a word.

    Returns:
        The sources to visit, and (source, why it is not visited) for those that a person should look at.
    """
    due: list[SourceDefinition] = []
    problems: list[tuple[str, str]] = []
    for definition in definitions:
        row = rows[definition.key]
        wanted = everything or is_due(row.next_visit_at, definition.every_seconds, now)
        if not definition.enabled:
            why = "is switched off: set enabled = true" if named else None
        else:
            why = _hindrance(definition, row, now, wanted)
        if why is not None:
            problems.append((definition.key, why))
        elif definition.enabled and wanted:
            due.append(definition)
    return due, problems


def _hindrance(definition: SourceDefinition, row: Source, now: datetime, wanted: bool) -> str | None:
    if definition.kind not in KINDS:
        return f"is not visited: sources of kind {definition.kind.value} can't be read yet"
    terms = terms_problem(definition, now.date())
    if terms is not None:
        return f"is not visited: {terms}"
    if row.paused is not None:
        return f"is paused: {row.paused}"
    if wanted and row.retry_after_until is not None and row.retry_after_until > now:
        return (
            f"is not visited: its server asked to be left alone until "
            f"{row.retry_after_until:%Y-%m-%d %H:%M} UTC (Retry-After)"
        )
    return None
