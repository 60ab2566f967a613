"""The stage ``recheck``: asking sources whether what they published is still there.

One crawl like that of gathering, with the same politeness, limits and rules; what a source says is stored
answer by answer, so that a run that is killed has lost nothing. Call it once in a process.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import Engine

from models.base import utc_now
from models.database import forget_deleted, open_engine, session_factory
from models.settings import Settings
from models.store.gone import due_sources
from scout.drafts import Standing
from scout.progress import Progress

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from scout.crawl.asking import AskReport
    from scout.crawl.context import Context
    from scout.crawl.process import Network


@dataclass(frozen=True)
class RecheckReport:
    """What one run of the stage came to."""

    #: Sources asked.
    sources: int = 0
    #: Standing -> how many items it was said of.
    items: dict[Standing, int] = field(default_factory=dict)
    #: Items taken out, as they were gone for the second time; and items that had been edited.
    withdrawn: int = 0
    changed: int = 0
    seconds: float = 0.0
    #: (source, why not everything could be asked there), one sentence each.
    problems: list[tuple[str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; every standing is there."""
        return {
            "sources": self.sources,
            "items": {standing.value: self.items.get(standing, 0) for standing in Standing},
            "withdrawn": self.withdrawn,
            "changed": self.changed,
            "seconds": self.seconds,
            "problems": [{"source": source, "problem": problem} for source, problem in self.problems],
        }


def recheck(
    settings: Settings,
    *,
    keys: Collection[str] | None = None,
    progress: Progress | None = None,
    now: Callable[[], datetime] = utc_now,
    network: "Network | None" = None,
) -> RecheckReport:
    """Ask about all items that are due, at the sources that may be visited.

    Args:
        keys: only these sources; None = all.
        progress: called with ``recheck``, sources asked and sources in all.
        now: the clock, in aware UTC.
        network: tests bring their own.

    Raises:
        UnknownSourceError: one of ``keys`` is not defined.
        OperationalError, InterfaceError: the database can't be used.
    """
    began, started = time.monotonic(), now()
    engine = open_engine(settings)
    try:
        with session_factory(engine, writes=False)() as session:
            waiting = due_sources(session, started)
        if not waiting and keys is None:
            return RecheckReport()  # most runs of a quiet hour: Scrapy need not even be loaded
        reports = _ask(
            settings, engine, waiting=waiting, keys=keys, progress=progress, now=now, network=network
        )
        report = _report(reports, time.monotonic() - began)
        if report.withdrawn:
            forget_deleted(engine)
        return report
    finally:
        engine.dispose()


def _ask(
    settings: Settings,
    engine: Engine,
    *,
    waiting: Collection[str],
    keys: Collection[str] | None,
    progress: Progress | None,
    now: Callable[[], datetime],
    network: "Network | None",
) -> "dict[str, AskReport]":
    from scout.crawl.crew import Crew, Due
    from scout.crawl.process import Network, run_crawl
    from scout.crawl.selection import chosen, select
    from scout.crawl.storage import Storage
    from scout.definitions import load_definitions
    from scout.extraction import ExtractionPool
    from scout.gather import EXTRACTORS, leave_alone, synced
    from scout.kinds import KINDS

    started = now()
    # As they are now, and not as the last visit met them: one that is switched off is left alone at once.
    definitions, mistakes = load_definitions(settings)
    rows, added, _ = synced(engine, definitions, mistakes, started)
    wanted = [
        definition
        for definition in chosen([*definitions, *added], mistakes, keys)
        if definition.key in waiting and hasattr(KINDS.get(definition.kind), "questions")
    ]
    # Not when visits are due, but whether they are allowed: paused, unreviewed and the like are not asked.
    allowed, _ = select(wanted, rows, now=started, everything=True, named=False)
    due = [Due(definition, rows[definition.key]) for definition in allowed]
    reports: dict[str, AskReport] = {}
    if not due:
        return reports
    storage, pool = Storage(engine), ExtractionPool(workers=EXTRACTORS)

    def done(ended: int) -> None:
        if progress is not None:
            progress("recheck", ended, len(due))

    async def work(crawler: "Crawler", context: "Context") -> None:
        leave_alone(context, rows.values(), started)
        crew = Crew(
            crawler=crawler,
            context=context,
            storage=storage,
            pool=pool,
            batch=uuid4().hex,
            started=started,
        )
        reports.update(await crew.ask_all(due, done))

    try:
        run_crawl(settings, now=now, network=network or Network(), work=work)
    finally:
        pool.close()
        storage.close()
    return reports


def _report(reports: "dict[str, AskReport]", seconds: float) -> RecheckReport:
    items: Counter[Standing] = Counter()
    for report in reports.values():
        items += report.items
    return RecheckReport(
        sources=len(reports),
        items=dict(items),
        withdrawn=sum(report.withdrawn for report in reports.values()),
        changed=sum(report.changed for report in reports.values()),
        seconds=round(seconds, 2),
        problems=[(key, report.problem) for key, report in reports.items() if report.problem],
    )
