"""What a reviewer can do with a lead: one visible table from word to function."""

import re
from collections.abc import Callable, Mapping

from flask import current_app
from sqlalchemy.orm import Session

from models.decision import Decision
from models.lead import Lead
from models.place import Place
from models.store.decisions import decide
from models.store.initiatives import InitiativeDraft, find_place
from models.store.viewer import Viewer
from models.words import DecisionKind

Form = Mapping[str, str]
Action = Callable[[Session, int, Viewer, Form], Decision]

#: Characters that no text needs and that databases refuse: all controls but tab and line end.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def promote(session: Session, lead_id: int, viewer: Viewer, form: Form) -> Decision:
    """Make a register entry of a lead; raises what :func:`models.store.decisions.decide` raises."""
    scout = current_app.extensions["scout"]
    code = written(form, "municipality_code")
    place = written(form, "place_key")
    draft = InitiativeDraft(
        name=written(form, "name"),
        summary=written(form, "summary"),
        municipality_code=code,
        # A name that is no place is passed on as it is: no key looks like it, so it is refused.
        place_key=_place_key(session, lead_id, code, place) or place or None,
        theme=written(form, "theme") or None,
        question=written(form, "question"),
        link=written(form, "link"),
        contact=written(form, "contact"),
    )
    return decide(
        session,
        lead_id,
        DecisionKind.PROMOTE,
        viewer=viewer,
        version=_version(form),
        secret=scout.secret,
        draft=draft,
        themes=scout.labels.themes,
    )


def reject(session: Session, lead_id: int, viewer: Viewer, form: Form) -> Decision:
    """Say that a lead is no citizen initiative, and why."""
    scout = current_app.extensions["scout"]
    return decide(
        session,
        lead_id,
        DecisionKind.REJECT,
        viewer=viewer,
        version=_version(form),
        secret=scout.secret,
        reason=written(form, "reason"),
        reasons=scout.labels.reasons,
        note=written(form, "note"),
    )


def known(session: Session, lead_id: int, viewer: Viewer, form: Form) -> Decision:
    """Say that a lead is a true initiative, but was known already."""
    return decide(
        session,
        lead_id,
        DecisionKind.KNOWN,
        viewer=viewer,
        version=_version(form),
        secret=current_app.extensions["scout"].secret,
        note=written(form, "note"),
    )


#: Last part of the address that a form is sent to -> what it does. Undoing goes by decision, not
#: by lead: see ``review.leads.undo_decision``.
ACTIONS: dict[str, Action] = {"opnemen": promote, "afwijzen": reject, "al-bekend": known}


def written(form: Form, name: str) -> str:
    """A field as typed, without outer space, stray control characters and foreign line ends."""
    return CONTROLS.sub("", form.get(name, "").replace("\r\n", "\n").replace("\r", "\n")).strip()


def _version(form: Form) -> int:
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _place_key(session: Session, lead_id: int, municipality_code: str, name: str) -> str | None:
    """The lead's own place when its name was left as it is, else the place of that name, or None."""
    if not name:
        return None
    lead = session.get(Lead, lead_id)
    own = session.get(Place, lead.place_key) if lead is not None and lead.place_key else None
    if own is not None and own.name == name and own.municipality_code == municipality_code:
        return own.key
    return find_place(session, municipality_code, name)
