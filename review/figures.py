"""The figures: today's work, how good the queue is, and what came in of each municipality."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from models.attention import ELSEWHERE, NOWHERE
from models.base import utc_now
from models.missed import FEW, Basis, Missed
from models.store.attention import Attention, attention
from models.store.lead_counts import count_by_status
from models.store.missed import PERIOD_DAYS, missed
from models.store.second_looks import agreement, waiting
from models.store.work import (
    FEWEST,
    SEES_PERSONS,
    Person,
    TeamWork,
    in_hand,
    precision_by_score,
    precision_of_first,
    start_of_day,
    team_work,
)
from models.store.work_places import UnknownMunicipalityError, municipal_work
from models.words import LeadStatus
from review import figure_plots as plots
from review import figure_words as words
from review.asked import MUNICIPALITY
from review.database import db
from review.kept import Kept
from review.texts import LIKELIHOODS

blueprint = Blueprint("figures", __name__)

#: Periods that can be chosen, in days and in weeks; the first of each is shown when none is asked for. All
#: decisions of half a year can be lined up by turn within a second at a million leads; those of a year not.
PERIODS = (PERIOD_DAYS, 30, 365)
OF_QUALITY = (PERIOD_DAYS, 30, 180)
WEEKS = (12, 26, 52)
#: Days that today's work is held against.
BEFORE = (7, 30)
#: First leads of a day of which the page says how many were initiatives.
FIRST = (10, 25, 50)


@dataclass(frozen=True)
class Line:
    """One municipality, as the table shows it."""

    name: str
    #: CBS code, to show its page; None = it has none.
    code: str | None
    attention: Attention
    missed: Missed


@blueprint.record_once
def keep(state: BlueprintSetupState) -> None:
    """Give the application a place where figures are kept."""
    state.app.extensions["scout_figures"] = Kept()


@blueprint.get("/cijfers")
def index() -> str | Response:
    """What waits and what was done today, by the viewer and by all; a municipality gets its own page."""
    if not g.viewer.decides:
        if g.viewer.municipality_code is None:
            return render_template("figures_none.html")
        return redirect(url_for(".municipality", code=g.viewer.municipality_code), code=303)
    now = utc_now()
    # Today is counted anew each time: whoever just decided wants to see it.
    today = team_work(db.session, g.viewer, starts=[start_of_day(now)], now=now)
    before, made_at = _kept(
        ("work", g.viewer.account_id, bool(g.viewer.roles & SEES_PERSONS)),
        lambda: team_work(
            db.session, g.viewer, starts=[start_of_day(now, days - 1) for days in BEFORE], now=now
        ),
    )
    return render_template(
        "figures_today.html",
        waiting=count_by_status(db.session, g.viewer).get(LeadStatus.OPEN, 0),
        in_hand=in_hand(db.session, g.viewer),
        looks=waiting(db.session, g.viewer),
        own=(*today.own, *before.own),
        team=(*today.team, *before.team),
        persons=_persons(today, before),
        sees_persons=bool(g.viewer.roles & SEES_PERSONS),
        columns=[_("Vandaag"), *(ngettext("%(num)s dag", "%(num)s dagen", days) for days in BEFORE)],
        minutes=words.minutes,
        fewest=FEWEST,
        made_at=made_at,
    )


@blueprint.get("/cijfers/kwaliteit")
def quality() -> str:
    """How often the queue is right, what it misses, and how far reviewers agree."""
    days = _asked("dagen", OF_QUALITY)
    now = utc_now()
    since = start_of_day(now, days - 1)
    labels = current_app.extensions["scout"].labels

    def work_out() -> tuple[Any, ...]:
        return (
            precision_by_score(
                db.session,
                g.viewer,
                since=since,
                lowest=[lowest for lowest, *_rest in LIKELIHOODS],
                no_initiative=labels.no_initiative,
            ),
            precision_of_first(db.session, g.viewer, since=since, numbers=FIRST),
            agreement(db.session, since=since),
        )

    (classes, first, agreed), made_at = _kept(("quality", days), work_out)
    estimates, estimated_at = _missed(days, now)
    return render_template(
        "figures_quality.html",
        first=plots.first_of_queue(list(zip(FIRST, first, strict=True))),
        classes=plots.calibration(
            [(name, one) for (_lowest, name, _level), one in zip(LIKELIHOODS, classes, strict=True)]
        ),
        decided=sum(one.decided for one in classes),
        agreement=agreed,
        agreed_in_words=words.agreed(agreed),
        whole=estimates.whole,
        made_at=min(made_at, estimated_at),
        **_choice("dagen", days, OF_QUALITY, lambda one: ngettext("%(num)s dag", "%(num)s dagen", one)),
        **_of_missed(),
    )


@blueprint.get("/cijfers/gemeenten")
def municipalities() -> str:
    """One line for each municipality, and all together."""
    days = _asked("dagen", PERIODS)
    lines, whole, made_at = _lines(days, utc_now())
    parts = [part for line in lines for part in (line.attention.share, line.attention.fair) if part]
    return render_template(
        "figures_municipalities.html",
        lines=lines,
        whole=whole,
        waiting=sum(line.attention.waiting for line in lines),
        decided=sum(line.attention.decided for line in lines),
        promoted=sum(line.attention.promoted for line in lines),
        oldest=min((one.attention.oldest_at for one in lines if one.attention.oldest_at), default=None),
        # The longest bar fills its width.
        scale=max(parts, default=1.0),
        made_at=made_at,
        **_choice("dagen", days, PERIODS, lambda one: ngettext("%(num)s dag", "%(num)s dagen", one)),
        **_of_missed(),
    )


@blueprint.get("/cijfers/gemeenten/<code>")
def municipality(code: str) -> str:
    """What came in of one municipality by week and theme, where nothing was found, and its attention."""
    if not MUNICIPALITY.fullmatch(code):
        abort(404)
    weeks = _asked("weken", WEEKS)
    now = utc_now()
    # Nothing of this is made or kept before it is sure that the viewer may see it.
    if not g.viewer.decides and g.viewer.municipality_code != code:
        abort(404)
    try:
        work, made_at = _kept(
            ("municipality", code, weeks),
            lambda: municipal_work(db.session, g.viewer, code, weeks=weeks, now=now),
        )
    except UnknownMunicipalityError:
        abort(404)
    lines, _whole, counted_at = _lines(7 * weeks, now)
    return render_template(
        "figures_municipality.html",
        work=work,
        by_week=plots.by_week(work),
        by_theme=plots.by_theme(work),
        themes=plots.themes(work),
        line=next((line for line in lines if line.code == code), None),
        made_at=min(made_at, counted_at),
        **_choice("weken", weeks, WEEKS, lambda one: ngettext("%(num)s week", "%(num)s weken", one)),
        **_of_missed(),
    )


def _kept(key: Hashable, make: Callable[[], Any]) -> tuple[Any, datetime]:
    """An answer of some minutes ago, or a new one, and when it was made."""
    kept: Kept = current_app.extensions["scout_figures"]
    return kept.get(key, make)


def _sees() -> str:
    """What tells viewers apart who do not see the same: staff sees all, a municipality itself."""
    return "" if g.viewer.decides else str(g.viewer.municipality_code)


def _missed(days: int, now: datetime) -> tuple[Any, datetime]:
    since = now - timedelta(days=days)
    return _kept(("missed", _sees(), days), lambda: missed(db.session, g.viewer, since=since, now=now))


def _lines(days: int, now: datetime) -> tuple[list[Line], Missed | None, datetime]:
    """Attention and missed initiatives of all municipalities that the viewer sees."""
    since = now - timedelta(days=days)
    found, made_at = _kept(
        ("attention", _sees(), days), lambda: attention(db.session, g.viewer, since=since, now=now)
    )
    estimates, estimated_at = _missed(days, now)
    lines = [
        Line(
            name=_name(one),
            code=one.flow if one.name else None,
            attention=one,
            missed=estimates.by_flow.get(one.flow, Missed(Basis.NONE, 0, 0, 0, 0)),
        )
        for one in found
    ]
    return lines, estimates.whole, min(made_at, estimated_at)


def _persons(today: TeamWork, before: TeamWork) -> list[Person]:
    """Today's work of each person followed by that of the longer periods, by name."""
    now = {one.account_id: one for one in today.persons}
    names = {one.account_id: one for one in (*today.persons, *before.persons)}
    longer = {one.account_id: one for one in before.persons}
    nobody_today = tuple(words.NO_WORK for _one in today.team)
    nobody_before = tuple(words.NO_WORK for _one in before.team)
    found = [
        Person(
            number,
            one.name,
            (
                *(now[number].work if number in now else nobody_today),
                *(longer[number].work if number in longer else nobody_before),
            ),
        )
        for number, one in names.items()
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.account_id))


def _asked(name: str, choices: tuple[int, ...]) -> int:
    """The period in the address, if it is one that can be chosen; else the first."""
    asked = request.args.get(name, "")
    return next((one for one in choices if str(one) == asked), choices[0])


def _choice(name: str, chosen: int, choices: tuple[int, ...], write: Callable[[int], str]) -> dict[str, Any]:
    """What the template needs to let a period be chosen."""
    return {
        "period": write(chosen),
        "choices": [
            (write(one), {name: None if one == choices[0] else one}, one == chosen) for one in sorted(choices)
        ],
    }


def _of_missed() -> dict[str, Any]:
    """What templates need to tell of attention and missed initiatives."""
    return {
        "missed_in_words": words.missed,
        "found_in_words": words.found,
        "percent": words.percent,
        "few": FEW,
    }


def _name(one: Attention) -> str:
    if one.flow == NOWHERE:
        return str(_("Zonder gemeente"))
    if one.flow == ELSEWHERE:
        return str(_("Gemeenten die niet meedoen"))
    return one.name
