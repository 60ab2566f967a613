"""What the search index keeps of leads and of the register, and how each database wants it written."""

from collections.abc import Collection
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.labels import load_labels
from models.lead import Lead
from models.municipality import Municipality
from models.place import Place
from models.search import Words
from models.settings import SettingsError, load_settings

#: Between the words of two texts, so that no phrase goes across; no kept word looks like it.
GAP = " z "


def on_sqlite(session: Session) -> bool:
    """Whether the session is on SQLite; else it is on PostgreSQL."""
    return session.get_bind().dialect.name == "sqlite"


def lead_texts(session: Session, numbers: Collection[int]) -> dict[int, list[str]]:
    """Number -> what each of these leads can be found by; nothing of one whose content was deleted."""
    found: dict[int, list[str]] = {}
    for number, purged_at, theme, *texts in session.execute(
        select(
            Lead.id,
            Lead.purged_at,
            Lead.theme,
            Lead.title,
            Lead.snippet,
            Lead.initiative_name,
            Lead.organisation_name,
            Place.name,
            Municipality.name,
        )
        .join_from(Lead, Place, Place.key == Lead.place_key, isouter=True)
        .join(Municipality, Municipality.code == Lead.municipality_code, isouter=True)
        .where(Lead.id.in_(numbers))
    ):
        found[number] = [] if purged_at else [*(one for one in texts if one), theme_words(theme)]
    for lead_id, *texts in session.execute(
        select(Initiative.lead_id, Initiative.name, Initiative.summary, Initiative.question)
        .where(Initiative.lead_id.in_(numbers), Initiative.withdrawn_at.is_(None))
        .order_by(Initiative.id)
    ):
        found[lead_id or 0] += [one for one in texts if one]
    return found


def entry_texts(session: Session, numbers: Collection[int]) -> dict[int, list[str]]:
    """Number -> what each of these entries of the register can be found by; nothing of a withdrawn one."""
    return {
        number: [] if withdrawn_at else [*(one for one in texts if one), theme_words(theme)]
        for number, withdrawn_at, theme, *texts in session.execute(
            select(
                Initiative.id,
                Initiative.withdrawn_at,
                Initiative.theme,
                Initiative.name,
                Initiative.summary,
                Initiative.question,
                Place.name,
                Municipality.name,
            )
            .join_from(Initiative, Municipality, Municipality.code == Initiative.municipality_code)
            .join(Place, Place.key == Initiative.place_key, isouter=True)
            .where(Initiative.id.in_(numbers))
        )
    }


def theme_words(theme: str | None) -> str:
    """The slug of a theme and the first word of its name.

    Not the whole name: "Groen en tuinen" would make every lead about green a find for "tuin".
    """
    if theme is None:
        return ""
    name = _themes().get(theme, "")
    return f"{theme} {name.split()[0]}" if name else theme


@lru_cache(maxsize=1)
def _themes() -> dict[str, str]:
    try:
        return load_labels(load_settings()).themes
    except SettingsError:
        return {}


def written(session: Session, words: Words) -> str:
    """Words as the database of the session keeps them: one text, or a ``tsvector`` as it is written."""
    if on_sqlite(session):
        standing = GAP.join(" ".join(row) for row in words.texts)
        return f"{standing}{GAP}{' '.join(words.others)}" if standing else ""
    places: dict[str, list[str]] = {}
    at = 0
    for row in words.texts:
        for word in row:
            at += 1
            places.setdefault(word, []).append(str(at))
        # A gap, so that no phrase goes from one text into the next.
        at += 1
    # Words have letters and digits only, so nothing in them needs quoting.
    return " ".join(
        f"'{word}':{','.join(places[word])}" if word in places else f"'{word}'"
        for word in dict.fromkeys([*places, *words.others])
    )
