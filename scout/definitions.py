"""Source files: what ``config/sources/*.toml`` say, read and checked; and the sources added on a page.

A mistake costs only the source it is in; every mistake is reported, with file, source, key and what to do.
"""

import tomllib
from pathlib import Path
from typing import Any

from models.settings import Settings
from models.source_definition import DefinitionProblem, Notes, SourceDefinition, check_source, unknown_keys
from models.source_rules import TOP_LEVEL, Mistake, municipality


class UnknownSourceError(Exception):
    """A source was asked for that no source file defines; the message names it."""


# -- files ------------------------------------------------------------------------------------


def _read_file(path: Path, file: str) -> tuple[dict[str, Any], list[DefinitionProblem]]:
    notes = Notes(file, "")
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig")), []
    except tomllib.TOMLDecodeError as error:
        notes.mistake("", f"is no valid TOML: {error}")
    except RecursionError:
        notes.mistake("", "is no valid TOML: too deep a nesting of brackets")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        notes.mistake("", f"is not in UTF-8 (at line {line}): save it as UTF-8")
    except OSError as error:
        notes.mistake("", f"can't be read: {error.strerror}")
    return {}, notes.problems


def _sources_of(
    content: dict[str, Any], file: str, seen: dict[str, str]
) -> tuple[list[SourceDefinition], list[DefinitionProblem]]:
    """Check one parsed file; ``seen`` (key -> file) is added to."""
    notes = Notes(file, "")
    unknown_keys(notes, "", content, TOP_LEVEL)
    default, default_is_wrong = None, False
    if "municipality" in content:
        try:
            default = municipality(content["municipality"])
        except Mistake as mistake:
            # Their items would be stored without municipality.
            notes.mistake(
                "municipality", f"{mistake}; until then sources without one of their own are left out"
            )
            default_is_wrong = True
    entries = content.get("source", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        notes.mistake("source", "start each source with a line [[source]], in double brackets")
        entries = []
    definitions: list[SourceDefinition] = []
    problems = notes.problems
    for number, given in enumerate(entries, start=1):
        key = given.get("key")
        name = key if isinstance(key, str) and key else f"#{number}"
        source_notes = Notes(file, name)
        if isinstance(key, str) and key in seen:
            first = "earlier in this file" if seen[key] == file else f"in {seen[key]}"
            source_notes.mistake(
                "key", f"{key!r} is also used {first}, and {file} comes second: choose another key"
            )
        elif isinstance(key, str):
            seen[key] = file
        definition, mistakes = check_source(given, file=file, name=name, default_municipality=default)
        problems += source_notes.problems + mistakes
        if (
            definition is not None
            and not source_notes.problems
            and not (default_is_wrong and "municipality" not in given)
        ):
            definitions.append(definition)
    return definitions, problems


def load_definitions(settings: Settings) -> tuple[list[SourceDefinition], list[DefinitionProblem]]:
    """Read all source files, in order of their names.

    Returns:
        The sources without a mistake, in the order of the files, and every mistake found. A missing or
        empty folder gives neither.
    """
    definitions: list[SourceDefinition] = []
    problems: list[DefinitionProblem] = []
    seen: dict[str, str] = {}
    for path in sorted((settings.config / "sources").glob("*.toml")):
        file = f"sources/{path.name}"
        content, mistakes = _read_file(path, file)
        problems += mistakes
        found, mistakes = _sources_of(content, file, seen)
        definitions += found
        problems += mistakes
    return definitions, problems
