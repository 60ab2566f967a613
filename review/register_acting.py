"""What the small forms on the page of an entry do: phase, informed, approved, a note, taking it out."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models.store.deciding import NOTE_LIMIT, NoteTooLongError
from models.store.drafts import InvalidInitiativeError
from models.store.initiatives import get_initiative
from models.store.register import (
    InitiativeNotAllowedError,
    StaleInitiativeError,
    approve,
    remove_initiative,
    set_informed,
    set_phase,
)
from models.store.register_history import EmptyInitiativeNoteError, NoteNotAllowedError, add_note
from models.words import Informed, Phase
from review.actions import number, written
from review.asked import NUMBER
from review.database import db, writing
from review.register import Sent, page_of
from review.register_asked import day_asked
from review.texts import PHASES

blueprint = Blueprint("register_acting", __name__, url_prefix="/register")


class NothingChosenError(Exception):
    """A form without its answer, or with one that there is not."""

    def __init__(self, field: str, words: Any) -> None:
        super().__init__(field)
        self.field, self.words = field, words


def _phase(session: Session, initiative_id: int) -> Any:
    text = request.form.get("fase", "")
    if text not in set(Phase):
        raise NothingChosenError("phase", _("Kies een fase."))
    set_phase(session, initiative_id, Phase(text), viewer=g.viewer, version=version_sent())
    return _("De fase is nu ‘%(phase)s’.", phase=PHASES[Phase(text)])


def _informed(session: Session, initiative_id: int) -> Any:
    text = request.form.get("informed", "")
    if text not in set(Informed):
        raise NothingChosenError("informed", _("Kies een antwoord."))
    typed = written(request.form, "informed_on")
    day = day_asked(typed)
    if typed and day is None and text == Informed.DONE:
        raise NothingChosenError("informed_on", _("Vul een dag in, vandaag of eerder."))
    set_informed(session, initiative_id, Informed(text), viewer=g.viewer, version=version_sent(), on=day)
    return _("Bewaard.")


def _approved(session: Session, initiative_id: int) -> Any:
    text = request.form.get("approved", "")
    if text not in ("ja", "nee"):
        raise NothingChosenError("approved", _("Kies een antwoord."))
    approve(session, initiative_id, text == "ja", viewer=g.viewer, version=version_sent())
    if text == "ja":
        return _("Andere gemeenten kunnen dit initiatief nu zien.")
    return _("Andere gemeenten kunnen dit initiatief niet meer zien.")


def _note(session: Session, initiative_id: int) -> Any:
    text = written(request.form, "text")
    add_note(session, initiative_id, text, viewer=g.viewer, shared=request.form.get("shared", "") == "ja")
    return _("Uw notitie is bewaard.")


def _removal(session: Session, initiative_id: int) -> Any:
    if request.form.get("sure", "") != "ja":
        raise NothingChosenError("sure", _("Zet eerst een vinkje, zodat dit niet per ongeluk gebeurt."))
    remove_initiative(session, initiative_id, viewer=g.viewer, version=version_sent())
    return _("Het initiatief staat niet meer in het register.")


#: Last part of the address that a form is sent to -> what it does; gives one sentence to say.
ACTIONS: dict[str, Callable[[Session, int], Any]] = {
    "fase": _phase,
    "geinformeerd": _informed,
    "goedkeuring": _approved,
    "notitie": _note,
    "weghalen": _removal,
}
ACTION = "any(" + ", ".join(f"'{name}'" for name in ACTIONS) + ")"


@blueprint.get(f"/<{NUMBER}:initiative_id>/<{ACTION}:action>")
def back(initiative_id: int, action: str) -> Response:
    """The address of a form, opened as a page: show the entry."""
    get_initiative(db.session, g.viewer, initiative_id)
    return redirect(url_for("register.initiative", initiative_id=initiative_id), code=303)


@blueprint.post(f"/<{NUMBER}:initiative_id>/<{ACTION}:action>")
def act(initiative_id: int, action: str) -> Response | tuple[str, int]:
    """Do it, or show the entry again with why not; what was typed stays."""
    get_initiative(db.session, g.viewer, initiative_id)
    problems: dict[str, Any] = {}
    try:
        with writing() as session:
            said = ACTIONS[action](session, initiative_id)
    except StaleInitiativeError as error:
        return page_of(initiative_id, Sent(action, request.form, stale=error)), 409
    except (InitiativeNotAllowedError, NoteNotAllowedError):
        if g.viewer.writes_register:
            flash(_("Dit kan niet (meer) met dit initiatief."), "info")
            return redirect(url_for("register.initiative", initiative_id=initiative_id), code=303)
        abort(403, _("Uw account mag het register niet veranderen."))
    except NothingChosenError as error:
        problems = {error.field: error.words}
    except InvalidInitiativeError:
        problems = {"informed_on": _("Vul een dag in, vandaag of eerder.")}
    except EmptyInitiativeNoteError:
        problems = {"text": _("Schrijf eerst iets op.")}
    except NoteTooLongError:
        problems = {"text": _("Maak dit korter: hooguit %(limit)s tekens.", limit=NOTE_LIMIT)}
    else:
        flash(str(said), "ok")
        gone = action == "weghalen" and not g.viewer.decides
        target = (
            url_for("register.index") if gone else url_for("register.initiative", initiative_id=initiative_id)
        )
        return redirect(target, code=303)
    return page_of(initiative_id, Sent(action, request.form, problems)), 400


def version_sent() -> int:
    """The version of the entry that the sender saw; 0 = not said."""
    return number(request.form.get("version", "")) or 0
