"""What every change of the register shares: who may, holding the entry, and noting what it was before.

``models.store.register`` adds, changes and takes out.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.initiative_change import InitiativeChange
from models.store.audit import record
from models.store.drafts import InitiativeDraft
from models.store.events import tell
from models.store.initiatives import InitiativeNotFoundError
from models.store.register_history import HistoryRow, history
from models.store.viewer import Viewer
from models.words import EventKind

#: Fields that people write; all may be corrected.
WRITTEN = (
    "name",
    "summary",
    "municipality_code",
    "place_key",
    "theme",
    "question",
    "link",
    "links",
    "contact",
    "expertise",
    "hours",
)
#: Of these the ones in own words, in which no copied passage may stand.
OWN_WORDS = ("summary", "question", "contact")
#: Fields whose values are codes, numbers and days, which the audit log may hold -> their names there.
CODED = {
    "municipality_code": "municipality",
    **{
        name: name
        for name in (
            "place_key",
            "theme",
            "hours",
            "phase",
            "approved",
            "informed",
            "informed_on",
            "withdrawn",
        )
    },
}


class RegisterError(Exception):
    """An entry can't be changed; nothing was."""


class InitiativeNotAllowedError(RegisterError):
    """This account may not change this entry, or not in this way."""


class StaleInitiativeError(RegisterError):
    """Somebody else changed the entry since it was shown."""

    def __init__(self, version: int, changes: list[HistoryRow]) -> None:
        super().__init__("the entry has changed since it was shown")
        #: The version that it has now.
        self.version = version
        #: What was changed since, the newest first, as far as the viewer may see it.
        self.changes = changes


def hold(session: Session, viewer: Viewer, initiative_id: int, version: int) -> Initiative:
    """The entry, fresh and held until the transaction ends, if this viewer may change it.

    Raises:
        InitiativeNotFoundError, InitiativeNotAllowedError, StaleInitiativeError
    """
    initiative = session.scalar(
        select(Initiative)
        .where(Initiative.id == initiative_id, viewer.scope(Initiative.municipality_code))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if initiative is None or (initiative.withdrawn_at is not None and not viewer.decides):
        raise InitiativeNotFoundError(f"there is no initiative {initiative_id}")
    if not viewer.writes_register or initiative.withdrawn_at is not None:
        raise InitiativeNotAllowedError("this entry can't be changed by this account, or not any more")
    if initiative.version != version:
        since = max(0, initiative.version - version)
        raise StaleInitiativeError(initiative.version, history(session, viewer, initiative_id)[:since])
    return initiative


def tidy(draft: InitiativeDraft) -> InitiativeDraft:
    """The draft without outer space, empty addresses, and what stands in it twice."""
    link = draft.link.strip()
    others = dict.fromkeys(one.strip() for one in draft.links)
    return replace(
        draft,
        name=draft.name.strip(),
        summary=draft.summary.strip(),
        place_key=draft.place_key or None,
        theme=draft.theme or None,
        question=draft.question.strip(),
        link=link,
        links=tuple(one for one in others if one and one != link),
        contact=draft.contact.strip(),
        expertise=tuple(dict.fromkeys(draft.expertise)),
    )


def written_of(draft: InitiativeDraft) -> dict[str, Any]:
    """Field of :data:`WRITTEN` -> its value as the table keeps it."""
    values = {name: getattr(draft, name) for name in WRITTEN}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def check_writer(viewer: Viewer, municipality_code: str) -> None:
    """Say no to whoever may not write for this municipality.

    Raises:
        InitiativeNotAllowedError
    """
    own = viewer.answers and municipality_code == viewer.municipality_code
    if not (viewer.decides or own):
        raise InitiativeNotAllowedError("this account may not write for this municipality")


def note_and_tell(
    session: Session, initiative: Initiative, viewer: Viewer, changed: dict[str, list[Any]], now: datetime
) -> None:
    """Note a change and tell of it; the index of words needs nothing, for these fields are not in it."""
    note_change(session, initiative, viewer, changed, now)
    tell_changed(session, initiative, changed, now)


def note_change(
    session: Session, initiative: Initiative, viewer: Viewer, changed: dict[str, list[Any]], now: datetime
) -> None:
    """Count the change, keep what it was before, and write it into the audit log."""
    initiative.version += 1
    initiative.updated_at = now
    session.add(
        InitiativeChange(
            initiative_id=initiative.id, account_id=viewer.account_id or None, at=now, fields=changed
        )
    )
    coded = {CODED[name]: pair for name, pair in changed.items() if name in CODED}
    record(
        session,
        viewer.account_id,
        "initiative",
        "initiative",
        initiative.id,
        before={name: pair[0] for name, pair in coded.items()},
        after={"fields": sorted(changed), **{name: pair[1] for name, pair in coded.items()}},
        at=now,
    )


def tell_changed(
    session: Session, initiative: Initiative, changed: dict[str, list[Any]], now: datetime
) -> None:
    """Tell outside which fields were changed."""
    tell(
        session,
        EventKind.INITIATIVE_CHANGED,
        municipality_code=initiative.municipality_code,
        initiative=initiative,
        data={"fields": sorted(changed), "phase": initiative.phase.value},
        at=now,
    )
