"""Deciding on a lead: what the forms and the API have in common."""

from collections.abc import Collection, Sequence

from flask import current_app
from sqlalchemy.orm import Session

from models.decision import Decision
from models.lead import Lead
from models.place import Place
from models.store.deciding import UNDECIDED, check_decider, check_status, check_version, hold
from models.store.decisions import decide
from models.store.drafts import InitiativeDraft, check_draft, find_place
from models.store.leads import ItemRow, LeadRow
from models.store.similar import SimilarInitiative, similar_initiatives
from models.store.viewer import Viewer
from models.words import DecisionKind
from review.shown import heading_of


class LooksKnownError(Exception):
    """The register has entries that look like the one to be made, and were not seen by whoever asks."""

    def __init__(self, entries: list[SimilarInitiative]) -> None:
        super().__init__("the register has entries that look like this one")
        self.entries = entries


def promote_lead(
    session: Session,
    lead_id: int,
    draft: InitiativeDraft,
    *,
    viewer: Viewer,
    version: int,
    seen: Collection[int] = (),
    note: str = "",
) -> Decision:
    """Make a register entry of a lead; raises what :func:`models.store.decisions.decide` raises.

    Args:
        version: ``Lead.version`` as shown to whoever decides.
        seen: numbers of the entries that look like it and that were seen.

    Raises:
        LooksKnownError: there are others that look like it.
    """
    scout = current_app.extensions["scout"]
    check_draft(session, draft, scout.labels.themes, scout.labels.expertise)
    # Whoever comes too late is told so, and not that the entry of the one who was first looks like this one.
    check_decider(viewer, note)
    lead = hold(session, viewer, lead_id)
    check_status(session, lead, UNDECIDED)
    check_version(lead, version)
    likely = lookalikes(session, viewer, lead_id, draft)
    if not {one.id for one in likely} <= set(seen):
        raise LooksKnownError(likely)
    return decide(
        session,
        lead_id,
        DecisionKind.PROMOTE,
        viewer=viewer,
        version=version,
        secret=scout.secret,
        note=note,
        draft=draft,
        themes=scout.labels.themes,
        expertise=scout.labels.expertise,
        drawing=scout.drawing,
    )


def reject_lead(
    session: Session, lead_id: int, *, viewer: Viewer, version: int, reason: str, note: str = ""
) -> Decision:
    """Say that a lead is no citizen initiative, and why; raises what ``decide`` raises.

    Args:
        reason: slug of one of the reasons.
    """
    scout = current_app.extensions["scout"]
    return decide(
        session,
        lead_id,
        DecisionKind.REJECT,
        viewer=viewer,
        version=version,
        secret=scout.secret,
        reason=reason,
        reasons=scout.labels.reasons,
        note=note,
        drawing=scout.drawing,
    )


def know_lead(
    session: Session,
    lead_id: int,
    *,
    viewer: Viewer,
    version: int,
    initiative_id: int | None = None,
    note: str = "",
) -> Decision:
    """Say that a lead is a true initiative, but was known already; raises what ``decide`` raises.

    Args:
        initiative_id: the entry of the register that it was known by; None = not said.
    """
    scout = current_app.extensions["scout"]
    return decide(
        session,
        lead_id,
        DecisionKind.KNOWN,
        viewer=viewer,
        version=version,
        secret=scout.secret,
        note=note,
        initiative_id=initiative_id,
        drawing=scout.drawing,
    )


def lookalikes(
    session: Session, viewer: Viewer, lead_id: int | None, draft: InitiativeDraft
) -> list[SimilarInitiative]:
    """Entries of the register that the one to be made may be a second time.

    Args:
        lead_id: the lead that it is made of; None = none.
    """
    lead = session.get(Lead, lead_id) if lead_id is not None else None
    found = similar_initiatives(
        session,
        viewer,
        name=draft.name,
        municipality_code=draft.municipality_code,
        place=draft.place_key,
        theme=draft.theme,
        link=draft.link,
        organisation=lead.organisation_name if lead is not None else "",
    )
    return [one for one in found if one.likely]


def alike_in_register(
    session: Session, viewer: Viewer, lead: LeadRow, items: Sequence[ItemRow]
) -> list[SimilarInitiative]:
    """Entries of the register that a lead may be about, as it was found."""
    return similar_initiatives(
        session,
        viewer,
        name=lead.initiative_name or heading_of(lead),
        municipality_code=lead.municipality_code,
        place=lead.place_key,
        theme=lead.theme,
        link=next((item.url for item in items if item.url), ""),
        organisation=lead.organisation_name,
    )


def place_key_of(session: Session, lead_id: int | None, municipality_code: str, name: str) -> str | None:
    """The lead's own place when its name was left as it is, else the place of that name, or None."""
    if not name:
        return None
    lead = session.get(Lead, lead_id) if lead_id is not None else None
    own = session.get(Place, lead.place_key) if lead is not None and lead.place_key else None
    if own is not None and own.name == name and own.municipality_code == municipality_code:
        return own.key
    return find_place(session, municipality_code, name)
