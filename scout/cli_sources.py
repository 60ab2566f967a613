"""``scout sources``: looking at sources, and managing those that no source file defines."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from models.commands import COULD_NOT_FINISH, DONE, CannotFinishError, as_json
from models.settings import load_settings
from scout.cli_add import add
from scout.commands import print_json, ready, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.source_definition import SourceDefinition


@click.group()
def sources() -> None:
    """Look at all sources, and manage those that no file of the configuration folder defines."""


sources.add_command(add)


@sources.command()
@as_json
def check(as_json: bool) -> None:
    """Check all sources; exit code 1 when there is a mistake in any."""
    from models.source_definition import check_source
    from models.source_files import mapping_of
    from scout.added import ON_A_PAGE, look_up
    from scout.definitions import load_definitions

    settings = load_settings()
    definitions, problems = load_definitions(settings)
    added, replaced, _ = look_up(settings, definitions, problems)
    problems += replaced
    for definition in added:
        fine, mistakes = check_source(mapping_of(definition), file=ON_A_PAGE, name=definition.key)
        problems += mistakes
        definitions += [definition] if fine else []
    if as_json:
        print_json(
            {
                "sources": len(definitions),
                "problems": [
                    {"file": p.file, "source": p.source, "key": p.key, "problem": p.message} for p in problems
                ],
            }
        )
    else:
        for problem in problems:
            # What concerns a whole file has no source and perhaps no key.
            say(": ".join(filter(None, (problem.file, problem.source, problem.key, problem.message))))
        click.echo(f"{len(definitions)} sources are fine, {len(problems)} mistakes")
    sys.exit(COULD_NOT_FINISH if problems else DONE)


@sources.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """List all sources, of files and added ones, and whether they will be visited."""
    from models.source_definition import terms_problem
    from scout.added import look_up
    from scout.definitions import load_definitions
    from scout.kinds import KINDS

    settings = load_settings()
    definitions, problems = load_definitions(settings)
    added, replaced, paused = look_up(settings, definitions, problems)
    today = datetime.now(UTC).date()
    rows = []
    for definition in [*definitions, *added]:
        if not definition.enabled:
            state = "switched off"
        elif definition.kind not in KINDS:
            state = f"kind {definition.kind} can't be visited yet"
        elif definition.key in paused:
            state = f"paused: {paused[definition.key]}"
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
    mistakes = len(problems) + len(replaced)
    if as_json:
        print_json({"sources": rows, "problems": mistakes})
        return
    for row in rows:
        click.echo(f"{row['key']:<32} {row['kind']:<10} {row['state']:<14} {row['url']}")
    if mistakes:
        say(f"{mistakes} mistakes in sources: see `scout sources check`")


# -- changing what is visited ----------------------------------------------------------------------


@contextmanager
def _changing() -> "Iterator[Session]":
    """A session in which the source files were followed; committed at the end."""
    from models.base import utc_now
    from models.database import open_engine, session_factory
    from models.store.added_sources import DefinedInFileError, KeyTakenError, SourceNotFoundError
    from scout.added import follow_files
    from scout.definitions import load_definitions

    with ready() as settings:
        engine = open_engine(settings)
        try:
            with session_factory(engine)() as session:
                follow_files(session, *load_definitions(settings), utc_now())
                yield session
                session.commit()
        except (DefinedInFileError, KeyTakenError, SourceNotFoundError) as error:
            raise click.UsageError(str(error)) from None
        finally:
            engine.dispose()


@sources.command("pause")
@click.argument("key")
@click.option("--why", default="", help="Shown wherever the source is.")
def pause_one(key: str, why: str) -> None:
    """Visit the source KEY no more until it is resumed."""
    from models.base import utc_now
    from models.store.added_sources import pause

    with _changing() as session:
        pause(session, key, why, account_id=None, now=utc_now())
    click.echo(f"{key} is paused; `scout sources resume {key}` ends that")


@sources.command("resume")
@click.argument("key")
def resume_one(key: str) -> None:
    """Visit the paused source KEY again."""
    from models.base import utc_now
    from models.store.added_sources import resume

    with _changing() as session:
        resume(session, key, account_id=None, now=utc_now())
    click.echo(f"{key} is not paused any more")


@sources.command("remove")
@click.argument("key")
def remove_one(key: str) -> None:
    """Remove the added source KEY; what it brought stays."""
    from models.base import utc_now
    from models.store.added_sources import remove_source

    with _changing() as session:
        remove_source(session, key, account_id=None, now=utc_now())
    click.echo(f"{key} is removed; what it brought stays")


# -- in and out --------------------------------------------------------------------------------------


@sources.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Write a source file instead of adding them.")
@as_json
def import_opml(file: Path, output: Path | None, as_json: bool) -> None:
    """Take over the feeds of an OPML file, switched off until their terms are reviewed.

    Outlines that can't be used are named with their number, and exit code is 1 then. Addresses that are there
    already are left out.
    """
    from models.base import utc_now
    from models.opml import OpmlError, read_opml
    from models.source_files import as_toml
    from models.store.added_sources import add_source
    from scout.opml_import import known_to, taken_over

    try:
        content = file.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from None
    try:
        outlines = read_opml(content)
    except OpmlError as error:
        raise CannotFinishError(f"{file}: {error}") from None
    with _changing() as session:
        result = taken_over(outlines, known_to(session), load_settings())
        if output is None:
            for definition in result.definitions:
                add_source(session, definition, account_id=None, now=utc_now())
        else:
            _write(as_toml(result.definitions, about=f"Taken over from {file.name}"), output)
    if as_json:
        print_json(result.as_dict())
    else:
        for left_out in (*result.skipped, *result.mistakes):
            say(f"outline {left_out.number} ({left_out.title or 'without a title'}): {left_out.why}")
        counts = f"{len(result.skipped)} were there already, {len(result.mistakes)} could not be used"
        where = f"written to {output}" if output else "added, switched off"
        click.echo(f"{len(result.definitions)} feeds {where}; {counts}")
        if result.definitions:
            say("they are visited once their terms of use are reviewed and they are switched on")
    sys.exit(COULD_NOT_FINISH if result.mistakes else DONE)


@sources.command()
@click.option("--format", "form", type=click.Choice(["toml", "opml"]), default="toml", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="A new file; without it: standard output.")
@click.option("--all", "everything", is_flag=True, help="The sources of files as well.")
def export(form: str, output: Path | None, everything: bool) -> None:
    """Write the added sources as a source file, or the feeds among them as OPML."""
    from models import geo
    from models.opml import write_opml
    from models.source_files import as_toml
    from scout.added import look_up
    from scout.definitions import load_definitions

    settings = load_settings()
    files, problems = load_definitions(settings)
    added, _, _ = look_up(settings, files, problems)
    chosen: list[SourceDefinition] = [*(files if everything else []), *added]
    if form == "toml":
        text = as_toml(chosen, about="Sources as written by `scout sources export`")
    else:
        text, left_out = write_opml(chosen, {facts.code: facts.name for facts in geo.municipalities()})
        if left_out:
            say(f"left out, since they are no feeds: {', '.join(left_out)}")
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(text, output)
        say(f"{len(chosen)} sources written to {output}")


def _write(text: str, output: Path) -> None:
    """Write a new file, whole or not at all.

    Raises:
        CannotFinishError: there is one of that name.
    """
    try:
        with open(output, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise CannotFinishError(f"{output} is there already: choose another name, or remove it") from None
