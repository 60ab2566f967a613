"""Rows for the tests of the review room: sources, items, leads and accounts, with sensible defaults."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.item import Item
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.place import Place
from models.prediction import Prediction
from models.source import Source
from models.store.accounts import add_account
from models.store.viewer import Viewer
from models.words import LeadStatus, Role, SourceKind

#: Of every account made here.
PASSWORD = "een lang wachtwoord"

ARNHEM, RHEDEN, NIJMEGEN = "GM0202", "GM0275", "GM0268"

_numbers = count(1)


def make_source(session: Session, key: str = "koerier", title: str = "", **fields: Any) -> Source:
    """The source with this key, made when it is not there."""
    source = session.get(Source, key)
    if source is None:
        values: dict[str, Any] = {
            "title": title or key.replace("-", " ").title(),
            "kind": SourceKind.FEED,
            "url": f"https://{key}.example/feed",
            "every_seconds": 3600,
            "terms_checked": datetime.now(UTC).date(),
            "terms_basis": "6(1)(e) AVG",
        }
        source = Source(key=key, **{**values, **fields})
        session.add(source)
        session.flush()
    return source


def make_item(
    session: Session,
    *,
    title: str = "Buurttuin aan de Kamperweg",
    text: str = "Bewoners van de Kamperweg leggen samen een tuin aan.",
    snippet: str = "Bewoners van de Kamperweg leggen samen een tuin aan.",
    evidence: Sequence[dict[str, Any]] | None = None,
    score: float = 0.9,
    source: str = "koerier",
    url: str = "",
    age_days: float = 1,
    municipality: str | None = ARNHEM,
    theme: str | None = "groen",
) -> Item:
    """One item with its text and its prediction, flagged and grouped."""
    make_source(session, source)
    number = next(_numbers)
    now = datetime.now(UTC)
    item = Item(
        source_key=source,
        url_key=f"url-{number}-{secrets.token_hex(4)}",
        external_key=f"external-{number}",
        url=url or f"https://{source}.example/nieuws/{number}",
        title=title,
        published_at=now - timedelta(days=age_days),
        first_seen_at=now,
        last_seen_at=now,
        entry_hash="e",
        content_hash="c",
        flagged_hash="c",
        grouped_hash="c",
    )
    session.add(item)
    session.flush()
    if text:
        session.add(ItemText(item_id=item.id, text=text))
    session.add(
        Prediction(
            item_id=item.id,
            model_version="test",
            content_hash="c",
            score=score,
            flagged=True,
            theme=theme,
            municipality_code=municipality,
            snippet=snippet,
            evidence=list(evidence if evidence is not None else [evidence_of(snippet, "samen een tuin")]),
            made_at=now,
        )
    )
    session.flush()
    return item


def evidence_of(
    snippet: str, passage: str, reason: str = "bewoners doen het werk", weight: float = 1.0
) -> dict[str, Any]:
    """Evidence that points at a passage of a snippet, or at no place in it."""
    start = snippet.find(passage)
    if start < 0:
        return {"reason": reason, "start": None, "end": None, "weight": weight}
    return {"reason": reason, "start": start, "end": start + len(passage), "weight": weight}


def make_lead(
    session: Session,
    *,
    title: str = "Buurttuin aan de Kamperweg",
    score: float = 0.9,
    status: LeadStatus = LeadStatus.OPEN,
    municipality: str | None = ARNHEM,
    place: str = "",
    theme: str | None = "groen",
    items: Sequence[Item] = (),
    age_days: float = 1,
    **item: Any,
) -> Lead:
    """One lead; with an item of its own when none are given (``item``: see :func:`make_item`)."""
    own = list(items) or [
        make_item(
            session,
            title=title,
            score=score,
            municipality=municipality,
            theme=theme,
            age_days=age_days,
            **item,
        )
    ]
    snippet = session.scalar(select(Prediction.snippet).where(Prediction.item_id == own[0].id)) or ""
    now = datetime.now(UTC)
    lead = Lead(
        status=status,
        title=title,
        snippet=snippet,
        municipality_code=municipality,
        place_key=place_key(session, municipality, place) if place else None,
        theme=theme,
        score=score,
        opened_at=now - timedelta(days=age_days),
        extended_at=now,
    )
    session.add(lead)
    session.flush()
    for one in own:
        session.add(LeadItem(lead_id=lead.id, item_id=one.id, added_at=now, why="first"))
    session.flush()
    return lead


def place_key(session: Session, municipality: str | None, name: str) -> str | None:
    """Key of a place by name."""
    return session.scalar(
        select(Place.key)
        .where(Place.municipality_code == municipality, Place.name == name)
        .order_by(Place.key)
    )


def make_account(
    session: Session,
    email: str = "ada@voorbeeld.example",
    *,
    name: str = "Ada",
    roles: Sequence[Role] = (Role.REVIEWER,),
    municipality: str = "",
) -> Account:
    """One account with :data:`PASSWORD`."""
    row = add_account(session, email, PASSWORD, name=name, roles=roles, municipality=municipality)
    account = session.get(Account, row.id)
    assert account is not None
    return account


def viewer_of(account: Account) -> Viewer:
    """What this account may see and do."""
    return Viewer(
        account_id=account.id,
        name=account.name,
        roles=frozenset(Role(role.name) for role in account.roles),
        municipality_code=account.municipality_code,
    )
