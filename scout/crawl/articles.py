"""The drafts of one visit that need work: fetch the article, extract, clean, store, count."""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy.exc import InterfaceError, OperationalError

from models import encoding
from models.addresses import address_key, canonical, same_site
from models.source_definition import SourceDefinition
from models.store.items import store_item, url_key
from models.words import Outcome
from scout.crawl import content
from scout.crawl.content import Prepared
from scout.crawl.fetch import fetch
from scout.crawl.findings import Findings, OutOfTime
from scout.crawl.plan import Candidate, Known
from scout.crawl.trouble import Trouble
from scout.drafts import ItemDraft, Page
from scout.extraction import ExtractionError
from scout.steps.article import Article

if TYPE_CHECKING:
    from scout.crawl.crew import Crew

logger = logging.getLogger(__name__)

#: Drafts of one visit in work at once: one is fetched while another is extracted.
AT_ONCE = 2
#: So many different links that end at one page are no articles, but a wall before them.
WALL = 3
#: Characters in a list from which its entry is worked out in another process.
LARGE_ENTRY = 50_000
#: Refusals that cost a request and are therefore remembered.
REMEMBERED = frozenset(
    {Outcome.LANGUAGE, Outcome.NO_TEXT, Outcome.TOO_OLD, Outcome.DUPLICATE, Outcome.SUPPRESSED}
)


@dataclass(frozen=True)
class Redirected:
    """A draft whose link led to another address; held until all of the visit are known."""

    one: Candidate
    prepared: Prepared
    url: str
    url_key: str


class Articles:
    """Works out drafts; every one ends in exactly one counted outcome."""

    def __init__(self, crew: "Crew", definition: SourceDefinition, known: Known, findings: Findings) -> None:
        self._crew = crew
        self._definition = definition
        self._known = known
        self._findings = findings
        self._held: list[Redirected] = []

    async def take(self, candidates: Sequence[Candidate]) -> None:
        """Work out these candidates; those that were redirected wait for :meth:`settle`."""
        waiting = deque(candidates)

        async def work() -> None:
            while waiting:
                await self._take_one(waiting.popleft())

        workers = [asyncio.ensure_future(work()) for _ in range(min(AT_ONCE, len(waiting)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()

    async def _take_one(self, one: Candidate) -> None:
        try:
            outcome = await self._work_out(one)
        except (OperationalError, InterfaceError):
            raise  # the database itself: no other draft would fare better
        except Exception as error:
            outcome = self._lose(one, error)
        if outcome is not None:
            self._count(one, outcome)

    def _count(self, one: Candidate, outcome: Outcome) -> None:
        self._findings.outcomes[outcome] += 1
        if outcome in REMEMBERED:
            self._findings.refused[one.external_key] = [one.entry_hash, outcome.value]

    def _lose(self, one: Candidate, error: Exception) -> Outcome:
        """Note that a draft came to nothing; the next visit tries again."""
        if isinstance(error, Trouble):
            sentence = str(error)
        else:
            logger.debug("%s: %r", one.url, error, exc_info=True)
            sentence = f"{one.url} could not be worked out ({type(error).__name__})"
        if isinstance(error, OutOfTime) or self._asked_by_own_server(error):
            assert isinstance(error, Trouble)
            self._findings.fail(error)
        self._findings.lost.append(sentence)
        self._findings.unfinished = True
        return Outcome.ERROR

    def _asked_by_own_server(self, error: Exception) -> bool:
        """Whether the server that wants to be left alone is that of the source itself."""
        return (
            isinstance(error, Trouble)
            and error.wait_until is not None
            and self._crew.context.server(self._definition.url) in self._crew.context.waits
        )

    # -- one draft -----------------------------------------------------------------------------

    async def _work_out(self, one: Candidate) -> Outcome | None:
        draft = one.draft
        if draft.complete or not self._definition.full_text:
            return await self._store(one, await self._prepare(draft, None), one.url, one.url_key)
        try:
            page = await self._findings.in_time(
                fetch(
                    self._crew.crawler,
                    self._crew.context,
                    one.url,
                    headers={"Accept": "text/html,application/xhtml+xml;q=0.9"},
                    tally=self._findings.tally,
                )
            )
            article = await self._findings.in_time(self._extract(page))
        except OutOfTime:
            raise
        except Trouble as trouble:
            return await self._without_article(one, trouble)
        prepared = await self._prepare(draft, article)
        key = url_key(self._crew.secret, address_key(page.url))
        if key == one.url_key:
            return await self._store(one, prepared, one.url, key)
        self._held.append(Redirected(one, prepared, canonical(page.url), key))
        return None

    async def _extract(self, page: Page) -> Article | None:
        """The article of a page; None = its owner reserves it from text and data mining.

        Raises:
            Trouble: nothing can be made of the page.
        """
        if page.headers.get("tdm-reservation", "").strip() == "1":
            return None
        claim = encoding.claimed_by_header(page.headers.get("content-type", ""))
        try:
            article = await self._crew.pooled(self._crew.pool.submit(page.body, page.url, claim))
        except ExtractionError as error:
            raise Trouble(f"{page.url} could not be read: {error}") from None
        if article.tdm_reserved:
            return None
        if article.problem is not None:
            self._findings.stood_in.append(f"{page.url}: {article.problem}")
        return article

    async def _prepare(self, draft: ItemDraft, article: Article | None) -> Prepared:
        arguments = (draft, article, self._known.oldest, self._known.now)
        if len(draft.text) < LARGE_ENTRY:
            return content.prepare(*arguments)
        try:
            future = self._crew.pool.run(content.prepare, *arguments)
            prepared: Prepared = await self._findings.in_time(self._crew.pooled(future))
        except ExtractionError as error:
            raise Trouble(f"an entry of {len(draft.text)} characters could not be read: {error}") from None
        return prepared

    async def _without_article(self, one: Candidate, trouble: Trouble) -> Outcome:
        """The list's own text stands, if it gave one; but never in the place of a stored article."""
        if not one.draft.text.strip() or one.url_key in self._known.by_url:
            return self._lose(one, trouble)
        if self._asked_by_own_server(trouble):
            self._findings.fail(trouble)
        self._findings.stood_in.append(str(trouble))
        again = trouble.transient or trouble.wait_until is not None
        prepared = await self._prepare(one.draft, None)
        return await self._store(one, prepared, one.url, one.url_key, again=again)

    async def _store(
        self, one: Candidate, prepared: Prepared, url: str, key: str, *, again: bool = False
    ) -> Outcome:
        """Store an item in a transaction of its own.

        Args:
            again: its article is to be fetched again when the list is read next.
        """
        if prepared.refusal is not None:
            return prepared.refusal
        record = content.record(one, prepared, url=url, url_key=key, secret=self._crew.secret, again=again)
        now = self._crew.context.now()
        return await self._crew.storage.write(lambda session: store_item(session, record, now))

    # -- drafts whose links led elsewhere ---------------------------------------------------------

    async def settle(self) -> None:
        """Store what was redirected, unless all links lead to one and the same page."""
        groups: dict[str, list[Redirected]] = defaultdict(list)
        for held in self._held:
            groups[_wall_key(held)].append(held)
        self._held = []
        for group in groups.values():
            wall = len({held.one.url_key for held in group}) >= WALL
            if wall:
                host = urlsplit(group[0].url).hostname
                self._findings.fail(
                    f"{len(group)} different links lead to one page at {host} (consent, sign-in, an error?): "
                    "set full_text = false, or remove the source"
                )
            for held in group:
                await self._settle_one(held, wall)

    async def _settle_one(self, held: Redirected, wall: bool) -> None:
        one = held.one
        try:
            if wall:
                trouble = Trouble(f"{one.url} leads to {urlsplit(held.url).hostname} instead of an article")
                outcome = await self._without_article(one, trouble)
            elif self._known.suppressions.cover(held.url, held.url_key):
                outcome = Outcome.SUPPRESSED
            elif held.url_key in self._known.met:
                outcome = Outcome.DUPLICATE
            else:
                self._known.met.add(held.url_key)
                outcome = await self._store(one, held.prepared, held.url, held.url_key)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            outcome = self._lose(one, error)
        self._count(one, outcome)


def _wall_key(held: Redirected) -> str:
    """What redirected links have in common when they end at a wall: the address.

    On another site the query does not count, for it often carries the article's address for later.
    """
    if same_site(held.one.url, held.url):
        return held.url_key
    parts = urlsplit(held.url)
    return f"{parts.netloc}{parts.path}"
