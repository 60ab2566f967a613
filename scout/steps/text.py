"""Text hygiene: from HTML, entities and broken encodings to plain text."""

import html
import re
import unicodedata

import ftfy

#: Elements whose content is never text for a reader.
_SILENT = frozenset({"script", "style", "noscript", "iframe", "svg", "object", "head", "template"})
#: Silent elements that swallow all that follows when they are not closed, as in a browser.
_SWALLOWING = frozenset({"script", "style"})
#: Elements that start a new line.
_BLOCKS = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "br",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
        ),
        *(
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "li",
            "main",
            "nav",
        ),
        *("ol", "option", "p", "pre", "section", "table", "td", "th", "tr", "ul"),
    }
)
#: Tags that say that a "plain" text is HTML after all.
_TELLTALE = re.compile(
    r"</?(?:p|br|div|span|strong|em|b|i|u|a|ul|ol|li|img|h[1-6]|blockquote|figure|table|tr|td)(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
#: What a browser takes for the start of a tag, comment or declaration; "<3" and "</>" are text.
_TAG = re.compile(r"<(?:!--|[!?]|(?P<closing>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]{0,40}))")
#: Characters that are looked through for the end of a quoted attribute.
_LONGEST_ATTRIBUTE = 2000

#: Control characters, soft hyphen, zero-width and direction marks; not tab, newline, the joiner of emoji.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
#: A joiner that joins no emoji.
_STRAY_JOINER = re.compile("(?<![\ufe0f\u2600-\u27bf\U0001f000-\U0001faff])\u200d")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")
_SURROGATE = re.compile("[\ud800-\udfff]")

#: Characters of a title that are kept; screens show far fewer.
LONGEST_TITLE = 300

_FIXES = ftfy.TextFixerConfig(
    unescape_html=False,
    uncurl_quotes=False,
    fix_character_width=False,
    fix_line_breaks=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)


def plain(text: str, is_html: bool) -> str:
    """Text for reading, of HTML or of what claims to be plain text.

    Tags go, the content of scripts and styles too; blocks and line breaks become newlines; entities
    become characters, also those that were escaped twice. Takes time in proportion to the length,
    however the text is nested. Call :func:`clean` afterwards.

    Args:
        is_html: False: tags are only removed where a well-known one shows that it is HTML after all, so
            that "wij <3 de buurt" stays whole.
    """
    if is_html or _TELLTALE.search(text):
        text = _without_tags(text)
        # Escaped once more than needed: what is left looks like HTML again.
        if _TELLTALE.search(html.unescape(text)):
            text = _without_tags(html.unescape(text))
    return _unescaped(text)


def _unescaped(text: str) -> str:
    """Entities as characters; a second round for text that was escaped twice."""
    for _ in range(2):
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return text


def _without_tags(markup: str) -> str:
    pieces: list[str] = []
    never_closed: set[str] = set()
    position = 0
    while (start := markup.find("<", position)) >= 0:
        pieces.append(markup[position:start])
        tag = _TAG.match(markup, start)
        if tag is None:
            pieces.append("<")
            position = start + 1
            continue
        name = tag["name"].lower() if tag["name"] else ""
        if name in _BLOCKS:
            pieces.append("\n")
        position = _after_tag(markup, start) if tag[0] != "<!--" else _after(markup, "-->", start + 4)
        if name in _SILENT and not tag["closing"] and name not in never_closed and position >= 0:
            closing = re.compile(f"</{name}", re.IGNORECASE).search(markup, position)
            if closing:
                position = _after(markup, ">", closing.end())
            elif name in _SWALLOWING:
                position = -1
            else:
                never_closed.add(name)
        if position < 0:  # never ends
            return "".join(pieces)
    return "".join([*pieces, markup[position:]])


def _after(markup: str, sign: str, position: int) -> int:
    """Where the text goes on after the next such sign; -1 = there is none."""
    found = markup.find(sign, position)
    return found + len(sign) if found >= 0 else -1


def _after_tag(markup: str, start: int) -> int:
    """Where the tag that starts here ends; a ``>`` inside a quoted attribute doesn't count; -1 = nowhere."""
    end = markup.find(">", start)
    limit = start + _LONGEST_ATTRIBUTE
    while 0 <= end < limit:
        inside = markup[start:end]
        quotes = [quote for quote in "\"'" if "=" + quote in inside and inside.count(quote) % 2]
        closing = markup.find(quotes[0], end, limit) if quotes else -1
        further = markup.find(">", closing, limit) if closing >= 0 else -1
        if further < 0:
            break
        end = further
    return end + 1 if end >= 0 else -1


def clean(text: str) -> str:
    """Plain text in good order: NFC, broken encodings mended, nothing invisible, single spaces and lines."""
    if _SURROGATE.search(text):
        # Halves that belong together (JSON escapes) are joined, lone ones become U+FFFD.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    # Fewer lines first: ftfy takes each line apart.
    text = ftfy.fix_text(re.sub(r"\n\s*\n", "\n", text), _FIXES)
    text = _STRAY_JOINER.sub("", _UNSEEN.sub("", text))
    text = unicodedata.normalize("NFC", text)
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def clean_title(text: str) -> str:
    """One line of clean text of a title that may hold tags and entities; at most ``LONGEST_TITLE`` long."""
    title = clean(plain(text[: 20 * LONGEST_TITLE], is_html=False)).replace("\n", " ")
    if len(title) <= LONGEST_TITLE:
        return title
    return title[:LONGEST_TITLE].rsplit(" ", 1)[0].rstrip() + "…"
