"""The commands ``review municipality``: who takes part in the network."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from models.base import utc_now
from models.commands import as_json
from review.command_sessions import reading, writing

if TYPE_CHECKING:
    from models.store.municipalities import Participation

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def municipality() -> None:
    """Show and set which municipalities take part, from when until when.

    As long as none takes part, every municipality has an equal place in the queue.
    """


@municipality.command("list")
@as_json
def municipality_list(as_json: bool) -> None:
    """List the municipalities that take part, did or will."""
    from models.store.municipalities import participations

    with reading() as session:
        found = participations(session)
    if as_json:
        _print_json({"municipalities": [_row(one) for one in found]})
        return
    if not found:
        click.echo("no municipality takes part yet: review municipality set NAME --from DAY")
    for one in found:
        click.echo(_line(one))


@municipality.command("set")
@click.argument("name")
@click.option("--from", "start", type=DAY, metavar="DAY", help="First day, as 2026-01-31; today by default.")
@click.option("--until", "end", type=DAY, metavar="DAY", help="Last day; without end by default.")
@click.option("--never", is_flag=True, help="It does not take part (any more); its history goes.")
@as_json
def municipality_set(
    *, name: str, start: datetime | None, end: datetime | None, never: bool, as_json: bool
) -> None:
    """Say that the municipality NAME (or CBS code) takes part, or that it does not.

    The next `scout run` or `scout group` shares out the places in the queue anew.
    """
    from models.store.municipalities import ParticipationError, set_participation

    if never and (start or end):
        raise click.UsageError("--never goes without --from and --until")
    first = None if never else (start.date() if start else utc_now().date())
    with writing() as session:
        try:
            found = set_participation(session, name, first, end.date() if end else None)
        except ParticipationError as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        _print_json(_row(found))
    else:
        click.echo(_line(found))


def _row(one: "Participation") -> dict[str, Any]:
    return {
        **asdict(one),
        "start": one.start.isoformat() if one.start else None,
        "end": one.end.isoformat() if one.end else None,
    }


def _line(one: "Participation") -> str:
    if one.start is None:
        return f"{one.code}\t{one.name}\tdoes not take part"
    until = f" until {one.end}" if one.end else ""
    return f"{one.code}\t{one.name}\tfrom {one.start}{until}\t{'now' if one.now else 'not now'}"


def _print_json(report: dict[str, Any]) -> None:
    click.echo(json.dumps(report, ensure_ascii=False))
