"""Pairing automatically: how far it is, and what came of it once that may be seen; advice after a decline."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from limits import RateLimitItemPerMinute
from werkzeug.wrappers import Response as Answer

from matching.process import MatchingStoppedError
from models.base import utc_now
from models.store.round_jobs import RoundJobError, cancel_job
from models.store.round_jobs_list import JobRow, jobs_of
from models.store.rounds import (
    RoundError,
    RoundStateError,
    RoundView,
    consultants_of,
    get_round,
    hold_round,
    in_state,
    initiatives_of,
)
from models.words import JobPurpose, RoundState
from review.actions import number
from review.asked import NUMBER
from review.automatic_told import automatic_pairing
from review.board_words import refused_words
from review.consultant_words import unknown
from review.database import db, writing
from review.mending import AdviceGoneError, advice_of, take_advice
from review.rates import must_wait
from review.round_explained import AIMS
from review.round_solving import ask_beside, ask_mending
from review.round_todo import next_to_propose
from review.round_why import clash_words

blueprint = Blueprint("automatic", __name__, url_prefix=f"/rondes/<{NUMBER}:round_id>/automatisch")

#: Seconds that can be chosen as the time limit.
LIMITS = (10, 20, 60, 300)
#: States in which the pairing beside the one by hand can be worked out anew, and those for mending.
BESIDE_IN = (RoundState.PAIRING, RoundState.COMPARING)
MENDING_IN = (RoundState.PROPOSING, RoundState.DEPLOYED)
#: Questions "why not" of one account in a minute: each may keep a processor busy for some seconds.
WHY_NOT = RateLimitItemPerMinute(10)
#: Rows of the list of what was worked out before.
BEFORE = 10


@blueprint.get("")
def index(round_id: int) -> str:
    """How far it is; what came of it, once the pairing by hand is closed; and advice while proposing."""
    return _index(round_id)


@blueprint.get("/voortgang")
def progress(round_id: int) -> Response:
    """How far it is, for a page that waits: nothing when that has not changed (204)."""
    round_ = get_round(db.session, g.viewer, round_id)
    job = _newest(round_, jobs_of(db.session, g.viewer, round_id, now=utc_now()))
    if job is not None and request.args.get("stand") == stand(job):
        return Response(status=204)
    words = _words(round_id, job)
    return Response(render_template("automatic_progress.html", round=round_, job=job, **words))


@blueprint.post("/opnieuw")
def again(round_id: int) -> Answer:
    """Work it out anew, beside the pairing by hand."""
    with writing() as session:
        held = hold_round(session, g.viewer, round_id)
        try:
            in_state(held, *BESIDE_IN)
            if not held.automatic:
                raise RoundStateError("this round is paired by hand only", held.state)
        except RoundStateError:
            return _refused(round_id)
        ask_beside(
            session,
            held,
            account_id=g.viewer.account_id,
            now=utc_now(),
            marks=request.form.get("marks") == "ja",
            seconds=_seconds(),
        )
    flash(_("Het automatisch koppelen is gevraagd."), "ok")
    return redirect(url_for(".index", round_id=round_id), code=303)


@blueprint.post("/herstel")
def mend(round_id: int) -> Answer:
    """Ask what to do with initiatives that lost their consultant."""
    with writing() as session:
        held = hold_round(session, g.viewer, round_id)
        try:
            in_state(held, *MENDING_IN)
        except RoundStateError:
            return _refused(round_id)
        ask_mending(session, held, account_id=g.viewer.account_id, now=utc_now(), seconds=_seconds())
    flash(_("Het advies is gevraagd."), "ok")
    return redirect(url_for(".index", round_id=round_id), code=303)


@blueprint.post("/stoppen")
def cancel(round_id: int) -> Answer:
    """Stop what is being worked out."""
    text = request.form.get("job", "")
    with writing() as session:
        held = hold_round(session, g.viewer, round_id)
        job_id = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        try:
            stopped = cancel_job(session, held, job_id, account_id=g.viewer.account_id, now=utc_now())
        except RoundJobError:
            abort(404)
    flash(_("Het automatisch koppelen is gestopt.") if stopped else _("Het was al klaar of gestopt."), "ok")
    return redirect(url_for(".index", round_id=round_id), code=303)


@blueprint.post("/overnemen")
def take_over(round_id: int) -> Answer | tuple[str, int]:
    """Put the pairs of the advice on the board."""
    try:
        with writing() as session:
            count = take_advice(session, g.viewer, round_id, request.form.get("stand", ""), now=utc_now())
    except AdviceGoneError:
        said = _("Het advies past niet meer bij het bord. Er is niets veranderd. Vraag een nieuw advies.")
        return _index(round_id, said), 409
    except RoundError as error:
        return _index(round_id, refused_words(error)), 409
    told = ngettext(
        "Overgenomen: %(num)s koppeling veranderd op het bord.",
        "Overgenomen: %(num)s koppelingen veranderd op het bord.",
        count,
    )
    flash(told, "ok")
    return redirect(url_for(".index", round_id=round_id), code=303)


@blueprint.get(f"/<{NUMBER}:initiative_id>")
def one(round_id: int, initiative_id: int) -> str | tuple[str, int, dict[str, str]]:
    """One initiative: why it has whom it has, who came near, and why not somebody else."""
    round_ = get_round(db.session, g.viewer, round_id)
    pairing = automatic_pairing(db.session, g.viewer, round_id)
    key = str(initiative_id)
    if pairing is None or not pairing.knows(key):
        abort(404)
    asked, answer, slow = request.args.get("consultant", ""), None, False
    wait = must_wait(WHY_NOT, "why not", str(g.viewer.account_id)) if asked else 0
    if asked and not wait:
        try:
            answer = pairing.why_not(key, asked)
        except KeyError:
            asked = ""
        except MatchingStoppedError:
            slow = True
    page = render_template(
        "automatic_one.html",
        round=round_,
        pairing=pairing,
        key=key,
        told=pairing.told(key),
        asked=asked,
        answer=answer,
        slow=slow,
        wait=wait,
        who=pairing.consultants.get(asked) or unknown(),
    )
    return (page, 429, {"Retry-After": str(wait)}) if wait else page


def stand(job: JobRow) -> str:
    """A word that changes when there is something new to show of a job."""
    return f"{job.id}-{job.state}-{job.aim or ''}-{job.value if job.value is not None else ''}"


def _index(round_id: int, problem: str = "") -> str:
    round_, now = get_round(db.session, g.viewer, round_id), utc_now()
    rows = jobs_of(db.session, g.viewer, round_id, now=now)
    job = _newest(round_, rows)
    mending = round_.state in MENDING_IN
    pairing = automatic_pairing(db.session, g.viewer, round_id)
    return render_template(
        "automatic.html",
        round=round_,
        job=job,
        before=[row for row in rows if job is None or row.id != job.id][:BEFORE],
        pairing=pairing,
        page=pairing.page(number(request.args.get("blad", "")) or 1) if pairing is not None else None,
        advice=advice_of(db.session, g.viewer, round_id) if mending else None,
        mending=mending,
        may_take_over=round_.state is RoundState.PROPOSING,
        after=next_to_propose(round_) if g.viewer.leads_rounds else None,
        may_again=round_.automatic and round_.state in BESIDE_IN,
        problem=problem,
        limits=LIMITS,
        purposes={JobPurpose.BESIDE: _("naast de hand"), JobPurpose.MENDING: _("advies")},
        **_words(round_id, job),
    )


def _newest(round_: RoundView, rows: list[JobRow]) -> JobRow | None:
    """The newest job of the kind that matters in this state; None = there is none."""
    wanted = JobPurpose.MENDING if round_.state in MENDING_IN else JobPurpose.BESIDE
    return next((row for row in rows if row.purpose is wanted), None)


def _words(round_id: int, job: JobRow | None) -> dict[str, Any]:
    """What templates need for telling how far a job is."""
    clash = ""
    if job is not None and job.result.get("clash"):
        names = {str(one.initiative_id): one.name for one in initiatives_of(db.session, g.viewer, round_id)}
        people = {str(one.consultant_id): one.name for one in consultants_of(db.session, g.viewer, round_id)}
        clash = clash_words(job.result, names, people)
    return {"aims": AIMS, "stand": stand, "clash": clash}


def _refused(round_id: int) -> Answer:
    flash(_("Dat kan in deze stap van de ronde niet."), "error")
    return redirect(url_for(".index", round_id=round_id), code=303)


def _seconds() -> float:
    text = request.form.get("seconds", "")
    return next((float(limit) for limit in LIMITS if text == str(limit)), 20.0)
