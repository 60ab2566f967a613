"""Time that the pages of the register take with 100,000 entries, page by page, on both databases.

    python -m benchmarks.register                databases of its own (some five minutes)
    python -m benchmarks.register URL [URL …]    on databases that it filled before, with ``--keep FOLDER``

Each page is asked for by somebody who is signed in, of a real ``review serve`` on loopback, from sending the
request until its last byte has come. The yardstick, within the same run on the same database, is one look-up
of an entry by its number through the mapper. Exit code 1 when a page takes more than 300 ms for more than one
in twenty.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Engine, func, insert, select

from benchmarks.queue import Timed, databases, repeat, tell
from benchmarks.queue_data import EMAIL, fill
from benchmarks.queue_words import Words
from benchmarks.served import Reviewer, served
from models.account import Account
from models.database import engine_for, session_factory
from models.geo import municipalities, quarters, towns
from models.initiative import Initiative
from models.labels import load_labels
from models.settings import load_settings
from models.store.search import refresh
from models.words import Informed, Phase

ENTRIES = 100_000
#: Milliseconds that 95 of 100 requests may take at most.
PROMISED = 300
#: Requests of each page.
TIMES = 40
#: Entries that name a place, and those that others may see.
WITH_PLACE, APPROVED = 0.7, 0.3
#: How far entries are, with weights.
PHASES = {Phase.SIGNALLED: 50, Phase.IN_CONTACT: 20, Phase.GUIDED: 15, Phase.FINISHED: 12, Phase.STOPPED: 3}
#: Rows written at once.
PORTION = 5_000


def add_entries(engine: Engine, entries: int, *, seed: int = 1) -> None:
    """Fill the register with entries as they may be after some years, drawn by seed."""
    draw, words, now = random.Random(seed), Words(seed), datetime.now(UTC)
    labels = load_labels(load_settings())
    facts = municipalities()
    weights = list(accumulate(one.inhabitants for one in facts))
    places: dict[str, list[str]] = {}
    for code, key in (
        *((one.municipality_code, one.key) for one in towns()),
        *((one.municipality_code, one.key) for one in quarters()),
    ):
        places.setdefault(code, []).append(key)
    with session_factory(engine)() as session:
        accounts = list(session.scalars(select(Account.id)))
        done = 0
        while done < entries:
            rows = []
            for number in range(done, min(done + PORTION, entries)):
                code = draw.choices(facts, cum_weights=weights)[0].code
                at = now - timedelta(days=1500 * (1 - number / entries))
                approved = draw.random() < APPROVED
                rows.append(
                    {
                        "name": words.name(),
                        "summary": f"{words.snippet()} {words.snippet()}",
                        "municipality_code": code,
                        "place_key": draw.choice(places[code]) if draw.random() < WITH_PLACE else None,
                        "theme": draw.choice(list(labels.themes)),
                        "question": words.snippet(80),
                        "link": f"https://voorbeeld{number}.example/",
                        "contact": f"info@voorbeeld{number}.example",
                        "expertise": draw.sample(list(labels.expertise), k=draw.randint(0, 3)),
                        "hours": draw.randint(1, 200),
                        "phase": draw.choices(list(PHASES), list(PHASES.values()))[0],
                        "created_by_id": draw.choice(accounts),
                        "created_at": at,
                        "updated_at": at,
                        "approved_at": at if approved else None,
                        "informed": Informed.DONE if draw.random() < 0.9 else Informed.TO_DO,
                        "change_number": number + 1,
                    }
                )
            session.execute(insert(Initiative), rows)
            session.commit()
            done += len(rows)
        while refresh(session, PORTION):
            session.commit()
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def pages(engine: Engine) -> Iterator[tuple[str, Callable[[], str]]]:
    """Name of a page and what makes an address of it."""
    draw, words = random.Random(2), Words(1).all
    with session_factory(engine, writes=False)() as session:
        last = session.scalar(select(func.max(Initiative.id))) or 0
        rows = session.execute(
            select(Initiative.municipality_code, Initiative.place_key)
            .where(Initiative.place_key.is_not(None))
            .order_by(Initiative.id)
            .limit(2000)
        ).all()

    def listed(path: str = "/register", **asked: str | Callable[[], str]) -> Callable[[], str]:
        return lambda: (
            path
            + "?"
            + urlencode({name: one if isinstance(one, str) else one() for name, one in asked.items()})
        )

    def place() -> str:
        code, key = draw.choice(rows)
        return "/register?" + urlencode({"gemeente": code, "buurt": key})

    yield "register", lambda: "/register"
    yield "register, deep", listed(na=lambda: str(draw.randrange(last)))
    yield "any municipality", listed(gemeente=lambda: draw.choice(rows)[0])
    yield "largest municipality", listed(gemeente="GM0363")
    yield "neighbourhood", place
    yield "theme", listed(thema="groen")
    yield "phase", listed(fase="gestopt")
    yield "expertise", listed(kennis="subsidies")
    yield "approved", listed(goedgekeurd="ja")
    yield "needs informing", listed(informeren="ja")
    yield "changed since", listed(sinds=f"{datetime.now(UTC) - timedelta(days=30):%Y-%m-%d}")
    yield "four at once", listed(gemeente="GM0363", thema="groen", kennis="subsidies", informeren="ja")
    yield (
        "rare four, no municipality",
        listed(thema="groen", fase="gestopt", kennis="subsidies", informeren="ja"),
    )
    yield "search: usual word", listed(zoek=lambda: draw.choice(words[100:250]))
    yield "search: common word", listed(zoek=lambda: draw.choice(words[45:60]))
    yield "search: rare word", listed(zoek=lambda: draw.choice(words[-3000:]))
    yield "map of the country", lambda: "/register/kaart"
    yield "map of a municipality", listed("/register/kaart", gemeente=lambda: draw.choice(rows)[0])
    yield "map of the largest", listed("/register/kaart", gemeente="GM0363")
    yield "boundaries", lambda: "/register/kaart/grenzen.geojson"
    yield "for others", lambda: "/register/elders"
    yield "for others, deep", listed("/register/elders", na=lambda: str(draw.randrange(last)))
    yield "for others, search", listed("/register/elders", zoek=lambda: draw.choice(words[100:250]))
    yield "entry", lambda: f"/register/{draw.randrange(last) + 1}"
    yield "entry, its form", lambda: f"/register/{draw.randrange(last) + 1}/wijzigen"


def measure(url: str, times: int) -> list[str]:
    """Ask for every page and print the table; gives the promises that are broken."""
    engine = engine_for(url)
    yardstick, measured = Timed("yardstick: an entry by its number", False), []
    print(f"\n{engine.dialect.name}")
    with served(url) as server:
        staff, officer = (
            Reviewer(server.port, email) for email in (EMAIL.format(1), "gemeente01@voorbeeld.example")
        )
        for who, words in ((staff, ""), (officer, "officer: ")):
            who.sign_in()
            for name, address in pages(engine):
                if words and name.partition(",")[0] not in ("register", "map of the country", "for others"):
                    continue
                timed = Timed(words + name, False)
                measured.append(timed)
                repeat(server, timed, times, lambda who=who, address=address: who.get(address()))  # type: ignore[misc]
                look_up(engine, yardstick)
        tell(measured, yardstick)
        complaints = server.complaints().strip()
    engine.dispose()
    broken = [f"{one.name}: {one.failed}" for one in measured if one.failed]
    broken += [
        f"{one.name} takes {one.at(0.95):.0f} ms (p95), more than {PROMISED}"
        for one in measured
        if one.times and one.at(0.95) > PROMISED
    ]
    return broken + ([f"the server complains: {complaints[-500:]}"] if complaints else [])


def look_up(engine: Engine, yardstick: Timed) -> None:
    """Five look-ups in between, so that a slow moment of the machine is in both."""
    with session_factory(engine, writes=False)() as session:
        for number in random.Random(len(yardstick.times)).sample(range(1, 1000), k=5):
            began = time.perf_counter()
            session.get(Initiative, number)
            yardstick.times.append((time.perf_counter() - began) * 1000)
            session.expunge_all()


def main() -> int:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.register",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("urls", nargs="*", metavar="URL", help="filled databases; none = make them")
    parser.add_argument(
        "--entries", type=int, default=ENTRIES, help=f"for databases of its own ({ENTRIES:,})"
    )
    parser.add_argument("--times", type=int, default=TIMES, help=f"requests of each page ({TIMES})")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="fill an SQLite file here and keep it")
    options = parser.parse_args()
    broken = []
    if options.urls:
        broken = [problem for url in options.urls for problem in measure(url, options.times)]
    elif options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        broken = filled(f"sqlite:///{options.keep.resolve()}/scout.db", options.entries, options.times)
    else:
        with databases() as made:
            for url in made:
                broken += filled(url, options.entries, options.times)
    for promise in broken:
        print(f"BROKEN: {promise}")
    return 1 if broken else 0


def filled(url: str, entries: int, times: int) -> list[str]:
    """Fill an empty database and measure on it."""
    engine = engine_for(url)
    began = time.monotonic()
    fill(engine, leads=1000, items=1000, open_share=0.05, now=datetime.now(UTC), sources=50, reviewers=5)
    add_entries(engine, entries)
    print(f"{engine.dialect.name}: {entries:,} entries in {time.monotonic() - began:.0f} s")
    engine.dispose()
    return measure(url, times)


if __name__ == "__main__":
    sys.exit(main())
