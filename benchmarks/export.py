"""A register of 100,000 initiatives taken out as CSV, in one stream, from a real ``review serve``.

    python -m benchmarks.export            100,000 entries on SQLite (a minute)
    python -m benchmarks.export --entries N

Reads the answer as it comes and samples the memory of the serving process. Exit code 1 when the process took
more than :data:`PROMISED` bytes, or rows are missing.
"""

import argparse
import csv
import http.client
import io
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.process_tree import MEGABYTE
from benchmarks.queue_data import EMAIL, PASSWORD
from benchmarks.served import Reviewer, Server, served
from models.database import engine_for, ensure_ready, session_factory
from models.initiative import Initiative
from models.store.accounts import add_account
from models.words import Phase, Role

ENTRIES = 100_000
#: Memory of the serving process at most, in bytes.
PROMISED = 200 * MEGABYTE
#: Seconds between two looks at its memory.
SAMPLE = 0.02
#: Entries written at a time.
BATCH = 5000
#: 600 characters, as staff write them.
SUMMARY = "Bewoners van de straat leggen samen een tuin aan en houden die bij, met hulp van de school. " * 7


def main() -> int:
    """Fill, serve, take out, say how it went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    entries = parser.parse_args().entries
    with tempfile.TemporaryDirectory(prefix="export-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'scout.db'}"
        engine = engine_for(url)
        ensure_ready(engine)
        with session_factory(engine)() as session:
            fill(session, entries)
        engine.dispose()
        with served(url) as server:
            reviewer = Reviewer(server.port, EMAIL.format(1))
            reviewer.sign_in()
            before = server.memory()
            peak, seconds, size, rows = taken_out(server, reviewer)
    print(
        f"{rows} rows, {size / MEGABYTE:.0f} MB in {seconds:.1f} s; memory of the server: "
        f"{before / MEGABYTE:.0f} MB before, {peak / MEGABYTE:.0f} MB at most"
    )
    return 0 if rows == entries and peak <= PROMISED else 1


def fill(session: Session, entries: int) -> None:
    """One account, and a register of so many entries in two municipalities."""
    account = add_account(session, EMAIL.format(1), PASSWORD, roles=[Role.ADMIN])
    now = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
    for start in range(0, entries, BATCH):
        session.execute(
            insert(Initiative),
            [
                {
                    "name": f"Buurttuin nummer {number}",
                    "summary": SUMMARY,
                    "municipality_code": ("GM0202", "GM0275")[number % 2],
                    "theme": "groen",
                    "question": "Wie helpt ons met een vergunning?",
                    "link": f"https://voorbeeld.example/tuin/{number}",
                    "links": [],
                    "contact": "de wijkvereniging",
                    "expertise": ["subsidies"],
                    "hours": 8,
                    "phase": Phase.SIGNALLED,
                    "created_by_id": account.id,
                    "created_at": now + timedelta(seconds=number),
                    "updated_at": now,
                }
                for number in range(start, min(start + BATCH, entries))
            ],
        )
    session.commit()


def taken_out(server: Server, reviewer: Reviewer) -> tuple[int, float, int, int]:
    """Most bytes of memory meanwhile, seconds, size of the file in bytes, rows in it."""
    peak, done = [server.memory()], threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLE):
            peak[0] = max(peak[0], server.memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    size, started = [0], time.perf_counter()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in reviewer.cookies.items())
        connection.request("GET", "/uitvoer/register.csv", headers={"Cookie": cookies})
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"/uitvoer/register.csv: {answer.status}")

        def lines() -> Iterator[str]:
            for line in io.TextIOWrapper(answer, "utf-8", newline=""):
                size[0] += len(line)
                yield line

        rows = sum(1 for _ in csv.reader(lines())) - 1
    finally:
        done.set()
        watcher.join()
    return peak[0], time.perf_counter() - started, size[0], rows


if __name__ == "__main__":
    sys.exit(main())
