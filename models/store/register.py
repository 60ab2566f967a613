"""Adding to the register and changing it: every change with who did it, when and what it was before.

The caller commits; on SQLite the session must be one that writes, so that two who change wait for each other.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.base import ZONE, utc_now
from models.initiative import Initiative
from models.store.audit import record
from models.store.copying import find_copied
from models.store.deciding import CopiedTextError
from models.store.drafts import InitiativeDraft, InvalidInitiativeError, Problem, check_draft
from models.store.events import tell
from models.store.register_changing import (
    OWN_WORDS,
    WRITTEN,
    InitiativeNotAllowedError,
    RegisterError,
    StaleInitiativeError,
    check_writer,
    hold,
    note_and_tell,
    note_change,
    tell_changed,
    tidy,
    written_of,
)
from models.store.round_leavers import Why, initiative_left
from models.store.round_rules import hold_open_rounds
from models.store.search import refresh_entry
from models.store.shares_follow import offer_initiative, take_back_initiative
from models.store.viewer import Viewer
from models.words import EventKind, Informed, Phase

__all__ = [
    "CopiedTextError",
    "InitiativeNotAllowedError",
    "InvalidInitiativeError",
    "RegisterError",
    "StaleInitiativeError",
    "add_initiative",
    "approve",
    "change_initiative",
    "removable",
    "remove_initiative",
    "set_informed",
    "set_phase",
]


def add_initiative(
    session: Session,
    draft: InitiativeDraft,
    *,
    viewer: Viewer,
    secret: bytes,
    themes: Mapping[str, str],
    expertise: Mapping[str, str],
    now: datetime | None = None,
) -> Initiative:
    """Put an entry into the register that came from no lead.

    What staff adds is offered to its municipality, as what it promotes.

    Args:
        secret: not needed without a lead; asked for so that adding and changing are called alike.
        themes, expertise: the known themes and kinds of expertise (keys are slugs).

    Raises:
        InitiativeNotAllowedError: the account may not write, or not for this municipality.
        InvalidInitiativeError: fields that can't be taken.
    """
    now = now or utc_now()
    draft = tidy(draft)
    check_writer(viewer, draft.municipality_code)
    check_draft(session, draft, themes, expertise)
    initiative = Initiative(
        **written_of(draft),
        phase=Phase.SIGNALLED,
        created_by_id=viewer.account_id,
        created_at=now,
        updated_at=now,
    )
    session.add(initiative)
    session.flush()
    if viewer.decides:
        offer_initiative(session, initiative, account_id=viewer.account_id, now=now)
    after = {"municipality": draft.municipality_code, "theme": draft.theme, "phase": Phase.SIGNALLED.value}
    record(session, viewer.account_id, "initiative", "initiative", initiative.id, after=after, at=now)
    tell(
        session,
        EventKind.INITIATIVE_ENTERED,
        municipality_code=initiative.municipality_code,
        initiative=initiative,
        at=now,
    )
    refresh_entry(session, initiative.id)
    return initiative


def change_initiative(
    session: Session,
    initiative_id: int,
    draft: InitiativeDraft,
    *,
    viewer: Viewer,
    version: int,
    secret: bytes,
    themes: Mapping[str, str],
    expertise: Mapping[str, str],
    now: datetime | None = None,
) -> Initiative:
    """Correct what is written about an entry; what is the same as before counts as not changed.

    An entry that goes to another municipality (only staff can do that) is no longer approved for others,
    leaves the old municipality's part and is offered to the new one.

    Args:
        version: ``Initiative.version`` as shown to the person who writes.
        secret: keys the hashes by which copied text is known after its source was purged.

    Raises:
        InitiativeNotFoundError, InitiativeNotAllowedError, StaleInitiativeError, InvalidInitiativeError,
        CopiedTextError: nothing was changed.
    """
    now = now or utc_now()
    draft = tidy(draft)
    initiative = hold(session, viewer, initiative_id, version)
    check_writer(viewer, draft.municipality_code)
    check_draft(session, draft, themes, expertise)
    new = written_of(draft)
    changed = {name: [getattr(initiative, name), new[name]] for name in WRITTEN}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    own_words = tuple(new[name] for name in OWN_WORDS if name in changed)
    if initiative.lead_id is not None and own_words:
        passage = find_copied(session, secret, initiative.lead_id, own_words)
        if passage is not None:
            raise CopiedTextError(passage)
    if not changed:
        return initiative
    moved_from = initiative.municipality_code if "municipality_code" in changed else None
    for name, pair in changed.items():
        setattr(initiative, name, pair[1])
    if moved_from is not None and initiative.approved_at is not None:
        initiative.approved_at = initiative.approved_by_id = None
        changed["approved"] = [True, False]
    if moved_from is not None:
        offer_initiative(session, initiative, account_id=viewer.account_id, now=now)
    note_change(session, initiative, viewer, changed, now)
    if moved_from is None:
        tell_changed(session, initiative, changed, now)
    else:
        # For the one it is gone, for the other it is new.
        kinds = {moved_from: EventKind.INITIATIVE_WITHDRAWN}
        kinds[initiative.municipality_code] = EventKind.INITIATIVE_ENTERED
        for code, kind in kinds.items():
            tell(session, kind, municipality_code=code, initiative=initiative, at=now)
    refresh_entry(session, initiative.id)
    return initiative


def set_phase(
    session: Session,
    initiative_id: int,
    phase: Phase,
    *,
    viewer: Viewer,
    version: int,
    now: datetime | None = None,
) -> Initiative:
    """Say how far it is.

    Raises:
        InitiativeNotFoundError, InitiativeNotAllowedError, StaleInitiativeError: nothing was changed.
    """
    now = now or utc_now()
    initiative = hold(session, viewer, initiative_id, version)
    if phase is not initiative.phase:
        changed = {"phase": [initiative.phase.value, phase.value]}
        initiative.phase = phase
        note_and_tell(session, initiative, viewer, changed, now)
    return initiative


def approve(
    session: Session,
    initiative_id: int,
    approved: bool,
    *,
    viewer: Viewer,
    version: int,
    now: datetime | None = None,
) -> Initiative:
    """Let other municipalities see its name, theme, phase, place, municipality and link, or no longer.

    Raises:
        InitiativeNotFoundError, InitiativeNotAllowedError, StaleInitiativeError: nothing was changed.
    """
    now = now or utc_now()
    initiative = hold(session, viewer, initiative_id, version)
    if approved is not (initiative.approved_at is not None):
        initiative.approved_at = now if approved else None
        initiative.approved_by_id = viewer.account_id if approved else None
        note_and_tell(session, initiative, viewer, {"approved": [not approved, approved]}, now)
    return initiative


def set_informed(
    session: Session,
    initiative_id: int,
    informed: Informed,
    *,
    viewer: Viewer,
    version: int,
    on: date | None = None,
    now: datetime | None = None,
) -> Initiative:
    """Say whether its people were told of the register.

    Args:
        on: when they were told, today or earlier; None = today. Only of ``Informed.DONE``.

    Raises:
        InitiativeNotFoundError, InitiativeNotAllowedError, StaleInitiativeError: nothing was changed.
        InvalidInitiativeError: the day (``informed_on``) has yet to come.
    """
    now = now or utc_now()
    today = now.astimezone(ZONE).date()
    day = (on or today) if informed is Informed.DONE else None
    if day is not None and day > today:
        raise InvalidInitiativeError({"informed_on": Problem.OUT_OF_RANGE})
    initiative = hold(session, viewer, initiative_id, version)
    before = (initiative.informed, initiative.informed_on)
    if before != (informed, day):
        changed: dict[str, list[Any]] = {"informed": [before[0].value, informed.value]}
        if before[1] != day:
            changed["informed_on"] = [one.isoformat() if one else None for one in (before[1], day)]
        initiative.informed, initiative.informed_on = informed, day
        note_and_tell(session, initiative, viewer, changed, now)
    return initiative


def remove_initiative(
    session: Session, initiative_id: int, *, viewer: Viewer, version: int, now: datetime | None = None
) -> Initiative:
    """Take an entry that was made by hand out of the register; staff can still see it.

    What came of a lead goes by undoing that decision, so that the lead waits again.

    Raises:
        InitiativeNotFoundError, InitiativeNotAllowedError, StaleInitiativeError: nothing was changed.
    """
    now = now or utc_now()
    hold_open_rounds(session)
    initiative = hold(session, viewer, initiative_id, version)
    entered_by = session.scalar(
        select(Account.municipality_code).where(Account.id == initiative.created_by_id)
    )
    if not removable(viewer, initiative.lead_id, initiative.municipality_code, entered_by):
        raise InitiativeNotAllowedError("this entry is not taken out in this way")
    take_back_initiative(session, initiative, account_id=viewer.account_id, now=now)
    initiative.withdrawn_at = now
    initiative_left(session, initiative.id, Why.WITHDRAWN, now=now, account_id=viewer.account_id)
    note_change(session, initiative, viewer, {"withdrawn": [False, True]}, now)
    tell(
        session,
        EventKind.INITIATIVE_WITHDRAWN,
        municipality_code=initiative.municipality_code,
        initiative=initiative,
        at=now,
    )
    refresh_entry(session, initiative.id)
    return initiative


def removable(viewer: Viewer, lead_id: int | None, municipality_code: str, entered_by: str | None) -> bool:
    """Whether an entry may be taken out by hand: staff all that came from no lead, a municipality its own.

    Args:
        entered_by: CBS code of the municipality whose officer entered it; None = staff did.
    """
    own = viewer.answers and entered_by == municipality_code == viewer.municipality_code
    return lead_id is None and (viewer.decides or own)
