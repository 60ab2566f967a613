"""Source files: what ``config/sources/*.toml`` may say, read and checked.

A mistake costs only the source it is in; every mistake is reported, with file, source, key and what to do.
"""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from models.settings import Settings
from models.words import SourceKind
from scout.definition_rules import (
    DEFAULT_EVERY_SECONDS,
    KEYS,
    ONE_OF,
    OPTIONS,
    TERMS,
    TOP_LEVEL,
    Mistake,
    hint,
    municipality,
)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The reviewed terms of use of a source; without all four it is not visited."""

    url: str
    checked: date
    basis: str
    purpose: str


@dataclass(frozen=True, kw_only=True)
class SourceDefinition:
    """One ``[[source]]`` of a source file, checked."""

    key: str
    title: str
    kind: SourceKind
    url: str
    every_seconds: int
    expect_min: int | None = None
    expect_max: int | None = None
    full_text: bool = True
    enabled: bool = True
    #: CBS code, from the source or the file's default.
    municipality_code: str | None = None
    #: None = not reviewed: the source is in the catalogue but not visited.
    terms: Terms | None = None
    #: Keys of this kind only, e.g. ``{"article": "/nieuws/\\d+"}``.
    options: dict[str, Any] = field(default_factory=dict)
    #: File name relative to the configuration folder.
    defined_in: str = ""


@dataclass(frozen=True, kw_only=True)
class DefinitionProblem:
    """A mistake in a source file; concerns only that source (or the file, when it can't be read)."""

    file: str
    #: Key of the source, or ``#3`` for the third one when its key is missing; empty = the file itself.
    source: str
    #: The setting that is wrong, e.g. ``every`` or ``terms.checked``; empty = the file can't be read.
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}: source {self.source}" if self.source else self.file
        return f"{where}: {self.key}: {self.message}" if self.key else f"{where}: {self.message}"


# -- one source -------------------------------------------------------------------------------


class _Notes:
    """Collects the mistakes of one source."""

    def __init__(self, file: str, source: str) -> None:
        self.file, self.source = file, source
        self.problems: list[DefinitionProblem] = []

    def mistake(self, key: str, message: str) -> None:
        self.problems.append(DefinitionProblem(file=self.file, source=self.source, key=key, message=message))

    def checked(self, key: str, check: Callable[[Any], Any], value: Any) -> Any:
        """The value to use, or None after noting what is wrong with it."""
        try:
            return check(value)
        except Mistake as mistake:
            self.mistake(key, str(mistake))
            return None


def _expect(notes: _Notes, value: Any) -> tuple[int | None, int | None]:
    if not isinstance(value, dict):
        notes.mistake("expect", "write it as { min = 1, max = 200 }")
        return None, None
    _unknown_keys(notes, "expect.", value, ("min", "max"))
    bounds: dict[str, int] = {}
    for name in ("min", "max"):
        number = value.get(name)
        if number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            notes.mistake(
                f"expect.{name}", f"{number!r} is no number of items: write a whole number, 0 or more"
            )
        else:
            bounds[name] = number
    low, high = bounds.get("min"), bounds.get("max")
    if low is not None and high is not None and low > high:
        notes.mistake("expect", f"min ({low}) is more than max ({high}): exchange them")
    return low, high


def _terms(notes: _Notes, value: Any) -> Terms | None:
    if not isinstance(value, dict):
        notes.mistake("terms", "write it as { url = …, checked = …, basis = …, purpose = … }")
        return None
    _unknown_keys(notes, "terms.", value, TERMS)
    found: dict[str, Any] = {}
    for name, check in TERMS.items():
        if name not in value:
            notes.mistake(
                f"terms.{name}", "is missing: terms need url, checked, basis and purpose, or leave terms out"
            )
        else:
            found[name] = notes.checked(f"terms.{name}", check, value[name])
    if len(found) < len(TERMS) or None in found.values():
        return None
    return Terms(**found)


def _unknown_keys(notes: _Notes, prefix: str, given: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in given:
        if name not in known:
            notes.mistake(
                prefix + name, f"is not known here{hint(name, known)}; known are {', '.join(known)}"
            )


def _options(notes: _Notes, kind: SourceKind, given: dict[str, Any]) -> dict[str, Any]:
    table = OPTIONS[kind]
    options = {
        name: notes.checked(name, option.check, given[name])
        for name, option in table.items()
        if name in given
    }
    for name, option in table.items():
        if option.required and name not in given:
            notes.mistake(name, f"is missing: a source of kind {kind.value!r} needs it")
    one_of = ONE_OF.get(kind, ())
    if one_of and sum(name in given for name in one_of) != 1:
        notes.mistake(
            one_of[0], f"a source of kind {kind.value!r} needs exactly one of {' and '.join(one_of)}"
        )
    return options


def _known_keys(kind: SourceKind | None) -> list[str]:
    # With an unknown kind no key can be called wrong that some kind knows.
    kinds = [kind] if kind else list(OPTIONS)
    return [*KEYS, "expect", "terms", *dict.fromkeys(name for each in kinds for name in OPTIONS[each])]


def _source(
    notes: _Notes, given: dict[str, Any], default_municipality: str | None
) -> SourceDefinition | None:
    values: dict[str, Any] = {}
    for name, option in KEYS.items():
        if name in given:
            values[name] = notes.checked(name, option.check, given[name])
        elif option.required:
            notes.mistake(name, "is missing: every source needs it")
    kind = values.get("kind")
    options = _options(notes, kind, given) if kind else {}
    _unknown_keys(notes, "", given, _known_keys(kind))
    low, high = _expect(notes, given["expect"]) if "expect" in given else (None, None)
    terms = _terms(notes, given["terms"]) if "terms" in given else None
    if notes.problems:
        return None
    return SourceDefinition(
        key=values["key"],
        title=values["title"],
        kind=values["kind"],
        url=values["url"],
        every_seconds=values.get("every", DEFAULT_EVERY_SECONDS),
        expect_min=low,
        expect_max=high,
        full_text=values.get("full_text", True),
        enabled=values.get("enabled", True),
        municipality_code=values.get("municipality", default_municipality),
        terms=terms,
        options=options,
        defined_in=notes.file,
    )


# -- files ------------------------------------------------------------------------------------


def _read_file(path: Path, file: str) -> tuple[dict[str, Any], list[DefinitionProblem]]:
    notes = _Notes(file, "")
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig")), []
    except tomllib.TOMLDecodeError as error:
        notes.mistake("", f"is no valid TOML: {error}")
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
    notes = _Notes(file, "")
    _unknown_keys(notes, "", content, TOP_LEVEL)
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
        source_notes = _Notes(file, key if isinstance(key, str) and key else f"#{number}")
        if isinstance(key, str) and key in seen:
            first = "earlier in this file" if seen[key] == file else f"in {seen[key]}"
            source_notes.mistake(
                "key", f"{key!r} is also used {first}, and {file} comes second: choose another key"
            )
        elif isinstance(key, str):
            seen[key] = file
        definition = _source(source_notes, given, default)
        problems += source_notes.problems
        if definition is not None and not (default_is_wrong and "municipality" not in given):
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


def terms_problem(definition: SourceDefinition, today: date) -> str | None:
    """Why the recorded terms of use don't allow a visit today, in one sentence; None = they do."""
    if definition.terms is None:
        return "its terms of use are not reviewed: record url, checked, basis and purpose under terms"
    checked = definition.terms.checked
    if checked > today:
        return f"its terms are dated {checked}, which is still to come: correct terms.checked"
    try:
        a_year_ago = today.replace(year=today.year - 1)
    except ValueError:  # 29 February
        a_year_ago = today.replace(year=today.year - 1, day=28)
    if checked < a_year_ago:
        return f"its terms were checked on {checked}, over 12 months ago: review them and set terms.checked"
    return None
