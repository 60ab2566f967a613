"""A small internet on loopback with a database and source files, for tests of gathering."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from xml.sax.saxutils import escape

from sqlalchemy import Engine, select

from models.database import session_factory
from models.item import Item
from models.item_text import ItemText
from models.run import Run
from models.settings import Settings
from models.source import Source
from tests.scout.gather_driver import Ran
from tests.scout.gather_driver import Run as Gathering
from tests.web import Route, Web, conditional

#: What articles of these tests are filled with: plain Dutch, long enough for any check of language.
PROSE = (
    "Bewoners van de wijk leggen samen een buurttuin aan op het braakliggende veldje achter de school. "
    "Ze zoeken nog vrijwilligers die op zaterdagochtend willen helpen met spitten, zaaien en onderhouden. "
    "De woningcorporatie heeft de grond voor vijf jaar in bruikleen gegeven en de gemeente legt een kraan. "
)
GERMAN = (
    "Die Gemeinde hat am Montag mitgeteilt, dass die neue Bibliothek im nächsten Frühjahr eröffnet wird. "
    "Die Einwohner warten seit mehr als drei Jahren darauf, weil das Bauunternehmen zahlungsunfähig wurde. "
    "Die Öffnungszeiten werden abends und am Wochenende verlängert, und für Kinder bleibt sie kostenlos. "
)


@dataclass
class Entry:
    """One entry of a feed."""

    link: str
    title: str = "Buurttuin zoekt vrijwilligers"
    summary: str = ""
    guid: str = ""
    published: datetime | None = None
    language: str = ""


def rss(entries: Iterable[Entry], *, language: str = "nl") -> str:
    """An RSS feed of these entries."""
    parts = []
    for entry in entries:
        fields = [f"<title>{escape(entry.title)}</title>"] if entry.title else []
        if entry.link:
            fields.append(f"<link>{escape(entry.link)}</link>")
        if entry.guid:
            fields.append(f'<guid isPermaLink="false">{escape(entry.guid)}</guid>')
        if entry.summary:
            fields.append(f"<description>{escape(entry.summary)}</description>")
        if entry.published:
            fields.append(f"<pubDate>{format_datetime(entry.published)}</pubDate>")
        parts.append(f"<item>{''.join(fields)}</item>")
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Krant</title>'
        f"<language>{language}</language>{''.join(parts)}</channel></rss>"
    )


def article(title: str = "Buurttuin zoekt vrijwilligers", text: str = PROSE, head: str = "") -> str:
    """A web page with one article."""
    return (
        f'<!doctype html><html lang="nl"><head><title>{escape(title)}</title>{head}</head><body>'
        f"<nav>Menu</nav><main><article><h1>{escape(title)}</h1><p>{escape(text)}</p></article></main></body></html>"
    )


class World:
    """One web server, one database, one folder of source files; lasts for the ``with`` block."""

    def __init__(self, settings: Settings, engine: Engine, *addresses: str, **changes: Any) -> None:
        database = engine.url.render_as_string(hide_password=False)
        # A host that hangs costs three tries: short ones, as this is loopback.
        changes = {"timeout_seconds": 2.0, **changes}
        self.settings = settings.model_copy(update={"database_url": database, **changes})
        self.engine = engine
        self.web = Web(*addresses)
        self._files: dict[str, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self.web)
        self.web.route(
            "/voorwaarden", article("Voorwaarden", "U mag onze berichten lezen en ernaar verwijzen.")
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # -- sources -------------------------------------------------------------------------------

    def source(
        self, key: str, url: str, *, kind: str = "feed", terms: str | None = None, **more: Any
    ) -> None:
        """Write a source file; written again, it replaces the one before."""
        if terms is None:
            # Not today: the clock of a test may have begun before midnight, and today is then still to come.
            read = datetime.now(UTC).date() - timedelta(days=1)
            address = self.web.url("/voorwaarden")
            terms = f'{{ url = "{address}", checked = {read}, basis = "6(1)(e) AVG", purpose = "vinden" }}'
        lines = [f'key = "{key}"', f'title = "{key}"', f'kind = "{kind}"', f'url = "{url}"']
        lines += [f"{name} = {_toml(value)}" for name, value in more.items()]
        if terms:
            lines.append(f"terms = {terms}")
        self.file(key).write_text("[[source]]\n" + "\n".join(lines) + "\n", "utf-8")

    def file(self, key: str) -> Path:
        """The source file of a key."""
        return self.settings.config / "sources" / f"{key}.toml"

    def feed(self, key: str, entries: Iterable[Entry], *, address: str | None = None, **more: Any) -> str:
        """A source with a feed of these entries, which answers 304 to whoever has it."""
        url = self.web.route(f"/{key}.xml", conditional(rss(entries)), address=address)
        self.source(key, url, **more)
        return url

    def news(self, key: str, count: int, *, address: str | None = None, **more: Any) -> list[str]:
        """A source with a feed of so many articles; returns their addresses."""
        links = [
            self.web.route(
                f"/{key}/{number}",
                article(f"Bericht {number} van {key}", f"Nummer {number} van {key}. {PROSE}"),
                address=address,
            )
            for number in range(count)
        ]
        entries = [
            Entry(link, title=f"Bericht {number} van {key}", summary=f"Kort: nummer {number} van {key}.")
            for number, link in enumerate(links)
        ]
        self.feed(key, entries, address=address, **more)
        return links

    def page(self, path: str, answer: Route | None = None, *, address: str | None = None) -> str:
        """Serve a page, an article unless told otherwise; returns its address."""
        return self.web.route(path, article() if answer is None else answer, address=address)

    # -- running -------------------------------------------------------------------------------

    def run(self, **options: Any) -> Ran:
        """Gather once in a new process, all sources unless told otherwise."""
        return self.begin(**options).report()

    def begin(self, **options: Any) -> Gathering:
        """Begin to gather; the record of requests begins anew."""
        self.web.forget()
        return Gathering(self.settings, **{"everything": True, **options})

    def asked(self) -> list[str]:
        """Paths asked for in the last run, without those that are not about a visit."""
        return [path for path in self.web.paths() if path not in {"/robots.txt", "/voorwaarden"}]

    # -- what is stored ------------------------------------------------------------------------

    def items(self) -> list[Item]:
        """All items, by address."""
        with session_factory(self.engine, writes=False)() as session:
            return list(session.scalars(select(Item).order_by(Item.url)))

    def texts(self) -> dict[str, str]:
        """Address -> stored text."""
        with session_factory(self.engine, writes=False)() as session:
            found = session.execute(
                select(Item.url, ItemText.text).join(ItemText, ItemText.item_id == Item.id)
            )
            return {row[0]: row[1] for row in found}

    def row(self, key: str) -> Source:
        """The row of a source."""
        with session_factory(self.engine, writes=False)() as session:
            return session.get_one(Source, key)

    def runs(self, key: str) -> list[Run]:
        """The visits to a source, in order."""
        with session_factory(self.engine, writes=False)() as session:
            return list(session.scalars(select(Run).where(Run.source_key == key).order_by(Run.id)))


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + " }"
    return f"'{value}'" if isinstance(value, str) else str(value)
