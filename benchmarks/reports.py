"""Time that reports take with 100,000 entries in the register, as many shares and changes, on both databases.

    python -m benchmarks.reports                databases of its own (some five minutes)
    python -m benchmarks.reports URL [URL …]    on databases that it filled before, with ``--keep FOLDER``

Measured as by ``benchmarks.register``: real pages of a real server, within one run beside the look-up of an
entry by its number. Figures of the whole network are kept for five minutes, so one request in that time makes
them; that one is told by itself. Exit code 1 when a page takes more than 300 ms for more than one in twenty.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, insert, select

from benchmarks.queue import Timed, databases, repeat, tell
from benchmarks.queue_data import EMAIL, fill
from benchmarks.register import PORTION, PROMISED, add_entries, look_up
from benchmarks.served import Reviewer, served
from models.account import Account
from models.database import engine_for, session_factory
from models.initiative import Initiative
from models.initiative_change import InitiativeChange
from models.share import Share
from models.words import Answer, Ending, ShareStatus

ENTRIES, TIMES = 100_000, 20
#: How far shares are, with weights.
STANDING = {
    ShareStatus.SEEN: 2,
    ShareStatus.ANSWERED: 40,
    ShareStatus.CLOSED: 45,
    ShareStatus.LAPSED: 13,
}


def add_shares(engine: Engine, *, seed: int = 3) -> None:
    """A share and a step to another phase for every entry."""
    draw = random.Random(seed)
    with session_factory(engine)() as session:
        staff = session.scalars(select(Account.id).limit(1)).one()
        entries = session.execute(
            select(Initiative.id, Initiative.municipality_code, Initiative.created_at)
        ).all()
        for start in range(0, len(entries), PORTION):
            shares, changes = [], []
            for number, code, at in entries[start : start + PORTION]:
                status = draw.choices(list(STANDING), list(STANDING.values()))[0]
                answered = status in (ShareStatus.ANSWERED, ShareStatus.CLOSED)
                shares.append(
                    {
                        "municipality_code": code,
                        "initiative_id": number,
                        "status": status,
                        "offered_by_id": staff,
                        "offered_at": at,
                        "answer": draw.choice(list(Answer)) if answered else None,
                        "answered_at": at + timedelta(days=draw.randint(0, 40)) if answered else None,
                        "ending": draw.choice(list(Ending)) if status is ShareStatus.CLOSED else None,
                        "ended_at": at + timedelta(days=60) if status is ShareStatus.CLOSED else None,
                    }
                )
                changes.append(
                    {
                        "initiative_id": number,
                        "at": at + timedelta(days=5),
                        "fields": {"phase": ["gesignaleerd", draw.choice(["in_contact", "begeleid"])]},
                    }
                )
            session.execute(insert(Share), shares)
            session.execute(insert(InitiativeChange), changes)
            session.commit()
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def pages(engine: Engine) -> Iterator[tuple[str, Callable[[], str]]]:
    """Name of a page and what makes an address of it; days differ, so that nothing was kept."""
    draw = random.Random(2)
    with session_factory(engine, writes=False)() as session:
        codes = list(session.scalars(select(Initiative.municipality_code).limit(2000)))
    today = datetime.now(UTC).date()

    def since(days: int) -> str:
        return f"vanaf={today - timedelta(days=days)}&tot-en-met={today}"

    yield "four weeks of a municipality", lambda: f"/rapport?gemeente={draw.choice(codes)}"
    yield "a year of a municipality", lambda: f"/rapport?gemeente={draw.choice(codes)}&{since(365)}"
    yield "four years of the largest", lambda: f"/rapport?gemeente=GM0363&{since(1400)}"
    yield "four years of the largest, CSV", lambda: f"/rapport.csv?gemeente=GM0363&{since(1400)}"
    yield "network, four weeks", lambda: "/rapport"
    yield "network, this year", lambda: "/rapport?periode=jaar"
    yield "network, made anew (once)", lambda: f"/rapport?{since(28)}"
    yield "network of a year, made anew (once)", lambda: f"/rapport?{since(365)}"


def measure(url: str, times: int) -> list[str]:
    """Ask for every page and print the table; gives the promises that are broken."""
    engine = engine_for(url)
    yardstick, measured = Timed("yardstick: an entry by its number", False), []
    print(f"\n{engine.dialect.name}")
    with served(url) as server:
        staff = Reviewer(server.port, EMAIL.format(1))
        staff.sign_in()
        for name, address in pages(engine):
            once = name.endswith("(once)")
            timed = Timed(name, False)
            measured.append(timed)
            repeat(
                server,
                timed,
                1 if once else times,
                lambda address=address: staff.get(address()),  # type: ignore[misc]
            )
            look_up(engine, yardstick)
        tell(measured, yardstick)
        complaints = server.complaints().strip()
    engine.dispose()
    broken = [f"{one.name}: {one.failed}" for one in measured if one.failed]
    broken += [
        f"{one.name} takes {one.at(0.95):.0f} ms (p95), more than {PROMISED}"
        for one in measured
        if one.times and not one.name.endswith("(once)") and one.at(0.95) > PROMISED
    ]
    return broken + ([f"the server complains: {complaints[-500:]}"] if complaints else [])


def main() -> int:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reports",
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
    fill(engine, leads=20_000, items=20_000, open_share=0.05, now=datetime.now(UTC), sources=50, reviewers=5)
    add_entries(engine, entries)
    add_shares(engine)
    print(f"{engine.dialect.name}: {entries:,} entries in {time.monotonic() - began:.0f} s")
    engine.dispose()
    return measure(url, times)


if __name__ == "__main__":
    sys.exit(main())
