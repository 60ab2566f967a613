"""One visit to one source: its lists, then its articles, then what is noted about it."""

import hashlib
import logging
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from models.source import Source
from models.source_definition import SourceDefinition
from models.store.items import known_items, touch_items
from models.store.sources import VisitEnd, begin_run, finish_visit, note_cursor, note_unread_pages
from models.words import Outcome
from scout.crawl import plan
from scout.crawl.articles import Articles
from scout.crawl.fetch import fetch
from scout.crawl.findings import Findings
from scout.crawl.plan import Candidate, Known
from scout.crawl.schedule import next_visit
from scout.crawl.trouble import Trouble
from scout.drafts import Page, Reading
from scout.extraction import ExtractionError, belongs_in_pool
from scout.kinds import KINDS

if TYPE_CHECKING:
    from scout.crawl.crew import Crew

logger = logging.getLogger(__name__)

#: List pages that one visit reads at most, and drafts that it works on; the next visit goes on from there.
MOST_PAGES = 100
MOST_DRAFTS = 2000
#: So many articles, and not one to be had: that is no dead link but a broken source.
ALL_LOST = 3


@dataclass(frozen=True)
class VisitReport:
    """What one visit came to."""

    key: str
    failed: bool
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    outcomes: Counter[Outcome] = field(default_factory=Counter)


class Visit:
    """Everything about one visit; used once."""

    def __init__(self, crew: "Crew", definition: SourceDefinition, row: Source) -> None:
        self._crew = crew
        self._definition = definition
        self._row = row
        self._reader = KINDS[definition.kind]
        now = crew.context.now()
        self._findings = Findings()
        self._known = Known(
            source_key=definition.key,
            suppressions=crew.suppressions,
            refused=row.refused,
            oldest=now - timedelta(days=crew.context.settings.max_age_days),
            now=now,
        )
        self._articles = Articles(crew, definition, self._known, self._findings)
        #: For ``Source.validators``.
        self._validators: dict[str, Any] = {}
        #: List pages that gave drafts, and those that had not changed.
        self._read = self._unchanged = 0
        self._read_to_end = False
        #: A list that goes on page after page was followed beyond its first.
        self._paged = False
        #: Drafts that were worked on.
        self._worked_on = 0

    async def run(self) -> VisitReport:
        """Visit the source; whatever breaks is named in the report.

        Raises:
            OperationalError, InterfaceError: the database can't be used.
        """
        started = self._crew.context.now()
        key, batch = self._definition.key, self._crew.batch
        run_id = await self._crew.storage.write(lambda session: begin_run(session, key, batch, started))
        try:
            await self._lists()
        except Trouble as trouble:
            self._findings.fail(trouble)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.debug("%s: %r", key, error, exc_info=True)
            self._findings.fail(
                f"the visit broke ({type(error).__name__}): report this as a mistake in scout"
            )
        await self._articles.settle()
        report = self._report()
        end = self._end(run_id, report)
        await self._crew.storage.write(lambda session: finish_visit(session, end))
        return report

    # -- lists ---------------------------------------------------------------------------------

    async def _lists(self) -> None:
        waiting = deque(self._reader.first(self._definition, self._row.cursor))
        met: set[str] = set()
        while waiting:
            url = waiting.popleft()
            if url in met:
                continue
            if len(met) >= MOST_PAGES:
                self._findings.warn(f"{MOST_PAGES} list pages were read; those behind them are left out")
                break
            if self._worked_on >= MOST_DRAFTS:
                self._leave_rest()
                return
            met.add(url)
            page = await self._fetch_list(url)
            if page is None:
                waiting.extend(self._validators[url].get("more", ()))
                continue
            reading = await self._read_list(page)
            goes_on = await self._take(reading)
            await self._go_on_from(reading)
            if reading.ends_visit:
                break
            if goes_on:
                waiting.extend(reading.more)
                self._paged |= reading.stop_when_known and bool(reading.more)
                if not reading.stop_when_known:
                    self._validators[url]["more"] = list(reading.more)
        self._read_to_end = self._findings.problem is None

    def _leave_rest(self) -> None:
        self._findings.warn(f"{MOST_DRAFTS} new items were taken up; the rest is left for the next visit")
        self._findings.unfinished = True

    async def _fetch_list(self, url: str) -> Page | None:
        """A list page; None = it has not changed since it was read to its end."""
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
        if page.status in self._reader.JUDGES:
            self._validators[url] = {}
            return page
        now = {name: page.headers.get(name.replace("_", "-")) for name in ("etag", "last_modified")}
        if page.status == 304:
            now = {name: value or before.get(name) for name, value in now.items()}
            digest = before.get("sha256")
        else:
            digest = hashlib.sha256(page.body).hexdigest()
        self._validators[url] = {**now, "sha256": digest}
        if page.status == 304 or digest == before.get("sha256"):
            self._unchanged += 1
            if before.get("more"):
                self._validators[url]["more"] = before["more"]
            return None
        self._read += 1
        return page

    async def _read_list(self, page: Page) -> Reading:
        reading: Reading
        if not belongs_in_pool(page):
            reading = self._reader.read(self._definition, page)
        else:
            try:
                future = self._crew.pool.read(self._definition, page)
                reading = await self._findings.in_time(self._crew.pooled(future))
            except ExtractionError as error:
                raise Trouble(f"{page.url} could not be read: {error}") from None
        for warning in reading.warnings:
            self._findings.warn(warning)
        if reading.problem is not None:
            self._findings.fail(reading.problem)
        return reading

    async def _take(self, reading: Reading) -> bool:
        """Count or work out the drafts of one page; returns whether to follow the pages it names."""
        candidates = [plan.candidate(draft, self._crew.secret) for draft in reading.drafts]
        await self._look_up(candidates)
        work: list[Candidate] = []
        seen: list[int] = []
        unseen, old = 0, 0
        for one in candidates:
            decision = plan.decide(one, self._known)
            old += decision.outcome is Outcome.TOO_OLD
            if decision.outcome is None:
                work.append(one)
                unseen += decision.item_id is None
                continue
            self._findings.outcomes[decision.outcome] += 1
            if decision.item_id is not None:
                seen.append(decision.item_id)
            if decision.remember:
                self._findings.refused[one.external_key] = [one.entry_hash, decision.outcome.value]
        if seen:
            now = self._crew.context.now()
            await self._crew.storage.write(lambda session: touch_items(session, seen, now))
        goes_on = not reading.stop_when_known or (
            old < len(candidates) and (unseen > 0 or self._row.unread_pages)
        )
        if goes_on and reading.stop_when_known and reading.more and not self._row.unread_pages:
            # Before these items are stored: killed after that, they would look like the end of what is new.
            await self._crew.storage.write(lambda session: note_unread_pages(session, self._definition.key))
        room = MOST_DRAFTS - self._worked_on
        if len(work) > room:
            self._leave_rest()
        self._worked_on += len(work[:room])
        await self._articles.take(work[:room])
        return goes_on

    async def _go_on_from(self, reading: Reading) -> None:
        """Remember where to go on, unless something of this page is still to be fetched."""
        cursor = reading.cursor
        if cursor is None or self._findings.unfinished:
            return
        key = self._definition.key
        await self._crew.storage.write(lambda session: note_cursor(session, key, cursor))

    async def _look_up(self, candidates: Sequence[Candidate]) -> None:
        url_keys = {one.url_key for one in candidates if one.url}
        external_keys = {one.external_key for one in candidates if one.url}

        def find(session: Session) -> list[Any]:
            return list(known_items(session, self._definition.key, url_keys, external_keys))

        self._known.learn(await self._crew.storage.read(find))

    # -- the end -------------------------------------------------------------------------------

    def _report(self) -> VisitReport:
        findings = self._findings
        lost, stood_in = findings.lost, findings.stood_in
        if len(lost) >= ALL_LOST and findings.outcomes[Outcome.ERROR] == self._worked_on:
            findings.fail(f"none of its {len(lost)} new articles could be had; the first: {lost[0]}")
        elif lost:
            findings.warn(f"{len(lost)} of its articles could not be had; the first: {lost[0]}")
        if stood_in:
            findings.warn(f"for {len(stood_in)} items the list's own text stands; the first: {stood_in[0]}")
        problems = [findings.problem] if findings.problem else []
        if not problems and self._read and not self._unchanged:
            # What stands on older pages comes on top of what a visit gives in the usual run of things.
            most = None if self._paged else self._definition.expect_max
            unmet = plan.unmet(self._definition.expect_min, most, findings.outcomes.total())
            if unmet:
                problems.append(unmet)
                findings.warn(unmet)
        return VisitReport(
            key=self._definition.key,
            failed=findings.problem is not None,
            problems=tuple(problems),
            warnings=tuple(warning for warning in findings.warnings if warning not in problems),
            outcomes=findings.outcomes,
        )

    def _end(self, run_id: int, report: VisitReport) -> VisitEnd:
        findings, crew = self._findings, self._crew
        failures = self._row.consecutive_failures + 1 if report.failed else 0
        return VisitEnd(
            run_id=run_id,
            source_key=self._definition.key,
            finished_at=crew.context.now(),
            next_visit_at=next_visit(
                self._definition.key, self._definition.every_seconds, failures, crew.started
            ),
            problem=findings.problem,
            warnings=tuple(findings.warnings),
            outcomes={outcome.value: count for outcome, count in findings.outcomes.items() if count},
            requests=findings.tally.requests,
            retry_after_until=findings.wait_until,
            validators=None if findings.unfinished else self._validators,
            read_to_end=self._read_to_end,
            refused=self._refused(),
        )

    def _refused(self) -> dict[str, list[str]]:
        """What to remember of refusals: those of this visit, and older ones of pages not read now."""
        everything = self._read and not self._unchanged and not self._findings.unfinished
        kept = {} if everything else dict(self._row.refused)
        kept.update(self._findings.refused)
        surplus = len(kept) - plan.REMEMBERED_REFUSALS
        return dict(list(kept.items())[max(surplus, 0) :])
