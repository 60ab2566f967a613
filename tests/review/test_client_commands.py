"""``review client`` as whoever runs the installation uses it."""

import json

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.settings import Settings
from models.words import Role
from tests.review.commands import Run, runs
from tests.review.factories import make_account


@pytest.fixture
def run(settings: Settings) -> Run:
    """Runs ``review client …`` on the folder of the test."""
    return runs(settings.var, "client")


def test_a_program_is_added_listed_and_revoked(run: Run, app: Flask, session: Session) -> None:
    make_account(session, "pat@voorbeeld.example", roles=[Role.ADMIN], name="Pat")
    session.commit()

    added = run("add", "Matching", "--account", "pat@voorbeeld.example", "--json")
    assert (added.returncode, added.stderr) == (0, "")
    made = json.loads(added.stdout)
    assert "signalen:besluiten" in made["scopes"]
    pair = (made["client_id"], made["client_secret"])
    ask = {"data": {"grant_type": "client_credentials"}, "auth": pair}
    assert app.test_client().post("/oauth/token", **ask).status_code == 200

    town = run(
        *("add", "Zaaksysteem", "--account", "pat@voorbeeld.example"),
        *("--municipality", "arnhem", "--scope", "delingen:lezen"),
    )
    assert town.returncode == 0
    assert "client_secret: " in town.stdout
    (first, second) = json.loads(run("list", "--json").stdout)["clients"]
    assert (first["name"], second["name"]) == ("Matching", "Zaaksysteem")
    assert (second["municipality"], second["scopes"]) == ("GM0202", ["delingen:lezen"])
    assert made["client_secret"] not in run("list").stdout

    gone = run("revoke", pair[0])
    assert (gone.returncode, gone.stdout) == (0, "Matching has no access any more\n")
    assert app.test_client().post("/oauth/token", **ask).status_code == 401
    assert "revoked" in run("list").stdout


def test_mistakes_are_one_sentence(run: Run, session: Session) -> None:
    make_account(session, "ada@voorbeeld.example", roles=[Role.REVIEWER])
    make_account(session, "pat@voorbeeld.example", roles=[Role.ADMIN])
    session.commit()
    cases = {
        ("add", "X", "--account", "nobody@voorbeeld.example"): "there is no account",
        ("add", "X", "--account", "ada@voorbeeld.example"): "may not keep programs",
        ("add", "X", "--account", "pat@voorbeeld.example", "--scope", "alles"): "scopes: not_fitting",
        ("add", "X", "--account", "pat@voorbeeld.example", "--municipality", "Nergens"): "no municipality",
        ("revoke", "onbekend"): "there is no program onbekend",
    }
    for arguments, sentence in cases.items():
        done = run(*arguments)
        assert done.returncode != 0
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
