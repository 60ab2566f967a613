"""What a person wrote in an e-mail: its own words, without signature, quoted mail and attachments. Pure."""

import re
from dataclasses import dataclass
from email.message import EmailMessage

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from models import geo
from scout.steps.text import clean, clean_title, plain

#: Characters of a body that are looked at; more is no summary in own words.
LOOKED_AT = 100_000
_FEWEST_LETTERS = 10

#: A line that begins a quoted or forwarded mail, or a signature: what follows it is not the person's text.
_ENDS = re.compile(
    r"--"
    r"|_{10,}"
    r"|-{2,}\s?(?:oorspronkelijk bericht|doorgestuurd bericht|original message|forwarded message)\s?-{2,}"
    r"|(?:begin doorgestuurd bericht|begin forwarded message):?"
    r"|(?:op|on) .{4,120}(?:schreef|wrote)\b.{0,120}:"
    r"|.{3,100} (?:schreef op|wrote on) .{4,80}:"
    r"|(?:verstuurd|verzonden) (?:vanaf|vanuit|met) (?:mijn |outlook|gmail|een ).{0,60}"
    r"|sent from (?:my |outlook|gmail).{0,60}"
    r"|(?:met )?(?:vriendelijke|hartelijke|warme|beste|zonnige) (?:groet|groeten|groetjes)\b.{0,40}"
    r"|(?:groet|groeten|groetjes|mvg|hartelijks|kind regards|best regards|regards|vr\.? ?gr\.?)[,.!]?"
    r"|(?:groet|groeten|groetjes)(?:,| van) .{1,40}"
    r"|(?:disclaimer|aan dit bericht kunnen geen rechten|de informatie in dit e-?mailbericht)\b.{0,200}",
    re.IGNORECASE,
)
#: The header of a mail that is quoted without marks: this line, and another of these right after it.
_HEADER = re.compile(
    r"\*?(?:van|from|verzonden|sent|aan|to|datum|date|onderwerp|subject|cc):\*?\s.{0,300}", re.IGNORECASE
)
_MUNICIPALITY = re.compile(r"\*?gemeente:\*?\s*(?P<name>[^\n]{1,60}?)\s*[.,]?", re.IGNORECASE)
_GREETING = re.compile(
    r"(?:hallo|hoi|dag|beste|geachte|goedemorgen|goedemiddag|goedenavond|l\.?s\.?)\b[^.!?\n]{0,60}[,!]?",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://[^\s<>\"'“”]+", re.IGNORECASE)
_BEHIND_LINK = ".,;:!?)]}»…*_"
_PREFIX = re.compile(r"(?:(?:re|fw|fwd|antw|betr|doorgest)\s*:\s*)+", re.IGNORECASE)
#: Parts of HTML mail that hold what others wrote, or a signature.
_FOREIGN = (
    "//blockquote|//*[contains(concat(' ', @class, ' '), ' gmail_quote ')]"
    "|//*[contains(@class, 'gmail_signature')]|//*[contains(@class, 'moz-signature')]"
    "|//*[contains(@class, 'moz-cite-prefix')]|//*[@id='divRplyFwdMsg']/following-sibling::*"
    "|//*[@id='divRplyFwdMsg']|//*[@id='appendonsend']|//*[@id='Signature']"
)


@dataclass(frozen=True)
class MailWords:
    """What of a mail is handed in."""

    title: str
    #: Own words; empty = there are none.
    summary: str
    #: First http(s) link in them; empty = there is none.
    url: str
    #: CBS code of the line ``Gemeente: …``; None = there is no such line, or no such municipality.
    municipality_code: str | None


def sender_of(message: EmailMessage) -> str:
    """The one address that the mail is from, in small letters; empty = none, or more than one."""
    headers = message.get_all("From", [])
    # As the structured header has them: a name made up to look like an address is none.
    found = [one.addr_spec for header in headers for one in getattr(header, "addresses", ())]
    return found[0].strip().lower() if len(headers) == len(found) == 1 and "@" in found[0] else ""


def is_automatic(message: EmailMessage) -> bool:
    """Whether a machine sent it: an absence message, a report of delivery, a mailing list."""
    automatic = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    bulk = str(message.get("Precedence", "")).strip().lower() in {"bulk", "junk", "list", "auto_reply"}
    report = message.get_content_type() == "multipart/report" or "List-Id" in message
    return automatic != "no" or bulk or report


def words_of(message: EmailMessage) -> MailWords:
    """The person's own words in a mail, and what they name."""
    body = _body(message)
    lines = own_lines(body)
    code = None
    kept = []
    for line in lines:
        named = _MUNICIPALITY.fullmatch(line.strip())
        if named is None:
            kept.append(line)
        elif code is None:
            code = geo.municipality_code(named["name"])
    text = "\n".join(kept)
    link = _LINK.search(text)
    url = link[0].rstrip(_BEHIND_LINK) if link else ""
    summary = clean(_LINK.sub(" ", text))
    if sum(character.isalpha() for character in summary) < _FEWEST_LETTERS:
        summary = ""
    title = clean_title(_PREFIX.sub("", " ".join(str(message.get("Subject", "")).split())))
    return MailWords(title, summary, url, code)


def own_lines(body: str) -> list[str]:
    """The lines that the sender wrote: up to signature or quoted mail, without quoted lines and greeting.

    Takes time in proportion to the length, whatever stands in it.
    """
    lines: list[str] = []
    every = body[:LOOKED_AT].splitlines()
    for number, raw in enumerate(every):
        line = raw.strip()
        following = every[number + 1].strip() if number + 1 < len(every) else ""
        # The attribution of a quotation may be broken over two lines.
        attribution = len(line) < 200 and len(following) < 200 and _ENDS.fullmatch(f"{line} {following}")
        broken = bool(attribution) and line.lower().startswith(("op ", "on ")) and following.endswith(":")
        if len(line) < 400 and (_ENDS.fullmatch(line) or broken):
            break
        if _HEADER.fullmatch(line) and _HEADER.fullmatch(following):
            break
        if line.startswith(">"):
            continue
        if not any(lines) and (not line or _GREETING.fullmatch(line)):
            continue
        lines.append(line)
    return lines


def _body(message: EmailMessage) -> str:
    """The text of a mail: its plain part, else its HTML without what others wrote. Attachments never."""
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        content = str(part.get_content())
    except (LookupError, UnicodeError, ValueError, TypeError):
        # A charset that nobody knows.
        payload = part.get_payload(decode=True)
        content = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    content = content[:LOOKED_AT].replace("\x00", "")
    if part.get_content_type() != "text/html":
        return content
    return clean(plain(_own_html(content), is_html=True))


def _own_html(markup: str) -> str:
    try:
        tree: HtmlElement = document_fromstring(markup)
        for element in tree.xpath(_FOREIGN):
            if element.getparent() is not None:
                element.drop_tree()
        # Links as people see them, with their address behind them where that is not what they see.
        for link in tree.iter("a"):
            address = str(link.get("href") or "")
            if _LINK.fullmatch(address) and address not in link.text_content():
                link.tail = f" {address} {link.tail or ''}"
        return str(etree.tostring(tree, encoding="unicode", method="html"))
    except (etree.LxmlError, ValueError):
        return ""
