"""Consultants: the list and one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.account import Account
from models.store.consultants import KEEP_DAYS, StaleConsultantError
from models.store.consultants_list import (
    consultant_page,
    get_consultant,
    municipalities_with_consultants,
)
from review import consultant_words as words
from review.actions import number
from review.asked import MUNICIPALITY, NUMBER
from review.choices import counted
from review.database import db
from review.register_asked import day_asked
from review.shown import labels, names

blueprint = Blueprint("consultants", __name__, url_prefix="/consultants")

_ANSWERS = {"ja": True, "nee": False}


@dataclass(frozen=True)
class Asked:
    """One choice of consultants."""

    #: As :func:`models.store.consultants_list.consultant_page` takes them.
    conditions: dict[str, Any]
    #: As addresses carry it.
    chosen: dict[str, str]


@dataclass(frozen=True)
class Sent:
    """A small form on the page of a consultant that was sent and not taken."""

    #: Field -> what is wrong with it.
    problems: Mapping[str, Any] = field(default_factory=dict)
    #: Somebody else changed the consultant first.
    stale: StaleConsultantError | None = None


def consultants_asked() -> Asked:
    """Which consultants the address asks for; anything unexpected counts as not asked."""
    asked = Asked({}, {})

    def choose(name: str, text: str, field: str, value: Any) -> None:
        asked.chosen[name], asked.conditions[field] = text, value

    code = request.args.get("gemeente", "") if g.viewer.decides else ""
    if MUNICIPALITY.fullmatch(code):
        choose("gemeente", code, "municipality_code", code)
    for name, part, condition in (("kennis", "expertise", "expertise"), ("thema", "themes", "theme")):
        slug = request.args.get(name, "")
        if slug in labels(part):
            choose(name, slug, condition, slug)
    answer = request.args.get("beschikbaar", "")
    if answer in _ANSWERS:
        choose("beschikbaar", answer, "available", _ANSWERS[answer])
    for name, condition in (("begin", "begin"), ("eind", "end")):
        day = day_asked(request.args.get(name, ""))
        if day is not None:
            choose(name, day.isoformat(), condition, day)
    return asked


def chosen_words(chosen: Mapping[str, str]) -> list[str]:
    """A choice in words, one for each part of it."""
    return [str(_WORDS[name](text)) for name, text in chosen.items()]


_WORDS: dict[str, Any] = {
    "gemeente": lambda code: names().get(code, code),
    "kennis": lambda slug: labels("expertise").get(slug, slug),
    "thema": lambda slug: labels("themes").get(slug, slug),
    "beschikbaar": lambda text: words.AVAILABLE[text],
    "begin": lambda day: words.period_words(date.fromisoformat(day), None),
    "eind": lambda day: words.period_words(None, date.fromisoformat(day)),
}


@blueprint.get("")
def index() -> str | Response:
    """The list, newest first."""
    if "" in request.args.values():
        # As in the queue: an address to keep holds only what was chosen.
        filled = {name: text for name, text in request.args.items() if text}
        return redirect(url_for(".index", **filled), code=303)  # type: ignore[arg-type]
    asked = consultants_asked()
    page = consultant_page(
        db.session,
        g.viewer,
        **asked.conditions,
        after=number(request.args.get("na", "")),
        before=number(request.args.get("voor", "")),
    )
    towns = municipalities_with_consultants(db.session, g.viewer) if g.viewer.decides else []
    return render_template(
        "consultants.html",
        page=page,
        place=asked.chosen,
        municipalities=counted(towns),
        chosen=chosen_words(asked.chosen),
        words=words,
    )


@blueprint.get(f"/<{NUMBER}:consultant_id>")
def one(consultant_id: int) -> str:
    """One consultant, and what can be done."""
    return page_of(consultant_id)


def page_of(consultant_id: int, sent: Sent = Sent()) -> str:
    """The page of one consultant.

    Raises:
        ConsultantNotFoundError: there is none, or it is not for this viewer.
    """
    row = get_consultant(db.session, g.viewer, consultant_id)
    return render_template(
        "consultant.html",
        row=row,
        sent=sent,
        by=changed_by(sent.stale) if sent.stale is not None else "",
        writes=g.viewer.decides or g.viewer.answers,
        words=words,
        NAMES=words.NAMES,
        keep_months=KEEP_DAYS * 12 // 365,
    )


def changed_by(stale: StaleConsultantError) -> str:
    """Who changed a consultant first; a municipality knows names of its own people only."""
    own: set[int] | None = None
    if not g.viewer.decides:
        own = set(
            db.session.scalars(
                select(Account.id).where(Account.municipality_code == g.viewer.municipality_code)
            )
        )
    return words.who_words(stale.changes, own)
