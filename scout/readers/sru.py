"""The search service (SRU) of KOOP: how it is asked, and what its answers hold."""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from lxml import etree

from models import markup
from scout.drafts import Page

#: Records in one answer; the server gives no more.
PER_PAGE = 100

_TERMS = "{http://purl.org/dc/terms/}"
#: SRU's own code for a page behind the last one.
_PAST_THE_END = re.compile(r"(?:^|/)61$")


def address(url: str, query: str, *, start: int = 1, most: int = PER_PAGE) -> str:
    """The address that answers a query in CQL: ``most`` records, from the one numbered ``start``."""
    asked = {
        "operation": "searchRetrieve",
        "version": "2.0",
        "startRecord": str(start),
        "maximumRecords": str(most),
        "query": query,
    }
    return f"{url.split('?', 1)[0].split('#', 1)[0]}?{urlencode(asked)}"


def quoted(text: str) -> str:
    """A text as it stands between the quotes of a query."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


class Record:
    """One publication."""

    def __init__(self, element: etree._Element) -> None:
        self.identifier = _field(element, "identifier")
        self.title = _field(element, "title") or _field(element, "alternative")
        self.types = _fields(element, "type")
        self.subjects = _fields(element, "subject")
        self.creator = _field(element, "creator")
        self.abstract = _field(element, "abstract") or _field(element, "description")
        self.date = _field(element, "date") or _field(element, "available")
        self.modified = _field(element, "modified")
        self.url = self._url(element)

    def _url(self, element: etree._Element) -> str:
        preferred = element.findtext(".//{*}preferredUrl") or ""
        if not preferred.strip():
            pages = (
                each for each in element.iterfind(".//{*}itemUrl") if each.get("manifestation") == "html"
            )
            preferred = next((each.text or "" for each in pages), "")
        if not preferred.strip() and re.fullmatch(r"[\w-]{1,100}", self.identifier):
            preferred = f"https://zoek.officielebekendmakingen.nl/{self.identifier}.html"
        return preferred.strip()


class Found:
    """What the server answered: its records, or what it says is wrong."""

    def __init__(self, records: Sequence[Record] = (), problem: str | None = None) -> None:
        self.records = records
        self.problem = problem
        self.total = self.next = 0
        #: It says that no record has that number: those before it were all.
        self.past_the_end = False

    @classmethod
    def of(cls, page: Page) -> "Found":
        """Namespaces are told by their addresses: their prefixes differ from day to day."""
        try:
            text = markup.text_of(page.body, page.headers)
            root = etree.fromstring(markup.as_bytes(text), _parser()) if markup.is_well_formed(text) else None
        except markup.TooDeepError:
            root = None
        if root is None or _local(root) not in {"searchRetrieveResponse", "diagnostics"}:
            return cls(problem="the answer is none of a search service (SRU): is url the address of one?")
        answer = cls([Record(element) for element in root.iterfind("./{*}records/{*}record/{*}recordData")])
        answer.total = _number(root.findtext("./{*}numberOfRecords"))
        answer.next = _number(root.findtext("./{*}nextRecordPosition"))
        answer._find_fault(root)
        return answer

    def _find_fault(self, root: etree._Element) -> None:
        fault = root if _local(root) == "diagnostics" else root.find("./{*}diagnostics")
        if fault is None:
            return
        uri = (fault.findtext(".//{*}uri") or "").strip()
        if _PAST_THE_END.search(uri):
            self.past_the_end = True
            return
        said = [(fault.findtext(f".//{{*}}{name}") or "").strip() for name in ("message", "details")]
        sentence = re.sub(r"\s+", " ", ": ".join(part for part in said if part))[:300]
        self.problem = f"the search service refuses the question: {sentence or uri or 'it does not say why'}"

    def following(self, start: int) -> int | None:
        """The next record to ask for. The total is an estimate: an empty page is the end."""
        if not self.records:
            return None
        if self.next > start:
            return self.next
        end = start + len(self.records)
        return end if len(self.records) >= PER_PAGE or self.total >= end else None


def _fields(element: etree._Element, name: str) -> tuple[str, ...]:
    return tuple(
        " ".join(each.text.split()) for each in element.iter(_TERMS + name) if each.text and each.text.strip()
    )


def _field(element: etree._Element, name: str) -> str:
    return next(iter(_fields(element, name)), "")


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _number(text: str | None) -> int:
    text = (text or "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
