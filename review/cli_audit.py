"""The commands ``review audit``: is the audit log whole, and taking it out as a file."""

import json
import sys
from pathlib import Path

import click

from models.commands import COULD_NOT_FINISH, as_json
from review.command_sessions import reading


@click.group()
def audit() -> None:
    """Check the audit log, and take it out as a file."""


@audit.command("check")
@click.option(
    "--hash",
    "hashes",
    metavar="HASH",
    multiple=True,
    help="A hash written down earlier, which must still be in the log; may be given again.",
)
@as_json
def audit_check(hashes: tuple[str, ...], as_json: bool) -> None:
    """Work out the hash of every entry again: was any entry changed, taken out or put in between?

    Entries that were cut off at the end show only with --hash: the newest hash, written down elsewhere
    earlier. Exits 1 when the log is not whole, with the number of the first entry that is wrong.
    """
    from models.store.audit import check, has_hash

    with reading() as session:
        checked = check(session, on_progress=_progress if sys.stderr.isatty() else None)
        gone = [one for one in hashes if not has_hash(session, one.strip().lower())]
    if sys.stderr.isatty():
        click.echo("\r", nl=False, err=True)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "whole": checked.broken is None and not gone,
                    "entries": checked.entries,
                    "broken": checked.broken,
                    "newest": checked.newest,
                    "gone": gone,
                }
            )
        )
    elif checked.broken is not None:
        click.echo(
            f"entry {checked.broken} does not follow from the one before it: somebody changed the log",
            err=True,
        )
    else:
        click.echo(f"{checked.entries} entries, all whole; newest hash: {checked.newest}")
        for one in gone:
            click.echo(
                f"no entry has the hash {one}: entries were cut off, or it is older than a year", err=True
            )
    if checked.broken is not None or gone:
        sys.exit(COULD_NOT_FINISH)


@audit.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "csv"]),
    default="json",
    show_default=True,
    help="Form of the export.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write instead of stdout."
)
def audit_export(form: str, output: Path | None) -> None:
    """Export the audit log, newest entry first."""
    from review.exporting import write_export
    from review.log_rows import COLUMNS, rows

    with reading() as session:
        write_export(form, output, COLUMNS, 0, rows(session, nested=form == "json"))


def _progress(entries: int) -> None:
    click.echo(f"\r{entries} entries", nl=False, err=True)
