"""Council papers: which of them can be about citizen initiatives, and what of them is kept. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from models.addresses import canonical
from models.source_definition import SourceDefinition
from scout.drafts import ItemDraft
from scout.steps import dates
from scout.steps.persons import without_persons

#: Types of papers that are read; never persons, parties, votes or recordings.
TYPES = frozenset({"Document", "Meeting", "Motion", "AgendaItem"})

#: What names can say of citizen initiatives -> how. Papers with one of these in their name are kept.
PATTERNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "initiative": r"(?:burger|bewoners|inwoners|buurt|wijk|dorps|maatschappelijk\w* )-?initiatie",
        "right to challenge": r"right to (?:challenge|bid|plan)|uitdaagrecht|buurtrecht",
        "money": r"subsidie|(?:buurt|wijk|dorps|leefbaarheids|bewoners|initiatieven)-?(?:budget|fonds)",
        "organisation": r"co[öo]peratie|zelfbeheer|zelforganisatie|burgercollectie",
        "neighbourhood": r"\b(?:buurt|dorps|wijk)(?:hui[sz]|ra[ad]|tuin|visie|plan|bus|belang|verenig)",
        "having a say": r"inspraak|participatie|burgerberaad|burgerforum|referend|petitie",
        "quality of life": r"leefbaarheid|vrijwilligers|burgerkracht|mienskip|noaberschap",
    }.items()
}

#: Characters of a paper that are kept: enough to recognise it by, and hardly any of its appendices.
LONGEST_TEXT = 8_000
#: Agendas are nested so deep at most.
_DEEPEST = 6
_MARKS = (
    (re.compile(r"!\[[^\]\n]{0,300}\]\([^)\n]{0,2000}\)"), ""),
    (re.compile(r"\[([^\]\n]{1,300})\]\([^)\n]{0,2000}\)"), r"\1"),
    (re.compile(r"^[ \t]{0,8}(?:#{1,6}|>|[-*+])[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^[ \t|:-]{3,}$", re.MULTILINE), ""),
    (re.compile(r"\*\*|__|`"), ""),
    (re.compile(r"[ \t]*\|[ \t]*"), " "),
)


def concerns(line: Mapping[str, Any]) -> bool:
    """The name of a paper, or one on the agenda of a meeting, can be about citizen initiatives."""
    payload = _payload(line)
    return any(is_about(name) for name in (_text(payload, "name", "title"), *agenda(payload.get("agenda"))))


def is_about(name: str) -> bool:
    """A name can be about citizen initiatives."""
    return any(pattern.search(name) for pattern in PATTERNS.values())


def agenda(items: Any, depth: int = 0) -> Iterator[str]:
    """Names of the points of an agenda and of the papers to them."""
    if not isinstance(items, list) or depth > _DEEPEST:
        return
    for item in items:
        if isinstance(item, dict):
            yield _text(item, "title", "name")
            for paper in item.get("documents") or ():
                if isinstance(paper, dict):
                    yield _text(paper, "name", "title")
            yield from agenda(item.get("agenda_items"), depth + 1)


def is_old(line: Mapping[str, Any], oldest: datetime | None) -> bool:
    """Whether all dates of a paper are before ``oldest``, so that its text need not be asked for."""
    payload = _payload(line)
    given = [_text(payload, name) for name in ("last_discussed_at", "date_modified", "start_date", "date")]
    if oldest is None:
        return False
    days = [at for raw in given if raw and (at := _moment(raw)) is not None]
    return bool(days) and max(days) < oldest


def _moment(raw: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def link_of(line: Mapping[str, Any]) -> str:
    """Where the council itself shows the paper; empty if the record does not say."""
    payload = _payload(line)
    links = (payload.get(name) for name in ("original_url", "identifier_url"))
    return next((link for link in links if isinstance(link, str) and canonical(link)), "")


def draft_of_line(source: SourceDefinition, line: Mapping[str, Any], address: str) -> ItemDraft:
    """A paper of which only the name is read."""
    payload = _payload(line)
    return draft(
        source,
        line["entity_id"],
        link_of(line) or address,
        title=_text(payload, "name", "title"),
        text="\n".join(name for name in agenda(payload.get("agenda")) if is_about(name)),
        published=_text(payload, "start_date", "last_discussed_at", "date_modified", "date"),
    )


def name_of(line: Mapping[str, Any]) -> str:
    """What the list of papers calls one, at most 300 characters."""
    return _text(_payload(line), "name", "title")[:300]


def draft_of_paper(
    source: SourceDefinition, entity_id: str, answer: Mapping[str, Any], url: str, *, name: str = ""
) -> ItemDraft:
    """A paper with its text; of a meeting, the points that can concern citizen initiatives.

    Args:
        name: what the list calls it, where the answer itself does not say.
    """
    motion = answer.get("motion")
    motion = motion if isinstance(motion, dict) else {}
    text = without_marks(_text(answer, "markdownText", "text", "content"))
    points = [name for name in agenda(answer.get("agenda")) if is_about(name)]
    result = _text(motion, "result")
    parts = (text, *points, f"{_text(motion, 'motion_type') or 'Motie'}: {result}." if result else "")
    # The aggregator's moments are in UTC, and don't say so.
    moment = _text(answer, "sortDate")
    return draft(
        source,
        entity_id,
        url,
        title=_text(answer, "title", "name") or _text(motion, "name") or name,
        text="\n".join(part for part in parts if part),
        published=f"{moment}Z" if re.fullmatch(r"[\d-]{10}[ T][\d:]{8}", moment) else moment,
    )


def draft(
    source: SourceDefinition,
    external_id: str,
    url: str,
    *,
    title: str,
    text: str,
    published: str,
    keep: bool = True,
) -> ItemDraft:
    """A draft without anything about persons.

    Args:
        keep: the id can be asked for again.
    """
    return ItemDraft(
        source=source.key,
        external_id=external_id or url,
        url=url,
        title=without_persons(title),
        text=without_persons(text[:LONGEST_TEXT]),
        text_is_html=False,
        published=published if dates_are(published) else "",
        language="nl",
        complete=True,
        keep_id=keep,
        impersonal=True,
    )


def dates_are(text: str) -> bool:
    """It looks like a date, and not like anything else that a system may put there."""
    return bool(re.match(r"\d{4}-\d\d-\d\d", text)) and len(text) <= dates.LONGEST


def without_marks(text: str) -> str:
    """Markdown as plain text."""
    text = text[: 2 * LONGEST_TEXT]
    for mark, instead in _MARKS:
        text = mark.sub(instead, text)
    return re.sub(r"\n{2,}", "\n", text).strip()


def _payload(line: Mapping[str, Any]) -> Mapping[str, Any]:
    payload = line.get("payload")
    return payload if isinstance(payload, dict) else {}


def _text(given: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that holds text."""
    for name in names:
        value = given.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""
