"""Officiële Bekendmakingen: what municipalities publish officially, by the search service (SRU) of KOOP."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from models import geo
from models.source_definition import SourceDefinition
from scout.drafts import Answer, ItemDraft, Page, Question, Reading, Standing, Stored
from scout.readers import sru
from scout.steps.persons import without_persons

ACCEPT = "application/xml, text/xml;q=0.9, */*;q=0.5"
#: Statuses other than 200 that this reader wants to judge itself: its errors come with status 200.
JUDGES: frozenset[int] = frozenset()

#: Words in rubric, subject or title of what is kept, unless the source names its own ``rubrics``: subsidies,
#: events and participation. Permits for building, trees, traffic … stay out: they are about households.
RUBRICS = (
    *("subsidie", "evenement", "buurtfeest", "straatfeest", "inspraak", "participatie", "referendum"),
    *("burgerinitiatief", "bewonersinitiatief", "inwonersinitiatief", "buurtinitiatief", "initiatieven"),
    *("right to challenge", "uitdaagrecht", "burgerberaad", "leefbaarheid", "leefbaarheidsfonds"),
    *("buurtbudget", "wijkbudget", "dorpsbudget", "bewonersbudget", "buurtrecht", "cooperatie"),
    *("dorpsraad", "wijkraad", "dorpsvisie", "maatschappelijk initiatief", "zelfbeheer"),
)

#: The first visit goes back so many days: what is older is reviewed by nobody.
FIRST_DAYS = 30
#: Each visit goes back so many days before the newest that was seen: publications appear in no exact order.
OVERLAP_DAYS = 2

#: Asked after a publication that is not there: the newest one of the source.
_NEWEST = "newest"
_SINCE = re.compile(r'dt\.(date|modified)>="(\d{4}-\d\d-\d\d)"')
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


# -- what is asked ----------------------------------------------------------------------------


def first(source: SourceDefinition, cursor: Mapping[str, Any]) -> list[str]:
    """What was corrected since the last visit (``cursor["since"]``); the very first asks what is newest.

    One page leads to the next: corrections, then what is new, oldest first. So ``since`` may move on with
    every page of what is new, and a visit that breaks off is taken up there by the next.
    """
    since = cursor.get("since")
    if isinstance(since, str) and _day(since):
        return [_corrections(source, since)]
    return [_newest_one(source)]


def _newest_one(source: SourceDefinition) -> str:
    return _address(source, "", "dt.date/sort.descending", most=1)


def _news(source: SourceDefinition, since: str, start: int = 1) -> str:
    return _address(source, f'dt.date>="{since}"', "dt.date/sort.ascending", start=start)


def _corrections(source: SourceDefinition, since: str, start: int = 1) -> str:
    """Older ones that changed; those from ``since`` on are all read anyway."""
    clause = f'dt.modified>="{since}" AND dt.date<"{since}"'
    return _address(source, clause, "dt.modified/sort.ascending", start=start)


def _address(
    source: SourceDefinition, clause: str, order: str, *, start: int = 1, most: int = sru.PER_PAGE
) -> str:
    clauses = ['c.product-area=="officielepublicaties"']
    creator = creator_of(source)
    if creator:
        clauses.append(f'dt.creator=="{sru.quoted(creator)}"')
    # Utrecht and Groningen are provinces too.
    clauses.append('w.organisatietype=="gemeente"')
    if clause:
        clauses.append(clause)
    return sru.address(source.url, f"{' AND '.join(clauses)} sortBy {order}", start=start, most=most)


def creator_of(source: SourceDefinition) -> str:
    """Whose publications are read, as KOOP writes it; empty = those of all municipalities."""
    given = source.options.get("creator")
    if isinstance(given, str):
        return given
    for facts in geo.municipalities():
        if facts.code == source.municipality_code:
            # "'s-Gravenhage" is its official name; of "Hengelo (O.)" KOOP writes the plain one.
            return facts.cbs_name if facts.cbs_name.startswith("'s-") else facts.name
    return ""


# -- what is answered ---------------------------------------------------------------------------


def read(source: SourceDefinition, page: Page) -> Reading:
    """Publications of one page that are in a wanted rubric, and the page to read next.

    An error comes with status 200 and ``diagnostics`` in the place of records: it is a problem of the visit;
    where it is about corrections, only a warning, and what is new is read all the same.
    """
    answer = sru.Found.of(page)
    start, kind, since = _asked(page.asked)
    if answer.problem is not None and kind == "modified":
        warning = f"corrections could not be asked for: {answer.problem}"
        return Reading(more=(_news(source, since),), warnings=(warning,))
    if answer.problem is not None:
        return Reading(drafts=_drafts(source, answer.records), problem=answer.problem)
    if not kind:
        return _begin(source, page, answer)
    following = answer.following(start)
    more: tuple[str, ...] = ()
    if following is not None:
        more = ((_news if kind == "date" else _corrections)(source, since, following),)
    elif kind == "modified":
        more = (_news(source, since),)
    cursor = _cursor(page, since, answer) if kind == "date" else None
    return Reading(drafts=_drafts(source, answer.records), more=more, cursor=cursor)


def _begin(source: SourceDefinition, page: Page, answer: sru.Found) -> Reading:
    """The very first visit: the newest publication tells from when to read."""
    newest = _newest(page, answer)
    if newest is None:
        whose = f"by {creator_of(source)!r}" if creator_of(source) else "by municipalities"
        return Reading(problem=f"the server has no publications {whose}: correct creator or municipality")
    return Reading(more=(_news(source, (newest - timedelta(days=FIRST_DAYS)).isoformat()),))


def _cursor(page: Page, since: str, answer: sru.Found) -> Mapping[str, Any] | None:
    newest = _newest(page, answer)
    if newest is None:
        return None
    return {"since": max(since, (newest - timedelta(days=OVERLAP_DAYS)).isoformat())}


def _newest(page: Page, answer: sru.Found) -> date | None:
    """The newest date of a page, but none later than today: a slip of the pen would hide all that follows."""
    days = [day for record in answer.records if (day := _day(record.date)) is not None]
    if not days:
        return None
    try:
        today = parsedate_to_datetime(page.headers.get("date", "")).date()
    except (ValueError, TypeError, OverflowError):
        return max(days)
    return min(max(days), today)


def _asked(address: str) -> tuple[int, str, str]:
    """First record asked for, ``date``, ``modified`` or nothing, and since when."""
    given = parse_qs(urlsplit(address).query)
    start = given.get("startRecord", ["1"])[0]
    match = _SINCE.search(given.get("query", [""])[0])
    kind, since = (match[1], match[2]) if match else ("", "")
    return (int(start) if re.fullmatch(r"[0-9]{1,9}", start) else 1), kind, since


def _day(text: str) -> date | None:
    match = _DAY.match(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _drafts(source: SourceDefinition, records: Sequence[sru.Record]) -> tuple[ItemDraft, ...]:
    rubrics = [_folded(rubric) for rubric in source.options.get("rubrics") or RUBRICS]
    return tuple(_draft(source, record) for record in records if _is_about(record, rubrics))


def _is_about(record: sru.Record, rubrics: Sequence[str]) -> bool:
    """One of these words stands in its rubric, subject or title."""
    words = _folded(" ".join((*record.types, *record.subjects, record.title)))
    return any(rubric in words for rubric in rubrics)


def _draft(source: SourceDefinition, record: sru.Record) -> ItemDraft:
    """The draft, without anything about persons."""
    rubric = ", ".join(record.types)
    about = f"{rubric} van de gemeente {record.creator}." if rubric and record.creator else ""
    return ItemDraft(
        source=source.key,
        external_id=record.identifier or record.url,
        url=record.url,
        title=without_persons(record.title),
        text=without_persons("\n".join(part for part in (record.abstract, about) if part)),
        text_is_html=False,
        published=record.date,
        updated=record.modified,
        language="nl",
        complete=not source.full_text,
        keep_id=bool(record.identifier),
        impersonal=True,
    )


def _folded(text: str) -> str:
    """Small letters without accents: "Coöperatie" is "cooperatie"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


# -- whether it is still there ------------------------------------------------------------------------


def questions(source: SourceDefinition, items: Sequence[Stored]) -> list[Question]:
    """One search for each identifier."""
    return list(_questions(source, items))


def _questions(source: SourceDefinition, items: Sequence[Stored]) -> Iterator[Question]:
    for item in items:
        if item.native_id:
            query = (
                f'c.product-area=="officielepublicaties" AND dt.identifier=="{sru.quoted(item.native_id)}"'
            )
            address = sru.address(source.url, query, start=1, most=1)
            yield Question(url=address, items=(item,), accept=ACCEPT, judges=JUDGES)


def judge(source: SourceDefinition, question: Question, page: Page) -> Answer:
    """No record, said in a whole answer without an error: it is gone, if the source has others.

    Anything unclear is no answer.
    """
    answer = sru.Found.of(page)
    standing = Standing.UNKNOWN
    if question.after == _NEWEST:
        if page.status == 200 and answer.problem is None and answer.records:
            standing = Standing.GONE
        return Answer(standing={item.item_id: standing for item in question.items})
    drafts: list[ItemDraft] = []
    if page.status == 200 and answer.problem is None:
        known = {item.native_id: item for item in question.items}
        found = [record for record in answer.records if record.identifier in known]
        drafts = [_draft(source, record) for record in found]
        if found:
            standing = Standing.THERE
        elif not answer.records and not answer.total and not answer.past_the_end:
            # An index that is being built anew has no records at all.
            newest = _newest_one(source)
            return Answer(
                ask=(Question(url=newest, items=question.items, accept=ACCEPT, judges=JUDGES, after=_NEWEST),)
            )
    return Answer(standing={item.item_id: standing for item in question.items}, drafts=tuple(drafts))
