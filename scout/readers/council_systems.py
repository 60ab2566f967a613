"""Answers of the systems that councils themselves use: Notubiz, iBabs and GO; the answer tells which.

Only titles, dates and links of meetings and motions are read. Whoever proposed, signed, attended or voted is
never looked at.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from lxml import etree

from models import markup
from models.addresses import canonical
from models.encoding import decode
from models.source_definition import SourceDefinition
from scout.drafts import ItemDraft, Page, Reading
from scout.readers import council_papers as papers

_MEETINGS = "GetMeetingsByDateRangeResult"
#: Labels of a Notubiz motion -> what they hold; all others are left alone, many name persons.
_TITLE, _DATE, _TEXT = (
    frozenset({"Titel", "Onderwerp"}),
    frozenset({"Datum"}),
    frozenset({"Type", "Toelichting"}),
)


def read(source: SourceDefinition, page: Page) -> Reading:
    """Meetings or motions of one answer."""
    text = decode(page.body).lstrip("\ufeff \t\r\n")
    drafts: list[ItemDraft] | None = None
    if text.startswith("<"):
        drafts = _of_xml(source, page)
    else:
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            answer = None
        drafts = _of_json(source, page, answer)
    if drafts is None:
        return Reading(
            problem="the answer is neither of Notubiz, iBabs nor GO: name the council, "
            'council = "…", and give the root of the aggregator as url'
        )
    return Reading(drafts=tuple(drafts))


def _of_json(source: SourceDefinition, page: Page, answer: Any) -> list[ItemDraft] | None:
    if isinstance(answer, dict) and isinstance(answer.get("items"), list):
        return [each for item in _dicts(answer["items"]) if (each := _motion(source, page, item))]
    if isinstance(answer, dict) and "agenda_items" in answer:
        return [each] if (each := _notubiz_meeting(source, page, answer)) else []
    if isinstance(answer, list) and all(isinstance(each, dict) and "items" in each for each in answer):
        return [_go_meeting(source, page, each) for each in answer]
    return None


def _dicts(values: Any) -> Iterator[dict[str, Any]]:
    yield from (each for each in values if isinstance(each, dict)) if isinstance(values, list) else ()


def _link(page: Page, links: Iterator[Any], identity: str) -> str:
    """The first usable link; where there is none, the answer's address with the id behind it."""
    for link in links:
        if isinstance(link, str) and canonical(link):
            return link
    bare = page.url.partition("#")[0]
    return f"{bare}{'&' if '?' in bare else '?'}id={quote(identity, safe='')}" if identity else bare


def _closed(item: Mapping[str, Any]) -> bool:
    """Not for everybody, whatever the reason that it can be read."""
    return bool(item.get("confidential")) or item.get("permission_group", "public") != "public"


# -- Notubiz ------------------------------------------------------------------------------------------


def _motion(source: SourceDefinition, page: Page, item: Mapping[str, Any]) -> ItemDraft | None:
    title, day, words, links = "", "", [], []
    for attribute in _dicts(item.get("attributes")):
        label = attribute.get("label")
        for value in _dicts(attribute.get("values")):
            content, document = value.get("content"), value.get("document")
            if isinstance(document, dict) and not document.get("confidential"):
                links.append(document.get("url"))
            if not isinstance(content, str):
                continue
            if label in _TITLE:
                title = title or content
            elif label in _DATE:
                day = day or content
            elif label in _TEXT:
                words.append(content)
    if _closed(item) or not title:
        return None
    identity = str(item.get("id", ""))
    return papers.draft(
        source,
        identity,
        _link(page, iter(links), identity),
        title=title,
        text="\n".join(words),
        published=day,
        keep=False,
    )


def _notubiz_meeting(source: SourceDefinition, page: Page, meeting: Mapping[str, Any]) -> ItemDraft | None:
    if meeting.get("canceled") or meeting.get("inactive"):
        return None
    named = {each.get("id"): each.get("value") for each in _dicts(meeting.get("attributes"))}
    begins = [each.get("start_date") for each in _dicts(meeting.get("plannings"))]
    documents = [*_dicts(meeting.get("documents"))]
    return _meeting(
        source,
        page,
        meeting.get("id"),
        title=named.get("title"),
        day=next(iter(begins), ""),
        names=[each.get("title") for each in documents if not each.get("confidential")]
        + [*papers.agenda(meeting.get("agenda_items"))],
        link=meeting.get("url"),
    )


# -- iBabs and GO ---------------------------------------------------------------------------------------


def _go_meeting(source: SourceDefinition, page: Page, meeting: Mapping[str, Any]) -> ItemDraft:
    begins = meeting.get("startTime")
    day = meeting.get("date")
    return _meeting(
        source,
        page,
        meeting.get("id"),
        title=meeting.get("description"),
        day=f"{day} {begins}" if day and begins else day,
        names=[*papers.agenda(meeting.get("items"))],
        link=meeting.get("url"),
    )


def _of_xml(source: SourceDefinition, page: Page) -> list[ItemDraft] | None:
    try:
        text = markup.text_of(page.body, page.headers)
        if not markup.is_well_formed(text):
            return None
    except markup.TooDeepError:
        return None
    root = etree.fromstring(markup.as_bytes(text), etree.XMLParser(resolve_entities=False, no_network=True))
    if root.find(f".//{{*}}{_MEETINGS}") is None:
        return None
    return [_ibabs_meeting(source, page, each) for each in root.iterfind(".//{*}iBabsMeeting")]


def _ibabs_meeting(source: SourceDefinition, page: Page, meeting: etree._Element) -> ItemDraft:
    names = meeting.findall("./{*}MeetingItems/{*}iBabsMeetingItem/{*}Title")
    names += meeting.findall(".//{*}iBabsDocument/{*}DisplayName")
    day = meeting.findtext("./{*}MeetingDate")
    return _meeting(
        source,
        page,
        meeting.findtext("./{*}Id"),
        # iBabs names the kind of a meeting by number, and what it is about in a line.
        title=meeting.findtext("./{*}Meetingtype") or meeting.findtext("./{*}Explanation"),
        day=day,
        names=[each.text for each in names],
        link=meeting.findtext("./{*}Url"),
    )


def _meeting(
    source: SourceDefinition, page: Page, identity: Any, *, title: Any, day: Any, names: list[Any], link: Any
) -> ItemDraft:
    """A meeting: its title and day, and the names of what is on its agenda."""
    known = dict.fromkeys(name.strip() for name in names if isinstance(name, str) and name.strip())
    number = str(identity or "")
    return papers.draft(
        source,
        number,
        _link(page, iter([link]), number),
        title=title if isinstance(title, str) else "",
        text="\n".join(known),
        published=day if isinstance(day, str) else "",
        keep=False,
    )
