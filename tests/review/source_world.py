"""Sources with a history for the tests of their pages, and a scout that answers errands at once."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models.errand import Errand
from models.run import Run
from models.source import Source
from models.source_day import SourceDay
from models.store.errands import finish, take_next
from models.store.rhythm import day_of
from models.words import Sign
from tests.review.factories import make_source

ADDRESS = "https://www.voorbeeldkrant.example/arnhem"

#: Everything that a source needs before it is switched on, as the form calls it.
TERMS = {
    "voorwaarden": "https://www.voorbeeldkrant.example/voorwaarden",
    "gelezen": datetime.now(UTC).date().isoformat(),
    "grondslag": "6(1)(e) AVG",
    "doel": "initiatieven van bewoners vinden",
}


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def make_visited(session: Session, key: str, title: str = "", **fields: Any) -> Source:
    """A healthy source that was visited some minutes ago, unless ``fields`` say otherwise."""
    healthy = {
        "terms_url": f"https://{key}.example/voorwaarden",
        "terms_purpose": "initiatieven van bewoners vinden",
        "last_visit_at": now() - timedelta(minutes=20),
        "last_success_at": now() - timedelta(minutes=20),
        "next_visit_at": now() + timedelta(minutes=40),
        "signs": [],
    }
    return make_source(session, key, title, **{**healthy, **fields})


def make_run(session: Session, key: str, *, ago: timedelta = timedelta(minutes=20), **fields: Any) -> Run:
    """One visit that went well and lasted seven seconds, unless ``fields`` say otherwise."""
    at = now() - ago
    given: dict[str, Any] = {"outcomes": {"new": 2}, "requests": 3, "warnings": [], "signs": []}
    run = Run(
        batch="b",
        source_key=key,
        started_at=at,
        **{"finished_at": at + timedelta(seconds=7), **given, **fields},
    )
    session.add(run)
    session.flush()
    return run


def make_days(session: Session, key: str, new: Mapping[int, int]) -> None:
    """What a source brought, by how many days ago."""
    for ago, count in new.items():
        day = day_of(now()) - timedelta(days=ago)
        session.add(SourceDay(source_key=key, day=day, visits=1, new=count, drafts=count))


def sign(which: Sign, detail: str) -> dict[str, str]:
    """A sign as the row of a source holds it."""
    return {"sign": which.value, "detail": detail, "since": now().isoformat()}


def feed_found(**changes: Any) -> dict[str, Any]:
    """What the scout says of a feed that it found."""
    return {
        "kind": "feed",
        "url": "https://www.voorbeeldkrant.example/feed",
        "title": "Voorbeeldkrant Arnhem",
        "options": {},
        "full_text": True,
        "key": "voorbeeldkrant-arnhem",
        "municipality": "GM0202",
        "every": "1h",
        "expect": {"min": 1, "max": 60},
        "count": 22,
        "items": [
            {
                "title": "Buren leggen een geveltuin aan",
                "url": "https://www.voorbeeldkrant.example/nieuws/1",
                "published": None,
            }
        ],
        "why": "the page names it as its feed",
        "terms": ["https://www.voorbeeldkrant.example/voorwaarden"],
        **changes,
    }


def answer(session: Session, *found: dict[str, Any], refusal: str = "", problem: str | None = None) -> Errand:
    """Do the errand that waits longest, as the scout would; it found this, or refused."""
    errand = take_next(session, now())
    assert errand is not None, "nothing was asked of the scout"
    told = {"code": refusal, "host": "voorbeeld.example"} if refusal else None
    result = {"address": errand.url, "found": list(found), "refusal": told}
    finish(session, errand.id, result=result, problem=problem, now=now())
    session.commit()
    return errand
