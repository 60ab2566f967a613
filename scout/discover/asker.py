"""Asking servers during one look: through the guarded, polite crawl, each address once, and not for long."""

import asyncio
import json
from collections.abc import Collection
from typing import Any

from scrapy.crawler import Crawler

from models.encoding import decode
from models.source_definition import SourceDefinition
from scout.crawl.context import Context, Tally
from scout.crawl.fetch import fetch
from scout.crawl.trouble import Trouble
from scout.drafts import Page, Reading
from scout.extraction import ExtractionError, ExtractionPool, belongs_in_pool
from scout.kinds import KINDS

#: Requests of one look, robots.txt not counted, and seconds that it may take.
MOST_REQUESTS = 30
LONGEST_LOOK = 90.0

ACCEPT = "text/html, application/xhtml+xml, application/atom+xml, application/rss+xml, */*;q=0.5"


class Asker:
    """Fetches and reads for one look."""

    def __init__(self, crawler: Crawler, context: Context, pool: ExtractionPool) -> None:
        self.context = context
        self._crawler, self._pool = crawler, pool
        self._tally = Tally()
        self._deadline = asyncio.get_running_loop().time() + LONGEST_LOOK
        self._answers: dict[tuple[str, frozenset[int]], Page | Trouble] = {}

    async def get(
        self, url: str, *, accept: str = ACCEPT, also: Collection[int] = (), retries: bool = False
    ) -> Page:
        """The answer at an address, asked for once in this look.

        Args:
            also: statuses that will do besides 2xx.
            retries: worth a second and third try when it fails.

        Raises:
            Trouble: there is none.
        """
        known = (url, frozenset(also))
        if known not in self._answers:
            try:
                self._answers[known] = await self._fetched(url, accept, also, retries)
            except Trouble as trouble:
                self._answers[known] = trouble
        answer = self._answers[known]
        if isinstance(answer, Trouble):
            raise answer
        return answer

    async def _fetched(self, url: str, accept: str, also: Collection[int], retries: bool) -> Page:
        if self._tally.requests >= MOST_REQUESTS:
            raise Trouble(f"{MOST_REQUESTS} addresses were asked, which is enough for one look")
        try:
            async with asyncio.timeout_at(self._deadline):
                return await fetch(
                    self._crawler,
                    self.context,
                    url,
                    headers={"Accept": accept},
                    tally=self._tally,
                    also=also,
                    retries=retries,
                )
        except TimeoutError:
            raise Trouble(f"the look took more than {LONGEST_LOOK:g} seconds") from None

    async def maybe(self, url: str, *, accept: str = ACCEPT) -> Page | None:
        """The answer at an address, or None."""
        try:
            return await self.get(url, accept=accept)
        except Trouble:
            return None

    async def object(self, url: str) -> dict[str, Any] | None:
        """The JSON object at an address, or None."""
        page = await self.maybe(url, accept="application/json")
        if page is None:
            return None
        try:
            answer = json.loads(decode(page.body))
        except (ValueError, RecursionError):
            return None
        return answer if isinstance(answer, dict) else None

    async def read(self, source: SourceDefinition, page: Page) -> Reading:
        """What the reader of the source's kind makes of a page.

        Raises:
            Trouble: it takes too long.
        """
        if not belongs_in_pool(page):
            reading: Reading = KINDS[source.kind].read(source, page)
            return reading
        try:
            return await asyncio.wrap_future(self._pool.read(source, page))
        except ExtractionError as error:
            raise Trouble(f"{page.url} could not be read: {error}") from None
