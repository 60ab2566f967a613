"""The definition of a source, checked: from a source file or from a page.

Every mistake is reported, with file, source, key and what to do.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from models.source_rules import (
    DEFAULT_EVERY_SECONDS,
    KEYS,
    ONE_OF,
    OPTIONS,
    TERMS,
    TOGETHER,
    Mistake,
    hint,
)
from models.words import SourceKind

if TYPE_CHECKING:
    from models.source import Source


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
        if not self.file:
            return f"{self.key}: {self.message}"
        where = f"{self.file}: source {self.source}" if self.source else self.file
        return f"{where}: {self.key}: {self.message}" if self.key else f"{where}: {self.message}"


# -- one source -------------------------------------------------------------------------------


class Notes:
    """Collects the mistakes of one source, or of a file."""

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


def _expect(notes: Notes, value: Any) -> tuple[int | None, int | None]:
    if not isinstance(value, dict):
        notes.mistake("expect", "write it as { min = 1, max = 200 }")
        return None, None
    unknown_keys(notes, "expect.", value, ("min", "max"))
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


def _terms(notes: Notes, value: Any) -> Terms | None:
    if not isinstance(value, dict):
        notes.mistake("terms", "write it as { url = …, checked = …, basis = …, purpose = … }")
        return None
    unknown_keys(notes, "terms.", value, TERMS)
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


def unknown_keys(notes: Notes, prefix: str, given: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in given:
        if name not in known:
            notes.mistake(
                prefix + name, f"is not known here{hint(name, known)}; known are {', '.join(known)}"
            )


def _options(notes: Notes, kind: SourceKind, given: dict[str, Any]) -> dict[str, Any]:
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
        notes.mistake(one_of[0], f"a source of kind {kind.value!r} needs exactly one of {', '.join(one_of)}")
    return options


def _known_keys(kind: SourceKind | None) -> list[str]:
    # With an unknown kind no key can be called wrong that some kind knows.
    kinds = [kind] if kind else list(OPTIONS)
    return [*KEYS, "expect", "terms", *dict.fromkeys(name for each in kinds for name in OPTIONS[each])]


def check_source(
    given: Mapping[str, Any], *, file: str, name: str, default_municipality: str | None = None
) -> tuple[SourceDefinition | None, list[DefinitionProblem]]:
    """Check what is given for one source, in the words of a source file.

    Args:
        file: where it stands, relative to the configuration folder; empty = added on a page.
        name: what to call it in mistakes: its key, or ``#3``.
        default_municipality: CBS code for a source that names none.

    Returns:
        The definition, or None and every mistake in it.
    """
    notes = Notes(file, name)
    return _definition(notes, dict(given), default_municipality), notes.problems


def _definition(
    notes: Notes, given: dict[str, Any], default_municipality: str | None
) -> SourceDefinition | None:
    values: dict[str, Any] = {}
    for name, option in KEYS.items():
        if name in given:
            values[name] = notes.checked(name, option.check, given[name])
        elif option.required:
            notes.mistake(name, "is missing: every source needs it")
    kind = values.get("kind")
    options = _options(notes, kind, given) if kind else {}
    if not notes.problems and kind in TOGETHER and (clash := TOGETHER[kind](values["url"], options)):
        notes.mistake(*clash)
    unknown_keys(notes, "", given, _known_keys(kind))
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


def definition_of_row(row: "Source") -> SourceDefinition:
    """The definition that a row of ``source`` holds: how a source that was added on a page is read."""
    terms = None
    if row.terms_url and row.terms_checked and row.terms_basis and row.terms_purpose:
        terms = Terms(
            url=row.terms_url, checked=row.terms_checked, basis=row.terms_basis, purpose=row.terms_purpose
        )
    return SourceDefinition(
        key=row.key,
        title=row.title,
        kind=row.kind,
        url=row.url,
        every_seconds=row.every_seconds,
        expect_min=row.expect_min,
        expect_max=row.expect_max,
        full_text=row.full_text,
        enabled=row.enabled,
        municipality_code=row.municipality_code,
        terms=terms,
        options=dict(row.options),
        defined_in=row.defined_in,
    )


def columns(definition: SourceDefinition) -> dict[str, Any]:
    """The definition columns of ``Source``."""
    terms = definition.terms
    return {
        "key": definition.key,
        "title": definition.title,
        "kind": definition.kind,
        "url": definition.url,
        "every_seconds": definition.every_seconds,
        "expect_min": definition.expect_min,
        "expect_max": definition.expect_max,
        "full_text": definition.full_text,
        "enabled": definition.enabled,
        "municipality_code": definition.municipality_code,
        "terms_url": terms.url if terms else None,
        "terms_checked": terms.checked if terms else None,
        "terms_basis": terms.basis if terms else None,
        "terms_purpose": terms.purpose if terms else None,
        "options": dict(definition.options),
        "defined_in": definition.defined_in,
    }
