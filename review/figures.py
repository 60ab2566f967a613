"""The figures: what each municipality has waiting, how much attention it gets, and what is missed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, render_template, request
from flask_babel import format_decimal, format_percent
from flask_babel import gettext as _

from models.attention import ELSEWHERE, NOWHERE
from models.base import utc_now
from models.missed import FEW, Basis, Missed
from models.store.attention import Attention, attention
from models.store.missed import PERIOD_DAYS, missed
from review.database import db

blueprint = Blueprint("figures", __name__)

#: Periods that can be chosen, in days.
PERIODS = (30, PERIOD_DAYS, 365)


@dataclass(frozen=True)
class Line:
    """One municipality, as the table shows it."""

    name: str
    #: CBS code to show its leads with; None = it has none.
    code: str | None
    attention: Attention
    missed: Missed


@blueprint.get("/cijfers")
def index() -> str:
    """One line for each municipality, and all together; a municipality sees its own line only."""
    asked = request.args.get("dagen", "")
    days = next((days for days in PERIODS if str(days) == asked), PERIOD_DAYS)
    now = utc_now()
    since = now - timedelta(days=days)
    estimates = missed(db.session, g.viewer, since=since, now=now)
    lines = [
        Line(
            name=_name(one),
            code=one.flow if one.name else None,
            attention=one,
            missed=estimates.by_flow.get(one.flow, Missed(Basis.NONE, 0, 0, 0, 0)),
        )
        for one in attention(db.session, g.viewer, since=since, now=now)
    ]
    parts = [part for line in lines for part in (line.attention.share, line.attention.fair) if part]
    return render_template(
        "figures.html",
        lines=lines,
        whole=estimates.whole,
        waiting=sum(line.attention.waiting for line in lines),
        decided=sum(line.attention.decided for line in lines),
        promoted=sum(line.attention.promoted for line in lines),
        oldest=min((one.attention.oldest_at for one in lines if one.attention.oldest_at), default=None),
        # The longest bar fills its width.
        scale=max(parts, default=1.0),
        days=days,
        periods=PERIODS,
        default_days=PERIOD_DAYS,
        missed_in_words=missed_in_words,
        found_in_words=found_in_words,
        percent=percent,
        few=FEW,
    )


def missed_in_words(one: Missed) -> Any:
    """How many initiatives were missed: ``naar schatting 2 tot 7 gemist``."""
    if not one.known:
        return _("te weinig bekeken om te schatten")
    low, high = (format_decimal(number) for number in one.between)
    if one.between == (0, 0):
        return _("naar schatting niets gemist")
    if low == high:
        return _("naar schatting %(number)s gemist", number=low)
    if one.between[0] == 0:
        return _("naar schatting hooguit %(number)s gemist", number=high)
    return _("naar schatting %(low)s tot %(high)s gemist", low=low, high=high)


def found_in_words(one: Missed) -> Any:
    """Which part was found: ``40% tot 70% van alle initiatieven gevonden``; empty when nobody can say."""
    part = one.share_found
    if part is None:
        return ""
    low, high = percent(part[1]), percent(part[2])
    if low == high:
        return _("%(part)s van alle initiatieven gevonden", part=low)
    return _("%(low)s tot %(high)s van alle initiatieven gevonden", low=low, high=high)


def percent(part: float) -> str:
    """A part of 1.0 in whole percents."""
    return str(format_percent(part, "0%"))


def _name(one: Attention) -> str:
    if one.flow == NOWHERE:
        return str(_("Zonder gemeente"))
    if one.flow == ELSEWHERE:
        return str(_("Gemeenten die niet meedoen"))
    return one.name
