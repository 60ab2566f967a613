"""What can be chosen in the forms of the list: places, sources, people, rejection reasons.

Lists that are long and rarely change are kept in memory for a minute; nothing here counts leads.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from flask import Blueprint, current_app, g
from flask_babel import format_percent
from sqlalchemy import Engine, func, select

from models.account import Account
from models.place import Place
from models.source import Source
from models.store.casework import assignable
from models.store.reasons import reason_shares
from models.store.viewer import Viewer
from models.words import PlaceKind
from review.database import db
from review.kept import Kept
from review.language import chosen_language
from review.shown import labels, number
from review.texts import PLACE_KINDS

blueprint = Blueprint("choices", __name__)

Value = TypeVar("Value")

#: Seconds that a list is kept: a source that was just added shows up soon enough.
KEPT_SECONDS = 60
#: Sources that the form suggests at most: a list that a browser still shows at once.
SUGGESTED = 200
#: A smaller part would show as 0%.
SMALLEST_SHARE = 0.005
#: Sources that "which one do you mean?" offers at most.
ASKED_BACK = 10

_kept: WeakKeyDictionary[Engine, Kept] = WeakKeyDictionary()


@dataclass(frozen=True)
class SourceChoice:
    """One source as the form names it."""

    key: str
    title: str
    #: CBS code; None = it is not of one municipality.
    municipality_code: str | None


def places_of(code: str) -> dict[Any, list[tuple[str, str]]]:
    """Places of a municipality by kind in words, each with key and name, by name."""

    def read() -> dict[PlaceKind, list[tuple[str, str]]]:
        found: dict[PlaceKind, list[tuple[str, str]]] = {}
        for key, kind, name in db.session.execute(
            select(Place.key, Place.kind, Place.name)
            .where(Place.municipality_code == code)
            .order_by(Place.name, Place.key)
        ):
            found.setdefault(kind, []).append((key, name))
        return found

    kinds = _keep(("places", code), read)
    return {
        words: together
        for words, members in PLACE_KINDS
        if (together := sorted((one for kind in members for one in kinds.get(kind, [])), key=lambda p: p[1]))
    }


def place_name(key: str) -> str:
    """Name of a place by its key; the key itself when there is none."""
    return db.session.scalar(select(Place.name).where(Place.key == key)) or key


def source_of(viewer: Viewer, text: str) -> SourceChoice | None:
    """The source that is meant: by key, or the only one with this title, or with this in its title."""
    wanted = text.casefold()
    seen = _sources(viewer)
    # One way after the other: there may be ten thousand sources, and mostly the first finds it.
    ways: tuple[Callable[[SourceChoice], bool], ...] = (
        lambda source: source.key == text,
        lambda source: source.title.casefold() == wanted,
        lambda source: wanted in source.title.casefold(),
    )
    for way in ways:
        meant = [source for source in seen if way(source)]
        if meant:
            return meant[0] if len(meant) == 1 else None
    return None


def sources_like(viewer: Viewer, text: str) -> list[SourceChoice]:
    """Sources with this in their title, to ask which one is meant; at most :data:`ASKED_BACK`."""
    wanted = text.casefold()
    return [source for source in _sources(viewer) if wanted in source.title.casefold()][:ASKED_BACK]


def sources_suggested(viewer: Viewer, code: str | None) -> tuple[str, ...]:
    """Titles to suggest while typing: those of the municipality first, then those of no municipality."""

    def read() -> tuple[str, ...]:
        seen = _sources(viewer)
        own = [source.title for source in seen if code is not None and source.municipality_code == code]
        anywhere = [source.title for source in seen if source.municipality_code is None]
        return tuple([*own, *anywhere][:SUGGESTED])

    return _keep(("suggested", code), read)


def counted(towns: list[tuple[str, str, int]]) -> list[tuple[str, str]]:
    """Code and words of each municipality in a list: ``Arnhem (1.234)``."""
    language = chosen_language()
    return [(code, f"{name} ({number(count, language)})") for code, name, count in towns]


def _sources(viewer: Viewer) -> list[SourceChoice]:
    """All sources by title; for a municipality its own and those of no municipality."""

    def read() -> list[SourceChoice]:
        return [
            SourceChoice(*row)
            for row in db.session.execute(
                select(Source.key, Source.title, Source.municipality_code).order_by(
                    func.lower(Source.title), Source.key
                )
            )
        ]

    found = _keep("sources", read)
    if viewer.decides:
        return found
    return [source for source in found if source.municipality_code in (None, viewer.municipality_code)]


def person_name(account_id: int) -> str | None:
    """Name of somebody who can have leads in hand, or had; None when there is no such account."""
    name: str | None = db.session.scalar(
        select(func.coalesce(func.nullif(Account.name, ""), Account.email)).where(Account.id == account_id)
    )
    return name


def people() -> list[tuple[int, str]]:
    """Number and name of everybody who can be given leads; only for staff."""
    return assignable(db.session) if g.viewer.decides else []


@blueprint.app_template_global()
def reasons_with_shares() -> list[tuple[str, str]]:
    """Slug and words of each rejection reason, with how often it was the reason lately: ``Te klein (18%)``.

    In the order of ``labels.toml``, so that everybody finds a reason where it was yesterday.
    """
    shares = reason_shares(db.session, g.viewer)
    return [
        (
            slug,
            f"{words} ({format_percent(shares[slug])})" if shares.get(slug, 0.0) >= SMALLEST_SHARE else words,
        )
        for slug, words in labels("reasons").items()
    ]


def forget_kept() -> None:
    """Drop what is kept in memory, so that the next page reads it afresh."""
    _kept.clear()


def _keep(name: Hashable, make: Callable[[], Value]) -> Value:
    """What ``make`` gives, at most :data:`KEPT_SECONDS` old."""
    kept = _kept.setdefault(current_app.extensions["scout_engine"], Kept(KEPT_SECONDS))
    value: Value = kept.get(name, make)[0]
    return value
