"""What people hand in becomes items: the same steps as everything else, but nothing is fetched for it.

One hand-in is one transaction, with its item, its outcome, and the end of its words in the waiting row. So a
run that is killed and repeated loses nothing and doubles nothing.
"""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from models.database import session_factory
from models.handed_in import HandedIn
from models.item import Item
from models.item_text import ItemText
from models.lead_item import LeadItem
from models.settings import Settings
from models.source import Source
from models.store.handed_in import taken, waiting
from models.store.items import store_item, suppressed_keys, url_key
from models.words import Outcome, SourceKind
from scout.crawl import content, plan
from scout.crawl.plan import Candidate, Suppressions
from scout.drafts import ItemDraft
from scout.mail_in import MailReport, take_mail
from scout.steps.handles import without_handles

logger = logging.getLogger(__name__)

#: The source that all hand-ins belong to. It stands in no file, has no terms and is never visited.
SOURCE = "inbreng"
#: Characters of a summary that stand as title where there is neither title nor address.
FIRST_WORDS = 80
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass
class HandedInReport:
    """What taking the hand-ins came to."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    #: One sentence each; these hand-ins wait for the next run.
    problems: list[str] = field(default_factory=list)

    def told(self) -> list[tuple[str, str]]:
        """The problems as the report of a run has them."""
        return [(SOURCE, problem) for problem in self.problems]


def take_from_people(settings: Settings, engine: Engine, now: Callable[[], datetime]) -> HandedInReport:
    """Read the mail, where the settings name a folder, and make items of all that waits.

    Raises:
        OperationalError, InterfaceError: the database can't be used.
    """
    write = session_factory(engine)
    mail = take_mail(write, settings, now=now) if settings.mail_in else MailReport()
    report = take_hand_ins(write, settings, now=now)
    report.problems = mail.problems + report.problems
    return report


def take_hand_ins(
    write: sessionmaker[Session], settings: Settings, *, now: Callable[[], datetime]
) -> HandedInReport:
    """Make items of all hand-ins that wait, oldest first.

    Raises:
        OperationalError, InterfaceError: the database can't be used.
    """
    report = HandedInReport()
    after = 0
    suppressions: Suppressions | None = None
    while True:
        with write() as session:
            rows = waiting(session, after=after)
            if not rows:
                return report
            if suppressions is None:
                _built_in(session)
                suppressions = Suppressions(suppressed_keys(session), settings.effective_secret_key)
            session.commit()
        for row in rows:
            after = row.id
            try:
                with write() as session:
                    outcome = _take(session, row, suppressions, settings, now())
                    session.commit()
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:
                # What one person wrote must not keep what others wrote away.
                logger.debug("hand-in %s: %r", row.id, error, exc_info=True)
                report.problems.append(
                    f"hand-in {row.id} could not be taken ({type(error).__name__}) and waits for the next "
                    "run: report this as a mistake in scout"
                )
                continue
            if outcome is not None:
                report.outcomes[outcome] += 1


def _built_in(session: Session) -> None:
    """The row that items handed in belong to, made when it is not there."""
    row = session.get(Source, SOURCE)
    if row is None:
        session.add(
            Source(
                key=SOURCE,
                title="Inbreng",
                kind=SourceKind.HANDIN,
                url="",
                every_seconds=0,
                # In the catalogue only: nothing ever visits it.
                enabled=False,
                validators={},
                refused={},
                cursor={},
                consecutive_failures=0,
            )
        )


def _take(
    session: Session, row: HandedIn, suppressions: Suppressions, settings: Settings, now: datetime
) -> Outcome | None:
    """Store one hand-in; None = somebody else took it meanwhile."""
    one = _candidate(row, settings)
    known = session.scalar(select(Item).where(Item.url_key == one.url_key))
    if suppressions.cover(one.url, one.url_key):
        outcome, item_id = Outcome.SUPPRESSED, None
    elif known is not None:
        # Whatever its source, also another hand-in: nobody changes what somebody else wrote.
        outcome, item_id = Outcome.DUPLICATE, known.id
        _look_again(session, known)
    else:
        outcome, item_id = _store(session, one, settings, now)
    if not taken(session, row.id, outcome=outcome, item_id=item_id, now=now):
        session.rollback()
        return None
    return outcome


def _candidate(row: HandedIn, settings: Settings) -> Candidate:
    """The draft of a hand-in with its keys; without an address it has a key of its own."""
    title = without_handles(row.title, html=False)
    summary = without_handles(row.summary, html=False)
    if not row.url and not title:
        title = _first_words(summary)
    published = ""
    if row.published_on is not None:
        # Noon here: the same day in every zone that matters.
        noon = datetime.combine(row.published_on, time(12), _AMSTERDAM).astimezone(UTC)
        published = min(noon, row.handed_in_at).isoformat()
    draft = ItemDraft(
        source=SOURCE,
        external_id=str(row.id),
        url=row.url,
        title=title,
        text=summary,
        text_is_html=False,
        published=published,
        complete=True,
    )
    one = plan.candidate(draft, settings.effective_secret_key)
    if one.url:
        return one
    # Never an address, so that no page can show it as a link and no address can have the same key.
    key = url_key(settings.effective_secret_key, f"{SOURCE}:{row.id}")
    return Candidate(draft, "", key, one.external_key, one.entry_hash)


def _first_words(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= FIRST_WORDS else words[:FIRST_WORDS].rsplit(" ", 1)[0] + "…"


def _store(session: Session, one: Candidate, settings: Settings, now: datetime) -> tuple[Outcome, int | None]:
    oldest = now - timedelta(days=settings.max_age_days)
    prepared = content.prepare(one.draft, None, oldest, now)
    if prepared.refusal is not None:
        return prepared.refusal, None
    record = content.record(
        one, prepared, url=one.url, url_key=one.url_key, secret=settings.effective_secret_key
    )
    outcome = store_item(session, record, now)
    return outcome, session.scalar(select(Item.id).where(Item.url_key == one.url_key))


def _look_again(session: Session, item: Item) -> None:
    """An item that nobody got to see is estimated anew: now a person thinks it worth a look."""
    in_lead = session.scalar(select(LeadItem.lead_id).where(LeadItem.item_id == item.id).limit(1))
    if in_lead is None and item.purged_at is None and session.get(ItemText, item.id) is not None:
        again: dict[str, Any] = {"flagged_hash": None, "grouped_hash": None}
        session.execute(update(Item).where(Item.id == item.id).values(**again))
