"""What the address of the register asks for; anything unexpected counts as not asked."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask import request

from models.base import ZONE
from models.words import Informed, Phase
from review.asked import context, filter_asked
from review.shown import labels

#: Choices of the queue that the register knows too.
SHARED = ("zoek", "gemeente", "buurt", "thema")


@dataclass(frozen=True)
class Asked:
    """One choice of entries."""

    #: As :func:`models.store.initiatives.initiative_page` takes them.
    conditions: dict[str, Any]
    #: As addresses carry it.
    chosen: dict[str, str]
    phase: Phase | None


def entries_asked() -> Asked:
    """Which entries the address asks for."""
    wanted = filter_asked()
    chosen = {name: text for name, text in context().items() if name in SHARED}
    conditions: dict[str, Any] = {
        "text": wanted.text,
        "municipality_code": wanted.municipality_code,
        "theme": wanted.theme,
        "place_key": wanted.place_key,
    }
    phase = phase_asked()
    if phase is not None:
        chosen["fase"], conditions["phase"] = phase.value, phase
    skill = request.args.get("kennis", "")
    if skill in labels("expertise"):
        chosen["kennis"] = conditions["expertise"] = skill
    approved = request.args.get("goedgekeurd", "")
    if approved in ("ja", "nee"):
        chosen["goedgekeurd"], conditions["approved"] = approved, approved == "ja"
    if request.args.get("informeren", "") == "ja":
        chosen["informeren"], conditions["informed"] = "ja", Informed.TO_DO
    day = day_asked(request.args.get("sinds", ""))
    if day is not None:
        chosen["sinds"] = day.isoformat()
        conditions["updated_since"] = datetime.combine(day, time(), ZONE)
    return Asked(conditions, chosen, phase)


def phase_asked() -> Phase | None:
    """The phase in the address, if it is one."""
    text = request.args.get("fase", "")
    return Phase(text) if text in set(Phase) else None


def day_asked(text: str) -> date | None:
    """A day as date fields send it; None when it is none that can be meant."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day is not None and day.year >= 2000 else None
