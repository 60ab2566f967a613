"""All visits of one run: side by side, never two hard on one server, and none in the way of another."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from scrapy.crawler import Crawler

from models.source import Source
from models.source_definition import SourceDefinition
from models.store.items import suppressed_keys
from models.store.rhythm import Rhythm, rhythm_of
from scout.crawl.asking import Asking, AskReport
from scout.crawl.context import Context
from scout.crawl.plan import Suppressions
from scout.crawl.report import VisitReport
from scout.crawl.scrapy_settings import VISITS_AT_ONCE
from scout.crawl.storage import Storage
from scout.crawl.terms import TermsDesk
from scout.crawl.visit import Visit
from scout.extraction import ExtractionPool

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: Visits to one server at once: a second one may fetch while the first is being worked out.
VISITS_PER_SERVER = 2


@dataclass(frozen=True)
class Due:
    """A source to be visited."""

    definition: SourceDefinition
    row: Source


class Crew:
    """What the visits of one run share besides the network."""

    suppressions: Suppressions
    rhythm: Rhythm

    def __init__(
        self,
        *,
        crawler: Crawler,
        context: Context,
        storage: Storage,
        pool: ExtractionPool,
        batch: str,
        started: datetime,
    ) -> None:
        self.crawler = crawler
        self.context = context
        self.storage = storage
        self.pool = pool
        self.batch = batch
        #: When the run began; next visits are counted from here.
        self.started = started
        self.secret = context.settings.effective_secret_key
        self.terms = TermsDesk(self)
        self.reports: dict[str, VisitReport] = {}
        #: Items that went because their source deleted them.
        self.withdrawn = 0

    async def pooled(self, future: "Future[T]") -> T:
        """Await work that goes on in another process."""
        return await asyncio.wrap_future(future)

    async def visit_all(self, due: Sequence[Due], done: Callable[[int], None]) -> None:
        """Visit these sources.

        Args:
            done: called with the number of visits that have ended, after each.

        Raises:
            OperationalError, InterfaceError: the database can't be used.
        """
        self.suppressions = Suppressions(await self.storage.read(suppressed_keys), self.secret)
        keys = [one.definition.key for one in due]
        self.rhythm = await self.storage.read(lambda session: rhythm_of(session, now=self.started, keys=keys))

        async def visit(one: Due) -> None:
            if await self.terms.before_visit(one.row):
                report = await Visit(self, one.definition, one.row).run()
                self.reports[one.definition.key] = report

        await self._side_by_side(due, visit, done, self.terms.close)

    async def ask_all(self, due: Sequence[Due], done: Callable[[int], None]) -> dict[str, AskReport]:
        """Ask these sources whether their items are still there; returns what came of each, by key.

        Args:
            done: called with the number of sources that were asked, after each.

        Raises:
            OperationalError, InterfaceError: the database can't be used.
        """
        self.suppressions = Suppressions(await self.storage.read(suppressed_keys), self.secret)
        reports: dict[str, AskReport] = {}

        async def ask(one: Due) -> None:
            reports[one.definition.key] = await Asking(self, one.definition).run()

        await self._side_by_side(due, ask, done)
        return reports

    async def _side_by_side(
        self,
        due: Sequence[Due],
        work: Callable[[Due], Awaitable[None]],
        done: Callable[[int], None],
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        room = asyncio.Semaphore(VISITS_AT_ONCE)
        turns: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(VISITS_PER_SERVER))
        ended = 0

        async def in_turn(one: Due) -> None:
            nonlocal ended
            # First the turn at its server, then room: those that wait for a busy server take up none.
            async with turns[self.context.server(one.definition.url)], room:
                await work(one)
            ended += 1
            done(ended)

        tasks = [asyncio.ensure_future(in_turn(one)) for one in due]
        try:
            await asyncio.gather(*tasks)
            if close is not None:
                await close()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
