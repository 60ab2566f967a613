"""Gathering: one crawl over all due sources; ``scout gather`` runs it alone.

Scrapy's reactor can be started only once in a process, so this can be called once; the command
line runs it in a process of its own.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from scrapy.crawler import Crawler
from sqlalchemy import Engine

from models.base import utc_now
from models.database import forget_deleted, open_engine, session_factory
from models.settings import Settings
from models.source import Source
from models.source_definition import DefinitionProblem, SourceDefinition
from models.words import Outcome
from scout.added import follow_files
from scout.crawl.context import Context
from scout.crawl.crew import Crew, Due
from scout.crawl.process import Network, run_crawl
from scout.crawl.report import VisitReport
from scout.crawl.selection import chosen, select
from scout.crawl.storage import Storage
from scout.definitions import UnknownSourceError, load_definitions
from scout.extraction import ExtractionPool
from scout.handed_in import HandedInReport, take_from_people
from scout.progress import Progress

__all__ = ["GatherReport", "Network", "UnknownSourceError", "gather"]

#: Processes that extract articles. With one, 600 articles of 40 KB took 5.1 s and 270 MB in all; a second one
#: saved 0.3 s and took 120 MB more (2 cores, 2026-11-22).
EXTRACTORS = 1


@dataclass(frozen=True)
class GatherReport:
    """What one run of gathering came to."""

    #: Sources visited, and how many of these visits failed.
    sources: int
    failed: int
    #: Outcome -> drafts that ended so; their sum is the number of drafts.
    items: dict[Outcome, int]
    seconds: float
    #: (source or file, what is wrong and what to do), one sentence each.
    problems: list[tuple[str, str]] = field(default_factory=list)
    #: (source, what a person should know though nothing failed).
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; only outcomes that occurred."""
        return {
            "sources": self.sources,
            "failed": self.failed,
            "items": {outcome.value: count for outcome, count in self.items.items() if count},
            "seconds": self.seconds,
            "problems": [{"source": source, "problem": problem} for source, problem in self.problems],
            "warnings": [{"source": source, "warning": warning} for source, warning in self.warnings],
        }


@dataclass
class _Results:
    """What the visits of one run came to, by source."""

    visits: dict[str, VisitReport] = field(default_factory=dict)
    #: Sources that were paused in this run, and what is to be known of terms pages.
    paused: dict[str, str] = field(default_factory=dict)
    terms: dict[str, str] = field(default_factory=dict)
    #: Items that went because their source deleted them.
    withdrawn: int = 0


def gather(
    settings: Settings,
    *,
    keys: Collection[str] | None = None,
    everything: bool = False,
    progress: Progress | None = None,
    batch: str | None = None,
    now: Callable[[], datetime] = utc_now,
    network: Network | None = None,
) -> GatherReport:
    """Visit all due sources, once, and store what they give. Call once in a process.

    Args:
        keys: only these sources; None = all.
        everything: also sources that are not due; a server that asked to wait is left alone all the same.
        progress: called with ``gather``, visits ended and visits in all.
        batch: name that the visits of one run share; made up when absent.
        now: the clock, in aware UTC.
        network: tests bring their own.

    Raises:
        UnknownSourceError: one of ``keys`` is not defined.
        OperationalError, InterfaceError: the database can't be used.
    """
    began, started = time.monotonic(), now()
    definitions, mistakes = load_definitions(settings)
    engine = open_engine(settings)
    try:
        rows, added, replaced = synced(engine, definitions, mistakes, started)
        wanted = chosen([*definitions, *added], mistakes, keys)
        due, problems = select(wanted, rows, now=started, everything=everything, named=keys is not None)
        # What people bring in goes first: a run that breaks off on the way has taken it already.
        people = take_from_people(settings, engine, now) if keys is None else HandedInReport()
        results = _Results()
        if due:
            results = _visit(
                settings,
                engine,
                [Due(definition, rows[definition.key]) for definition in due],
                rows.values(),
                progress=progress,
                batch=batch or uuid4().hex,
                started=started,
                now=now,
                network=network or Network(),
            )
            if results.withdrawn:
                forget_deleted(engine)
    finally:
        engine.dispose()
    told = [
        (mistake.source or mistake.file, str(mistake))
        for mistake in (*mistakes, *replaced)
        if keys is None or mistake.source in keys
    ]
    return _report(wanted, told + people.told() + problems, results, people, time.monotonic() - began)


def synced(
    engine: Engine,
    definitions: Sequence[SourceDefinition],
    mistakes: Sequence[DefinitionProblem],
    now: datetime,
) -> tuple[dict[str, Source], list[SourceDefinition], list[DefinitionProblem]]:
    """Bring the rows in line with the files.

    Returns:
        Rows of all sources, definitions of those added on a page, and what files replaced of these.
    """
    with session_factory(engine)() as session:
        followed = follow_files(session, definitions, mistakes, now)
        session.commit()
    return followed.rows, followed.added, followed.replaced


def _visit(
    settings: Settings,
    engine: Engine,
    due: Sequence[Due],
    known: Iterable[Source],
    *,
    progress: Progress | None,
    batch: str,
    started: datetime,
    now: Callable[[], datetime],
    network: Network,
) -> _Results:
    results = _Results()
    storage = Storage(engine)
    pool = ExtractionPool(workers=EXTRACTORS)

    def done(ended: int) -> None:
        if progress is not None:
            progress("gather", ended, len(due))

    async def work(crawler: Crawler, context: Context) -> None:
        leave_alone(context, known, started)
        crew = Crew(
            crawler=crawler, context=context, storage=storage, pool=pool, batch=batch, started=started
        )
        await crew.visit_all(due, done)
        results.visits, results.withdrawn = crew.reports, crew.withdrawn
        results.paused, results.terms = crew.terms.paused, crew.terms.warnings

    try:
        run_crawl(settings, now=now, network=network, work=work)
    finally:
        pool.close()
        storage.close()
    return results


def leave_alone(context: Context, sources: Iterable[Source], now: datetime) -> None:
    """A server's wish holds for all sources there, also for those that did not hear it themselves."""
    for row in sources:
        if row.retry_after_until is not None and row.retry_after_until > now:
            server = context.server(row.url)
            context.waits[server] = max(row.retry_after_until, context.waits.get(server, now))


def _report(
    wanted: Sequence[SourceDefinition],
    problems: list[tuple[str, str]],
    results: _Results,
    people: HandedInReport,
    seconds: float,
) -> GatherReport:
    """Add up, in the order of the source files."""
    items: Counter[Outcome] = Counter(people.outcomes)
    warnings: list[tuple[str, str]] = []
    for definition in wanted:
        key = definition.key
        visit = results.visits.get(key)
        if visit is not None:
            items += visit.outcomes
            problems += [(key, problem) for problem in visit.problems]
            warnings += [(key, warning) for warning in visit.warnings]
        if key in results.paused:
            problems.append((key, results.paused[key]))
        if key in results.terms:
            warnings.append((key, results.terms[key]))
    return GatherReport(
        sources=len(results.visits),
        failed=sum(visit.failed for visit in results.visits.values()),
        items=dict(items),
        seconds=round(seconds, 2),
        problems=problems,
        warnings=warnings,
    )
