"""Objections: what somebody wants kept out goes, and never comes back (DESIGN 7)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from models.addresses import address_key, canonical
from models.base import utc_now
from models.database import forget_deleted, open_engine, session_factory
from models.item import Item
from models.settings import Settings
from models.source import Source
from models.store.audit import record
from models.store.items import account_key, domain_key, url_key
from models.store.withdrawing import Why, keep_out, withdraw

#: Items taken out in one transaction.
BATCH = 100
#: Items whose addresses are looked through at a time.
CHUNK = 2000

_ACCOUNT = re.compile(r"@?[^@\s/:]+@[\w.-]+\.\w+(?::\d+)?|did:[a-z]+:[\w.:%-]+", re.IGNORECASE)
#: An account as pages about it are addressed: https://server/@name.
_PROFILE = re.compile(r"/@([^@/\s]+)(?:@([\w.-]+))?/?")
_DOMAIN = re.compile(r"(?:[\w-]+\.)+[\w-]{2,}\.?", re.IGNORECASE)


class NoObjectError(Exception):
    """It is neither an address, a domain nor an account; the message says what to give."""


@dataclass(frozen=True)
class Objection:
    """What one objection is about."""

    #: ``url``, ``domain`` or ``account``, as in ``Suppression.kind``.
    kind: str
    #: In its one spelling.
    name: str

    def key(self, secret: bytes) -> str:
        """Its ``Suppression.key``."""
        if self.kind == "account":
            return account_key(secret, self.name)
        return domain_key(secret, self.name) if self.kind == "domain" else url_key(secret, self.name)


@dataclass(frozen=True)
class ObjectionReport:
    """What came of an objection."""

    kind: str
    #: Items taken out.
    withdrawn: int
    #: Keys of the sources that stand on the domain.
    sources: tuple[str, ...] = ()


def understood(what: str) -> Objection:
    """What an objection is about, as a person writes it.

    Raises:
        NoObjectError: it can't be told.
    """
    what = what.strip()
    if _ACCOUNT.fullmatch(what):
        return Objection("account", what.lstrip("@"))
    if "://" not in what:
        if _DOMAIN.fullmatch(what):
            return _of_host(what)
        raise NoObjectError(
            "give the address of a page (https://…/page), a domain (example.nl) "
            "or an account (@name@server, did:…)"
        )
    url = canonical(what)
    parts = urlsplit(url)
    if not url:
        raise NoObjectError(f"{what} is not an http or https address")
    profile = _PROFILE.fullmatch(parts.path)
    if profile:
        return Objection("account", f"{profile[1]}@{profile[2] or parts.netloc}")
    if parts.path == "/" and not parts.query:
        return _of_host(parts.hostname or "")
    return Objection("url", address_key(url))


def _of_host(host: str) -> Objection:
    # As hosts are spelled in stored addresses; with www. or without it is the same to whoever objects.
    spelled = urlsplit(canonical(f"https://{host}/")).hostname or host
    return Objection("domain", spelled.rstrip(".").removeprefix("www."))


def keep_out_for_good(
    settings: Settings, what: str, *, now: Callable[[], datetime] = utc_now
) -> ObjectionReport:
    """Keep something out from now on, and take out what is stored of it. May be repeated at any time.

    Args:
        what: an address, a domain or an account (:func:`understood`).

    Raises:
        NoObjectError: it can't be told which.
    """
    objection = understood(what)
    secret = settings.effective_secret_key
    engine = open_engine(settings)
    try:
        write, read = session_factory(engine), session_factory(engine, writes=False)
        with write() as session:
            # First, so that nothing comes in meanwhile; and a run that is killed after it can be repeated.
            keep_out(session, [(objection.key(secret), objection.kind)], Why.OBJECTION, now())
            session.commit()
        with read() as session:
            found = _items(session, objection, secret)
            sources = _sources(session, objection)
        withdrawn = _take_out(write, found, settings, now)
        with write() as session:
            after = {"kind": objection.kind, "entries": withdrawn}
            record(session, None, "withdraw", "objection", "", after=after, at=now())
            session.commit()
        if withdrawn:
            forget_deleted(engine)
        return ObjectionReport(objection.kind, withdrawn, sources)
    finally:
        engine.dispose()


def _take_out(
    write: sessionmaker[Session], found: list[int], settings: Settings, now: Callable[[], datetime]
) -> int:
    withdrawn = 0
    for start in range(0, len(found), BATCH):
        with write() as session:
            gone = withdraw(session, found[start : start + BATCH], settings, now(), why=Why.OBJECTION)
            session.commit()
        withdrawn += len(gone.items)
    return withdrawn


def _items(session: Session, objection: Objection, secret: bytes) -> list[int]:
    living = Item.purged_at.is_(None)
    key = objection.key(secret)
    if objection.kind == "account":
        return list(session.scalars(select(Item.id).where(Item.account_key == key, living)))
    if objection.kind == "url":
        return list(session.scalars(select(Item.id).where(Item.url_key == key, living)))
    rows = session.execute(
        select(Item.id, Item.url)
        .where(living, Item.url.contains(objection.name, autoescape=True))
        .execution_options(yield_per=CHUNK)
    )
    return [item_id for item_id, url in rows if _below(url, objection.name)]


def _sources(session: Session, objection: Objection) -> tuple[str, ...]:
    if objection.kind != "domain":
        return ()
    rows = session.execute(
        select(Source.key, Source.url)
        .where(Source.removed_at.is_(None), Source.enabled, Source.url.contains(objection.name))
        .order_by(Source.key)
    )
    return tuple(key for key, url in rows if _below(url, objection.name))


def _below(url: str, domain: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".")
    return host == domain or host.endswith(f".{domain}")
