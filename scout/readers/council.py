"""Council papers from the aggregator OpenBesluitvorming, or from one answer of a council's own system.

The aggregator gives all it has page by page (snapshot), then what changed. Of papers whose name can concern
citizen initiatives the text is asked for, one by one. Where a visit is in all that stands behind the ``#`` of
each address, which no server ever sees: so every answer tells by itself where to go on.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from models.encoding import decode
from models.source_definition import SourceDefinition
from scout.drafts import Answer, ItemDraft, Page, Question, Reading, Standing, Stored
from scout.readers import council_papers as papers
from scout.readers import council_systems

ACCEPT = "application/x-ndjson, application/json;q=0.9, */*;q=0.5"
#: Statuses other than 200 that this reader wants to judge itself: 400 a cursor or council that it does not
#: know, 404 and 410 a paper that is gone, 500 a paper that it can't put together.
JUDGES: frozenset[int] = frozenset({400, 404, 410, 500})

PER_PAGE = 500
SNAPSHOT, CHANGES = "snapshot", "changes"
_ENTITY = "/api/entities/"
_GONE = frozenset({404, 410})
#: What the aggregator calls a paper that it does not have, and one that it can't put together.
_UNKNOWN_PAPER, _BROKEN_PAPER = "entity_not_found", "entity_content_failed"
#: Asked after a paper that is not there: the aggregator's own list.
_LIST = "list"


@dataclass(frozen=True)
class _Place:
    """Where reading is: everything before it has been dealt with."""

    phase: str = SNAPSHOT
    #: The page's cursor, in the server's terms; empty = its first.
    at: str = ""
    #: Cursor of the changes since the snapshot began, told by its first page.
    changes: str = ""
    #: Id of the last paper of that page whose text was read; empty = none yet.
    after: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "_Place":
        """From a cursor, or from what stands behind ``#``."""
        known = {name: str(given[name]) for name in ("phase", "at", "changes", "after") if given.get(name)}
        return cls(**known) if known.get("phase") in {SNAPSHOT, CHANGES} else cls()

    def cursor(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}


def first(source: SourceDefinition, cursor: Mapping[str, Any]) -> list[str]:
    """The page at which the last visit stopped; without a ``council``, the one address of the source."""
    if not source.options.get("council"):
        return [source.url]
    return [_page(source, _Place.of(cursor))]


def _root(source: SourceDefinition) -> str:
    return source.url.split("?", 1)[0].split("#", 1)[0].rstrip("/")


def _page(source: SourceDefinition, place: _Place) -> str:
    asked = {"source": source.options["council"], "limit": str(PER_PAGE)}
    if place.at:
        asked["cursor"] = place.at
    return f"{_root(source)}/api/export/{place.phase}?{urlencode(asked)}#{urlencode(place.cursor())}"


def _entity(source: SourceDefinition, entity_id: str) -> str:
    return f"{_root(source)}{_ENTITY}{quote(entity_id, safe='')}"


def _behind(address: str) -> dict[str, str]:
    """What stands behind the ``#`` of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).fragment).items()}


# -- what is answered ---------------------------------------------------------------------------


def read(source: SourceDefinition, page: Page) -> Reading:
    """One page of the snapshot or of the changes, one paper, or one answer of a council's own system."""
    if not source.options.get("council"):
        if page.status != 200:
            return Reading(problem=f"{page.url} answered {page.status}: correct the address")
        return council_systems.read(source, page)
    place = _Place.of(_behind(page.asked))
    if _ENTITY in urlsplit(page.asked).path:
        return _paper(source, page, place)
    if page.status != 200:
        return _refusal(source, page, place)
    return _export(source, page, place)


def _refusal(source: SourceDefinition, page: Page, place: _Place) -> Reading:
    code = _code(page)
    forgotten = page.status == 410 or code == "invalid_export_cursor"
    if forgotten and place.at:
        return Reading(
            more=(_page(source, _Place()),),
            cursor={},
            warnings=("the server no longer knows where the last visit was: all papers are read anew",),
        )
    if page.status == 500:
        return Reading(problem=f"{urlsplit(page.url).hostname} answered 500: the trouble is at the server")
    council = source.options["council"]
    said = f"{page.status}, {code}" if code else str(page.status)
    return Reading(
        problem=f"the server has no papers of council {council!r} ({said}): correct council or url"
    )


def _code(page: Page) -> str:
    answer = _json(page.body)
    code = answer.get("code") if isinstance(answer, dict) else ""
    return code if isinstance(code, str) and re.fullmatch(r"\w{1,60}", code) else ""


def _json(body: bytes) -> Any:
    try:
        return json.loads(decode(body))
    except (ValueError, RecursionError):
        return None


def _export(source: SourceDefinition, page: Page, place: _Place) -> Reading:
    lines, warnings = _lines(page)
    if warnings and not lines:
        return Reading(
            problem="the answer is no export of council papers: is url the root of the aggregator?"
        )
    more_follows = page.headers.get("x-has-more", "").strip().lower() == "true"
    following = page.headers.get("x-next-cursor", "").strip()
    if place.phase == SNAPSHOT and not place.at and not place.changes:
        place = replace(place, changes=page.headers.get("x-changes-cursor", "").strip())
    if more_follows and following in {"", place.at}:
        return Reading(
            problem="the server says that there is more, but not where: report it to the aggregator"
        )
    # The last word on each paper counts.
    last: dict[str, dict[str, Any]] = {}
    for line in _unread(lines, place.after):
        # In order of the last word, as ``_unread`` goes by it: else a visit that breaks off skips papers.
        last.pop(line["entity_id"], None)
        last[line["entity_id"]] = line
    gone = tuple(key for key, line in last.items() if line.get("op") == "delete")
    kept = [line for line in last.values() if _is_wanted(source, page, line)]
    drafts: tuple[ItemDraft, ...] = ()
    more: list[str] = []
    if source.full_text:
        more = [_with_place(source, line, place) for line in kept]
    else:
        drafts = tuple(
            papers.draft_of_line(source, line, _entity(source, line["entity_id"])) for line in kept
        )
    if more_follows or (place.phase == CHANGES and following not in {"", place.at}):
        more.append(_page(source, replace(place, at=following, after="")))
    elif place.phase == SNAPSHOT:
        more.append(_page(source, _Place(CHANGES, at=place.changes)))
    return Reading(
        drafts=drafts, more=tuple(more), gone=gone, cursor=place.cursor(), warnings=tuple(warnings)
    )


def _lines(page: Page) -> tuple[list[dict[str, Any]], list[str]]:
    """The records of a page, and a warning for each line that is none."""
    lines: list[dict[str, Any]] = []
    broken: list[int] = []
    for number, text in enumerate(decode(page.body).split("\n"), start=1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            line = None
        if isinstance(line, dict) and isinstance(line.get("entity_id"), str) and line["entity_id"]:
            lines.append(line)
        else:
            broken.append(number)
    numbers = ", ".join(str(number) for number in broken[:10])
    if not broken:
        return lines, []
    where = page.asked.partition("#")[0]
    return lines, [f"{len(broken)} records can't be read and are left out: line {numbers} of {where}"]


def _unread(lines: Sequence[dict[str, Any]], after: str) -> Sequence[dict[str, Any]]:
    """Lines behind the last paper that was read; all, if it is no longer among them."""
    places = [index for index, line in enumerate(lines) if after and line["entity_id"] == after]
    return lines[places[-1] + 1 :] if places else lines


def _is_wanted(source: SourceDefinition, page: Page, line: Mapping[str, Any]) -> bool:
    whose = line.get("source_key", source.options["council"])
    return (
        line.get("op") == "upsert"
        and whose == source.options["council"]
        and line.get("entity_type") in papers.TYPES
        and papers.concerns(line)
        and not papers.is_old(line, page.oldest)
    )


def _with_place(source: SourceDefinition, line: Mapping[str, Any], place: _Place) -> str:
    """The address of a paper's text; once it is read, reading is behind it."""
    named = {"url": papers.link_of(line), "name": papers.name_of(line)}
    told = {**replace(place, after=line["entity_id"]).cursor(), **named}
    return f"{_entity(source, line['entity_id'])}#{urlencode(told)}"


def _paper(source: SourceDefinition, page: Page, place: _Place) -> Reading:
    code = _code(page)
    if page.status in _GONE and code == _UNKNOWN_PAPER:
        return Reading(gone=(place.after,), cursor=place.cursor())
    if page.status != 200 and code != _BROKEN_PAPER:
        # So would all others: nothing is passed over, the next visit goes on here.
        return Reading(
            problem=f"{urlsplit(page.url).hostname} gives no texts of papers (status {page.status}): "
            "if it lasts, see whether the aggregator moved",
            ends_visit=True,
        )
    answer = _json(page.body)
    if page.status != 200 or not isinstance(answer, dict):
        warning = f"the text of {page.url} can't be had (status {page.status}): the paper is left out"
        return Reading(cursor=place.cursor(), warnings=(warning,))
    told = _behind(page.asked)
    link = told.get("url") or page.url.partition("#")[0]
    return Reading(
        drafts=(papers.draft_of_paper(source, place.after, answer, link, name=told.get("name", "")),),
        cursor=place.cursor(),
    )


# -- whether it is still there ------------------------------------------------------------------------


def questions(source: SourceDefinition, items: Sequence[Stored]) -> list[Question]:
    """Each paper by its id; what came from a council's own system can't be asked for again."""
    return list(_questions(source, items))


def _questions(source: SourceDefinition, items: Sequence[Stored]) -> Iterator[Question]:
    for item in items:
        if item.native_id and source.options.get("council"):
            yield Question(
                url=_entity(source, item.native_id), items=(item,), accept="application/json", judges=_GONE
            )


def judge(source: SourceDefinition, question: Question, page: Page) -> Answer:
    """404 or 410: it is gone, if the council's list is there. Else it does not say.

    A paper: it is there, and this is what it says now.
    """
    if question.after == _LIST:
        there = page.status == 200 and _is_export(page)
        return Answer(standing={item.item_id: Standing.GONE for item in question.items} if there else {})
    if page.status in _GONE:
        return Answer(ask=(_list_of_changes(source, question.items),))
    drafts: list[ItemDraft] = []
    standing = Standing.UNKNOWN
    answer = _json(page.body) if page.status == 200 else None
    if isinstance(answer, dict) and (answer.get("entityId") or answer.get("title")):
        standing = Standing.THERE
        if source.full_text and answer.get("title"):
            drafts = [
                papers.draft_of_paper(source, item.native_id, answer, item.url) for item in question.items
            ]
    return Answer(standing={item.item_id: standing for item in question.items}, drafts=tuple(drafts))


def _list_of_changes(source: SourceDefinition, items: tuple[Stored, ...]) -> Question:
    """Where the whole aggregator moved, every paper is "not found", and so is this."""
    asked = urlencode({"source": source.options["council"], "limit": "1"})
    return Question(
        url=f"{_root(source)}/api/export/{CHANGES}?{asked}",
        items=items,
        accept=ACCEPT,
        judges=_GONE,
        after=_LIST,
    )


def _is_export(page: Page) -> bool:
    lines, warnings = _lines(page)
    return not warnings and (bool(lines) or "x-has-more" in page.headers)
