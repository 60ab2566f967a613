"""Pairing by hand and automatically side by side, choosing which one to propose, and both as a file."""

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answer

from models.base import ZONE, utc_now
from models.store.audit import record
from models.store.round_comparison import Compared, Measures, StillHiddenError, compared
from models.store.round_moves import move
from models.store.rounds import RoundError, RoundView, StaleRoundError, get_round
from models.words import PairingKind, RoundState
from review.actions import number
from review.asked import NUMBER
from review.comparison_rows import COLUMNS, rows_of
from review.consultant_words import unknown
from review.database import db, writing
from review.export_formats import csv_parts, json_parts, write_xlsx
from review.round_explained import fit_words, rules_words
from review.round_todo import next_to_propose

blueprint = Blueprint("comparison", __name__, url_prefix=f"/rondes/<{NUMBER}:round_id>")

KINDS: dict[PairingKind, Any] = {
    PairingKind.BY_HAND: _l("Met de hand"),
    PairingKind.AUTOMATIC: _l("Automatisch"),
    PairingKind.FINAL: _l("Definitief"),
}

#: Form of a file -> the type that it is sent as.
FORMS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@blueprint.get("/vergelijking")
def index(round_id: int) -> str:
    """Both pairings, or that they can't be seen yet."""
    return _index(round_id)


@blueprint.get(f"/vergelijking.<any({', '.join(FORMS)}):form>")
def file(round_id: int, form: str) -> Response:
    """Both pairings as a file; that somebody took it is logged before it is sent."""
    get_round(db.session, g.viewer, round_id)
    try:
        found = compared(db.session, g.viewer, round_id)
    except StillHiddenError:
        abort(404)
    name = f"vergelijking-{round_id}-{utc_now().astimezone(ZONE):%Y-%m-%d}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    rows = rows_of(found)
    if request.method != "HEAD":
        with writing() as session:
            told = {"format": form, "entries": len(rows)}
            record(session, g.viewer.account_id, "export", "round", round_id, after=told)
    return Response(WRITERS[form](iter(rows)), mimetype=FORMS[form], headers=headers)


@blueprint.post("/vergelijking/kiezen")
def choose(round_id: int) -> Answer | tuple[str, int]:
    """Say which pairing is proposed."""
    kind = request.form.get("kind", "")
    if kind not in (PairingKind.BY_HAND, PairingKind.AUTOMATIC):
        return _index(round_id, {"kind": _("Kies een van de twee koppelingen.")}), 400
    try:
        with writing() as session:
            move(
                session,
                round_id,
                RoundState.PROPOSING,
                viewer=g.viewer,
                version=number(request.form.get("version", "")) or 0,
                chosen=PairingKind(kind),
            )
    except StaleRoundError:
        said = _("De ronde is intussen veranderd. Er is niets bewaard. Kijk opnieuw en kies nog eens.")
        return _index(round_id, {"kind": said}), 409
    except RoundError:
        return _index(round_id, {"kind": _("Dat kan in deze stap van de ronde niet.")}), 409
    flash(_("Gekozen: %(kind)s. Op het bord kunt u nog veranderen.", kind=KINDS[PairingKind(kind)]), "ok")
    return redirect(url_for(".index", round_id=round_id), code=303)


def _index(round_id: int, problems: dict[str, str] | None = None) -> str:
    round_: RoundView = get_round(db.session, g.viewer, round_id)
    found: Compared | None = None
    with suppress(StillHiddenError):
        found = compared(db.session, g.viewer, round_id)
    return render_template(
        "comparison.html",
        round=round_,
        found=found,
        table=_table(found) if found else [],
        KINDS=KINDS,
        FORMS=FORMS,
        fit_words=fit_words,
        rules_words=rules_words,
        unknown=unknown(),
        problems=problems or {},
        after=next_to_propose(round_) if g.viewer.leads_rounds else None,
        may_choose=round_.state is RoundState.COMPARING and g.viewer.leads_rounds,
    )


def _table(found: Compared) -> list[tuple[str, list[str]]]:
    """Name of a measure, and its value for each pairing."""
    rows: list[tuple[Any, Callable[[Measures], str]]] = [
        (
            _("Initiatieven met een consultant"),
            lambda one: _("%(served)s van %(wanted)s", served=one.served, wanted=one.wanted),
        ),
        (_("Minst passende koppeling"), lambda one: _fit(one.lowest)),
        (_("Middelste koppeling (mediaan)"), lambda one: _fit(one.median)),
        (_("Meeste opdrachten bij één consultant"), lambda one: str(one.busiest)),
        (
            _("Consultants met een opdracht"),
            lambda one: _("%(working)s van %(all)s", working=one.working, all=one.consultants),
        ),
        (_("Koppelingen met een regel opzij gezet"), lambda one: str(one.despite)),
        (_("Tijd"), _minutes),
        (_("Achteraf: hoe goed paste het (1 tot 5)"), lambda one: _said(one.fit_said, one.forms)),
        (_("Achteraf: doel gehaald (1 tot 5)"), lambda one: _said(one.goal_said, one.forms)),
    ]
    return [(str(name), [str(shown(one)) for one in found.measures]) for name, shown in rows]


def _fit(fit: float | None) -> str:
    return "–" if fit is None else fit_words(round(fit))


def _minutes(one: Measures) -> str:
    if one.minutes is None:
        return "–"
    if one.kind is PairingKind.AUTOMATIC and one.minutes < 1:
        seconds = max(1, round(60 * one.minutes))
        return str(ngettext("%(num)s seconde", "%(num)s seconden", seconds))
    return str(ngettext("%(num)s minuut", "%(num)s minuten", round(one.minutes)))


def _said(mean: float | None, forms: int) -> str:
    if mean is None:
        return str(_("nog niet bekend"))
    told = ngettext("%(num)s formulier", "%(num)s formulieren", forms)
    return f"{format_decimal(round(mean, 1))} ({told})"


def _workbook(rows: Iterator[dict[str, Any]]) -> bytes:
    made = io.BytesIO()
    write_xlsx(COLUMNS, rows, made)
    return made.getvalue()


WRITERS: dict[str, Callable[[Iterator[dict[str, Any]]], Any]] = {
    "csv": lambda rows: csv_parts(COLUMNS, rows),
    "xlsx": _workbook,
    "json": json_parts,
}
