"""``review user`` as an administrator uses it, and the account it makes as a person does."""

import json
import os
import subprocess
import sys

import pytest
from flask import Flask

from models.settings import Settings
from review.app import create_app
from tests.review.commands import Run, runs
from tests.review.factories import PASSWORD
from tests.review.visitor import Visitor


@pytest.fixture
def run(settings: Settings) -> Run:
    """Runs ``review user …`` with this input, on the folder of the test."""
    return runs(settings.var, "user")


def test_an_account_is_added_on_an_empty_folder_signs_in_and_is_disabled(
    run: Run, settings: Settings
) -> None:
    arguments = ["add", "Ada@Voorbeeld.example", "--name", "Ada", "--password-stdin"]
    added = subprocess.run(
        [sys.executable, "-m", "review.cli", "user", *arguments],
        env={**os.environ, "SCOUT_VAR": str(settings.var)},
        input=PASSWORD + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (added.returncode, added.stderr) == (0, "")
    assert PASSWORD not in added.stdout
    visitor = Visitor(create_app(settings))
    visitor.get("/aanmelden")
    visitor.send("/aanmelden", email="ada@voorbeeld.example", password=PASSWORD)
    assert visitor.heading == "Signalen"

    listed = json.loads(run("list", "--json").stdout)
    assert listed == {
        "accounts": [
            {
                "email": "ada@voorbeeld.example",
                "name": "Ada",
                "roles": ["beoordelaar"],
                "municipality": None,
                "active": True,
            }
        ]
    }
    assert run("disable", "ada@voorbeeld.example").returncode == 0
    assert visitor.client.get("/").status_code == 303
    assert "disabled" in run("list").stdout


def test_a_password_is_made_and_printed_when_none_is_given(run: Run, app: Flask) -> None:
    made = json.loads(run("add", "bob@voorbeeld.example", "--json").stdout)["password"]
    visitor = Visitor(app)
    visitor.get("/aanmelden")

    visitor.send("/aanmelden", email="bob@voorbeeld.example", password=made)

    assert visitor.heading == "Signalen"
    assert len(made) >= 30


def test_a_password_with_accents_works_in_every_way_of_writing_them(run: Run, app: Flask) -> None:
    run("add", "c@voorbeeld.example", "--password-stdin", given="caf\u00e9 om de hoek\n")
    visitor = Visitor(app)
    visitor.get("/aanmelden")

    visitor.send("/aanmelden", email="c@voorbeeld.example", password="cafe\u0301 om de hoek")

    assert visitor.heading == "Signalen"


@pytest.mark.usefixtures("engine")
def test_a_municipality_is_given_by_name_or_code(run: Run) -> None:
    for number, place in enumerate(("arnhem", "GM0202")):
        done = run("add", f"g{number}@voorbeeld.example", "--role", "gemeente", "--municipality", place)
        assert done.returncode == 0

    accounts = json.loads(run("list", "--json").stdout)["accounts"]
    assert [account["municipality"] for account in accounts] == ["GM0202", "GM0202"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["add", "geen-adres"], "is not an e-mail address", id="no address"),
        pytest.param(["add", "ADA@voorbeeld.example"], "already", id="twice, in other case"),
        pytest.param(["add", "b@voorbeeld.example", "--role", "baas"], "no role 'baas'", id="unknown role"),
        pytest.param(
            ["add", "b@voorbeeld.example", "--role", "gemeente"], "needs a municipality", id="no municipality"
        ),
        pytest.param(
            ["add", "b@voorbeeld.example", "--role", "gemeente", "--municipality", "Atlantis"],
            "no municipality 'Atlantis'",
            id="unknown municipality",
        ),
        pytest.param(
            ["add", "b@voorbeeld.example", "--municipality", "Arnhem"],
            "only the role gemeente",
            id="not needed",
        ),
        pytest.param(["add", "b@voorbeeld.example", "--password-stdin"], "12 to 128", id="short password"),
        pytest.param(["disable", "niemand@voorbeeld.example"], "no account", id="nobody to disable"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_what_is_wrong_is_said_in_one_sentence_with_exit_code_2(
    run: Run, arguments: list[str], sentence: str
) -> None:
    run("add", "ada@voorbeeld.example")
    before = run("list", "--json").stdout

    done = run(*arguments, given="te kort\n")

    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
    assert run("list", "--json").stdout == before
