"""What people write about a consultant: its shape, and checking it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.labels import Labels
from models.municipality import Municipality
from models.place import Place

#: Most characters of each text.
LIMITS = {
    "name": 120,
    "email": 254,
    "function": 120,
    "experience": 2000,
    "employer_name": 120,
    "employer_email": 254,
}
#: Fewest and most: half hours in the period (most is about a year of one civil servant), assignments at once,
#: kilometres, earlier assignments of one theme.
RANGES = {"half_hours": (1, 4000), "most": (1, 20), "radius_km": (1, 400), "themes": (0, 999)}
#: Fields of a consultant that people write; all but the municipality may be corrected.
WRITTEN = (
    "municipality_code",
    "name",
    "email",
    "function",
    "expertise",
    "themes",
    "languages",
    "experience",
    "half_hours",
    "period_from",
    "period_until",
    "most",
    "radius_km",
    "place_key",
    "employer_name",
    "employer_email",
    "available",
)


class ConsultantProblem(StrEnum):
    """What can be wrong with one field."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    NO_EMAIL = "no_email"
    #: No number, or too small or too large.
    OUT_OF_RANGE = "out_of_range"
    NO_DAY = "no_day"
    #: The period ends before it begins.
    BACKWARDS = "backwards"
    #: This municipality has a consultant with this address.
    DOUBLE = "double"
    #: Another municipality than that of the account.
    NOT_YOURS = "not_yours"


class InvalidConsultantError(Exception):
    """Fields that can't be taken, each with its problem."""

    def __init__(self, problems: Mapping[str, ConsultantProblem]) -> None:
        super().__init__(", ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True, kw_only=True)
class ConsultantDraft:
    """What a person wrote about a consultant, not yet checked."""

    #: CBS code of the employer.
    municipality_code: str
    name: str
    #: Of work.
    email: str
    function: str = ""
    #: Slugs; at least one.
    expertise: tuple[str, ...] = ()
    #: Theme -> in how many assignments it was done before.
    themes: Mapping[str, int] = field(default_factory=dict)
    #: ``nl``, ``fy`` …; at least one.
    languages: tuple[str, ...] = ("nl",)
    experience: str = ""
    #: Of the whole period. Who can't read what was typed passes 0.
    half_hours: int
    #: None = from now on, and without end.
    period_from: date | None = None
    period_until: date | None = None
    #: Most initiatives at once.
    most: int = 1
    #: None = anywhere.
    radius_km: int | None = None
    #: None = the middle of the municipality.
    place_key: str | None = None
    employer_name: str
    employer_email: str
    available: bool = True


def tidy(draft: ConsultantDraft) -> ConsultantDraft:
    """The draft without outer space and what stands in it twice; addresses in small letters."""
    return replace(
        draft,
        name=" ".join(draft.name.split()),
        email=draft.email.strip().lower(),
        function=" ".join(draft.function.split()),
        expertise=tuple(dict.fromkeys(draft.expertise)),
        themes=dict(draft.themes),
        languages=tuple(dict.fromkeys(draft.languages)),
        experience=draft.experience.strip(),
        place_key=draft.place_key or None,
        employer_name=" ".join(draft.employer_name.split()),
        employer_email=draft.employer_email.strip().lower(),
    )


def written_of(draft: ConsultantDraft) -> dict[str, Any]:
    """Field of :data:`WRITTEN` -> its value as the table keeps it."""
    values = {name: getattr(draft, name) for name in WRITTEN}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def problems_of(
    session: Session, draft: ConsultantDraft, labels: Labels, *, consultant_id: int | None = None
) -> dict[str, ConsultantProblem]:
    """Everything that is wrong with a tidy draft: field -> problem.

    Args:
        labels: the known themes, kinds of expertise and languages.
        consultant_id: the consultant that is corrected; None = a new one.
    """
    problems = _text_problems(draft)
    if not draft.municipality_code:
        problems["municipality_code"] = ConsultantProblem.EMPTY
    elif session.get(Municipality, draft.municipality_code) is None:
        problems["municipality_code"] = ConsultantProblem.UNKNOWN
    elif "email" not in problems and _double(session, draft, consultant_id):
        problems["email"] = ConsultantProblem.DOUBLE
    problems |= _chosen_problems(draft, labels)
    for name in ("half_hours", "most", "radius_km"):
        value, (least, most) = getattr(draft, name), RANGES[name]
        if value is not None and not least <= value <= most:
            problems[name] = ConsultantProblem.OUT_OF_RANGE
    start, end = draft.period_from, draft.period_until
    if start is not None and end is not None and end < start:
        problems["period_until"] = ConsultantProblem.BACKWARDS
    if draft.place_key and "municipality_code" not in problems:
        place = session.get(Place, draft.place_key)
        if place is None or place.municipality_code != draft.municipality_code:
            problems["place_key"] = ConsultantProblem.UNKNOWN
    return {name: problems[name] for name in WRITTEN if name in problems}


def _chosen_problems(draft: ConsultantDraft, labels: Labels) -> dict[str, ConsultantProblem]:
    """What is wrong with what was chosen from lists."""
    problems: dict[str, ConsultantProblem] = {}
    for name, known in (("expertise", labels.expertise), ("languages", labels.languages)):
        if not getattr(draft, name):
            problems[name] = ConsultantProblem.EMPTY
        elif not set(getattr(draft, name)) <= set(known):
            problems[name] = ConsultantProblem.UNKNOWN
    least, most = RANGES["themes"]
    if not set(draft.themes) <= set(labels.themes):
        problems["themes"] = ConsultantProblem.UNKNOWN
    elif any(not least <= count <= most for count in draft.themes.values()):
        problems["themes"] = ConsultantProblem.OUT_OF_RANGE
    return problems


def _text_problems(draft: ConsultantDraft) -> dict[str, ConsultantProblem]:
    problems: dict[str, ConsultantProblem] = {}
    for name, limit in LIMITS.items():
        text = getattr(draft, name)
        if not text and name not in ("function", "experience"):
            problems[name] = ConsultantProblem.EMPTY
        elif len(text) > limit:
            problems[name] = ConsultantProblem.TOO_LONG
        elif name.endswith("email") and not is_email(text):
            problems[name] = ConsultantProblem.NO_EMAIL
    return problems


def is_email(text: str) -> bool:
    """Whether a text is an e-mail address; nobody is asked whether there is such a box."""
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _double(session: Session, draft: ConsultantDraft, consultant_id: int | None) -> bool:
    found = session.scalar(
        select(Consultant.id).where(
            Consultant.municipality_code == draft.municipality_code,
            Consultant.email == draft.email,
            Consultant.removed_at.is_(None),
            Consultant.id != (consultant_id or 0),
        )
    )
    return found is not None


def differences(row: Any, draft: ConsultantDraft) -> dict[str, tuple[Any, Any]]:
    """Field -> value before and after, of what a tidy draft says otherwise.

    Args:
        row: a consultant, or a row of the list of them.
    """
    new = written_of(draft)
    pairs = {name: (getattr(row, name), new[name]) for name in WRITTEN}
    # In which order things were ticked says nothing.
    return {name: pair for name, pair in pairs.items() if _plain(pair[0]) != _plain(pair[1])}


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, list | tuple) else value
