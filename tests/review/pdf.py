"""Reading a PDF back, as far as the tests need: its words, and what it says of itself."""

import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


class Pdf:
    """One file. Only what Typst writes is understood: objects in the open, streams packed with zlib."""

    def __init__(self, content: bytes) -> None:
        assert content.startswith(b"%PDF-")
        self.content = content
        self.objects = {int(found[1]): found[2] for found in _OBJECT.finditer(content)}

    @property
    def plain(self) -> bytes:
        """All that stands outside packed streams, with what these hold."""
        return b"\n".join([*self.objects.values(), *map(self._unpacked, self.objects)])

    @property
    def text(self) -> str:
        """The words on all pages, in order, with single spaces."""
        pages = [body for body in self.objects.values() if re.search(rb"/Type\s*/Page\b", body)]
        return " ".join(" ".join(self._words(page) for page in pages).split())

    def _unpacked(self, number: int) -> bytes:
        found = _STREAM.search(self.objects.get(number, b""))
        if found is None:
            return b""
        try:
            return zlib.decompress(found[1])
        except zlib.error:
            return found[1]

    def _words(self, page: bytes) -> str:
        fonts = self._fonts(page)
        words: list[str] = []
        font: dict[int, str] = {}
        name = b""
        contents = re.search(rb"/Contents\s+(\d+)", page)
        assert contents is not None
        for token in _tokens(self._unpacked(int(contents[1]))):
            if isinstance(token, bytearray):
                glyphs = [int.from_bytes(token[at : at + 2]) for at in range(0, len(token), 2)]
                words.append("".join(font.get(glyph, "") for glyph in glyphs))
            elif token.startswith(b"/"):
                name = token[1:]
            elif token == b"Tf":
                font = fonts.get(name, {})
            elif token == b"ET":
                words.append(" ")
        return "".join(words)

    def _fonts(self, page: bytes) -> dict[bytes, dict[int, str]]:
        """Name on the page -> number of a glyph -> letters."""
        resources = re.search(rb"/Resources\s+(\d+) 0 R", page)
        where = self.objects[int(resources[1])] if resources else page
        listed = re.search(rb"/Font\s*(?:(\d+) 0 R|<<(.*?)>>)", where, re.DOTALL)
        if listed is None:
            return {}
        named = self.objects[int(listed[1])] if listed[1] else listed[2]
        return {
            name: self._letters(self.objects[int(number)])
            for name, number in re.findall(rb"/(\S+)\s+(\d+) 0 R", named)
        }

    def _letters(self, font: bytes) -> dict[int, str]:
        mapped = re.search(rb"/ToUnicode\s+(\d+)", font)
        if mapped is None:
            return {}
        table = self._unpacked(int(mapped[1]))
        pairs = re.findall(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>", table)
        return {int(glyph, 16): bytes.fromhex(code.decode()).decode("utf-16-be") for glyph, code in pairs}


_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_TOKEN = re.compile(rb"\(|<<|>>|<([0-9A-Fa-f\s]*)>|/?[^\s()<>\[\]/]+|[\[\]/>]")


def _tokens(content: bytes) -> Iterator[bytes | bytearray]:
    """Words of a page's content, and its strings as ``bytearray``."""
    at = 0
    while found := _TOKEN.search(content, at):
        at = found.end()
        if found[0] == b"(":
            string, at = _string(content, at)
            yield string
        elif found[1] is not None:
            yield bytearray.fromhex(found[1].decode())
        else:
            yield found[0]


def _string(content: bytes, at: int) -> tuple[bytearray, int]:
    """A string after its first bracket, and where it ends; brackets in it come in pairs or are escaped."""
    string, depth = bytearray(), 1
    while True:
        one = content[at : at + 1]
        at += 1
        if one == b"\\":
            octal = re.match(rb"[0-7]{1,3}", content[at:])
            escaped = octal[0] if octal else content[at : at + 1]
            at += len(escaped)
            string += bytes([int(escaped, 8)]) if octal else _ESCAPED.get(escaped, escaped)
            continue
        depth += (one == b"(") - (one == b")")
        if not depth or not one:
            return string, at
        string += one
