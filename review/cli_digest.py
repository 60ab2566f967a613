"""The command ``review digest``: send the digests that are due."""

import json
import sys

import click

from models.commands import COULD_NOT_FINISH, as_json
from models.settings import load_settings


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@as_json
def digest(dry_run: bool, as_json: bool) -> None:
    """Send the digests that are due now, each once; the worker of `review serve` does the same.

    Digests go out from seven in the morning (Amsterdam): daily ones every day, weekly ones on Mondays, or
    later when that did not work. Exits 1 when one could not be sent.
    """
    from models.base import utc_now
    from models.database import ensure_ready, open_engine
    from review.digests import look, send_due

    settings = load_settings()
    engine = open_engine(settings)
    try:
        ensure_ready(engine)
        done = (look if dry_run else send_due)(settings, engine, utc_now())
    finally:
        engine.dispose()
    if as_json:
        numbers = {"sent": done.sent, "empty": done.empty, "failed": done.failed}
        click.echo(json.dumps({**numbers, "dry_run": dry_run, "problems": done.problems}))
    else:
        would = "would be sent" if dry_run else "sent"
        click.echo(f"{done.sent} {would}, {done.empty} with nothing to tell, {done.failed} failed")
    for problem in done.problems:
        click.echo(f"review: {problem}", err=True)
    if done.problems:
        sys.exit(COULD_NOT_FINISH)
