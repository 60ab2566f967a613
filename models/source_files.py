"""Writing sources as a source file: what ``scout.definitions`` reads, it reads back as the same."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from models import geo
from models.durations import SECONDS
from models.source_definition import SourceDefinition

#: What a string between single quotes can't hold; such a string knows no escapes, so patterns stay readable.
_NOT_LITERAL = re.compile(r"['\x00-\x08\x0a-\x1f\x7f]")
#: What has to be escaped between double quotes.
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def as_toml(definitions: Iterable[SourceDefinition], *, about: str = "") -> str:
    """A source file with these sources, in this order.

    Args:
        about: a first line that says where the file comes from; without a line break.
    """
    blocks = [_block(definition) for definition in definitions]
    return "\n".join([*([f"# {about}\n"] if about else []), *blocks])


def _block(definition: SourceDefinition) -> str:
    lines = ["[[source]]"]
    for name, value in mapping_of(definition).items():
        line = f"{name} = {_value(value)}"
        if name == "municipality":
            line += f"  # {_names()[value]}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def mapping_of(definition: SourceDefinition) -> dict[str, Any]:
    """A definition in the words of a source file, as ``check_source`` takes it; defaults are left out."""
    given: dict[str, Any] = {
        "key": definition.key,
        "title": definition.title,
        "kind": definition.kind.value,
        "url": definition.url,
        **definition.options,
        "every": _duration(definition.every_seconds),
    }
    bounds = {"min": definition.expect_min, "max": definition.expect_max}
    expect = {name: bound for name, bound in bounds.items() if bound is not None}
    if expect:
        given["expect"] = expect
    if not definition.full_text:
        given["full_text"] = False
    if not definition.enabled:
        given["enabled"] = False
    if definition.municipality_code is not None:
        given["municipality"] = definition.municipality_code
    if definition.terms is not None:
        terms = definition.terms
        given["terms"] = {
            "url": terms.url,
            "checked": terms.checked,
            "basis": terms.basis,
            "purpose": terms.purpose,
        }
    return given


def _duration(seconds: int) -> str:
    """The shortest way to write it: ``1h``, ``90m``."""
    unit, size = max(
        ((unit, size) for unit, size in SECONDS.items() if seconds % size == 0), key=lambda pair: pair[1]
    )
    return f"{seconds // size}{unit}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(_value(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(part)}" for name, part in value.items()) + " }"
    return _string(str(value))


def _string(text: str) -> str:
    if "\\" in text and not _NOT_LITERAL.search(text):
        return f"'{text}'"
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    return _SHORT.get(match[0], f"\\u{ord(match[0]):04x}")


def _names() -> dict[str, str]:
    return {facts.code: facts.name for facts in geo.municipalities()}
