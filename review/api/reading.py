"""Reading what a request holds: its parameters and its body, with all that is wrong said at once."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from flask import request
from marshmallow import ValidationError, fields
from werkzeug.datastructures import MultiDict

from review.api.fields import Closed
from review.api.problems import Mistake, problem, wrong

JSON = "application/json"
#: Deepest nesting of a body: more than any of ours has, and less than the reader of JSON can take.
DEEPEST = 20
#: What can't be kept as text: the null character and halves of surrogate pairs.
NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def accept() -> None:
    """Stop when the program takes no JSON.

    Raises:
        Problem: 406.
    """
    wanted = request.accept_mimetypes
    if wanted and not wanted[JSON]:
        problem(406)


def read(query: type[Closed] | None, body: type[Closed] | None) -> dict[str, dict[str, Any]]:
    """What the request holds, by what it was asked for: ``query`` and ``body``.

    Raises:
        Problem: 415 for a body that is no JSON by its own word; 400 with every mistake in both.
    """
    mistakes: list[Mistake] = []
    values: dict[str, dict[str, Any]] = {}
    found = _query(query or Closed, mistakes)
    if query is not None:
        values["query"] = found
    if body is not None:
        values["body"] = _body(body, mistakes)
    if mistakes:
        wrong(*mistakes)
    return values


def _query(kind: type[Closed], mistakes: list[Mistake]) -> dict[str, Any]:
    schema = kind()
    schema.in_address = True
    raw: dict[str, Any] = {}
    lists = {
        field.data_key or name for name, field in schema.fields.items() if isinstance(field, fields.List)
    }
    sent: MultiDict[str, str] = request.args
    for name, values in sent.lists():
        if name not in lists and len(values) > 1:
            mistakes.append(Mistake("query", name, "Dit mag er maar één keer staan."))
        raw[name] = values if name in lists else values[0]
    return _load(schema, raw, "query", mistakes)


def _body(kind: type[Closed], mistakes: list[Mistake]) -> dict[str, Any]:
    if request.mimetype != JSON:
        problem(415)
    try:
        raw = json.loads(request.get_data(), parse_constant=_no_number, object_pairs_hook=_once)
        deepest(raw)
    except RecursionError:
        mistakes.append(Mistake("body", "", f"Dit is dieper genest dan {DEEPEST} lagen."))
        return {}
    except _Twice as error:
        mistakes.append(Mistake("body", str(error), "Dit staat er twee keer."))
        return {}
    except ValueError:
        mistakes.append(Mistake("body", "", "Dit is geen geldige JSON in UTF-8."))
        return {}
    strange = [Mistake("body", path, "Dit bevat een teken dat niet kan.") for path in _strange(raw)]
    if strange:
        mistakes.extend(strange)
        return {}
    if not isinstance(raw, dict):
        mistakes.append(Mistake("body", "", "Dit moet een object zijn."))
        return {}
    return _load(kind(), raw, "body", mistakes)


def _load(schema: Closed, raw: Mapping[str, Any], where: str, mistakes: list[Mistake]) -> dict[str, Any]:
    try:
        return dict(schema.load(raw))
    except ValidationError as error:
        mistakes.extend(Mistake(where, path, text) for path, text in _flat(error.messages))
        return {}


def _flat(messages: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flat(inner, path if name == "_schema" else (*path, str(name)))
    elif isinstance(messages, str):
        yield ".".join(path), messages
    else:
        for one in dict.fromkeys(messages):
            yield from _flat(one, path)


def deepest(value: Any, left: int = DEEPEST) -> None:
    """Refuse what is nested too deep.

    Raises:
        RecursionError: it is.
    """
    if left < 0:
        raise RecursionError
    inner: Iterable[Any] = ()
    if isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    for one in inner:
        deepest(one, left - 1)


def _strange(value: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(value, str):
        if NO_TEXT.search(value):
            yield ".".join(path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if NO_TEXT.search(name):
                yield ".".join(path)
            else:
                yield from _strange(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _strange(inner, (*path, str(number)))


class _Twice(ValueError):
    """A name stands twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(name)
        found[name] = value
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
