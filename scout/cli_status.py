"""``scout status``: one look at everything."""

from typing import Any

import click

from models.commands import as_json
from scout.commands import print_json, ready


@click.command()
@as_json
def status(as_json: bool) -> None:
    """Show sources by health, what is odd and what to do, items, leads, the model and the last run."""
    from models.database import open_engine, session_factory
    from models.store.status import overview
    from scout.classify import model_card

    with ready() as settings:
        engine = open_engine(settings)
        with session_factory(engine, writes=False)() as session:
            report = {**overview(session), "model": model_card(settings)}
        engine.dispose()
    if as_json:
        print_json(report)
        return
    for name in ("sources", "items", "leads"):
        counts = ", ".join(f"{count} {word}" for word, count in report[name].items())
        click.echo(f"{name:<8} {counts or 'none'}")
    click.echo(f"missed   {_missed_in_words(report['missed'])}")
    for entry in report["failing"]:
        click.echo(f"failing  {entry['source']}: {entry['failures']} visits in a row")
    for entry in report["odd"]:
        click.echo(f"odd      {entry['source']}: {entry['sign']} since {entry['since'][:10]}: {entry['do']}")
    for entry in report["paused"]:
        click.echo(f"paused   {entry['source']}: {entry['why']}")
    for entry in report["coverage"]:
        before = f"the last one {entry['since'][:10]}" if entry["since"] else "it never had one"
        click.echo(
            f"no news  {entry['name']} ({entry['municipality']}): no healthy source this week, {before}"
        )
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
