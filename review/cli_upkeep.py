"""The command ``review upkeep``: what the service does by itself, in a process of its own."""

import json
import logging
import signal
import sys
import threading
from collections.abc import Mapping
from types import FrameType
from typing import Any

import click

from models.commands import COULD_NOT_FINISH, as_json
from models.settings import load_settings


@click.command()
@click.option("--once", is_flag=True, help="Do everything once, then end.")
@as_json
def upkeep(once: bool, as_json: bool) -> None:
    """Send to webhooks, send digests and mails about matches, pair automatically, remind of shares, and
    forget what is past its term.

    `review serve` does this by itself, unless it was started with --no-upkeep. Several at once do no harm.
    Goes on until it is stopped; with --once it exits 1 when something failed.
    """
    from models.database import ensure_ready, open_engine
    from review.upkeep import Upkeep, run_once

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s")
    settings = load_settings()
    engine = open_engine(settings)
    try:
        ensure_ready(engine)
        if once:
            done = run_once(settings, engine)
            failed = [one.name for one in done if not one.fine]
            if as_json:
                click.echo(json.dumps({"jobs": {one.name: one.told for one in done}, "failed": failed}))
            else:
                for one in done:
                    click.echo(f"{one.name}: {_told(one.told) or 'nothing to do' if one.fine else 'failed'}")
            if failed:
                sys.exit(COULD_NOT_FINISH)
            return
        stopped = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopped.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        work = Upkeep(settings, engine)
        work.start()
        if not as_json:
            click.echo("Upkeep is running (stop with Ctrl+C)")
        stopped.wait()
        work.stop()
    finally:
        engine.dispose()


def _told(told: Mapping[str, Any]) -> str:
    """What a job did, in one line: counts first, then what stood in the way."""
    counts = [f"{found} {name}" for name, found in told.items() if found and not isinstance(found, list)]
    reasons = [str(one) for found in told.values() if isinstance(found, list) for one in found]
    return ", ".join(counts + reasons)
