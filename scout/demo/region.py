"""The texts of the sample region, from ``region/*.toml``: one file for each invented medium."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "region"


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a careful reader makes of one text. For tests and figures only: never served."""

    initiative: bool
    #: Theme slug; empty when it is no initiative.
    theme: str
    #: CBS code; empty where the text does not determine one municipality.
    municipality: str
    #: The same for all texts about one initiative; empty when it is no initiative.
    group: str


@dataclass(frozen=True, kw_only=True)
class Story:
    """One text as one medium publishes it."""

    id: str
    #: Key of the medium: file stem, and key of its source definition.
    site: str
    #: Place in its file, from 1: the number in addresses and ids.
    number: int
    #: Empty on the notice board, which knows no titles.
    title: str
    #: Plain paragraphs; the first is the lead.
    paragraphs: tuple[str, ...]
    #: Hours between its publication and the moment that the region is served for.
    hours: int
    truth: Truth

    @property
    def lead(self) -> str:
        """First paragraph: the summary in lists and feeds."""
        return self.paragraphs[0]

    @property
    def slug(self) -> str:
        """Readable part of its address, e.g. ``het-dorp-koopt-de-pastorie``."""
        plain = unicodedata.normalize("NFKD", self.title or self.id).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].rstrip("-")

    def published(self, moment: datetime) -> datetime:
        """When it came out, aware UTC, for a region served at ``moment``."""
        return moment - timedelta(hours=self.hours)


def moment_of(now: datetime) -> datetime:
    """The moment that all dates of the region count back from: the start of the UTC day.

    Within one day every answer stays the same to the byte, so a second visit finds nothing changed.
    """
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@lru_cache
def stories() -> dict[str, tuple[Story, ...]]:
    """Key of the medium -> its texts, newest first."""
    raw = {
        path.stem: tomllib.loads(path.read_text("utf-8"))["item"] for path in sorted(FOLDER.glob("*.toml"))
    }
    own = {
        entry["id"]: _own(site, number, entry)
        for site, entries in raw.items()
        for number, entry in enumerate(entries, start=1)
        if "copy_of" not in entry
    }
    return {
        site: tuple(
            sorted(
                (
                    _copy(own[entry["copy_of"]], site, number, entry)
                    if "copy_of" in entry
                    else own[entry["id"]]
                    for number, entry in enumerate(entries, start=1)
                ),
                key=lambda story: (story.hours, story.number),
            )
        )
        for site, entries in raw.items()
    }


def _own(site: str, number: int, entry: dict[str, Any]) -> Story:
    return Story(
        id=entry["id"],
        site=site,
        number=number,
        title=entry.get("title", ""),
        paragraphs=tuple(part.strip() for part in entry["text"].strip().split("\n\n")),
        hours=entry["hours"],
        truth=Truth(
            initiative={"initiative": True, "other": False}[entry["label"]],
            theme=entry.get("theme", ""),
            municipality=entry["municipality"],
            group=entry.get("group", ""),
        ),
    )


def _copy(original: Story, site: str, number: int, entry: dict[str, Any]) -> Story:
    """A syndicated copy: the text of another medium under another title, with small edits."""
    text = "\n\n".join(original.paragraphs)
    for old, new in entry.get("replace", []):
        if old not in text:
            raise ValueError(f"{site}.toml: {entry['id']}: {old!r} does not stand in {original.id}")
        text = text.replace(old, new)
    return replace(
        original,
        id=entry["id"],
        site=site,
        number=number,
        title=entry["title"],
        paragraphs=tuple(text.split("\n\n")),
        hours=entry["hours"],
    )
