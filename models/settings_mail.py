"""The settings ``mail_in`` and ``mail_out``: whether they can be used."""

import re
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine itself."""
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host) is not None


def mail_problem(mail_in: str, password: str) -> str | None:
    """What is wrong with a folder for mail, in one sentence; None = nothing, or it is a path."""
    if "://" not in mail_in:
        return None
    try:
        parts = urlsplit(mail_in)
        named = parts.hostname and parts.username and parts.port != 0
    except ValueError:
        return "mail_in: write a path, or imaps://user@host/folder"
    problem = None
    if not named:
        problem = "mail_in: write a path, or imaps://user@host/folder"
    elif parts.password is not None:
        problem = "mail_in: leave the password out of the address, and set mail_password"
    elif parts.scheme != "imaps" and not (parts.scheme == "imap" and is_loopback(parts.hostname or "")):
        problem = "mail_in must begin with imaps://"
    elif not password:
        problem = "mail_in also needs mail_password (SCOUT_MAIL_PASSWORD)"
    return problem


def mail_out_problem(mail_out: str, password: str, sender: str) -> str | None:
    """What is wrong with the server that mail goes out by, in one sentence; None = nothing, or no server."""
    if not mail_out:
        return None
    try:
        parts = urlsplit(mail_out)
        named = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        named = False
        parts = urlsplit("")
    problem = None
    if not named:
        problem = "mail_out: write smtp://user@host:587 or smtps://user@host"
    elif parts.password is not None:
        problem = "mail_out: leave the password out of the address, and set mail_out_password"
    elif parts.username and not password:
        problem = "mail_out also needs mail_out_password (SCOUT_MAIL_OUT_PASSWORD)"
    elif not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", sender):
        problem = "mail_out also needs mail_from, an e-mail address"
    return problem
