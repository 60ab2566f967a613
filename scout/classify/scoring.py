"""``scout score``: JSON lines in, JSON lines out, in the same order; nothing is stored."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from models import geo
from models.settings import Settings
from scout.classify.pipeline import BATCH, Judgement, Recogniser, Text

Write = Callable[[str], object]
Warn = Callable[[str], object]


class BadLineError(Exception):
    """A line can't be used; the message says why."""


def object_of(line: bytes | str) -> dict[str, Any] | None:
    """The JSON object of one line; None for a blank line.

    Raises:
        BadLineError: it is no JSON object.
    """
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        text = text.lstrip("\ufeff").strip()
        if not text:
            return None
        row = json.loads(text, parse_constant=_refuse)
    except UnicodeDecodeError:
        raise BadLineError("not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise BadLineError(f"not JSON: {error}") from None
    if not isinstance(row, dict):
        raise BadLineError('not an object like {"id": 1, "title": "", "text": ""}')
    return row


def text_of(row: dict[str, Any]) -> Text:
    """Title and text of an object; either may be empty, null or missing, but not both keys missing.

    Raises:
        BadLineError: they are no strings, or neither is there.
    """
    if "title" not in row and "text" not in row:
        raise BadLineError("has neither title nor text")
    for key in ("title", "text"):
        if not isinstance(row.get(key) or "", str):
            raise BadLineError(f"{key} is not a string")
    return Text(title=row.get("title") or "", text=row.get("text") or "")


def score_lines(settings: Settings, lines: Iterable[bytes | str], write: Write, warn: Warn) -> bool:
    """Score each line and write one line for it; keys other than id, title and text are never read.

    Args:
        write: gets each result as one line of JSON with its line break.
        warn: gets one sentence for each line that can't be used, with its number from 1.

    Returns:
        Whether every line could be used.
    """
    recogniser = _recogniser(settings, warn)
    names = {facts.code: facts.name for facts in geo.municipalities()}
    fine = True
    batch: list[tuple[Any, Text]] = []
    for number, line in enumerate(lines, start=1):
        try:
            row = object_of(line)
            if row is None:
                continue
            if "id" not in row or isinstance(row["id"], dict | list):
                raise BadLineError("needs an id that is a string or a number")
            batch.append((row["id"], text_of(row)))
        except BadLineError as error:
            fine = False
            warn(f"line {number}: {error}")
        if len(batch) == BATCH:
            _write_batch(recogniser, batch, names, write)
            batch = []
    _write_batch(recogniser, batch, names, write)
    return fine


def _recogniser(settings: Settings, warn: Warn) -> Recogniser:
    """With the model in use; with one for this once where none is there and none can be kept."""
    try:
        return Recogniser.load(settings)
    except OSError as error:
        warn(f"the model can't be kept in {settings.var} ({error.strerror}): it is trained for this once")
    with TemporaryDirectory() as folder:
        return Recogniser.load(settings.model_copy(update={"var": Path(folder)}))


def _write_batch(
    recogniser: Recogniser, batch: list[tuple[Any, Text]], names: dict[str, str], write: Write
) -> None:
    judged: Iterator[Judgement] = recogniser.judge(text for _, text in batch)
    for (name, _), judgement in zip(batch, judged, strict=True):
        write(json.dumps(as_contracted(name, judgement, names), ensure_ascii=False) + "\n")


def as_contracted(name: Any, judgement: Judgement, names: dict[str, str]) -> dict[str, Any]:
    """One judgement in the form that ``scout score`` promises."""
    code = judgement.municipality_code
    return {
        "id": name,
        "score": judgement.score,
        "flagged": judgement.flagged,
        "theme": judgement.theme,
        "municipality": code,
        "municipality_name": names.get(code) if code else None,
        "places": [
            {
                "name": mention.name,
                "code": mention.code,
                "kind": mention.kind,
                "start": mention.start,
                "end": mention.end,
            }
            for mention in judgement.places
        ],
        "evidence": [
            {"text": phrase.text, "start": phrase.start, "end": phrase.end, "weight": phrase.weight}
            for phrase in (judgement.evidence.phrases if judgement.evidence else ())
        ],
    }


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
