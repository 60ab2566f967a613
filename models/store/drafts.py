"""What people write into the register: its shape, and checking it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from models.municipality import Municipality
from models.place import Place
from models.words import PlaceKind

#: Most characters of each text that people write.
LIMITS = {"name": 150, "summary": 2000, "question": 1000, "link": 1000, "contact": 300}
#: Most addresses beside the first.
LINKS_LIMIT = 10
#: Fewest and most hours of help that one initiative may ask for: most is about a year of one civil servant.
HOURS = (1, 2000)


class Problem(StrEnum):
    """What can be wrong with one field."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    NO_ADDRESS = "no_address"
    OUT_OF_RANGE = "out_of_range"
    TOO_MANY = "too_many"


class InvalidInitiativeError(Exception):
    """Fields that can't be taken, each with its problem."""

    def __init__(self, problems: dict[str, Problem]) -> None:
        super().__init__(", ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class InitiativeDraft:
    """What a person wrote about an initiative, not yet checked."""

    name: str
    #: In own words; copied passages are refused.
    summary: str
    #: CBS code.
    municipality_code: str
    place_key: str | None = None
    theme: str | None = None
    #: The question for help; may be empty.
    question: str = ""
    #: Where it can be read about: http or https; may be empty.
    link: str = ""
    #: More of such addresses, at most :data:`LINKS_LIMIT`; twice the same counts once.
    links: tuple[str, ...] = ()
    #: Through the organisation; may be empty.
    contact: str = ""
    #: Slugs of the expertise wanted; twice the same counts once.
    expertise: tuple[str, ...] = ()
    #: Hours of it wanted, see :data:`HOURS`; None = not estimated. Who can't read what was typed passes 0.
    hours: int | None = None


def check_draft(
    session: Session,
    draft: InitiativeDraft,
    themes: Mapping[str, str],
    expertise: Mapping[str, str] | None = None,
) -> None:
    """Say everything that is wrong with a draft, at once.

    Args:
        themes, expertise: the known themes and kinds of expertise (keys are slugs).

    Raises:
        InvalidInitiativeError: at least one field can't be taken.
    """
    problems: dict[str, Problem] = {}
    for name, limit in LIMITS.items():
        if len(getattr(draft, name)) > limit:
            problems[name] = Problem.TOO_LONG
    for name in ("name", "summary"):
        if not getattr(draft, name).strip():
            problems[name] = Problem.EMPTY
    if not draft.municipality_code:
        problems["municipality_code"] = Problem.EMPTY
    elif session.get(Municipality, draft.municipality_code) is None:
        problems["municipality_code"] = Problem.UNKNOWN
    if draft.place_key and "municipality_code" not in problems:
        place = session.get(Place, draft.place_key)
        if place is None or place.municipality_code != draft.municipality_code:
            problems["place_key"] = Problem.UNKNOWN
    if draft.theme and draft.theme not in themes:
        problems["theme"] = Problem.UNKNOWN
    if draft.link and not is_address(draft.link):
        problems["link"] = Problem.NO_ADDRESS
    problems |= _links_problem(draft)
    problems |= _wanted_problems(draft, expertise or {})
    if problems:
        raise InvalidInitiativeError(problems)


def _links_problem(draft: InitiativeDraft) -> dict[str, Problem]:
    """What is wrong with the other addresses."""
    if any(not is_address(link) for link in draft.links):
        return {"links": Problem.NO_ADDRESS}
    if any(len(link) > LIMITS["link"] for link in draft.links):
        return {"links": Problem.TOO_LONG}
    return {"links": Problem.TOO_MANY} if len(draft.links) > LINKS_LIMIT else {}


def _wanted_problems(draft: InitiativeDraft, expertise: Mapping[str, str]) -> dict[str, Problem]:
    """What is wrong with the help that is asked for."""
    problems: dict[str, Problem] = {}
    if not set(draft.expertise) <= set(expertise):
        problems["expertise"] = Problem.UNKNOWN
    if draft.hours is not None and not HOURS[0] <= draft.hours <= HOURS[1]:
        problems["hours"] = Problem.OUT_OF_RANGE
    return problems


def is_address(text: str) -> bool:
    """Whether ``text`` is a complete http or https address that a page may link to."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and not set(text) & set(' \t\r\n<>"')
        )
    except ValueError:
        return False


def find_place(session: Session, municipality_code: str, name: str) -> str | None:
    """Key of the place of this name in a municipality (case does not matter), or None.

    Of several with one name the town goes first, then neighbourhood, district and other names.
    """
    order = case(
        {
            kind.value: rank
            for rank, kind in enumerate(
                (PlaceKind.TOWN, PlaceKind.NEIGHBOURHOOD, PlaceKind.DISTRICT, PlaceKind.KNOWN)
            )
        },
        value=Place.kind,
        else_=9,
    )
    wanted = name.strip().casefold()
    for key, found in session.execute(
        select(Place.key, Place.name)
        .where(Place.municipality_code == municipality_code)
        .order_by(order, Place.key)
    ):
        if found.casefold() == wanted:
            return str(key)
    return None


def place_names(session: Session, municipality_code: str) -> list[str]:
    """Names of all places in a municipality, each once, by name."""
    return list(
        session.scalars(
            select(Place.name)
            .where(Place.municipality_code == municipality_code)
            .distinct()
            .order_by(Place.name)
        )
    )
