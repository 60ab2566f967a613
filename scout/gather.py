"""Gathering: one crawl over all due sources; ``scout gather`` runs it alone.

Scrapy's reactor can be started only once in a process, so this can be called once; the command
line runs it in a process of its own.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from scrapy.crawler import Crawler
from sqlalchemy import Engine

from models.base import utc_now
from models.database import open_engine, session_factory
from models.settings import Settings
from models.source import Source
from models.source_definition import DefinitionProblem, SourceDefinition, columns
from models.store.sources import sync_sources
from models.words import Outcome
from scout.crawl.context import Context
from scout.crawl.crew import Crew, Due
from scout.crawl.process import Network, run_crawl
from scout.crawl.selection import UnknownSourceError, chosen, select
from scout.crawl.storage import Storage
from scout.crawl.visit import VisitReport
from scout.definitions import load_definitions
from scout.extraction import ExtractionPool
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
    wanted = chosen(definitions, mistakes, keys)
    engine = open_engine(settings)
    try:
        rows = _synced(engine, definitions, mistakes, started)
        due, problems = select(wanted, rows, now=started, everything=everything, named=keys is not None)
        results = _Results()
        if due:
            results = _visit(
                settings,
                engine,
                [Due(definition, rows[definition.key]) for definition in due],
                progress=progress,
                batch=batch or uuid4().hex,
                started=started,
                now=now,
                network=network or Network(),
            )
    finally:
        engine.dispose()
    told = [
        (mistake.source or mistake.file, str(mistake))
        for mistake in mistakes
        if keys is None or mistake.source in keys
    ]
    return _report(wanted, told + problems, results, time.monotonic() - began)


def _synced(
    engine: Engine,
    definitions: Sequence[SourceDefinition],
    mistakes: Sequence[DefinitionProblem],
    now: datetime,
) -> dict[str, Source]:
    with session_factory(engine)() as session:
        rows = sync_sources(
            session,
            [columns(definition) for definition in definitions],
            broken_keys={mistake.source for mistake in mistakes},
            broken_files={mistake.file for mistake in mistakes},
            now=now,
        )
        session.commit()
    return rows


def _visit(
    settings: Settings,
    engine: Engine,
    due: Sequence[Due],
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
        crew = Crew(
            crawler=crawler, context=context, storage=storage, pool=pool, batch=batch, started=started
        )
        await crew.visit_all(due, done)
        results.visits = crew.reports
        results.paused, results.terms = crew.terms.paused, crew.terms.warnings

    try:
        run_crawl(settings, now=now, network=network, work=work)
    finally:
        pool.close()
        storage.close()
    return results


def _report(
    wanted: Sequence[SourceDefinition],
    problems: list[tuple[str, str]],
    results: _Results,
    seconds: float,
) -> GatherReport:
    """Add up, in the order of the source files."""
    items: Counter[Outcome] = Counter()
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
