"""The list pages of one visit: fetched only if they changed, and read by the reader of their kind."""

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from models.source import Source
from models.source_definition import SourceDefinition
from scout.crawl import signs
from scout.crawl.fetch import fetch
from scout.crawl.findings import Findings
from scout.crawl.trouble import Trouble
from scout.drafts import Page, Reading
from scout.extraction import ExtractionError, belongs_in_pool
from scout.kinds import KINDS

if TYPE_CHECKING:
    from scout.crawl.crew import Crew


class ListPages:
    """Fetches and reads list pages, and remembers by what they are known again."""

    def __init__(
        self, crew: "Crew", definition: SourceDefinition, row: Source, findings: Findings, oldest: datetime
    ) -> None:
        self._crew = crew
        self._definition = definition
        self._row = row
        self._findings = findings
        self._oldest = oldest
        self._reader = KINDS[definition.kind]
        #: For ``Source.validators``.
        self.validators: dict[str, Any] = {}
        #: Pages that gave drafts, and those that had not changed.
        self.changed = self.unchanged = 0

    async def fetch(self, url: str, *, own: bool) -> Page | None:
        """A list page; None = it has not changed since it was read to its end.

        Args:
            own: it is an address of the definition, and not one that another page named.
        """
        before = self._row.validators.get(url, {})
        headers = {"Accept": self._reader.ACCEPT}
        if before.get("etag"):
            headers["If-None-Match"] = before["etag"]
        if before.get("last_modified"):
            headers["If-Modified-Since"] = before["last_modified"]
        page = await self._findings.in_time(
            fetch(
                self._crew.crawler,
                self._crew.context,
                url,
                headers=headers,
                tally=self._findings.tally,
                also=self._reader.JUDGES,
            )
        )
        page = replace(page, oldest=self._oldest)
        if own:
            self._findings.see_move(*signs.moved(self._definition.url, page))
        if page.status in self._reader.JUDGES:
            self.validators[url] = {}
            return page
        now = {name: page.headers.get(name.replace("_", "-")) for name in ("etag", "last_modified")}
        if page.status == 304:
            now = {name: value or before.get(name) for name, value in now.items()}
            digest = before.get("sha256")
        else:
            digest = hashlib.sha256(page.body).hexdigest()
        self.validators[url] = {**now, "sha256": digest}
        if page.status == 304 or digest == before.get("sha256"):
            if before.get("more"):
                # It only leads to others, like a profile: what those give is a whole visit all the same.
                self.validators[url]["more"] = before["more"]
            else:
                self.unchanged += 1
            return None
        self.changed += 1
        return page

    async def read(self, page: Page) -> Reading:
        """What the reader makes of a page; a page that stands in the place of the list ends the visit."""
        reading: Reading
        if not belongs_in_pool(page):
            reading = self._reader.read(self._definition, page)
            instead = signs.wall(page, reading.drafts)
        else:
            try:
                future = self._crew.pool.read(self._definition, page)
                reading = await self._findings.in_time(self._crew.pooled(future))
                look = self._crew.pool.run(signs.wall, page, reading.drafts)
                instead = await self._findings.in_time(self._crew.pooled(look))
            except ExtractionError as error:
                raise Trouble(f"{page.url} could not be read: {error}") from None
        if instead is not None:
            self._findings.meet(instead)
            return Reading(ends_visit=True)
        for warning in reading.warnings:
            self._findings.warn(warning)
        if reading.problem is not None:
            self._findings.fail(reading.problem)
        return reading
