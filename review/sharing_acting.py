"""What the forms of shares do: answering, contact, closing; for staff: offering, taking back, moving."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models.store.share_rules import (
    TEXT_LIMIT,
    AlreadySharedError,
    LaterDateError,
    ShareError,
    ShareMoveError,
    ShareNotAllowedError,
    ShareNotFoundError,
    StaleShareError,
    TextTooLongError,
)
from models.store.shares import (
    answer_share,
    begin_contact,
    close_share,
    get_share,
    offer_again,
    offer_elsewhere,
    take_back,
)
from models.words import Answer, Ending
from review import share_texts
from review.actions import number, written
from review.asked import MUNICIPALITY, NUMBER
from review.database import db, writing
from review.sharing import blueprint, page_of

Shown = Response | tuple[str, int]


class ChoiceError(ShareError):
    """Something that must be chosen was not, or can't be read: field and what to do."""

    def __init__(self, field: str, text: Any) -> None:
        super().__init__(f"{field} was not chosen")
        self.field, self.text = field, text


@blueprint.post(f"/<{NUMBER}:share_id>/antwoord")
def answer(share_id: int) -> Shown:
    """Say what the municipality makes of it."""
    form = request.form
    chosen = form.get("answer", "")

    def act(store: Session) -> None:
        if chosen not in set(Answer):
            raise ChoiceError("answer", _("Kies een van de antwoorden."))
        answer_share(
            store,
            share_id,
            viewer=g.viewer,
            answer=Answer(chosen),
            version=_version(),
            note=written(form, "note"),
            later_on=_day(form.get("later_on", "")) if chosen == Answer.LATER else None,
        )

    opened = "later" if chosen == Answer.LATER else "antwoord"
    refused = _try(share_id, opened, act)
    if refused is not None:
        return refused
    row = get_share(db.session, g.viewer, share_id)
    told = {"title": row.title, "answer": share_texts.ANSWERS[Answer(chosen)]}
    if row.later_on is not None:
        day = format_date(row.later_on, "d MMMM yyyy")
        flash(_("‘%(title)s’: later. U krijgt de vraag opnieuw op %(day)s.", **told, day=day), "ok")
    else:
        flash(_("Bewaard: ‘%(title)s’ – %(answer)s.", **told), "ok")
    return _on(share_id)


@blueprint.post(f"/<{NUMBER}:share_id>/contact")
def contact(share_id: int) -> Shown:
    """Say that there is contact with the initiative."""
    return _done(
        share_id,
        "contact",
        lambda store: begin_contact(store, share_id, viewer=g.viewer, version=_version()),
        _("Bewaard: u bent in contact met het initiatief."),
    )


@blueprint.post(f"/<{NUMBER}:share_id>/afsluiten")
def close(share_id: int) -> Shown:
    """Say with what it ended."""

    def act(store: Session) -> None:
        ending = request.form.get("ending", "")
        if ending not in set(Ending):
            raise ChoiceError("ending", _("Kies hoe het is afgelopen."))
        close_share(
            store,
            share_id,
            viewer=g.viewer,
            version=_version(),
            ending=Ending(ending),
            note=written(request.form, "note"),
        )

    return _done(share_id, "afsluiten", act, _("Deze deling is afgesloten."))


@blueprint.post(f"/<{NUMBER}:share_id>/intrekken")
def withdraw(share_id: int) -> Shown:
    """Ask for an answer no longer."""
    return _done(
        share_id,
        "intrekken",
        lambda store: take_back(store, share_id, viewer=g.viewer, version=_version()),
        _("Deze deling is ingetrokken. De gemeente krijgt daar bericht van."),
    )


@blueprint.post(f"/<{NUMBER}:share_id>/opnieuw")
def again(share_id: int) -> Shown:
    """Ask once more."""
    return _done(
        share_id,
        "opnieuw",
        lambda store: offer_again(
            store, share_id, viewer=g.viewer, version=_version(), message=written(request.form, "message")
        ),
        _("Deze deling is opnieuw aangeboden."),
    )


@blueprint.post(f"/<{NUMBER}:share_id>/elders")
def elsewhere(share_id: int) -> Shown:
    """Move the lead to another municipality and offer it there."""
    moved: list[int] = []

    def act(store: Session) -> None:
        code = request.form.get("gemeente", "")
        if not MUNICIPALITY.fullmatch(code):
            raise ChoiceError("gemeente", _("Kies een gemeente."))
        share = offer_elsewhere(
            store,
            share_id,
            code,
            viewer=g.viewer,
            version=_version(),
            message=written(request.form, "message"),
        )
        moved.append(share.id)

    refused = _try(share_id, "elders", act)
    if refused is not None:
        return refused
    flash(_("Het signaal hoort nu bij de andere gemeente, en is daar aangeboden."), "ok")
    return redirect(url_for(".one", share_id=moved[0]), code=303)


def _done(share_id: int, opened: str, act: Callable[[Session], object], told: str) -> Shown:
    """Do it, say so, and show the share; or say why not."""
    refused = _try(share_id, opened, act)
    if refused is not None:
        return refused
    flash(told, "ok")
    return _on(share_id)


def _on(share_id: int) -> Response:
    """Back to where the form stood."""
    listed = request.form.get("terug") == "lijst"
    return redirect(url_for(".index") if listed else url_for(".one", share_id=share_id), code=303)


def _try(share_id: int, opened: str, act: Callable[[Session], object]) -> Shown | None:
    """Do it in one transaction.

    Args:
        opened: the form that was sent; shown open again with what was typed.

    Returns:
        The page that says why nothing was changed; None = it was done.
    """
    try:
        with writing() as store:
            act(store)
    except ShareNotFoundError:
        raise
    except ShareNotAllowedError:
        abort(403)
    except (StaleShareError, ShareMoveError) as error:
        first = share_texts.first(error.row)
        return page_of(share_id, opened=opened, form=request.form, first=first), 409
    except ShareError as error:
        problems = _problems(error, opened)
        return page_of(share_id, opened=opened, form=request.form, problems=problems), 400
    return None


def _problems(error: ShareError, opened: str) -> dict[str, Any]:
    """Field -> what is wrong with it and what to do."""
    if isinstance(error, ChoiceError):
        return {error.field: error.text}
    if isinstance(error, TextTooLongError):
        return {"message" if opened in ("opnieuw", "elders") else "note": too_long()}
    if isinstance(error, LaterDateError):
        latest = format_date(error.latest, "d MMMM yyyy")
        return {"later_on": _("Kies een dag na vandaag, uiterlijk %(day)s.", day=latest)}
    if isinstance(error, AlreadySharedError):
        return {"gemeente": _("Deze gemeente heeft dit al gekregen. Kies een andere.")}
    if opened == "elders":
        return {"gemeente": _("Kies een andere gemeente uit de lijst.")}
    return {"message": NOT_THERE}


NOT_THERE = _l(
    "Dit kan niet meer worden aangeboden: er is al over besloten, of het hoort bij een andere gemeente."
)


def too_long() -> Any:
    """What is wrong with a message or note, and what to do."""
    return _("Maak dit korter: hooguit %(limit)s tekens.", limit=TEXT_LIMIT)


def _version() -> int:
    return number(request.form.get("version", "")) or 0


def _day(text: str) -> date | None:
    """The day that was chosen; None = none was."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ChoiceError("later_on", _("Vul een dag in, bijvoorbeeld 2027-01-31.")) from None
