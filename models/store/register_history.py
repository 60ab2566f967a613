"""What happened to an entry of the register, and what people noted about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.account import Account
from models.base import utc_now
from models.initiative_change import InitiativeChange, InitiativeNote
from models.store.audit import record
from models.store.deciding import NOTE_LIMIT, NoteTooLongError
from models.store.initiatives import get_initiative
from models.store.viewer import Viewer


class EmptyInitiativeNoteError(Exception):
    """A note without words."""


class NoteNotAllowedError(Exception):
    """This account may not write at this entry."""


@dataclass(frozen=True)
class HistoryRow:
    """One change of an entry."""

    id: int
    at: datetime
    #: Who did it; empty = somebody of the network, whose name is not for this viewer, or nobody.
    by: str
    #: Not a person's doing: the link of an item that is gone was taken out.
    by_itself: bool
    #: Name of a field -> [value before, value after].
    fields: dict[str, list[Any]]


@dataclass(frozen=True)
class InitiativeNoteRow:
    """One note at an entry."""

    id: int
    at: datetime
    #: Who wrote it; empty = somebody of the network, whose name is not for this viewer.
    by: str
    text: str
    #: The municipality sees it too.
    shared: bool
    #: CBS code of the municipality whose officer wrote it; None = staff did.
    municipality_code: str | None


def history(session: Session, viewer: Viewer, initiative_id: int) -> list[HistoryRow]:
    """Changes of one entry, the newest first.

    A municipality sees no names of staff, and nothing from before the entry came to it from another one.

    Raises:
        InitiativeNotFoundError: it does not exist, or is not for this viewer.
    """
    get_initiative(session, viewer, initiative_id)
    rows = [
        HistoryRow(
            row.id,
            row.at,
            _name(viewer, row.name, row.municipality_code),
            row.account_id is None,
            row.fields,
        )
        for row in session.execute(
            select(
                InitiativeChange.id,
                InitiativeChange.at,
                InitiativeChange.account_id,
                func.coalesce(func.nullif(Account.name, ""), Account.email).label("name"),
                Account.municipality_code,
                InitiativeChange.fields,
            )
            .join(Account, Account.id == InitiativeChange.account_id, isouter=True)
            .where(InitiativeChange.initiative_id == initiative_id)
            .order_by(InitiativeChange.id.desc())
        )
    ]
    if viewer.decides:
        return rows
    moved = next((number for number, row in enumerate(rows) if "municipality_code" in row.fields), len(rows))
    return rows[:moved]


def notes(session: Session, viewer: Viewer, initiative_id: int) -> list[InitiativeNoteRow]:
    """Notes at one entry, the newest first.

    Staff sees all. A municipality sees its own and those that are for it too, and nothing from before the
    entry came to it from another one.

    Raises:
        InitiativeNotFoundError: it does not exist, or is not for this viewer.
    """
    get_initiative(session, viewer, initiative_id)
    query = (
        select(
            InitiativeNote.id,
            InitiativeNote.at,
            func.coalesce(func.nullif(Account.name, ""), Account.email).label("name"),
            InitiativeNote.text,
            InitiativeNote.shared,
            Account.municipality_code,
        )
        .join(Account, Account.id == InitiativeNote.account_id)
        .where(InitiativeNote.initiative_id == initiative_id)
        .order_by(InitiativeNote.id.desc())
    )
    if not viewer.decides:
        query = query.where(InitiativeNote.shared)
        since = _came(session, initiative_id)
        if since is not None:
            query = query.where(InitiativeNote.at > since)
    return [
        InitiativeNoteRow(
            row.id,
            row.at,
            _name(viewer, row.name, row.municipality_code),
            row.text,
            row.shared,
            row.municipality_code,
        )
        for row in session.execute(query)
    ]


def add_note(
    session: Session,
    initiative_id: int,
    text: str,
    *,
    viewer: Viewer,
    shared: bool,
    now: datetime | None = None,
) -> InitiativeNote:
    """Write a note at an entry; the caller commits.

    Args:
        text: at most ``NOTE_LIMIT`` characters.
        shared: the municipality sees it too. What a municipality writes itself, it and staff always see.

    Raises:
        InitiativeNotFoundError, NoteNotAllowedError, EmptyInitiativeNoteError, NoteTooLongError
    """
    entry = get_initiative(session, viewer, initiative_id)
    if not viewer.writes_register or entry.withdrawn_at is not None:
        raise NoteNotAllowedError("this account may not write here")
    if not text.strip():
        raise EmptyInitiativeNoteError("a note needs words")
    if len(text) > NOTE_LIMIT:
        raise NoteTooLongError(f"a note has at most {NOTE_LIMIT} characters")
    now = now or utc_now()
    note = InitiativeNote(
        initiative_id=initiative_id,
        account_id=viewer.account_id,
        at=now,
        text=text.strip(),
        shared=shared or not viewer.decides,
    )
    session.add(note)
    session.flush()
    after = {"note": note.id, "characters": len(note.text), "shared": note.shared}
    record(session, viewer.account_id, "initiative", "initiative", initiative_id, after=after, at=now)
    return note


def _came(session: Session, initiative_id: int) -> datetime | None:
    """When the entry came from another municipality, the last time; None = it never did."""
    for fields, at in session.execute(
        select(InitiativeChange.fields, InitiativeChange.at)
        .where(InitiativeChange.initiative_id == initiative_id)
        .order_by(InitiativeChange.id.desc())
    ):
        if "municipality_code" in fields:
            came: datetime = at
            return came
    return None


def _name(viewer: Viewer, name: str | None, municipality_code: str | None) -> str:
    """A name as far as it is for this viewer: a municipality knows its own people only."""
    known = viewer.decides or (
        municipality_code is not None and municipality_code == viewer.municipality_code
    )
    return name or "" if known else ""
