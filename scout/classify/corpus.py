"""The labelled corpus that ships with the product: reading, checking, and what belongs together.

The texts are our own writing, made for training; they are no reports (see docs/model-card.md).
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.commands import CannotFinishError

CORPUS = Path(__file__).resolve().parent.parent / "data" / "corpus"
#: Labels of a text.
INITIATIVE, OTHER = "initiative", "other"
#: Natural week of feeds: its share of initiatives is the rate that scores are calibrated for.
STREAM = "stream"
_STRINGS = ("id", "title", "text", "label")
_OPTIONAL = ("kind", "place", "municipality", "theme")
_SET_MEMBER = re.compile(r"^(.+\d)[a-z]$")


class CorpusError(CannotFinishError):
    """The corpus can't be used; names file and line."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text."""

    id: str
    title: str
    text: str
    initiative: bool
    #: Slug of ``labels.toml``; empty for other texts.
    theme: str
    #: Official name; empty where the text determines none.
    municipality: str
    place: str
    kind: str
    #: A careful reader might hesitate.
    hard: bool
    #: File stem: its texts had one writer.
    source: str

    @property
    def group(self) -> str:
        """Minimal set (``pair-0001`` for ``pair-0001a``), else the text itself; never split in validation."""
        member = _SET_MEMBER.match(self.id)
        return f"{self.source}/{member.group(1) if member else self.id}"


def read_corpus(folder: Path = CORPUS) -> list[Example]:
    """All examples, by file name and line.

    Raises:
        CorpusError: no files, a line that is no such example, an id that occurs twice, or only one label.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise CorpusError(f"{folder}: no corpus files (*.jsonl)")
    examples: list[Example] = []
    for path in paths:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if line.strip():
                examples.append(example_of(_row(path, number, line), path.stem, f"{path}, line {number}"))
    twice = [name for name, count in Counter(example.id for example in examples).items() if count > 1]
    if twice:
        raise CorpusError(f"{folder}: id {twice[0]!r} occurs more than once")
    if len({example.initiative for example in examples}) < 2:
        raise CorpusError(f"{folder}: needs texts of both labels")
    return examples


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise CorpusError(f"{path}, line {number}: not JSON ({error})") from None
    if not isinstance(row, dict):
        raise CorpusError(f"{path}, line {number}: not an object")
    return row


def example_of(row: dict[str, Any], source: str, where: str) -> Example:
    """One row as example.

    Raises:
        CorpusError: a key is missing or has the wrong type, or the label is unknown.
    """
    for key in _STRINGS:
        if not isinstance(row.get(key), str):
            raise CorpusError(f"{where}: needs {key!r} as a string")
    for key in _OPTIONAL:
        if not isinstance(row.get(key) or "", str):
            raise CorpusError(f"{where}: {key!r} must be a string")
    if row["label"] not in (INITIATIVE, OTHER):
        raise CorpusError(f"{where}: label must be {INITIATIVE!r} or {OTHER!r}, not {row['label']!r}")
    optional = {key: row.get(key) or "" for key in _OPTIONAL}
    return Example(
        id=row["id"],
        title=row["title"],
        text=row["text"],
        initiative=row["label"] == INITIATIVE,
        hard=bool(row.get("hard")),
        source=source,
        **optional,
    )


def fingerprint(examples: Sequence[Example]) -> str:
    """Hash of everything that training takes from the examples, in their order."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(
            json.dumps(
                [example.id, example.title, example.text, example.initiative, example.theme, example.source],
                ensure_ascii=False,
            ).encode("utf-8", "surrogatepass")
        )
    return digest.hexdigest()[:16]
