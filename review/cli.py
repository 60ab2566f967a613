"""The command ``review``: serve the pages, keep accounts, export."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

# Imports of what takes long stand in the commands: `review serve` must answer within seconds.
from models.commands import CannotFinishError, as_json, run_command
from models.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Requests handled at the same time. Each takes milliseconds; the rest wait their turn.
THREADS = 8


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
def serve(host: str, port: int, trusted_proxy: str | None) -> None:
    """Serve the review pages; makes the database and the secret key where they are missing."""
    import logging

    from waitress.server import create_server

    from review.app import create_app
    from review.assets import VENDOR

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s")
    app = create_app(load_settings())
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
        server = create_server(app, host=host, port=port, threads=THREADS, ident=None, **proxy)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise CannotFinishError(f"can't listen on {host} port {port}: {said}") from None
    listening = getattr(server, "effective_listen", None) or [(server.effective_host, server.effective_port)]
    for address, number in listening:
        shown = f"[{address}]" if ":" in str(address) else address
        click.echo(f"Review pages: http://{shown}:{number}/ (stop with Ctrl+C)")
    if not _has_accounts(app):
        click.echo("Nobody can sign in yet. Add an account: review user add you@example.nl", err=True)
    try:
        server.run()
    finally:
        server.close()


def _has_accounts(app: Any) -> bool:
    from models.database import session_factory
    from models.store.accounts import list_accounts

    with session_factory(app.extensions["scout_engine"], writes=False)() as session:
        return any(account.active for account in list_accounts(session))


@cli.group()
def user() -> None:
    """Add, list and disable the accounts of people."""


@user.command("add")
@click.argument("email")
@click.option("--name", default="", help="As shown beside decisions.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    default=("beoordelaar",),
    show_default=True,
    help="beoordelaar, gemeente, projectleider, beheerder or functionaris; may be given again.",
)
@click.option("--municipality", default="", help="Name or CBS code; for the role gemeente only.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
@as_json
def user_add(
    *, email: str, name: str, roles: tuple[str, ...], municipality: str, password_stdin: bool, as_json: bool
) -> None:
    """Add an account for EMAIL.

    Asks for a password on a terminal; where there is none, or when it is left empty, one is
    made and printed.
    """
    from models.store.accounts import AccountError, add_account, new_password

    made = False
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = _asked_password()
        if not password:
            password, made = new_password(), True
    with _writing() as session:
        try:
            account = add_account(session, email, password, name=name, roles=roles, municipality=municipality)
        except AccountError as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        _print_json({**_account_json(account), "password": password if made else None})
        return
    click.echo(f"added {account.email} ({', '.join(account.roles)})")
    if made:
        click.echo(f"password: {password}")


@user.command("list")
@as_json
def user_list(as_json: bool) -> None:
    """List all accounts."""
    from models.store.accounts import list_accounts

    with _reading() as session:
        accounts = list_accounts(session)
    if as_json:
        _print_json({"accounts": [_account_json(account) for account in accounts]})
        return
    for account in accounts:
        parts = [account.email, account.name, "+".join(account.roles), account.municipality_code or ""]
        click.echo("\t".join([*parts, "" if account.active else "disabled"]).rstrip())


@user.command("disable")
@click.argument("email")
@as_json
def user_disable(email: str, as_json: bool) -> None:
    """Close the account of EMAIL and end its sessions; its decisions keep its name."""
    from models.store.accounts import AccountError, disable_account

    with _writing() as session:
        try:
            account = disable_account(session, email)
        except AccountError as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        _print_json(_account_json(account))
    else:
        click.echo(f"disabled {account.email}")


@cli.command()
@click.argument("what", type=click.Choice(["leads", "initiatives"]))
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
@click.option("--status", help="Only leads of this status, or initiatives in this phase.")
def export(what: str, form: str, output: Path | None, status: str | None) -> None:
    """Export all leads, or the register. Needs the database only: no server, account or secret key."""
    from review.exporting import export_rows, write_export

    with _reading() as session:
        columns, count, rows = export_rows(session, what, status)
        write_export(form, output, columns, count, rows)


def _asked_password() -> str:
    if not sys.stdin.isatty():
        return ""
    return str(click.prompt("Password (empty = make one)", default="", show_default=False, hide_input=True))


def _account_json(account: Any) -> dict[str, Any]:
    return {
        "email": account.email,
        "name": account.name,
        "roles": list(account.roles),
        "municipality": account.municipality_code,
        "active": account.active,
    }


def _print_json(report: dict[str, Any]) -> None:
    click.echo(json.dumps(report, ensure_ascii=False))


@contextmanager
def _writing() -> Iterator["Session"]:
    """A session on a database that is up to date, committed at the end."""
    from models.database import ensure_ready, open_engine, session_factory

    engine = open_engine(load_settings())
    try:
        ensure_ready(engine)
        with session_factory(engine)() as session:
            yield session
            session.commit()
    finally:
        engine.dispose()


@contextmanager
def _reading() -> Iterator["Session"]:
    """A session that only reads a database that must be there."""
    from sqlalchemy import inspect

    from models.database import open_engine, session_factory

    settings = load_settings()
    _must_exist(settings)
    engine = open_engine(settings)
    try:
        if not inspect(engine).has_table("lead"):
            raise CannotFinishError("the database has no tables yet: run scout init")
        with session_factory(engine, writes=False)() as session:
            yield session
    finally:
        engine.dispose()


def _must_exist(settings: Settings) -> None:
    """Looking must not make an empty database."""
    from sqlalchemy import make_url

    try:
        url = make_url(settings.effective_database_url)
    except Exception:
        return
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        raise CannotFinishError(f"there is no database at {url.database}: run scout init")


if __name__ == "__main__":
    main()
