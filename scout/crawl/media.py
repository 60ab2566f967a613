"""Whether an answer is something that can be read: text, XML, JSON, HTML or gzip. Pure."""

from collections.abc import Mapping

#: Content types that lists and articles come in; ``text/*``, ``…+xml`` and ``…+json`` are added to these.
READABLE = frozenset(
    {
        "application/xml",
        "application/json",
        "application/feed+json",
        "application/x-ndjson",
        "application/ndjson",
        "application/xhtml+xml",
        "application/gzip",
        "application/x-gzip",
        "application/rss",
        "application/atom",
        "application/javascript",
        # Says nothing: the first bytes decide.
        "application/octet-stream",
        "binary/octet-stream",
        "application/unknown",
        "application/force-download",
        "application/x-download",
        "application/download",
        "",
    }
)

#: First bytes of files that are not text, whatever their content type says -> what they are.
MAGIC = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"RIFF", "image, sound or film"),
    (b"PK\x03\x04", "zip or office"),
    (b"\xd0\xcf\x11\xe0", "office"),
    (b"\x7fELF", "program"),
    (b"ID3", "sound"),
    (b"OggS", "sound or film"),
    (b"\x00\x00\x00\x18ftyp", "film"),
    (b"\x00\x00\x00\x20ftyp", "film"),
)


def content_type(headers: Mapping[str, str]) -> str:
    """The bare type of an answer in small letters, empty if it has none. Header names in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the answer is a web page."""
    kind = content_type(headers)
    if kind in {"text/html", "application/xhtml+xml"}:
        return True
    return kind not in {"text/plain"} and b"<html" in body[:1024].lower()


def refusal_of_type(kind: str) -> str | None:
    """Why a content type is not read, as the end of a sentence (``is an image …``); None = it is."""
    if kind in READABLE or kind.startswith("text/") or kind.endswith(("+xml", "+json")):
        return None
    if kind == "application/pdf":
        return "is a PDF file, which is not read"
    family = kind.partition("/")[0]
    if family in {"image", "audio", "video", "font"}:
        article = "an" if family[0] in "ai" else "a"
        return f"is {article} {family} file ({kind}), which is not read"
    return f"is of type {kind}, which is not read"


def refusal(headers: Mapping[str, str], body: bytes) -> str | None:
    """Why an answer is not read, from its type and its first bytes; None = it is."""
    by_type = refusal_of_type(content_type(headers))
    if by_type is not None:
        return by_type
    for start, what in MAGIC:
        if body.startswith(start):
            return f"is really a {what} file, which is not read"
    return None
