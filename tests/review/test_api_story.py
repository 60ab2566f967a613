"""A whole triage by programs over real HTTP: token, list, promote, undo, reject, answer, hand in."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.account import Account
from models.audit_entry import AuditEntry
from models.settings import Settings
from models.store.api_clients import add_client, fitting_scopes
from models.store.search import refresh
from models.words import Role
from tests.review.factories import ARNHEM, make_account, make_lead, viewer_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server(settings: Settings, engine: Engine) -> Iterator[str]:
    """Address of ``review serve`` on the database of the test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCOUT_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "review.cli", "serve", "--port", "0"],
        cwd=ROOT,
        env={**kept, "SCOUT_VAR": str(settings.var), "SCOUT_SECRET_KEY": "only for tests"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
    assert found
    yield found[0]
    process.terminate()
    process.wait()


class Robot:
    """A program with a token, as any other language would write it."""

    def __init__(self, server: str, client_id: str, secret: str) -> None:
        answer = requests.post(
            f"{server}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client_id, secret),
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        self.base = f"{server}/api/v1"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def ask(self, method: str, path: str, wanted: int = 200, **options: Any) -> Any:
        """What is answered, which must have this status."""
        address = path if path.startswith("http") else f"{self.base}{path}"
        answer = self.session.request(method, address, timeout=30, **options)
        assert answer.status_code == wanted, answer.text
        assert answer.headers["API-Version"].startswith("1.")
        kind = "application/problem+json" if wanted >= 400 else "application/json"
        assert answer.headers["Content-Type"].split(";")[0] == kind
        return answer.json()


def robot(server: str, session: Session, account: Account) -> Robot:
    """A program of this account."""
    viewer = viewer_of(account)
    row, secret = add_client(session, "Robot", fitting_scopes(viewer), viewer=viewer)
    session.commit()
    return Robot(server, row.client_id, secret)


def test_a_whole_triage_by_two_programs(server: str, session: Session) -> None:
    pat = make_account(session, "pat@voorbeeld.example", name="Pat", roles=[Role.PROJECT_LEADER])
    an = make_account(
        session, "an@voorbeeld.example", name="An", roles=[Role.MUNICIPALITY], municipality=ARNHEM
    )
    for title, score in (("Buurttuin aan de Kamperweg", 0.9), ("Gemeente opent loket", 0.8)):
        make_lead(session, title=title, score=score)
    refresh(session)
    session.commit()
    staff, town = robot(server, session, pat), robot(server, session, an)

    # The queue, best first; the likeliest is promoted by what its page says.
    garden, desk = staff.ask("GET", "/signalen?volgorde=score")["resultaten"]
    whole = staff.ask("GET", garden["_links"]["self"]["href"])
    assert whole["berichten"]
    promote = {
        "soort": "opnemen",
        "versie": whole["versie"],
        "initiatief": {
            "naam": "Buurttuin Kamperweg",
            "samenvatting": "Buren maken samen een tuin en onderhouden die zelf.",
            "gemeente": whole["gemeente"]["code"],
            "thema": whole["thema"],
            "vraag": "Wie helpt met de vergunning?",
            "expertise": ["vergunningen"],
            "uren": 40,
        },
    }
    made = staff.ask("POST", f"/signalen/{garden['id']}/besluiten", 201, json=promote)
    late = staff.ask("POST", f"/signalen/{garden['id']}/besluiten", 409, json=promote)
    assert late["besluit"]["door"] == "Pat"

    # The municipality has it at once, and so has who follows the register.
    (share,) = town.ask("GET", "/delingen?wacht=true")["resultaten"]
    assert share["titel"] == "Buurttuin Kamperweg"
    changes = staff.ask("GET", "/initiatieven?gewijzigdNa=0")
    assert [row["id"] for row in changes["resultaten"]] == [made["initiatiefId"]]
    answer = {"antwoord": "opgepakt", "toelichting": "Wij bellen.", "versie": share["versie"]}
    town.ask("POST", f"/delingen/{share['id']}/antwoorden", json=answer)
    assert staff.ask("GET", f"/delingen/{share['id']}")["antwoordDoor"] == "An"

    # Second thoughts: the entry is gone for the matching module, and the share is withdrawn.
    undo = {"soort": "terugdraaien", "besluitId": made["id"]}
    staff.ask("POST", f"/signalen/{garden['id']}/besluiten", 201, json=undo)
    since = changes["volgendeWijziging"]
    (gone,) = staff.ask("GET", f"/initiatieven?gewijzigdNa={since}")["resultaten"]
    assert (gone["id"], gone["vervallen"]) == (made["initiatiefId"], True)
    assert town.ask("GET", "/initiatieven")["resultaten"] == []
    town.ask("GET", f"/initiatieven/{made['initiatiefId']}", 404)

    # The other one is no initiative; a municipality may not decide, and gets nothing but the reason.
    reject = {"soort": "afwijzen", "reden": "overheid", "versie": desk["versie"]}
    town.ask("POST", f"/signalen/{desk['id']}/besluiten", 403, json=reject)
    staff.ask("POST", f"/signalen/{desk['id']}/besluiten", 201, json=reject)
    (decision,) = town.ask("GET", f"/signalen/{desk['id']}")["besluiten"]
    assert (decision["reden"], "door" in decision) == ("overheid", False)

    # What the municipality knows itself, it hands in, and no second time when the network fails in between.
    talk = {"samenvatting": "Buren willen samen een tuin beginnen en zoeken grond."}
    key = {"Idempotency-Key": "gemeente-arnhem-17"}
    handed = town.ask("POST", "/berichten", 201, json=talk, headers=key)
    assert town.ask("POST", "/berichten", 200, json=talk, headers=key) == handed
    assert town.ask("GET", handed["_links"]["self"]["href"])["stand"] == "wacht"

    # All of it stands in the log, in the name of who answers for the program.
    deeds = session.execute(select(AuditEntry.action, AuditEntry.account_id)).all()
    assert {("decide", pat.id), ("undo", pat.id), ("share", an.id)} <= {(row[0], row[1]) for row in deeds}
