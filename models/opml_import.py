"""From the feeds of an OPML file to definitions of sources. Pure, given what is there already."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.addresses import address_key, canonical
from models.opml import Outline
from models.post_links import is_account, without_name
from models.settings import Settings
from models.source import Source
from models.source_definition import SourceDefinition, check_source
from models.source_keys import key_for

#: Characters of a title that are kept, as many as the form of a source takes.
LONGEST_TITLE = 200


@dataclass(frozen=True)
class LeftOut:
    """An outline that gave no source."""

    number: int
    title: str
    why: str


@dataclass
class TakenOver:
    """What a file came to."""

    definitions: list[SourceDefinition] = field(default_factory=list)
    #: Their address is there already.
    skipped: list[LeftOut] = field(default_factory=list)
    #: They can't be used.
    mistakes: list[LeftOut] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "added": [definition.key for definition in self.definitions],
            "skipped": [vars(one) for one in self.skipped],
            "mistakes": [vars(one) for one in self.mistakes],
        }


def known_to(session: Session) -> dict[str, str]:
    """Key -> address, of all sources; empty for those that were removed, whose keys stay taken."""
    rows = session.execute(select(Source.key, Source.url, Source.removed_at))
    return {key: "" if removed_at else url for key, url, removed_at in rows}


#: From title and address of a feed to the CBS code of its municipality; None = they name none clearly.
Placing = Callable[[str, str], str | None]


def taken_over(
    outlines: Iterable[Outline], known: dict[str, str], settings: Settings, placing: Placing
) -> TakenOver:
    """Definitions of the feeds, switched off: nobody has reviewed their terms yet.

    Args:
        known: key -> address, of the sources that are there.
    """
    result = TakenOver()
    keys = set(known)
    by_address = {_same(url): key for key, url in known.items() if url}
    for outline in outlines:
        address = _same(outline.url)
        if outline.url and address in by_address:
            why = f"{outline.url} is there already, as {by_address[address]}"
            result.skipped.append(LeftOut(outline.number, outline.title, why))
            continue
        definition, why = _definition(outline, keys, settings, placing)
        if definition is None:
            result.mistakes.append(LeftOut(outline.number, outline.title, why))
            continue
        keys.add(definition.key)
        by_address[address] = definition.key
        result.definitions.append(definition)
    return result


def _same(url: str) -> str:
    """What two spellings of one address have in common."""
    return address_key(canonical(url)) if canonical(url) else url


def _definition(
    outline: Outline, keys: set[str], settings: Settings, placing: Placing
) -> tuple[SourceDefinition | None, str]:
    if not outline.url:
        return None, "it has no address of a feed (xmlUrl)"
    try:
        host = urlsplit(outline.url).hostname or ""
    except ValueError:
        host = ""
    if settings.blocks(host):
        return None, f"the terms of {host} forbid reading by programs: let people hand in what stands there"
    if is_account(without_name(canonical(outline.url))):
        why = "this is the feed of one account, and persons are not followed: add the organisation itself"
        return None, why
    title = (outline.title or host)[:LONGEST_TITLE]
    given: dict[str, Any] = {
        "key": key_for(title, host, "feed", keys),
        "title": title or "-",
        "kind": "feed",
        "url": outline.url,
        "enabled": False,
    }
    municipality = placing(title, outline.url) if host else None
    if municipality is not None:
        given["municipality"] = municipality
    definition, mistakes = check_source(given, file="", name=given["key"])
    return definition, "; ".join(f"{mistake.key}: {mistake.message}" for mistake in mistakes)
