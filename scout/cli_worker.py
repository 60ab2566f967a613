"""``scout worker``, and the two hidden commands that it and a run use to do errands."""

import click

from models.commands import as_json
from models.durations import parse_duration
from models.settings import load_settings
from scout.commands import print_json, ready, say


@click.command()
@click.option(
    "--every", metavar="DURATION", default="30m", show_default=True, help="Time between two runs: 30m, 2h."
)
@click.option("--errands-only", is_flag=True, help="Begin no runs: something else does, cron for instance.")
def worker(every: str, errands_only: bool) -> None:
    """Do what pages ask for within seconds, and run the scout every so often, until SIGTERM or Ctrl-C.

    Several workers may share one database: nothing is done twice.
    """
    from scout.worker import work_until_told

    try:
        seconds = parse_duration(every)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--every") from None
    runs = "no runs" if errands_only else f"a run every {every}"
    say(f"the worker is ready: errands at once, {runs}")
    work_until_told(load_settings(), every=None if errands_only else seconds, say=say)
    say("the worker has stopped")


@click.command(hidden=True)
@click.argument("errand_id", type=int)
def errand(errand_id: int) -> None:
    """Do one errand that was taken up."""
    from scout.errands import do_errand

    do_errand(load_settings(), errand_id, say)


@click.command(hidden=True)
@as_json
def errands(as_json: bool) -> None:
    """Do the errands that wait: what a run begins with."""
    from scout.errands import do_waiting

    with ready() as settings:
        done = do_waiting(settings, say)
    if as_json:
        print_json({"errands": done})
    else:
        click.echo(f"{done} errands taken up")
