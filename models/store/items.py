"""Items: recognising those that are known, and storing one with its text in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.item import Item
from models.item_text import ItemText
from models.keys import keyed_hash
from models.suppression import Suppression
from models.words import Outcome

T = TypeVar("T")

#: Values in one IN list; SQLite takes 32,766 parameters, older builds 999.
CHUNK = 500


def url_key(secret: bytes, address_key: str) -> str:
    """``Item.url_key``, and the suppression key of one address.

    Args:
        address_key: the address in its one spelling (``scout.steps.address.address_key``).
    """
    return keyed_hash(secret, "url", address_key)


def domain_key(secret: bytes, host: str) -> str:
    """Suppression key of a host and all hosts below it."""
    return keyed_hash(secret, "domain", host.lower().rstrip("."))


def external_key(secret: bytes, source_key: str, external_id: str) -> str:
    """``Item.external_key``."""
    return keyed_hash(secret, "external", source_key, external_id)


def account_key(secret: bytes, account: str) -> str:
    """``Item.account_key``, and the suppression key of an account (``name@server``, ``did:…``)."""
    return keyed_hash(secret, "account", account.lower().lstrip("@"))


def entry_hash(secret: bytes, *parts: str) -> str:
    """``Item.entry_hash`` of what a list says about one item."""
    return keyed_hash(secret, "entry", *parts)


def content_hash(secret: bytes, title: str, text: str) -> str:
    """``Item.content_hash``."""
    return keyed_hash(secret, "content", title, text)


def suppressed_keys(session: Session) -> frozenset[str]:
    """Every key that is kept out for good."""
    return frozenset(session.scalars(select(Suppression.key)))


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What must be known of a stored item to decide about a draft."""

    id: int
    source_key: str
    url_key: str
    external_key: str
    entry_hash: str
    purged: bool


def known_items(
    session: Session, source_key: str, url_keys: Iterable[str], external_keys: Iterable[str]
) -> list[KnownItem]:
    """Items at one of these addresses, of any source, and those of this source with one of these ids."""
    columns = (
        Item.id,
        Item.source_key,
        Item.url_key,
        Item.external_key,
        Item.entry_hash,
        Item.purged_at.is_not(None),
    )
    found: dict[int, KnownItem] = {}
    for chunk in _chunks(sorted(set(url_keys))):
        for row in session.execute(select(*columns).where(Item.url_key.in_(chunk))):
            found[row[0]] = KnownItem(*row)
    for chunk in _chunks(sorted(set(external_keys))):
        mine = select(*columns).where(Item.source_key == source_key, Item.external_key.in_(chunk))
        for row in session.execute(mine):
            found[row[0]] = KnownItem(*row)
    return list(found.values())


def touch_items(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Note that these items still stand in their source. The caller commits."""
    for chunk in _chunks(ids):
        session.execute(update(Item).where(Item.id.in_(chunk)).values(last_seen_at=now))


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


@dataclass(frozen=True, kw_only=True)
class ItemRecord:
    """One cleaned item, ready to be stored; columns of :class:`Item`, and its text."""

    source_key: str
    url_key: str
    external_key: str
    url: str
    title: str
    text: str
    language: str
    published_at: datetime | None
    published_raw: str
    published_confidence: float
    entry_hash: str
    content_hash: str
    native_id: str = ""
    account_key: str | None = None


def store_item(session: Session, record: ItemRecord, now: datetime) -> Outcome:
    """Store an item and its text, or see that it is known. The caller commits.

    Returns:
        ``new``, ``changed`` or ``unchanged``; ``duplicate`` when another source has this address. An
        item that was purged stays as it is: it is ``unchanged``, whatever it says now.
    """
    item = session.scalar(select(Item).where(Item.url_key == record.url_key))
    if item is None:
        item = Item(first_seen_at=now, last_seen_at=now, **_columns(record))
        session.add(item)
        session.flush()
        session.add(ItemText(item_id=item.id, text=record.text))
        return Outcome.NEW
    if item.source_key != record.source_key:
        return Outcome.DUPLICATE
    item.last_seen_at = now
    if item.purged_at is not None:
        return Outcome.UNCHANGED
    changed = item.content_hash != record.content_hash
    for name, value in _columns(record).items():
        setattr(item, name, value)
    if not changed:
        # The text may be gone because its term is over: then it stays away.
        return Outcome.UNCHANGED
    item.changed_at = now
    text = session.get(ItemText, item.id)
    if text is None:
        session.add(ItemText(item_id=item.id, text=record.text))
    else:
        text.text = record.text
    return Outcome.CHANGED


def _columns(record: ItemRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name != "text"}
