"""Adding a source: an address, what the scout found behind it, its terms, and then the source."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from models.base import utc_now
from models.errand import Errand
from models.store.added_sources import KeyTakenError, add_source
from models.store.errands import LONGEST_URL, ask, errand_of
from models.store.initiatives import is_address
from models.store.rhythm import day_of
from models.words import ErrandKind, SourceKind
from review import source_form as form
from review import source_list as listed
from review import source_texts as texts
from review.asked import CONTROLS, NUMBER, municipality_asked
from review.database import db, writing
from review.source_waiting import HowFar, how_far, still_watched
from review.source_words import say

blueprint = Blueprint("sources_adding", __name__, url_prefix="/bronnen")

#: Answer that tells htmx to ask no more.
STOP_ASKING = 286


@blueprint.get("/toevoegen")
def index() -> str:
    """Where an address is filled in."""
    return _address(request.args.get("adres", ""), {})


@blueprint.post("/toevoegen")
def look() -> AnyResponse | tuple[str, int]:
    """Ask the scout what is behind an address."""
    address = CONTROLS.sub("", request.form.get("adres", "")).strip()
    if not address:
        return _address(address, {"adres": _("Vul een adres in.")}), 400
    if len(address) > LONGEST_URL:
        problem = _("Maak dit korter: hooguit %(limit)s tekens.", limit=LONGEST_URL)
        return _address(address, {"adres": problem}), 400
    with writing() as session:
        errand = ask(session, ErrandKind.PROBE, url=address, account_id=g.viewer.account_id, now=utc_now())
        number = errand.id
    return redirect(url_for(".found", errand_id=number, gemeente=municipality_asked()), code=303)


@blueprint.get(f"/toevoegen/<{NUMBER}:errand_id>")
def found(errand_id: int) -> str:
    """Wait for the scout, then show what it found, and the form for one of them."""
    errand = _errand(errand_id, ErrandKind.PROBE)
    choice = _choice(errand)
    if choice is None:
        return _found(errand, None, {}, {})
    return _found(errand, choice, form.of_found(choice, municipality_asked() or ""), {})


@blueprint.post(f"/toevoegen/<{NUMBER}:errand_id>")
def add(errand_id: int) -> AnyResponse | tuple[str, int]:
    """Make a source of what was found; kind and address are those that the scout looked at."""
    errand = _errand(errand_id, ErrandKind.PROBE)
    choice = _choice(errand)
    if choice is None:
        abort(404)
    values = form.sent(request.form)
    filled = form.read(
        values,
        kind=SourceKind(choice["kind"]),
        url=str(choice["url"]),
        options=choice.get("options") or {},
        today=day_of(utc_now()),
    )
    if filled.definition is None:
        return _found(errand, choice, values, filled.problems), 400
    try:
        with writing() as session:
            add_source(session, filled.definition, account_id=g.viewer.account_id, now=utc_now())
    except KeyTakenError:
        taken = _("Deze sleutel is al van een andere bron. Kies een andere, bijvoorbeeld met een 2 erachter.")
        return _found(errand, choice, values, {"sleutel": taken}), 400
    listed.forget()
    said = (
        _("‘%(title)s’ is toegevoegd. Scout gaat bij het volgende bezoek langs.", title=values["titel"])
        if filled.definition.enabled
        else _("‘%(title)s’ is bewaard, maar staat nog uit.", title=values["titel"])
    )
    flash(said, "ok")
    return redirect(url_for("sources.one", key=filled.definition.key), code=303)


@blueprint.get(f"/opdrachten/<{NUMBER}:errand_id>")
def progress(errand_id: int) -> Response:
    """Tell a page that waits: nothing yet, or that it should load itself anew."""
    errand = errand_of(db.session, errand_id)
    if errand is None:
        abort(404)
    stage = how_far(errand)
    if request.args.get("stand") != stage.value:
        return Response(status=200, headers={"HX-Refresh": "true"})
    return Response(status=204 if still_watched(errand) or stage is HowFar.DONE else STOP_ASKING)


def _errand(errand_id: int, kind: ErrandKind) -> Errand:
    errand = errand_of(db.session, errand_id)
    if errand is None or errand.kind is not kind:
        abort(404)
    return errand


def _choice(errand: Errand) -> dict[str, Any] | None:
    """Which of the things that were found is asked for; the first and best unless another one is."""
    choices = found_in(errand)
    text = request.values.get("keus", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    return choices[number if number < len(choices) else 0] if choices else None


def found_in(errand: Errand) -> list[dict[str, Any]]:
    """What the scout found behind the address, best first; kinds that are not known here are left out."""
    return [
        one
        for one in (errand.result or {}).get("found") or []
        if isinstance(one, dict) and one.get("kind") in set(SourceKind) and one.get("url")
    ]


def _found(
    errand: Errand, choice: dict[str, Any] | None, values: dict[str, str], problems: dict[str, str]
) -> str:
    choices = found_in(errand)
    refusal = (errand.result or {}).get("refusal") or {}
    code = str(refusal.get("code", "")) or ("" if choices else "nothing")
    return render_template(
        "source_found.html",
        errand=errand,
        # Not what was asked: that may name the account of a person.
        address=(errand.result or {}).get("address") or errand.url,
        stage=how_far(errand),
        stages=HowFar,
        watched=still_watched(errand),
        choices=choices,
        choice=choice,
        number=choices.index(choice) if choice else 0,
        code=code,
        refusal=texts.REFUSALS.get(code),
        problem=say(errand.problem) if errand.problem else None,
        has_pattern=choice is not None and form.has_pattern(SourceKind(choice["kind"])),
        terms=[str(one) for one in (choice or {}).get("terms") or [] if is_address(str(one))],
        values=values,
        problems=problems,
        municipality=municipality_asked(),
        hand_in=hand_in,
        texts=texts,
        today=day_of(utc_now()),
    )


def hand_in(address: str) -> str:
    """Where people hand in what stands at this address."""
    return url_for("handing_in.index", url=address)


def _address(address: str, problems: dict[str, str]) -> str:
    return render_template(
        "source_add.html",
        values={"adres": CONTROLS.sub("", address)[:LONGEST_URL]},
        problems=problems,
        municipality=municipality_asked(),
        texts=texts,
    )
