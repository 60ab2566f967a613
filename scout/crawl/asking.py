"""Asking one source whether items are still there, and following what it says of them."""

import logging
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from models.source_definition import SourceDefinition
from models.store.gone import due_items
from models.store.items import KnownItem, known_items
from models.store.sources import note_wait
from models.words import Outcome
from scout.crawl import plan
from scout.crawl.articles import Articles
from scout.crawl.fetch import fetch
from scout.crawl.findings import Findings, OutOfTime
from scout.crawl.plan import Known
from scout.crawl.standing import store_standing
from scout.crawl.trouble import Trouble
from scout.drafts import Answer, ItemDraft, Page, Question, Standing, Stored
from scout.extraction import ExtractionError, belongs_in_pool
from scout.kinds import KINDS

if TYPE_CHECKING:
    from scout.crawl.crew import Crew

logger = logging.getLogger(__name__)

#: Questions that one source gets in one run at most, those that follow from answers included; with a second
#: between them that is less than two minutes. What is left is asked first in the next run.
MOST_QUESTIONS = 100
#: Answers kept for questions that follow from others: a few are asked again and again, and each may be large.
KEPT_ANSWERS = 4
#: Items asked about in one run at most: some sources tell of a hundred in one answer.
MOST_ITEMS = 1000


@dataclass
class AskReport:
    """What asking one source came to."""

    #: Standing -> how many items it was said of.
    items: Counter[Standing] = field(default_factory=Counter)
    withdrawn: int = 0
    #: Items that had changed at the source, and were stored anew.
    changed: int = 0
    #: Why not everything could be asked, in one sentence; None = it could.
    problem: str | None = None


class Asking:
    """The questions of one run to one source; used once."""

    def __init__(self, crew: "Crew", definition: SourceDefinition) -> None:
        self._crew = crew
        self._definition = definition
        self._reader = KINDS[definition.kind]
        self._findings = Findings()
        self._known = Known(
            source_key=definition.key,
            suppressions=crew.suppressions,
            refused={},
            # What is kept is followed, however old it is.
            oldest=datetime.min.replace(tzinfo=UTC),
            now=crew.context.now(),
        )
        self._articles = Articles(crew, definition, self._known, self._findings)
        self._report = AskReport()
        #: Answers to questions that follow from others, which are often the same; None = there was none.
        self._pages: dict[str, Page | None] = {}
        #: Questions that were sent.
        self._asked = 0

    async def run(self) -> AskReport:
        """Ask about all items that are due; each answer is stored before the next question.

        Raises:
            OperationalError, InterfaceError: the database can't be used.
        """
        key = self._definition.key
        try:
            await self._ask_all()
        except Trouble as trouble:
            self._report.problem = str(trouble)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.debug("%s: %r", key, error, exc_info=True)
            self._report.problem = (
                f"asking whether its items are still there broke ({type(error).__name__}): "
                "report this as a mistake in scout"
            )
        await self._articles.settle()
        self._report.changed = self._findings.outcomes[Outcome.CHANGED]
        context = self._crew.context
        until = context.waits.get(context.server(self._definition.url))
        if until is not None and until > context.now():
            await self._crew.storage.write(lambda session: note_wait(session, key, until))
        return self._report

    async def _ask_all(self) -> None:
        key, now = self._definition.key, self._crew.context.now()
        due = await self._crew.storage.read(lambda session: due_items(session, key, now, MOST_ITEMS))
        stored = [Stored(item_id=item.id, url=item.url, native_id=item.native_id) for item in due]
        waiting = deque(self._reader.questions(self._definition, stored))
        named = {item.item_id for question in waiting for item in question.items}
        # Those that its reader has no question for make room for others.
        await self._store({item.id: Standing.UNKNOWN for item in due if item.id not in named})
        follow_ups: set[Question] = set()
        while waiting and self._asked < MOST_QUESTIONS:
            question = waiting.popleft()
            try:
                page = await self._answer(question, again=question in follow_ups)
            except Trouble as trouble:
                if isinstance(trouble, OutOfTime) or self._of_own_server(question):
                    raise
                continue  # of another server, which wants to be left alone: a later run asks
            if page is None:
                await self._store({item.item_id: Standing.UNKNOWN for item in question.items})
                continue
            answer = await self._judge(question, page)
            later = {item.item_id for following in answer.ask for item in following.items}
            standing = {
                item.item_id: answer.standing.get(item.item_id, Standing.UNKNOWN)
                for item in question.items
                if item.item_id in answer.standing or item.item_id not in later
            }
            await self._store(standing)
            await self._take_edits(answer.drafts)
            # Next, so that what was begun is finished before the limit is reached.
            waiting.extendleft(reversed(answer.ask))
            follow_ups.update(answer.ask)

    async def _answer(self, question: Question, *, again: bool) -> Page | None:
        """The answer; None = there is none that tells anything.

        Args:
            again: the question may have been asked for other items in this run already.

        Raises:
            Trouble: the server wants to be left alone, or time is over: nothing is noted.
        """
        if again and question.url in self._pages:
            self._pages[question.url] = known = self._pages.pop(question.url)  # the last one goes last
            return known
        page: Page | None = None
        self._asked += 1
        try:
            page = await self._findings.in_time(
                fetch(
                    self._crew.crawler,
                    self._crew.context,
                    question.url,
                    headers={"Accept": question.accept},
                    tally=self._findings.tally,
                    also=question.judges,
                )
            )
        except Trouble as trouble:
            if isinstance(trouble, OutOfTime) or trouble.wait_until is not None:
                raise
            logger.debug("%s: %s", question.url, trouble)
        if again:
            self._pages[question.url] = page
            if len(self._pages) > KEPT_ANSWERS:
                del self._pages[next(iter(self._pages))]
        return page

    async def _judge(self, question: Question, page: Page) -> Answer:
        """What the reader makes of an answer; nothing, if it takes a worker too long."""
        judge = self._reader.judge
        if not belongs_in_pool(page):
            answer: Answer = judge(self._definition, question, page)
            return answer
        try:
            future = self._crew.pool.run(judge, self._definition, question, page)
            answer = await self._findings.in_time(self._crew.pooled(future))
        except ExtractionError as error:
            logger.debug("%s: %s", question.url, error)
            return Answer()
        return answer

    def _of_own_server(self, question: Question) -> bool:
        context = self._crew.context
        return context.server(question.url) == context.server(self._definition.url)

    async def _store(self, standing: dict[int, Standing]) -> None:
        self._report.withdrawn += await store_standing(self._crew, standing)
        self._report.items.update(standing.values())

    async def _take_edits(self, drafts: Sequence[ItemDraft]) -> None:
        """Work out what the source says now of items that are stored, as a visit would; nothing else."""
        candidates = [plan.candidate(draft, self._crew.secret) for draft in drafts]
        if not candidates:
            return
        url_keys = {one.url_key for one in candidates if one.url}
        external_keys = {one.external_key for one in candidates}

        def find(session: Session) -> list[KnownItem]:
            return known_items(session, self._definition.key, url_keys, external_keys)

        found = await self._crew.storage.read(find)
        own = {item.external_key for item in found if item.source_key == self._definition.key}
        self._known.learn(found)
        mine = [one for one in candidates if one.external_key in own]
        await self._articles.take([one for one in mine if plan.decide(one, self._known).outcome is None])
