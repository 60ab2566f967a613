"""``scout mail``: e-mail that people hand things in with."""

import sys

import click

from models.commands import COULD_NOT_FINISH, as_json
from scout.commands import print_json, ready, say
from scout.stages import only_one_run


@click.command()
@as_json
def mail(as_json: bool) -> None:
    """Take in the e-mail of the folder that mail_in names; `scout gather` begins with this too.

    Exit code 1 when the folder can't be read. Refused mail stays in the folder, flagged.
    """
    from scout.mail_in import read_mail

    with ready() as settings:
        if not settings.mail_in:
            raise click.UsageError("no folder is set: name one with mail_in in config/settings.toml")
        with only_one_run(settings, say):
            report = read_mail(settings)
    if as_json:
        print_json(report.as_dict())
    else:
        refused = ", ".join(f"{count} {reason.value}" for reason, count in sorted(report.refused.items()))
        click.echo(f"{report.taken} mails taken, {report.known} known already, refused: {refused or 'none'}")
        for problem in report.problems:
            say(problem)
    if report.problems:
        sys.exit(COULD_NOT_FINISH)
