"""``review user``: the accounts of people, and links with which they choose a password of their own."""

import json
import sys
from typing import Any

import click

from models.commands import as_json
from models.settings import load_settings
from review.command_sessions import reading, writing

#: Where the pages are when no public address is set, as ``review serve`` does without options.
HERE = "http://127.0.0.1:5000"


@click.group()
def user() -> None:
    """Add, invite, list and disable the accounts of people."""


def _who(function: Any) -> Any:
    """The options that say who somebody is and what that person may do."""
    for option in (
        click.option("--municipality", default="", help="Name or CBS code; for the role gemeente only."),
        click.option(
            "--role",
            "roles",
            multiple=True,
            default=("beoordelaar",),
            show_default=True,
            help="beoordelaar, gemeente, projectleider, beheerder or functionaris; may be given again.",
        ),
        click.option("--name", default="", help="As shown beside decisions."),
    ):
        function = option(function)
    return function


@user.command("add")
@click.argument("email")
@_who
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
@as_json
def user_add(
    *, email: str, name: str, roles: tuple[str, ...], municipality: str, password_stdin: bool, as_json: bool
) -> None:
    """Add an account for EMAIL.

    Asks for a password on a terminal; where there is none, or when it is left empty, one is
    made and printed.
    """
    from models.store.accounts import AccountError, add_account
    from models.store.audit import record
    from models.store.passwords import PASSWORD_MAX, PASSWORD_MIN, PROBLEMS, new_password, problem_with

    made = False
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = _asked_password()
        if not password:
            password, made = new_password(), True
    problem = problem_with(password, name=name, email=email)
    with writing() as session:
        try:
            account = add_account(session, email, password, name=name, roles=roles, municipality=municipality)
        except AccountError as error:
            raise click.ClickException(str(error)) from None
        if problem is not None and load_settings().production:
            raise click.ClickException(PROBLEMS[problem])
        rights = {"roles": list(account.roles), "municipality": account.municipality_code}
        record(session, None, "account_add", "account", account.id, after=rights)
    if problem is not None:
        # Whoever runs commands here could change the database as well; but should know.
        click.echo(
            f"warning: {PROBLEMS[problem]}; "
            f"better is a sentence of a few words, {PASSWORD_MIN} to {PASSWORD_MAX} characters",
            err=True,
        )
    if as_json:
        _print_json({**_account_json(account), "password": password if made else None})
        return
    click.echo(f"added {account.email} ({', '.join(account.roles)})")
    if made:
        click.echo(f"password: {password}")


@user.command("invite")
@click.argument("email")
@_who
@as_json
def user_invite(*, email: str, name: str, roles: tuple[str, ...], municipality: str, as_json: bool) -> None:
    """Invite EMAIL: prints a link, good for one use within a week, to be sent by you.

    Who opens it chooses a password and gets an account.
    """
    from models.store.accounts import AccountError
    from models.store.invitations import invite

    with writing() as session:
        try:
            made, token = invite(
                session, _secret(), email, by_id=None, name=name, roles=roles, municipality=municipality
            )
        except AccountError as error:
            raise click.ClickException(str(error)) from None
    _show_link(made, token, as_json)


@user.command("reset")
@click.argument("email")
@as_json
def user_reset(email: str, as_json: bool) -> None:
    """Print a link with which the owner of the account of EMAIL chooses another password.

    It is good for one use within a week, and is to be sent by you.
    """
    from models.store.accounts import AccountError, account_of
    from models.store.invitations import offer_new_password

    with writing() as session:
        try:
            account_id = account_of(session, email).id
            made, token = offer_new_password(session, _secret(), account_id, by_id=None)
        except AccountError as error:
            raise click.ClickException(str(error)) from None
    _show_link(made, token, as_json)


@user.command("list")
@as_json
def user_list(as_json: bool) -> None:
    """List all accounts."""
    from models.store.accounts import list_accounts

    with reading() as session:
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

    with writing() as session:
        try:
            account = disable_account(session, email)
        except AccountError as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        _print_json(_account_json(account))
    else:
        click.echo(f"disabled {account.email}")


def _show_link(made: Any, token: str, as_json: bool) -> None:
    settings = load_settings()
    link = f"{(settings.public_url or HERE).rstrip('/')}/uitnodiging/{token}"
    if as_json:
        _print_json({"email": made.email, "link": link, "expires": made.expires_at.isoformat()})
        return
    click.echo(link)
    click.echo(
        f"Send this to {made.email}; it works once, until {made.expires_at:%Y-%m-%d %H:%M} UTC.", err=True
    )


def _secret() -> bytes:
    return load_settings().effective_secret_key


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
