"""One visit to one source: its lists, then its articles, then what is noted about it."""

import logging
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from models.source import Source
from models.source_definition import SourceDefinition
from models.store.items import known_items, touch_items
from models.store.sources import VisitEnd, begin_run, finish_visit, note_cursor, note_unread_pages
from models.words import Outcome
from scout.crawl import plan, signs
from scout.crawl.articles import Articles
from scout.crawl.findings import Findings
from scout.crawl.list_pages import ListPages
from scout.crawl.plan import Candidate, Known
from scout.crawl.report import VisitReport, sum_up
from scout.crawl.schedule import next_visit, pace
from scout.crawl.standing import take_gone
from scout.crawl.trouble import Trouble
from scout.drafts import Reading
from scout.extraction import belongs_in_pool
from scout.kinds import KINDS

if TYPE_CHECKING:
    from scout.crawl.crew import Crew

logger = logging.getLogger(__name__)

#: List pages that one visit reads at most, and drafts that it works on; the next visit goes on from there.
MOST_PAGES = 100
MOST_DRAFTS = 2000


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
        self._pages = ListPages(crew, definition, row, self._findings, self._known.oldest)
        self._read_to_end = False
        #: A list that goes on page after page was followed beyond its first.
        self._paged = False
        #: Drafts that were worked on.
        self._worked_on = 0
        #: Its reader noted where the next visit goes on.
        self._noted = False

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
            behind = signs.wall(trouble.page) if trouble.page and not belongs_in_pool(trouble.page) else None
            self._findings.meet(behind)
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
        first = self._reader.first(self._definition, self._row.cursor)
        waiting = deque(first)
        met: set[str] = set()
        while waiting:
            url = waiting.popleft()
            if url in met:
                continue
            if len(met) >= MOST_PAGES:
                self._leave_pages()
                break
            if self._worked_on >= MOST_DRAFTS:
                self._leave_rest()
                return
            met.add(url)
            page = await self._pages.fetch(url, own=url in first)
            if page is None:
                waiting.extend(self._pages.validators[url].get("more", ()))
                continue
            reading = await self._pages.read(page)
            goes_on = await self._take(reading)
            await self._go_on_from(reading)
            if reading.ends_visit:
                break
            if goes_on:
                waiting.extend(reading.more)
                self._paged |= bool(reading.more) and (reading.stop_when_known or reading.cursor is not None)
                if not reading.stop_when_known:
                    self._pages.validators[url]["more"] = list(reading.more)
        self._read_to_end = self._findings.problem is None

    def _leave_pages(self) -> None:
        if self._noted:
            self._findings.warn(f"{MOST_PAGES} list pages were read; the next visit goes on there")
        else:
            self._findings.warn(f"{MOST_PAGES} list pages were read; those behind them are left out")

    def _leave_rest(self) -> None:
        self._findings.warn(f"{MOST_DRAFTS} new items were taken up; the rest is left for the next visit")
        self._findings.unfinished = True

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
            if decision.outcome is Outcome.DUPLICATE and (other := self._known.by_url.get(one.url_key)):
                self._findings.others[other.source_key] += 1
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
        await take_gone(self._crew, self._definition, reading.gone)
        cursor = reading.cursor
        if cursor is None or self._findings.unfinished:
            return
        key, self._noted = self._definition.key, True
        await self._crew.storage.write(lambda session: note_cursor(session, key, cursor))

    async def _look_up(self, candidates: Sequence[Candidate]) -> None:
        url_keys = {one.url_key for one in candidates if one.url}
        external_keys = {one.external_key for one in candidates if one.url}

        def find(session: Session) -> list[Any]:
            return list(known_items(session, self._definition.key, url_keys, external_keys))

        self._known.learn(await self._crew.storage.read(find))

    # -- the end -------------------------------------------------------------------------------

    def _report(self) -> VisitReport:
        # A list that is read on from a cursor gives only what is new, which has no usual number.
        looked = self._looked() and not self._row.cursor
        return sum_up(
            self._definition, self._findings, worked_on=self._worked_on, looked=looked, paged=self._paged
        )

    def _looked(self) -> bool:
        """Whether its list was read, and all of it was not the same as last time."""
        return self._pages.changed > 0 and not self._pages.unchanged

    def _end(self, run_id: int, report: VisitReport) -> VisitEnd:
        findings, crew = self._findings, self._crew
        key, every = self._definition.key, self._definition.every_seconds
        times = pace(crew.rhythm.by_source.get(key), every, crew.rhythm.accepted)
        failures = self._row.consecutive_failures + 1 if report.failed else 0
        return VisitEnd(
            run_id=run_id,
            source_key=key,
            finished_at=crew.context.now(),
            next_visit_at=next_visit(key, every, failures, crew.started, times=times),
            problem=findings.problem,
            warnings=tuple(findings.warnings),
            signs=signs.in_order(findings.signs),
            looked=self._looked(),
            outcomes={outcome.value: count for outcome, count in findings.outcomes.items() if count},
            requests=findings.tally.requests,
            retry_after_until=self._left_alone_until(),
            validators=None if findings.unfinished else self._pages.validators,
            read_to_end=self._read_to_end,
            refused=self._refused(),
        )

    def _left_alone_until(self) -> datetime | None:
        """When the source's server may be asked again: for the runs that follow, whoever was told it."""
        context = self._crew.context
        told = (self._findings.wait_until, context.waits.get(context.server(self._definition.url)))
        return max((until for until in told if until and until > context.now()), default=None)

    def _refused(self) -> dict[str, list[str]]:
        """What to remember of refusals: those of this visit, and older ones of pages not read now."""
        everything = self._pages.changed and not self._pages.unchanged and not self._findings.unfinished
        kept = {} if everything else dict(self._row.refused)
        kept.update(self._findings.refused)
        surplus = len(kept) - plan.REMEMBERED_REFUSALS
        return dict(list(kept.items())[max(surplus, 0) :])
