"""The commands that add to a database of ``benchmarks.queue_data`` what it lacks."""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from models.database import engine_for


def added(module: str, described: str | None, add: Callable[[Engine, Any], None]) -> int:
    """Add to the database that the command line names, and say how long it took.

    Args:
        module: name of the benchmark.
        described: what it says of itself.
        add: fills tables of a database, with a function that takes words on how far it is; raises ValueError
            where that was done before.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{module}",
        description=described,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", help="address of a filled database, as SCOUT_DATABASE_URL has it")
    engine = engine_for(parser.parse_args().url)
    started = time.monotonic()
    try:
        add(engine, lambda words: print(f"{time.monotonic() - started:6.0f} s  {words}", file=sys.stderr))
    except ValueError as error:
        print(f"{module}: {error}", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    print(f"done after {time.monotonic() - started:.0f} s")
    return 0
