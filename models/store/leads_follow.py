"""What a lead shows: title, snippet, theme, score and place of its best item.

Of a round-up a lead shows only the sections that feed it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.item import Item
from models.item_section import ItemSection
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.share import Share
from models.store.attention import NOT_ARRANGED
from models.words import Answer, LeadStatus, ShareStatus

#: Leads nobody has decided on: only these follow their best item.
UNDECIDED = (LeadStatus.OPEN, LeadStatus.SNOOZED)
#: Characters at most of the title of a lead whose best item has none: its first words.
TITLE_LENGTH = 80
#: Items looked up at a time.
CHUNK = 1000


@dataclass(frozen=True)
class _Told:
    """What one item, or one section of a round-up, says of a lead."""

    score: float
    at: datetime
    url_key: str
    theme: str | None
    municipality_code: str | None
    place_key: str | None
    snippet: str
    initiative_name: str
    organisation_name: str
    #: Empty when neither title nor text is there any more.
    title: Callable[[], str]


def follow_best_item(session: Session, lead: Lead) -> None:
    """Give an undecided lead what its best item says; one without items stays as it is."""
    if lead.status not in UNDECIDED or lead.purged_at is not None:
        return
    ranked = _ranked(session, lead)
    if not ranked:
        return
    best = ranked[0]
    _take_words(lead, best)
    lead.score = best.score
    lead.theme = best.theme
    # A copy on a site of nowhere may score best; the place then comes from the next item that has one.
    located = next((told for told in ranked if told.municipality_code), best)
    if lead.municipality_code != located.municipality_code and _is_given(session, lead):
        return
    if lead.municipality_code != located.municipality_code:
        # Its place in the queue was one of the other municipality's.
        lead.precedence = NOT_ARRANGED
    lead.municipality_code = located.municipality_code
    lead.place_key = located.place_key


def _is_given(session: Session, lead: Lead) -> bool:
    """Whether its municipality was asked about it, by a person, and has not said that it is another's."""
    given = select(Share.id).where(
        Share.lead_id == lead.id,
        Share.municipality_code == lead.municipality_code,
        Share.status != ShareStatus.WITHDRAWN,
        Share.answer.is_distinct_from(Answer.NOT_OURS),
    )
    return session.scalar(given.limit(1)) is not None


def tell_again(session: Session, lead: Lead) -> None:
    """Take words away from a lead that none of its items says any more, and give it others.

    For what was edited or deleted at the source. All that somebody decided on stays as it is.
    """
    if lead.purged_at is not None:
        return
    ranked = _ranked(session, lead)
    # A title that is made of a text can't be made again once the text is gone.
    if any(told.snippet == lead.snippet and told.title() in ("", lead.title) for told in ranked):
        return follow_best_item(session, lead)
    lead.title = lead.snippet = lead.initiative_name = lead.organisation_name = ""
    if ranked:
        _take_words(lead, ranked[0])
    else:
        # No section of what is left is about it any more: what remains is the text that it came from.
        lead.title = next((item.title for item in _living(session, lead)), "")
    return follow_best_item(session, lead)


def _ranked(session: Session, lead: Lead) -> list[_Told]:
    """What the items of a lead say of it, best first."""
    told = _told(session, lead.id, _living(session, lead))
    return sorted(told, key=lambda one: (-one.score, one.at, one.url_key))


def _living(session: Session, lead: Lead) -> Sequence[Item]:
    return session.scalars(
        select(Item)
        .join(LeadItem, LeadItem.item_id == Item.id)
        .where(LeadItem.lead_id == lead.id, Item.purged_at.is_(None))
        .order_by(Item.id)
    ).all()


def _take_words(lead: Lead, told: _Told) -> None:
    lead.title = told.title() or lead.title
    lead.snippet = told.snippet
    lead.initiative_name = told.initiative_name
    lead.organisation_name = told.organisation_name


def _told(session: Session, lead_id: int, items: Sequence[Item]) -> Iterator[_Told]:
    ids = [item.id for item in items]
    newest = newest_estimates(session, ids)
    fed: dict[int, dict[int, int]] = {}
    for start in range(0, len(ids), CHUNK):
        for item_id, number, fed_id in session.execute(
            select(ItemSection.item_id, ItemSection.number, ItemSection.lead_id).where(
                ItemSection.item_id.in_(ids[start : start + CHUNK])
            )
        ):
            fed.setdefault(item_id, {})[number] = fed_id
    for item in items:
        estimate = newest.get(item.id)
        if estimate is None:
            continue
        numbers = {number for number, fed_id in fed.get(item.id, {}).items() if fed_id == lead_id}
        if item.id not in fed or 0 in numbers:
            yield _of_item(session, item, estimate)
        for section in estimate.sections:
            if section["number"] in numbers:
                yield _of_section(session, item, estimate, section)


def _of_item(session: Session, item: Item, estimate: Prediction) -> _Told:
    return _Told(
        estimate.score,
        item.published_at or item.first_seen_at,
        item.url_key,
        estimate.theme,
        estimate.municipality_code,
        estimate.place_key,
        estimate.snippet,
        estimate.initiative_name,
        estimate.organisation_name,
        lambda: item.title or first_words(_text(session, item.id)),
    )


def _of_section(session: Session, item: Item, estimate: Prediction, section: dict[str, Any]) -> _Told:
    def title() -> str:
        # The offsets are those of the text that was judged.
        text = _text(session, item.id) if estimate.content_hash == item.content_hash else ""
        return section_title(text, section)

    return _Told(
        section["score"],
        item.published_at or item.first_seen_at,
        item.url_key,
        section["theme"],
        section["municipality_code"],
        section["place_key"],
        section["snippet"],
        section.get("initiative_name", ""),
        section.get("organisation_name", ""),
        title,
    )


def section_title(text: str, section: dict[str, Any]) -> str:
    """Heading of a section of ``text``, else its first words."""
    heading = text[section["start"] : section["body"]]
    return first_words(heading) or first_words(text[section["body"] : section["end"]])


def first_words(text: str) -> str:
    """The beginning of a text on one line, at most :data:`TITLE_LENGTH` characters; a mark if it goes on."""
    line = " ".join(text.split())
    if len(line) <= TITLE_LENGTH:
        return line
    return line[:TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:-–") + " …"


def _text(session: Session, item_id: int) -> str:
    return session.scalar(select(ItemText.text).where(ItemText.item_id == item_id)) or ""


def newest_estimates(session: Session, ids: Sequence[int]) -> dict[int, Prediction]:
    """The newest estimate of each of these items."""
    newest: dict[int, Prediction] = {}
    for start in range(0, len(ids), CHUNK):
        for prediction in session.scalars(
            select(Prediction)
            .where(Prediction.item_id.in_(ids[start : start + CHUNK]))
            .order_by(Prediction.id)
        ):
            newest[prediction.item_id] = prediction
    return newest
