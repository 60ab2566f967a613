"""Watching the terms of use of sources: a page that changed pauses its source, one that is away does not."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from models import encoding
from models.source import Source
from models.store.sources import note_terms
from scout.crawl import media
from scout.crawl.fetch import fetch
from scout.drafts import Page
from scout.steps import text

if TYPE_CHECKING:
    from scout.crawl.crew import Crew

logger = logging.getLogger(__name__)

#: A terms page is looked at this often at most.
EVERY = timedelta(hours=24)
#: Seconds for the one try that a terms page gets.
TIMEOUT = 10.0
#: Seconds that a visit waits for a terms page that may pause its source.
PATIENCE = 3.0
#: Seconds that the end of a run waits for terms pages.
PATIENCE_AT_END = 1.0
#: Seconds more for a page that has arrived: working it out is ours to do, and may have to wait its turn.
PATIENCE_WITH_OURSELVES = 60.0
#: Characters; an extraction that gives less took the wrong part of the page.
SHORTEST = 200


class TermsDesk:
    """The looks at terms pages of one run; each page is fetched once, however many sources name it."""

    def __init__(self, crew: "Crew") -> None:
        self._crew = crew
        self._pages: dict[str, asyncio.Task[str | None]] = {}
        self._looks: dict[str, asyncio.Task[None]] = {}
        #: Source -> address of its terms page.
        self._addresses: dict[str, str] = {}
        #: Addresses of pages that have arrived.
        self._arrived: set[str] = set()
        #: Source -> what a person should know.
        self.warnings: dict[str, str] = {}
        #: Source -> why it is paused since this run.
        self.paused: dict[str, str] = {}

    async def before_visit(self, row: Source) -> bool:
        """Begin to look at the terms of a source if it is time; returns False if they turn out changed."""
        now = self._crew.context.now()
        if row.terms_url is None or (row.terms_tried_at is not None and now - row.terms_tried_at < EVERY):
            return True
        look = asyncio.ensure_future(self._look(row))
        self._looks[row.key] = look
        self._addresses[row.key] = row.terms_url
        if row.terms_hash is not None:
            # Only a page that was read before can turn out changed; the others need no waiting for.
            await self._wait({look: row.terms_url}, PATIENCE)
        return row.key not in self.paused

    async def _wait(self, looks: Mapping[asyncio.Task[None], str], patience: float) -> None:
        """Wait for pages that long, and for those that have arrived until they are worked out."""
        _, late = await asyncio.wait(looks, timeout=patience)
        ours = [look for look in late if looks[look] in self._arrived]
        if ours:
            await asyncio.wait(ours, timeout=PATIENCE_WITH_OURSELVES)

    async def _look(self, row: Source) -> None:
        address = row.terms_url or ""
        if address not in self._pages:
            self._pages[address] = asyncio.ensure_future(self._hash(address))
        text_hash = await asyncio.shield(self._pages[address])
        now = self._crew.context.now()
        changed = await self._crew.storage.write(lambda session: note_terms(session, row.key, text_hash, now))
        if text_hash is None:
            self.warnings[row.key] = f"its terms page {address} could not be read"
        if changed:
            self.paused[row.key] = (
                f"is paused: its terms page {address} changed; read it and set terms.checked"
            )

    async def _hash(self, address: str) -> str | None:
        try:
            page = await fetch(
                self._crew.crawler,
                self._crew.context,
                address,
                timeout=min(TIMEOUT, self._crew.context.settings.timeout_seconds),
                retries=False,
                any_type=True,
            )
            self._arrived.add(address)
            return await self._text_hash(page)
        except Exception as error:
            logger.debug("terms page %s: %r", address, error, exc_info=True)
            return None

    async def _text_hash(self, page: Page) -> str:
        """``how:sha256`` of what the page says, so that mark-up with one-time values does not count."""
        if not media.is_html(page.headers, page.body):
            return f"file:{hashlib.sha256(page.body).hexdigest()}"
        claim = encoding.claimed_by_header(page.headers.get("content-type", ""))
        article = await self._crew.pooled(self._crew.pool.submit(page.body, page.url, claim))
        words = article.text
        if len(words) < SHORTEST:
            claims = (claim, encoding.claimed_by_html(page.body))
            words = text.plain(encoding.decode(page.body, *claims), True)
        plain = " ".join(words.split())
        return f"html {version('trafilatura')}:{hashlib.sha256(plain.encode()).hexdigest()}"

    async def close(self) -> None:
        """End the looks that are still going on; they are begun again in the next run."""
        going_on = {look: self._addresses[key] for key, look in self._looks.items() if not look.done()}
        if going_on:
            await self._wait(going_on, PATIENCE_AT_END)
        for task in (*self._looks.values(), *self._pages.values()):
            task.cancel()
        results = await asyncio.gather(*self._looks.values(), *self._pages.values(), return_exceptions=True)
        for key, result in zip(self._looks, results, strict=False):
            if isinstance(result, asyncio.CancelledError):
                self.warnings[key] = "its terms page could not be read in time; it is tried again next run"
            elif isinstance(result, BaseException):
                raise result
