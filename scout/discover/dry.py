"""What a visit to a possible source would bring, through its reader; nothing is stored."""

import logging
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.source_definition import SourceDefinition
from models.source_rules import OPTIONS
from scout.crawl.trouble import Trouble
from scout.discover.asker import Asker
from scout.discover.found import Guess, Sample
from scout.drafts import ItemDraft, Reading
from scout.kinds import KINDS
from scout.steps.choose import Content, choose

logger = logging.getLogger(__name__)

#: List pages that are read: some readers ask something else first, and an index leads to its parts.
MOST_PAGES = 6
SAMPLES = 10
#: Characters of a draft's text that are looked at, and of a title made of it.
MOST_TEXT, LONGEST_TITLE = 5_000, 150


@dataclass(frozen=True)
class Dry:
    """What a visit would bring."""

    count: int = 0
    samples: tuple[Sample, ...] = ()
    #: Titles and first words, for working out where it plays.
    texts: tuple[tuple[str, str], ...] = ()
    #: All that a visit would see was read: the count may be held against later visits.
    whole: bool = True
    #: It reads on from where it stopped: later visits bring only what is new.
    goes_on: bool = False
    #: Days between the newest and the oldest of the samples; None = their dates don't say.
    span_days: float | None = None
    #: Why it can't be read.
    trouble: Trouble | None = None


async def visit(asker: Asker, guess: Guess, title: str, now: datetime) -> Dry:
    """Read the first page that has items, as a visit would."""
    reader = KINDS.get(guess.kind)
    if reader is None or not _complete(guess):
        return Dry()
    source = SourceDefinition(
        key="look",
        title=title,
        kind=guess.kind,
        url=guess.url,
        every_seconds=3600,
        full_text=guess.full_text,
        options=guess.options,
    )
    drafts: list[ItemDraft] = []
    waiting = deque(reader.first(source, {}))
    goes_on, problem = False, None
    for _ in range(MOST_PAGES):
        if not waiting or drafts:
            break
        try:
            page = await asker.get(waiting.popleft(), accept=reader.ACCEPT, also=reader.JUDGES)
            reading: Reading = await asker.read(source, page)
        except Trouble as trouble:
            return Dry(trouble=trouble)
        except Exception as error:
            logger.debug("%s: %r", guess.url, error, exc_info=True)
            return Dry(trouble=Trouble(f"{guess.url} could not be read ({type(error).__name__})"))
        drafts += reading.drafts
        goes_on = goes_on or reading.cursor is not None
        problem = problem or reading.problem
        more = reading.more if not (drafts and reading.stop_when_known) else ()
        waiting.extend(() if reading.ends_visit else more)
    if problem is not None and not drafts:
        return Dry(trouble=Trouble(problem))
    contents = [
        (draft, choose(replace(draft, text=draft.text[:MOST_TEXT]), None, now=now))
        for draft in drafts[:SAMPLES]
    ]
    samples = tuple(_sample(draft, content) for draft, content in contents)
    dates = [content.published.at for _, content in contents if content.published.at is not None]
    span = (max(dates) - min(dates)) / timedelta(days=1) if len(dates) > 1 else None
    texts = tuple((content.title, content.text[:1000]) for _, content in contents)
    return Dry(len(drafts), samples, texts, not waiting, goes_on, span)


def _complete(guess: Guess) -> bool:
    """Whether the address said everything that its kind needs; else a person adds it."""
    table = OPTIONS[guess.kind]
    return all(name in guess.options for name, option in table.items() if option.required)


def _sample(draft: ItemDraft, content: Content) -> Sample:
    first_words = " ".join(content.text[: 4 * LONGEST_TITLE].split())[:LONGEST_TITLE]
    published = content.published.at
    return Sample(
        (content.title or first_words)[:LONGEST_TITLE],
        draft.url,
        published.isoformat(timespec="seconds") if published else None,
    )


def bounds(dry: Dry) -> dict[str, int | None]:
    """Suggested ``expect``: a third to three times of what there is now, where that says something."""
    if not dry.count:
        return {"min": None, "max": None}
    least = 0 if dry.goes_on else max(1, dry.count // 3)
    return {"min": least, "max": max(10, 3 * dry.count) if dry.whole else None}


def every(dry: Dry) -> str:
    """Suggested least time between visits: what brings little is visited less often."""
    if dry.span_days is None:
        return "1h" if dry.count else "6h"
    a_day = len(dry.samples) / max(dry.span_days, 0.1)
    return "1h" if a_day >= 4 else "3h" if a_day >= 0.5 else "12h"
