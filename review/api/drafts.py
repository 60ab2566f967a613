"""What a program writes about an initiative: from its words to the store's, and mistakes back."""

from typing import Any

from sqlalchemy.orm import Session

from models.place import Place
from models.store.copying import ALLOWED, plain
from models.store.deciding import CopiedTextError
from models.store.drafts import (
    HOURS,
    LIMITS,
    LINKS_LIMIT,
    InitiativeDraft,
    InvalidInitiativeError,
    Problem,
)
from models.store.similar import SimilarInitiative
from review.api.names import PHASES
from review.api.paging import address
from review.api.problems import Mistake
from review.api.problems import Problem as Answer
from review.api.schemas import cleaned
from review.deciding import place_key_of

#: Field of a draft -> field of the API.
FIELDS = {
    "name": "naam",
    "summary": "samenvatting",
    "municipality_code": "gemeente",
    "place_key": "plaats",
    "theme": "thema",
    "question": "vraag",
    "link": "link",
    "links": "meerLinks",
    "contact": "contact",
    "expertise": "expertise",
    "hours": "uren",
}
#: Fields in own words, in which no copied passage may stand.
OWN_WORDS = ("summary", "question", "contact")
UNKNOWN = {
    "municipality_code": "Deze gemeente is er niet. Zie /gemeenten.",
    "place_key": "Deze plaats ligt niet in deze gemeente. Laat dit leeg, of noem een andere.",
    "theme": "Dit thema is er niet.",
    "expertise": "Deze kennis staat niet in de lijst.",
}


def draft_of(session: Session, written: dict[str, Any], lead_id: int | None = None) -> InitiativeDraft:
    """What was written, not yet checked.

    Args:
        written: as :class:`review.api.schemas_decisions.InitiatiefTekst` loads it.
        lead_id: the lead it is made of; None = none.
    """
    code = written["gemeente"]
    return InitiativeDraft(
        name=cleaned(written["naam"]),
        summary=cleaned(written["samenvatting"]),
        municipality_code=code,
        place_key=_place(session, lead_id, code, cleaned(written.get("plaats") or "")),
        theme=cleaned(written.get("thema") or "") or None,
        question=cleaned(written.get("vraag") or ""),
        link=cleaned(written.get("link") or ""),
        links=tuple(cleaned(one) for one in written.get("meer_links") or ()),
        contact=cleaned(written.get("contact") or ""),
        expertise=tuple(dict.fromkeys(cleaned(one) for one in written.get("expertise") or ())),
        hours=written.get("uren"),
    )


def _place(session: Session, lead_id: int | None, code: str, text: str) -> str | None:
    """Key of a place that is named by key or by name; what is neither is refused later."""
    if not text:
        return None
    found = session.get(Place, text)
    return found.key if found is not None else place_key_of(session, lead_id, code, text) or text


def mistakes_of(error: InvalidInitiativeError, within: str = "") -> list[Mistake]:
    """All that can't be taken, by field.

    Args:
        within: name of the object that the fields stand in; empty = the body itself.
    """
    return [Mistake("body", _path(within, name), _said(name, why)) for name, why in error.problems.items()]


def copied(error: CopiedTextError, draft: InitiativeDraft, within: str = "") -> Mistake:
    """A passage that stands in a source too, and where it was written."""
    where = next(
        (name for name in OWN_WORDS if plain(error.passage) in plain(getattr(draft, name))), "summary"
    )
    return Mistake(
        "body",
        _path(within, where),
        f"Meer dan {ALLOWED} tekens achter elkaar staan ook in een bron: “{error.passage[:60]}…”. Schrijf "
        "het in eigen woorden.",
    )


def looks_known(entries: list[SimilarInitiative]) -> Answer:
    """The answer when the register has entries that look like the one to be made."""
    return Answer(
        409,
        "In het register staat al iets dat hierop lijkt. Is het toch iets anders, noem de nummers dan in "
        "gezien.",
        more={
            "lijktOp": [
                {
                    "id": one.id,
                    "naam": one.name,
                    "gemeente": one.municipality,
                    "plaats": one.place,
                    "fase": PHASES[one.phase],
                    "_links": {"self": address(f"/initiatieven/{one.id}")},
                }
                for one in entries
            ]
        },
    )


def _path(within: str, name: str) -> str:
    field = FIELDS.get(name, name)
    return f"{within}.{field}" if within else field


def _said(name: str, why: Problem) -> str:
    return {
        Problem.EMPTY: "Vul dit in.",
        Problem.TOO_LONG: f"Maak dit korter: hooguit {LIMITS.get(name, LIMITS['link'])} tekens.",
        Problem.UNKNOWN: UNKNOWN.get(name, "Dit staat niet in de lijst."),
        Problem.NO_ADDRESS: "Dit moet een volledig adres zijn dat begint met https:// of http://.",
        Problem.OUT_OF_RANGE: f"Dit moet een heel getal van {HOURS[0]} tot en met {HOURS[1]} zijn.",
        Problem.TOO_MANY: f"Noem er hoogstens {LINKS_LIMIT}.",
    }[why]
