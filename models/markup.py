"""XML as servers send it, made fit for a parser: decoded, without declarations that cost or lie."""

import html
import re
from collections.abc import Mapping
from xml.parsers import expat

from models.encoding import claimed_by_header, claimed_by_xml, decode

#: Levels of elements; real feeds and sitemaps have under 20.
DEEPEST = 200

_DECLARATION = re.compile(r"<\?xml\b[^>]{0,300}\?>")
#: What may stand before the document type.
_BEFORE_DOCTYPE = re.compile(r"\s*(?:<!--.*?-->\s*|<\?.*?\?>\s*)*", re.DOTALL)
#: The document type with everything that it declares: entities that explode are declared there. It is only
#: looked for in its place: a search through a text full of beginnings would take hours.
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
#: Characters that XML does not allow at all.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_ENTITY = re.compile(r"&([a-zA-Z][a-zA-Z0-9]{1,31});")
_BARE_AMPERSAND = re.compile(r"&(?!#?\w{1,32};)")
_OF_XML = frozenset({"lt", "gt", "amp", "quot", "apos"})


class TooDeepError(Exception):
    """The elements of a document are nested beyond all use."""


def text_of(body: bytes, headers: Mapping[str, str]) -> str:
    """The text of an XML answer, decoded by what it is rather than what it claims.

    XML declaration, document type, forbidden characters (also as ``&#0;``) and anything before the first tag
    are gone.
    """
    claims = (claimed_by_xml(body), claimed_by_header(headers.get("content-type", "")))
    text = _REFERENCE.sub(_allowed, _FORBIDDEN.sub("", decode(body, *claims)))
    text = _DECLARATION.sub("", text[max(text.find("<"), 0) :], count=1)
    before = _BEFORE_DOCTYPE.match(text)
    doctype = _DOCTYPE.match(text, before.end() if before else 0)
    return (text[doctype.end() :] if doctype else text).strip()


def _allowed(reference: re.Match[str]) -> str:
    """The reference to a character; a space if XML forbids it, or if there is no such character."""
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    number = int(digits, base) if len(digits) <= 8 else 0
    fine = (
        number in {9, 10, 13}
        or 0x20 <= number < 0xD800
        or 0xE000 <= number <= 0xFFFD
        or 0x10000 <= number < 0x110000
    )
    return reference[0] if fine else " "


def is_well_formed(text: str) -> bool:
    """Whether a parser takes the whole text.

    Raises:
        TooDeepError: elements are nested deeper than ``DEEPEST`` levels.
    """
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise TooDeepError

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError:
        return False
    return True


def mended(text: str) -> str:
    """The text with the two usual slips undone: entities of HTML, and ``&`` that stands for itself."""

    def character(match: re.Match[str]) -> str:
        return match[0] if match[1] in _OF_XML else html.unescape(match[0])

    return _BARE_AMPERSAND.sub("&amp;", _ENTITY.sub(character, text))


def as_bytes(text: str) -> bytes:
    """The text for a parser of bytes."""
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode("utf-8")
