"""Whether a mail is from whom it says: what the receiving server found out about it (RFC 8601). Pure."""

import re
from email.message import EmailMessage


def proven(message: EmailMessage, sender: str, authserv_id: str) -> bool:
    """Whether the receiving server says that the domain of the sender vouches for this mail (DMARC).

    A sender can write such headers too, so only those count that carry the name of our own server, which
    takes foreign ones with its name out; and all of them must agree.

    Args:
        sender: the address in ``From``.
        authserv_id: name under which our receiving server writes its findings; empty = it writes none.
    """
    if not authserv_id:
        return False
    domain = sender.rpartition("@")[2].rstrip(".")
    verdicts = [
        verdict
        for header in message.get_all("Authentication-Results", [])
        for verdict in _dmarc(str(header), authserv_id, domain)
    ]
    return bool(verdicts) and all(verdicts)


def _dmarc(header: str, authserv_id: str, domain: str) -> list[bool]:
    """What one header of this server says about DMARC; what is about another domain is a failure."""
    parts = _without_comments(header).split(";")
    if parts[0].lower().split()[:1] != [authserv_id.lower()]:
        return []
    found = []
    for part in parts[1:]:
        result = re.match(r"\s*dmarc(?:\s*/\s*\d+)?\s*=\s*(\w+)", part, re.IGNORECASE)
        if result is None:
            continue
        about = re.search(r"\bheader\.from\s*=\s*\"?([^\s\";]+)", part, re.IGNORECASE)
        same = about is None or about[1].lower().rpartition("@")[2].rstrip(".") == domain
        found.append(result[1].lower() == "pass" and same)
    return found


def _without_comments(header: str) -> str:
    """A header without ``(…)``, which nest, and with no ``;`` but those between its parts."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in header:
        if escaped:
            escaped = False
            if depth == 0 and character not in ';"\\':
                kept.append(character)
            continue
        if character == "\\" and (quoted or depth):
            escaped = True
        elif character == '"' and depth == 0:
            quoted = not quoted
        elif quoted:
            kept.append(" " if character == ";" else character)
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif depth == 0:
            kept.append(character)
    return " ".join("".join(kept).split())
