"""Making a round up: what is in it, and what can be added from the register."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from models.store.initiatives import PAGE_SIZE
from models.store.round_candidates import all_to_seed, municipalities_to_seed, to_seed
from models.store.round_seeding import AT_ONCE, Put, Refusal, seed, unseed
from models.store.rounds import (
    RoundInitiativeRow,
    RoundNotAllowedError,
    RoundNotFoundError,
    RoundStateError,
    RoundView,
    consultants_of,
    get_round,
    initiatives_of,
)
from models.words import RoundState
from review import consultant_words as words
from review.actions import number, numbers
from review.asked import NUMBER, SEARCH_LIMIT, filter_asked
from review.chips import chips
from review.choices import counted
from review.database import db, writing
from review.register_asked import entries_asked
from review.texts import PHASES

blueprint = Blueprint("round_seeding", __name__, url_prefix="/rondes")

#: Choices of the register that are there as well when a round is made up.
CHOICES = ("zoek", "gemeente", "thema", "fase", "kennis")
#: Of which :func:`models.store.initiatives.initiative_page` is asked.
_CONDITIONS = ("text", "municipality_code", "theme", "phase", "expertise")

_REFUSED = {
    Refusal.GONE: _l("Niet toegevoegd, want niet meer beschikbaar: %(count)s."),
    Refusal.NO_PART: _l("Niet toegevoegd, want de gemeente doet vandaag niet mee: %(count)s."),
    Refusal.NO_TIME: _l("Niet toegevoegd, want zonder uren in de periode van de ronde: %(count)s."),
}


@blueprint.get(f"/<{NUMBER}:round_id>/samenstellen")
def index(round_id: int) -> str:
    """What is in the round."""
    return page_of(round_id)


@blueprint.get(f"/<{NUMBER}:round_id>/samenstellen/toevoegen")
def find(round_id: int) -> str | Response:
    """What can be added from the register."""
    if "" in request.args.values():
        # As in the register: an address to keep holds only what was chosen.
        filled = {name: text for name, text in request.args.items() if text}
        return redirect(url_for(".find", round_id=round_id, **filled), code=303)  # type: ignore[arg-type]
    return _find(round_for(round_id))


@blueprint.post(f"/<{NUMBER}:round_id>/samenstellen/toevoegen")
def add(round_id: int) -> Response | tuple[str, int]:
    """Put in what was ticked, or all that was chosen."""
    row, chosen = round_for(round_id), _chosen()
    everything = request.form.get("alles", "") == "ja"
    picked = all_to_seed(db.session, g.viewer, round_id, **_conditions()) if everything else _picked()
    if not picked:
        problem = _("Zet eerst een vinkje bij een of meer initiatieven.")
        return _find(row, {"kies": problem}), 400
    try:
        with writing() as session:
            put = seed(session, round_id, picked, viewer=g.viewer)
    except RoundStateError:
        return late(round_id)
    except RoundNotAllowedError:
        abort(403, _("Uw account mag dit niet in deze ronde."))
    say(put, ngettext("%(num)s initiatief toegevoegd.", "%(num)s initiatieven toegevoegd.", len(put.added)))
    if everything and len(picked) == AT_ONCE:
        flash(_("Er gaan er hooguit %(most)s tegelijk in. Doe het nog een keer.", most=AT_ONCE), "info")
    return redirect(url_for(".find", round_id=round_id, **chosen), code=303)  # type: ignore[arg-type]


@blueprint.get(f"/<{NUMBER}:round_id>/samenstellen/<{NUMBER}:initiative_id>/weg")
def back(round_id: int, initiative_id: int) -> Response:
    """The address of the form that takes out, opened as a page: show what is in the round."""
    one = one_of(round_for(round_id), initiative_id)
    if not (g.viewer.decides or writes_about(one)):
        abort(404)
    return redirect(url_for(".index", round_id=round_id), code=303)


@blueprint.post(f"/<{NUMBER}:round_id>/samenstellen/<{NUMBER}:initiative_id>/weg")
def take_out(round_id: int, initiative_id: int) -> Response | tuple[str, int]:
    """Take an initiative out."""
    one = one_of(round_for(round_id), initiative_id)
    if not writes_about(one):
        abort(404)
    try:
        with writing() as session:
            unseed(session, round_id, initiative_id, viewer=g.viewer)
    except RoundStateError:
        return late(round_id)
    except RoundNotAllowedError:
        abort(403, _("Uw account mag dit niet in deze ronde."))
    flash(_("‘%(name)s’ doet niet meer mee in deze ronde.", name=one.name), "ok")
    return redirect(url_for(".index", round_id=round_id), code=303)


def page_of(round_id: int) -> str:
    """What is in the round.

    Raises:
        RoundNotFoundError: there is none, or it is not for this viewer.
    """
    row = round_for(round_id)
    initiatives = initiatives_of(db.session, g.viewer, round_id)
    consultants = consultants_of(db.session, g.viewer, round_id)
    inside = [one for one in initiatives if one.out_at is None]
    return render_template(
        "round_seeding.html",
        round=row,
        inside=inside,
        fallen=[one for one in initiatives if one.out_at is not None],
        unready=sum(not ready(one) for one in inside if writes_about(one)),
        consultants=[one for one in consultants if one.out_at is None],
        fallen_consultants=[one for one in consultants if one.out_at is not None],
        making=row.state is RoundState.SEEDING,
        seeds=g.viewer.leads_rounds or g.viewer.answers,
        putting=row.state in (RoundState.SEEDING, RoundState.SELECTION) and g.viewer.leads_rounds,
        writes_about=writes_about,
        ready=ready,
        words=words,
    )


def round_for(round_id: int) -> RoundView:
    """The round as this visitor sees it; 404 when it is not for them."""
    try:
        return get_round(db.session, g.viewer, round_id)
    except RoundNotFoundError:
        abort(404)


def late(round_id: int) -> Response:
    """Somebody moved the round on meanwhile: say so, and show it as it is now."""
    flash(_("De ronde is intussen verder. Dit kan nu niet meer."), "info")
    return redirect(url_for("round_seeding.index", round_id=round_id), code=303)


def say(put: Put, added: str) -> None:
    """Tell what went in and what did not, and why."""
    if put.added:
        flash(added, "ok")
    if put.already:
        flash(_("Al in de ronde: %(count)s.", count=len(put.already)), "info")
    for refusal, said in _REFUSED.items():
        count = sum(one is refusal for one in put.refused.values())
        if count:
            flash(str(said) % {"count": count}, "info")


def writes_about(one: RoundInitiativeRow) -> bool:
    """Whether this visitor may take an initiative out and say who hosts."""
    return bool(g.viewer.leads_rounds or (g.viewer.answers and one.own))


def ready(one: RoundInitiativeRow) -> bool:
    """Whether all is filled in that the choosing waits for."""
    return one.host_known and one.half_hours > 0


def _find(row: RoundView, problems: Mapping[str, Any] | None = None) -> str:
    open_ = row.state is RoundState.SEEDING
    place = _chosen()
    page = to_seed(
        db.session,
        g.viewer,
        row.id,
        **_conditions(),
        after=number(request.values.get("na", "")),
        before=number(request.values.get("voor", "")),
    )
    towns = municipalities_to_seed(db.session, g.viewer, row.id) if g.viewer.decides else []
    here = {**place, "round_id": str(row.id)}
    return render_template(
        "round_find.html",
        round=row,
        open=open_,
        page=page,
        filter=filter_asked(),
        place=place,
        here=here,
        turn={name: request.values[name] for name in ("na", "voor") if request.values.get(name)},
        chips=chips(".find", here),
        municipalities=counted(towns),
        phases=PHASES,
        problems=problems or {},
        SEARCH_LIMIT=SEARCH_LIMIT,
        AT_ONCE=AT_ONCE,
        PAGE_SIZE=PAGE_SIZE,
    )


def one_of(row: RoundView, initiative_id: int) -> RoundInitiativeRow:
    """An initiative of the round; 404 when it is not in it, or not for this visitor."""
    for one in initiatives_of(db.session, g.viewer, row.id):
        if one.initiative_id == initiative_id:
            return one
    abort(404)


def _picked() -> list[int]:
    return sorted(numbers(request.form.getlist("kies")))[:AT_ONCE]


def _chosen() -> dict[str, str]:
    return {name: text for name, text in entries_asked().chosen.items() if name in CHOICES}


def _conditions() -> dict[str, Any]:
    return {name: value for name, value in entries_asked().conditions.items() if name in _CONDITIONS}
