"""Bytes to text, whatever the server claims about them."""

import codecs
import re

#: Byte order marks, longest first: UTF-32-LE starts like UTF-16-LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: "<?" or "<x" of an XML or HTML document in UTF-16 without a mark.
_UTF16_STARTS = (
    (re.compile(rb"<\x00[^\x00]\x00"), "utf-16-le"),
    (re.compile(rb"\x00<\x00[^\x00]"), "utf-16-be"),
)
#: Codecs that a claim may name. Python knows others that are no character sets, some of them slow on purpose.
_CHARACTER_SETS = re.compile(r"(iso8859|cp\d|koi8|mac|utf-(16|32)|big5|gb|hz|euc|shift|johab|tis|ptcp|kz)")
#: What these names mean on the web (WHATWG): Windows' superset of them.
_WINDOWS_1252 = {"iso8859-1", "ascii", "cp1252"}
#: A text with this many good non-ASCII characters for each bad byte is UTF-8 with blemishes.
_GOOD_FOR_EACH_BAD = 3

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


def claimed_by_header(content_type: str) -> str:
    """The charset that a ``Content-Type`` header claims; empty = none."""
    match = _CHARSET.search(content_type)
    return match[1] if match else ""


def claimed_by_xml(body: bytes) -> str:
    """The encoding that an XML declaration claims; empty = none."""
    match = re.match(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", body[:400])
    return match[1].decode("ascii", "replace") if match else ""


def claimed_by_html(body: bytes) -> str:
    """The charset that a ``meta`` element near the start of a page claims; empty = none."""
    match = re.search(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", body[:4096], re.IGNORECASE)
    return match[1].decode("ascii", "replace") if match else ""


def decode(body: bytes, *claims: str) -> str:
    """Decode a whole answer.

    A byte order mark decides; else what is valid UTF-8 is UTF-8, whatever is claimed; else the first claim
    that fits; else Windows-1252, the usual one here.

    Args:
        claims: names of encodings, the most trusted first; wrong and unknown ones are passed over.

    Never fails: bytes that fit nothing become U+FFFD.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    for start, name in _UTF16_STARTS:
        if start.match(body):
            return body.decode(name, "replace")
    text = _as_utf8(body)
    if text is not None:
        return text
    for claim in claims:
        name = _usable(claim)
        if name:
            try:
                return body.decode(name)
            except UnicodeDecodeError:
                continue
    try:
        return body.decode("cp1252")
    except UnicodeDecodeError:
        return _guess(body)


def _as_utf8(body: bytes) -> str | None:
    """The text if it is UTF-8: broken off inside a character, or with a few foreign bytes, still counts."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        whole = body[: error.start]
        if error.reason == "unexpected end of data" and not whole.isascii():
            return whole.decode("utf-8")
    text = body.decode("utf-8", "scout-windows-1252")
    bad = body.decode("utf-8", "replace").count("\ufffd") - body.count("\ufffd".encode())
    good = sum(1 for character in re.findall(r"[^\x00-\x7f]", text)) - bad
    return text if good >= _GOOD_FOR_EACH_BAD * bad else None


def _one_byte_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    byte = error.object[error.start : error.start + 1]
    return byte.decode("cp1252", "replace"), error.start + 1


codecs.register_error("scout-windows-1252", _one_byte_as_windows_1252)


def _usable(claim: str) -> str:
    try:
        name = codecs.lookup(claim.strip()).name
    except (LookupError, ValueError):
        return ""
    if name in _WINDOWS_1252:
        return "cp1252"
    return name if _CHARACTER_SETS.match(name) else ""


def _guess(body: bytes) -> str:
    # Rare (five bytes are undefined in Windows-1252), so the slow guess is only loaded here.
    from charset_normalizer import from_bytes

    best = from_bytes(body[:50_000]).best()
    name = _usable(best.encoding) if best else ""
    return body.decode(name or "cp1252", "replace")
