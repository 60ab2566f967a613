"""OPML 1 and 2: lists of feeds, as feed readers exchange them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from lxml import etree

from models import markup
from models.source_definition import SourceDefinition
from models.words import SourceKind

#: Bytes of a file; a list of 10,000 feeds has 2 MB.
LARGEST = 10 * 1024 * 1024

#: References to entities that the document type declared.
_DECLARED = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)\w+;")


class OpmlError(Exception):
    """A file can't be read as OPML; the message says why."""


@dataclass(frozen=True)
class Outline:
    """One feed of a list."""

    #: Which of the outlines it is that name no group, counted from 1 in the order of the file.
    number: int
    title: str
    #: Address of the feed, as written; empty if it has none.
    url: str
    #: Address of its site; empty if it has none.
    site: str
    #: Names of the groups that it stands in, the outermost first.
    groups: tuple[str, ...]


def read_opml(body: bytes) -> list[Outline]:
    """All outlines that are no group, nested or not, in their order.

    Raises:
        OpmlError: it is no OPML, or nested too deeply.
    """
    if len(body) > LARGEST:
        raise OpmlError(f"the file is larger than {LARGEST // (1024 * 1024)} MB")
    try:
        # Without its document type: entities that explode, or read files, are declared there.
        text = markup.text_of(body, {})
        if not markup.is_well_formed(text):
            text = _DECLARED.sub("", markup.mended(text))
            if not markup.is_well_formed(text):
                raise OpmlError("the file is no well-formed XML")
    except markup.TooDeepError:
        raise OpmlError(f"its elements are nested deeper than {markup.DEEPEST} levels") from None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(markup.as_bytes(text), parser)
    if not isinstance(root.tag, str) or root.tag.lower() != "opml":
        raise OpmlError("the file is XML, but no OPML")
    found: list[Outline] = []
    for element in root:
        if isinstance(element.tag, str) and element.tag.lower() == "body":
            _collect(element, (), found)
    return found


def _collect(parent: etree._Element, groups: tuple[str, ...], found: list[Outline]) -> None:
    for element in parent:
        if not isinstance(element.tag, str) or element.tag.lower() != "outline":
            continue
        # The same names in all spellings that are met: xmlUrl, xmlurl, XMLURL.
        given = {str(name).lower(): str(value).strip() for name, value in element.attrib.items()}
        title = given.get("text") or given.get("title", "")
        if given.get("xmlurl") or len(element) == 0:
            url, site = _feed_address(given), given.get("htmlurl", "")
            found.append(Outline(len(found) + 1, _one_line(title), url, site, groups))
        if len(element):
            _collect(element, (*groups, _one_line(title)), found)


def _feed_address(given: Mapping[str, str]) -> str:
    # Some lists of the first version put a feed's address under url, with type rss.
    by_url = given.get("url", "") if given.get("type", "").lower() in {"rss", "atom", "feed"} else ""
    address = given.get("xmlurl") or by_url
    # feed://krant.example/rss and feed:https://krant.example/rss, as some readers write them.
    bare = re.sub(r"^feed:(?://)?", "", address, flags=re.IGNORECASE)
    return address if bare == address or not bare else bare if "://" in bare else f"https://{bare}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def write_opml(definitions: Iterable[SourceDefinition], groups: Mapping[str, str]) -> tuple[str, list[str]]:
    """A list of the feeds among these sources, OPML 2.0.

    Args:
        groups: CBS code -> name of the group that sources of this municipality stand in.

    Returns:
        The file, and the keys of the sources that are no feed and therefore not in it.
    """
    by_group: dict[str, list[str]] = {}
    left_out: list[str] = []
    for definition in definitions:
        if definition.kind is not SourceKind.FEED:
            left_out.append(definition.key)
            continue
        group = groups.get(definition.municipality_code or "", "")
        title, url = quoteattr(definition.title), quoteattr(definition.url)
        line = f'<outline type="rss" text={title} title={title} xmlUrl={url}/>'
        by_group.setdefault(group, []).append(line)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += ["  <head><title>Participatienetwerk Scout</title></head>", "  <body>"]
    for group, feeds in sorted(by_group.items()):
        if group:
            lines.append(f"    <outline text={quoteattr(group)}>")
        lines += [("      " if group else "    ") + feed for feed in feeds]
        if group:
            lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""]), left_out
