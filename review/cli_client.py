"""The commands ``review client``: programs that use the API."""

import json
from typing import TYPE_CHECKING, Any

import click

from models.commands import as_json
from review.command_sessions import reading, writing

if TYPE_CHECKING:
    from models.store.api_clients import ClientRow


@click.group()
def client() -> None:
    """Add, list and revoke programs that use the API."""


@client.command("add")
@click.argument("name")
@click.option("--account", required=True, help="E-mail address of whoever answers for it.")
@click.option(
    "--scope", "scopes", multiple=True, help="What it may do; may be given again. By default all that fits."
)
@click.option("--municipality", default="", help="Keep it to this one: name or CBS code.")
@as_json
def client_add(*, name: str, account: str, scopes: tuple[str, ...], municipality: str, as_json: bool) -> None:
    """Add the program NAME and print its secret, which is not to be had again.

    It acts in the name of the account: what it decides is that person's decision.
    """
    from models.store.accounts import AccountError, account_of
    from models.store.api_clients import ClientError, account_viewer, add_client, as_client, fitting_scopes
    from models.store.municipalities import ParticipationError, find_municipality
    from models.store.viewer import OPERATOR

    with writing() as session:
        try:
            viewer = account_viewer(session, account_of(session, account).id)
            if viewer is None:
                raise click.ClickException(f"the account {account} is closed")
            code = find_municipality(session, municipality).code if municipality else None
            if code is None and not viewer.keeps_sources:
                code = viewer.municipality_code
            row, secret = add_client(
                session,
                name,
                scopes or [scope.value for scope in fitting_scopes(as_client(viewer, code))],
                viewer=OPERATOR,
                municipality_code=code,
                account_id=viewer.account_id,
            )
        except (AccountError, ClientError, ParticipationError) as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps({**_row(row), "client_secret": secret}, ensure_ascii=False))
    else:
        click.echo(f"client_id: {row.client_id}\nclient_secret: {secret}")


@client.command("list")
@as_json
def client_list(as_json: bool) -> None:
    """List the programs, revoked ones too."""
    from models.store.api_clients import list_clients
    from models.store.viewer import OPERATOR

    with reading() as session:
        rows = [_row(row) for row in list_clients(session, OPERATOR)]
    if as_json:
        click.echo(json.dumps({"clients": rows}, ensure_ascii=False))
        return
    if not rows:
        click.echo("no programs yet: review client add NAME --account E-MAIL")
    for row in rows:
        state = "revoked" if row["revoked_at"] else row["last_used_at"] or "never used"
        where = row["municipality"] or "network"
        click.echo(f"{row['client_id']}\t{row['name']}\t{where}\t{' '.join(row['scopes'])}\t{state}")


@client.command("revoke")
@click.argument("client_id")
def client_revoke(client_id: str) -> None:
    """Take the access of the program CLIENT_ID away, at once."""
    from models.store.api_clients import list_clients, revoke_client
    from models.store.viewer import OPERATOR

    with writing() as session:
        found = [row for row in list_clients(session, OPERATOR) if row.client_id == client_id]
        if not found:
            raise click.ClickException(f"there is no program {client_id}: see review client list")
        revoke_client(session, found[0].id, viewer=OPERATOR)
    click.echo(f"{found[0].name} has no access any more")


def _row(row: "ClientRow") -> dict[str, Any]:
    return {
        "client_id": row.client_id,
        "name": row.name,
        "municipality": row.municipality_code,
        "scopes": [scope.value for scope in row.scopes],
        "account": row.account,
        "created_at": row.created_at.isoformat(),
        "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
        "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
    }
