"""What must go: ``scout recheck`` follows deletions at the source, ``scout object`` objections."""

import click

from models.commands import as_json
from scout.commands import print_json, ready, say
from scout.progress import shown
from scout.stages import only_one_run


@click.command()
@click.option(
    "--source", "sources", multiple=True, metavar="KEY", help="Only this source; may be given again."
)
@as_json
def recheck(sources: tuple[str, ...], as_json: bool) -> None:
    """Ask sources whether what they published is still there, and follow edits and deletions.

    Only what is due is asked: items of leads that wait for a decision once a day, all others once a week, and
    what was gone an hour ago at once. What is gone for the second time is taken out and never comes back.
    """
    from scout.definitions import UnknownSourceError
    from scout.recheck import recheck as recheck_all

    with ready() as settings, only_one_run(settings, say), shown() as progress:
        try:
            report = recheck_all(settings, keys=sources or None, progress=progress)
        except UnknownSourceError as error:
            raise click.UsageError(str(error)) from None
    if as_json:
        print_json(report.as_dict())
        return
    items = ", ".join(f"{count} {standing}" for standing, count in report.items.items() if count)
    click.echo(
        f"{report.sources} sources asked; items: {items or 'none'}; "
        f"{report.withdrawn} taken out, {report.changed} changed"
    )
    for source, problem in report.problems:
        say(f"{source}: {problem}")


@click.command(name="object")
@click.argument("what", metavar="URL|DOMAIN|ACCOUNT")
@as_json
def object_to(what: str, as_json: bool) -> None:
    """Take out what somebody objects to, and never store it again.

    WHAT is the address of a page (https://…/page), a domain (example.nl: all of it, and of what is below it),
    or an account (@name@server, did:…). Only a keyed hash of it is kept.
    """
    from scout.objection import NoObjectError, keep_out_for_good

    with ready() as settings, only_one_run(settings, say):
        try:
            report = keep_out_for_good(settings, what)
        except NoObjectError as error:
            raise click.UsageError(str(error)) from None
    if as_json:
        print_json({"kind": report.kind, "withdrawn": report.withdrawn, "sources": list(report.sources)})
        return
    click.echo(f"kept out for good: this {report.kind}; {report.withdrawn} items taken out")
    for key in report.sources:
        say(f"{key}: this source stands there and is still visited: remove it, or set enabled = false")
