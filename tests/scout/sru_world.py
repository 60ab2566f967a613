"""A search service (SRU) as KOOP has one, on loopback: queries, pages, errors with status 200."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.web import Answer, Asked

PATH = "/sru"

_CLAUSE = r'([a-z][\w.-]*)(==|>=|<)"((?:[^"\\]|\\.)*)"'
_ORDER = re.compile(r" sortBy ([a-z][\w.]*)/sort\.(ascending|descending)$")


@dataclass(kw_only=True)
class Publication:
    """One official publication."""

    identifier: str
    title: str
    type: str = "evenementenvergunning"
    creator: str = "Zwolle"
    organisation: str = "gemeente"
    date: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())
    modified: str = ""
    abstract: str = ""
    url: str = ""

    def value(self, index: str) -> str:
        """What a query compares."""
        return {
            "c.product-area": "officielepublicaties",
            "dt.creator": self.creator,
            "w.organisatietype": self.organisation,
            "dt.date": self.date,
            "dt.modified": self.modified or self.date,
            "dt.identifier": self.identifier,
        }[index]

    def xml(self) -> str:
        """As a record; prefixes differ from those in the manual, as they do from day to day."""
        link = self.url or f"https://zoek.officielebekendmakingen.nl/{self.identifier}.html"
        abstract = f"<t:abstract>{escape(self.abstract)}</t:abstract>" if self.abstract else ""
        return (
            "<n:record><n:recordSchema>gzd</n:recordSchema><n:recordData>"
            '<g:gzd xmlns:g="http://standaarden.overheid.nl/sru" xmlns:t="http://purl.org/dc/terms/" '
            'xmlns:x="https://example.org/other"><g:originalData><x:meta>'
            f"<x:title>Ander veld</x:title><t:identifier>{self.identifier}</t:identifier>"
            f'<t:title>{escape(self.title)}</t:title><t:type scheme="x">{escape(self.type)}</t:type>'
            f"<t:creator>{escape(self.creator)}</t:creator>"
            f"<t:modified>{self.modified or self.date}</t:modified>"
            f"<t:date>{self.date}</t:date>{abstract}</x:meta></g:originalData><g:enrichedData>"
            f"<g:preferredUrl>{escape(link)}</g:preferredUrl></g:enrichedData></g:gzd>"
            "</n:recordData></n:record>"
        )


class Sru:
    """Answers queries over its publications.

    Args:
        page: records in one answer at most, whatever was asked for.
    """

    def __init__(self, *publications: Publication, page: int = 100) -> None:
        self.publications = list(publications)
        self.page = page
        #: Added to the true number of records: it is an estimate.
        self.surplus = 0
        #: Say where the next page begins.
        self.names_next = True
        #: Indexes that it refuses.
        self.refused: set[str] = set()
        self.queries: list[str] = []

    def __call__(self, asked: Asked) -> Answer:
        given = {name: values[0] for name, values in parse_qs(urlsplit(asked.target).query).items()}
        query = given.get("query", "")
        self.queries.append(query)
        return Answer(
            self.answer(query, int(given["startRecord"]), int(given["maximumRecords"])), headers=XML
        )

    def answer(self, query: str, start: int, most: int) -> str:
        """The XML of one answer."""
        order = _ORDER.search(query)
        clauses = query[: order.start()] if order else query
        if not re.fullmatch(f"{_CLAUSE}(?: AND {_CLAUSE})*", clauses):
            return diagnostic("10", "Query syntax error", "expected AND")
        asked = re.findall(_CLAUSE, clauses)
        if any(index in self.refused for index, _, _ in asked):
            return diagnostic("16", "Unsupported index", "dt.modified")
        found = [one for one in self.publications if all(_holds(one, *clause) for clause in asked)]
        if order:
            found.sort(key=lambda one: one.value(order[1]), reverse=order[2] == "descending")
        shown = found[start - 1 : start - 1 + min(most, self.page)]
        end = start + len(shown)
        following = (
            f"<n:nextRecordPosition>{end}</n:nextRecordPosition>"
            if self.names_next and end <= len(found)
            else ""
        )
        total = len(found) + (self.surplus if found else 0)
        return (
            '<?xml version="1.0" encoding="UTF-8"?><n:searchRetrieveResponse '
            'xmlns:n="http://docs.oasis-open.org/ns/search-ws/sruResponse">'
            f"<n:numberOfRecords>{total}</n:numberOfRecords>"
            f"<n:records>{''.join(one.xml() for one in shown)}</n:records>"
            f"{following if self.names_next and end <= len(found) else ''}</n:searchRetrieveResponse>"
        )


XML = {"Content-Type": "application/xml;charset=UTF-8"}


def diagnostic(code: str, message: str, details: str = "") -> str:
    """An error, which comes with status 200."""
    return (
        '<d:diagnostics xmlns:d="http://docs.oasis-open.org/ns/search-ws/diagnostic"><d:diagnostic>'
        f"<d:uri>info:srw/diagnostic/1/{code}</d:uri><d:details>{details}</d:details>"
        f"<d:message>{message}</d:message></d:diagnostic></d:diagnostics>"
    )


def _holds(one: Publication, index: str, relation: str, value: str) -> bool:
    mine, other = one.value(index), re.sub(r"\\(.)", r"\1", value)
    return {"==": mine == other, ">=": mine >= other, "<": mine < other}[relation]
