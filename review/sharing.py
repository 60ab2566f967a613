"""Delingen: what was given to municipalities, and what they make of it."""

from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from models.base import ZONE, utc_now
from models.store.share_rules import (
    TEXT_LIMIT,
    Move,
    latest_later_day,
    moves_for,
    usual_later_day,
)
from models.store.shares import get_share, note_seen, share_page, waiting_shares
from models.store.shares_counts import shares_by_municipality
from models.store.shares_history import share_history
from models.store.shares_list import ShareRow, shares_about
from models.words import ShareStatus
from review import share_texts
from review.access import current_viewer
from review.actions import number
from review.asked import NUMBER, municipality_asked
from review.database import db, writing
from review.leads import municipality_names

blueprint = Blueprint("sharing", __name__, url_prefix="/delingen")

#: Word in the address -> what the list is narrowed to.
STANDS: dict[str, dict[str, Any]] = {
    "wacht": {"waiting": True},
    "te-laat": {"overdue": True},
    "geen-antwoord": {"status": ShareStatus.LAPSED},
    "beantwoord": {"status": ShareStatus.ANSWERED},
    "in-contact": {"status": ShareStatus.IN_CONTACT},
    "afgesloten": {"status": ShareStatus.CLOSED},
    "ingetrokken": {"status": ShareStatus.WITHDRAWN},
}
#: All that neither waits for an answer nor is in contact.
REST = (ShareStatus.ANSWERED, ShareStatus.LAPSED, ShareStatus.CLOSED, ShareStatus.WITHDRAWN)
#: Headers with which browsers say that nobody is looking yet.
AHEAD = ("Sec-Purpose", "Purpose", "X-Moz")


@blueprint.get("")
def index() -> str | Response:
    """A municipality's own shares, what waits first; for staff those of all."""
    if "" in request.args.values():
        # As in the queue: an address to keep holds only what was chosen.
        filled = {name: text for name, text in request.args.items() if text}
        return redirect(url_for(".index", **filled), code=303)  # type: ignore[arg-type]
    stand = request.args.get("stand", "")
    code = municipality_asked() if g.viewer.decides else None
    chosen = {"stand": stand} if stand in STANDS else {}
    if code is not None:
        chosen["gemeente"] = code
    sections = not g.viewer.decides and not chosen
    narrowed = STANDS.get(stand, {"status": REST} if sections else {})
    page = share_page(
        db.session,
        g.viewer,
        municipality_code=code,
        after=number(request.args.get("na", "")),
        before=number(request.args.get("voor", "")),
        **narrowed,
    )
    return render_template(
        "shares.html",
        page=page,
        chosen=chosen,
        stand=chosen.get("stand", ""),
        code=code,
        waiting=share_page(db.session, g.viewer, waiting=True) if sections else None,
        busy=share_page(db.session, g.viewer, status=ShareStatus.IN_CONTACT) if sections else None,
        towns=shares_by_municipality(db.session, g.viewer) if g.viewer.decides else [],
        later=usual_later_day(_today(), latest_later_day(_today(), None)),
    )


@blueprint.get(f"/<{NUMBER}:share_id>")
def one(share_id: int) -> str:
    """One share: what it is about, what to answer, and what happened to it."""
    if _looks_now():
        row = get_share(db.session, g.viewer, share_id)
        if Move.SEE in moves_of(row):
            with writing() as store:
                note_seen(store, share_id, viewer=g.viewer)
    return page_of(share_id)


def page_of(share_id: int, **sent: Any) -> str:
    """The page of a share.

    Args:
        sent: a form that was sent and not taken: ``opened`` (its name), ``form``, ``problems``; ``first``:
            what somebody else did meanwhile.

    Raises:
        ShareNotFoundError: it does not exist, or is not for this viewer.
    """
    row = get_share(db.session, g.viewer, share_id)
    latest = latest_later_day(_today(), row.lead_opened_at)
    history = [(event, *share_texts.line(event)) for event in share_history(db.session, g.viewer, row)]
    return render_template(
        "share.html",
        row=row,
        moves=moves_of(row),
        history=history,
        withdrawn=next((more for event, _by, _did, more in history if event.after.get("why")), ""),
        latest=latest,
        later=usual_later_day(_today(), latest),
        today=_today(),
        municipalities=municipality_names() if g.viewer.decides else [],
        **{"opened": "", "form": {}, "problems": {}, "first": "", **sent},
    )


def moves_of(row: ShareRow) -> frozenset[Move]:
    """What the viewer can do with this share as it is shown."""
    found = moves_for(g.viewer, municipality_code=row.municipality_code, status=row.status, answer=row.answer)
    # There is nothing left to say anything about.
    return found if row.there else found - {Move.ANSWER, Move.SEE}


def _looks_now() -> bool:
    """Whether somebody really opens the page: it is no question about it, nor fetched in advance."""
    ahead = any("prefetch" in request.headers.get(name, "").lower() for name in AHEAD)
    return request.method == "GET" and not ahead


def _today() -> date:
    return utc_now().astimezone(ZONE).date()


def shares_of(lead_id: int | None = None, initiative_id: int | None = None) -> list[ShareRow]:
    """For the pages of leads and of the register: how they were shared, as far as this viewer may see."""
    return shares_about(db.session, g.viewer, lead_id=lead_id, initiative_id=initiative_id)


def waiting_for_answer() -> int:
    """How many shares wait for an answer of this visitor's municipality; staff does not answer."""
    viewer = current_viewer()
    return waiting_shares(db.session, viewer) if viewer is not None and viewer.answers else 0


@blueprint.record_once
def use_words(setup: BlueprintSetupState) -> None:
    """Give templates the words for shares, and what they ask about them."""
    setup.app.jinja_env.filters.update(
        share_status=lambda status: share_texts.STATUSES[status],
        answer=lambda answer: share_texts.ANSWERS[answer],
        ending=lambda ending: share_texts.ENDINGS[ending],
        share_state=share_texts.state,
    )
    setup.app.jinja_env.globals.update(
        shares_of=shares_of,
        waiting_for_answer=waiting_for_answer,
        share_moves=moves_of,
        ANSWER_BUTTONS=share_texts.BUTTONS,
        ENDINGS=share_texts.ENDINGS,
        MESSAGE_LIMIT=TEXT_LIMIT,
    )
