"""The command ``review``: serve the pages, keep accounts, export."""

import sys
from pathlib import Path
from typing import Any

import click

# Imports of what takes long stand in the commands: `review serve` must answer within seconds.
from models.commands import CannotFinishError, run_command
from models.settings import load_settings
from review.cli_audit import audit
from review.cli_client import client
from review.cli_digest import digest
from review.cli_municipality import municipality
from review.cli_upkeep import upkeep
from review.cli_user import user
from review.command_sessions import reading as _reading

#: Requests handled at the same time. Each takes milliseconds; the rest wait their turn.
THREADS = 8
#: Bytes of an answer that are made ahead of whoever reads it: a long file waits for its reader.
SEND_AHEAD = 1024 * 1024


def main() -> None:
    """Entry point of the command."""
    run_command(cli, "review")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="participatienetwerk-scout", prog_name="review")
def cli() -> None:
    """Decide on leads: the review queue and the register as web pages, accounts, and exports.

    Settings stand in config/settings.toml; each can be given as an environment variable SCOUT_*.
    """


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=5000, show_default=True, type=click.IntRange(0, 65535), help="0 = any free port."
)
@click.option(
    "--trusted-proxy",
    metavar="ADDRESS",
    help="Address of the proxy in front, whose X-Forwarded headers are believed.",
)
@click.option(
    "--no-upkeep", is_flag=True, help="Send and remind nothing from here: `review upkeep` runs elsewhere."
)
def serve(host: str, port: int, trusted_proxy: str | None, no_upkeep: bool) -> None:
    """Serve the review pages; makes the database and the secret key where they are missing."""
    import logging

    from waitress.server import create_server

    from review.app import create_app
    from review.assets import VENDOR
    from review.upkeep import Upkeep

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s")
    # It would say of every request that waits a moment for its turn that it does.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    settings = load_settings()
    app = create_app(settings)
    if not (VENDOR / "nl-design-system.css").is_file():
        click.echo("review: the style sheets are missing; make them with python -m review.assets", err=True)
    proxy: dict[str, Any] = {}
    if trusted_proxy:
        proxy = {
            "trusted_proxy": trusted_proxy,
            "trusted_proxy_count": 1,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"},
            "clear_untrusted_proxy_headers": True,
        }
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            outbuf_high_watermark=SEND_AHEAD,
            **proxy,
        )
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise CannotFinishError(f"can't listen on {host} port {port}: {said}") from None
    listening = getattr(server, "effective_listen", None) or [(server.effective_host, server.effective_port)]
    for address, number in listening:
        shown = f"[{address}]" if ":" in str(address) else address
        click.echo(f"Review pages: http://{shown}:{number}/ (stop with Ctrl+C)")
    if not _has_accounts(app):
        click.echo("Nobody can sign in yet. Add an account: review user add you@example.nl", err=True)
    work = Upkeep(settings, app.extensions["scout_engine"])
    if not no_upkeep:
        work.start()
    _settle()
    try:
        server.run()
    finally:
        server.close()
        work.stop()


def _settle() -> None:
    """Spare requests the long pauses in which all objects are looked through for what nobody holds any more.

    What stands in memory now stays until the end, so it is left out; nearly all that a request makes goes by
    itself, so looking is worth the while after some requests only (every command does so: ``run_command``).
    On a million leads in PostgreSQL a page took 30 ms at the median without both, and 23 ms with them
    (2026-11-22, 2 cores).
    """
    import gc

    gc.collect()
    gc.freeze()


def _has_accounts(app: Any) -> bool:
    from models.database import session_factory
    from models.store.accounts import list_accounts

    with session_factory(app.extensions["scout_engine"], writes=False)() as session:
        return any(account.active for account in list_accounts(session))


cli.add_command(user)
cli.add_command(municipality)
cli.add_command(audit)
cli.add_command(client)
cli.add_command(digest)
cli.add_command(upkeep)


@cli.command()
@click.argument("what", type=click.Choice(["leads", "initiatives", "shares", "round"]))
@click.argument("number", type=click.IntRange(1, 2**31 - 1), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "csv", "xlsx"]),
    default="json",
    show_default=True,
    help="Form of the export.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write instead of stdout."
)
@click.option("--status", help="Only leads or shares of this status, or initiatives in this phase.")
def export(what: str, number: int | None, form: str, output: Path | None, status: str | None) -> None:
    """Export all leads, the register, the shares, or the pairings of round NUMBER side by side.

    Needs the database only: no server, account or secret.
    """
    from review.comparison_rows import export_round
    from review.exporting import export_rows, write_export

    if (what == "round") is not (number is not None):
        raise click.UsageError("name the number of a round, as in: export round 3; other exports take none")
    if what == "round" and status is not None:
        raise click.UsageError("a round is exported whole: leave --status out")
    with _reading() as session:
        if number is not None:
            columns, count, rows = export_round(session, number)
        else:
            columns, count, rows = export_rows(session, what, status)
        write_export(form, output, columns, count, rows)


if __name__ == "__main__":
    main()
