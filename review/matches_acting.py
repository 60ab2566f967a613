"""What the forms of matches do: proposing, answering, beginning the work, finishing and stopping it."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models.base import utc_now
from models.store.match_mails import send_again
from models.store.match_rules import MOST_SPENT, REASON_LIMIT, RECOMMENDATIONS_LIMIT
from models.store.matches import (
    InvalidMatchError,
    MatchNotAllowedError,
    MatchStateError,
    StaleMatchError,
    deploy,
    finish,
    get_match,
    stop,
)
from models.store.rounds import RoundNotAllowedError, RoundNotFoundError, RoundStateError
from models.words import Party
from review import match_words as words
from review.actions import number, written
from review.asked import NUMBER
from review.consultant_words import half_hours_of
from review.database import db, writing
from review.handed_files import day_of
from review.match_steps import give_answer, propose_pairs
from review.matches import blueprint, page_of

Shown = Response | tuple[str, int]
SAID = {"ja": True, "nee": False}


@blueprint.post(f"/voorstellen/<{NUMBER}:round_id>")
def propose(round_id: int) -> Response:
    """Ask everybody about the pairs of a round that were not proposed yet."""
    try:
        with writing() as store:
            made = propose_pairs(store, round_id, viewer=g.viewer)
    except RoundNotFoundError:
        abort(404)
    except RoundNotAllowedError:
        abort(403)
    except RoundStateError:
        flash(_("Voorstellen kan alleen als de ronde in de stap ‘voorstellen’ is."), "error")
        return redirect(url_for(".index", ronde=round_id), code=303)
    if made:
        told = ngettext(
            "%(num)s match is voorgesteld. De vragen worden nu gemaild.",
            "%(num)s matches zijn voorgesteld. De vragen worden nu gemaild.",
            len(made),
        )
        flash(told, "ok")
    else:
        flash(_("Er was niets nieuws om voor te stellen."), "info")
    return redirect(url_for(".index", ronde=round_id), code=303)


@blueprint.post(f"/<{NUMBER}:match_id>/antwoord")
def answer(match_id: int) -> Shown:
    """Say yes or no for the own municipality; who leads rounds writes down what somebody said."""
    form = request.form

    def act(store: Session) -> None:
        problems = {}
        if form.get("party", "") not in set(Party):
            problems["party"] = _("Kies namens wie dit antwoord is.")
        if form.get("answer", "") not in SAID:
            problems["answer"] = _("Kies ja of nee.")
        if problems:
            raise FormError(problems)
        give_answer(
            store,
            match_id,
            Party(form["party"]),
            SAID[form["answer"]],
            viewer=g.viewer,
            reason=written(form, "reason"),
        )

    return _done(match_id, "antwoord", act, _("Het antwoord is bewaard."))


@blueprint.post(f"/<{NUMBER}:match_id>/inzetten")
def begin(match_id: int) -> Shown:
    """Say on which day the work begins."""

    def act(store: Session) -> None:
        day = day_of(request.form.get("day", ""))
        if day is None:
            raise FormError({"day": no_day()})
        deploy(store, match_id, viewer=g.viewer, version=_version(), day=day)

    return _done(match_id, "inzetten", act, _("Het werk kan beginnen. Iedereen krijgt bericht."))


@blueprint.post(f"/<{NUMBER}:match_id>/afronden")
def close(match_id: int) -> Shown:
    """Close the work with the visit and the recommendations."""
    form = request.form

    def act(store: Session) -> None:
        day = day_of(form.get("visit_on", ""))
        typed = written(form, "spent")
        spent = 0 if typed in ("0", "0,0", "0.0") else half_hours_of(typed) or -1
        problems: dict[str, Any] = {}
        if day is None:
            problems["visit_on"] = no_day()
        if spent < 0:
            problems["spent"] = sentence("spent", "bounds")
        if not written(form, "recommendations"):
            problems["recommendations"] = sentence("recommendations", "empty")
        if problems or day is None:
            raise FormError(problems)
        finish(
            store,
            match_id,
            viewer=g.viewer,
            version=_version(),
            visit_on=day,
            recommendations=written(form, "recommendations"),
            spent=spent,
        )

    return _done(match_id, "afronden", act, _("Deze match is afgerond. Wij vragen iedereen hoe het ging."))


@blueprint.post(f"/<{NUMBER}:match_id>/stoppen")
def end(match_id: int) -> Shown:
    """End a match before it is finished."""

    def act(store: Session) -> None:
        stop(store, match_id, viewer=g.viewer, version=_version(), why=written(request.form, "why"))

    return _done(match_id, "stoppen", act, _("Deze match is gestopt. Wie ervan wist, krijgt bericht."))


@blueprint.post(f"/<{NUMBER}:match_id>/mail/<{NUMBER}:mail_id>")
def mail_again(match_id: int, mail_id: int) -> Response:
    """Try a message once more that could not be sent."""
    get_match(db.session, g.viewer, match_id)
    with writing() as store:
        found = send_again(store, match_id, mail_id, now=utc_now())
    if not found:
        abort(404)
    flash(_("Het bericht wordt opnieuw verstuurd, naar het adres zoals het nu is."), "ok")
    return _on(match_id)


class FormError(Exception):
    """Something that must be filled in was not, or can't be read: field -> what to do."""

    def __init__(self, problems: dict[str, Any]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


def _done(match_id: int, opened: str, act: Callable[[Session], object], told: str) -> Shown:
    """Do it, and say so; or show the page once more with what is wrong."""

    def again(code: int, **sent: Any) -> tuple[str, int]:
        return page_of(match_id, opened=opened, form=request.form, **sent), code

    try:
        with writing() as store:
            act(store)
    except MatchNotAllowedError:
        abort(403)
    except StaleMatchError:
        return again(409, first=_("Iemand anders heeft deze match net veranderd."))
    except MatchStateError as error:
        return again(409, first=_("De match is nu: %(state)s.", state=words.STATES[error.state]))
    except FormError as error:
        return again(400, problems=error.problems)
    except InvalidMatchError as error:
        return again(400, problems={field: sentence(field, word) for field, word in error.problems.items()})
    flash(told, "ok")
    return _on(match_id)


def no_day() -> str:
    """What to do when no day was filled in."""
    return str(_("Vul een dag in, bijvoorbeeld 31-01-2027."))


def sentence(field: str, word: str) -> str:
    """What is wrong with a field and what to do, in one sentence."""
    limit = RECOMMENDATIONS_LIMIT if field == "recommendations" else REASON_LIMIT
    sentences = {
        ("reason", "empty"): _("Schrijf van wie u dit hoorde, en hoe."),
        ("why", "empty"): _("Schrijf waarom het stopt. Iedereen die ervan wist, leest dit."),
        ("recommendations", "empty"): _("Schrijf wat de consultant de gemeente aanraadt."),
        ("day", "early"): _("Kies een dag op of na de dag van het voorstel."),
        ("day", "late"): _("Kies een dag binnen een jaar."),
        ("visit_on", "early"): _("Kies een dag op of na de eerste dag van het werk."),
        ("visit_on", "late"): _("Het bezoek moet geweest zijn: kies vandaag of een dag daarvoor."),
        ("spent", "bounds"): _("Vul hele of halve uren in, van 0 tot en met %(most)s.", most=MOST_SPENT // 2),
    }
    if word == "long":
        return str(_("Maak dit korter: hooguit %(limit)s tekens.", limit=limit))
    return str(sentences[field, word])


def _version() -> int:
    return number(request.form.get("version", "")) or 0


def _on(match_id: int) -> Response:
    return redirect(url_for(".one", match_id=match_id), code=303)
