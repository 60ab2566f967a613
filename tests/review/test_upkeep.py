"""What is done by itself: every job over and over, whatever fails, beside the pages and alone."""

import json
import logging
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from lxml import html
from sqlalchemy import Engine
from standardwebhooks import Webhook as Verifier

from models.database import open_engine, session_factory
from models.settings import Settings, load_settings
from models.store.webhooks import add_webhook
from models.words import Role
from review.upkeep import JOBS, Job, Upkeep, run_once
from tests.models.channel_world import events_of, keeper, make_share
from tests.review.factories import ARNHEM, PASSWORD, make_account, make_lead
from tests.review.receiver import Receiver
from tests.review.test_serve import NO_SETTINGS

ROOT = str(Path(__file__).resolve().parents[2])


def test_every_job_can_be_done_on_an_empty_database(settings: Settings, engine: Engine) -> None:
    done = run_once(settings, engine)

    assert [one.name for one in done] == [job.name for job in JOBS]
    assert [one.name for one in done if not one.fine] == []


def test_a_job_that_fails_is_noted_without_content_and_holds_up_no_other(
    settings: Settings, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()
    times: list[datetime] = []

    def fail(settings: Settings, engine: Engine, now: datetime) -> Any:
        raise ValueError("Buurttuin aan de Kamperweg")

    def work(settings: Settings, engine: Engine, now: datetime) -> Any:
        times.append(now)
        if len(times) == 3:
            done.set()

    upkeep = Upkeep(settings, engine, (Job("kapot", 0.01, fail), Job("heel", 0.01, work)))
    with caplog.at_level(logging.WARNING):
        upkeep.start()
        assert done.wait(30)
        upkeep.stop()

    assert "kapot failed: ValueError" in caplog.text
    assert "Buurttuin" not in caplog.text
    count = len(times)
    assert not done.wait(0) or len(times) == count


def test_a_job_that_takes_long_is_told_to_stop(settings: Settings, engine: Engine) -> None:
    begun, stopped = threading.Event(), threading.Event()

    def last(settings: Settings, engine: Engine, now: datetime, stop: threading.Event) -> None:
        begun.set()
        if stop.wait(30):
            stopped.set()

    upkeep = Upkeep(settings, engine, (Job("lang", 3600, last, heeds=True),))
    upkeep.start()
    assert begun.wait(10)
    upkeep.stop()

    assert stopped.is_set()


def test_stopping_does_not_wait_for_a_job_that_hangs(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.upkeep.GRACE", 0.1)
    begun, release = threading.Event(), threading.Event()

    def hang(settings: Settings, engine: Engine, now: datetime) -> None:
        begun.set()
        release.wait(30)

    upkeep = Upkeep(settings, engine, (Job("hangt", 1, hang), Job("rust", 3600, lambda *given: None)))
    upkeep.start()
    assert begun.wait(10)
    at = time.monotonic()
    upkeep.stop()
    assert time.monotonic() - at < 5
    release.set()


# -- As real processes ----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """A folder with a database, in which a webhook is added and a lead waits."""
    shutil.copy(sqlite_template, tmp_path / "scout.db")
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    """Settings of a process in this folder."""
    return {
        **NO_SETTINGS,
        "PYTHONPATH": ROOT,
        "SCOUT_VAR": str(folder),
        "SCOUT_ALLOW_PRIVATE_ADDRESSES": "true",
    }


def fill(folder: Path, url: str, *, events: int = 0) -> str:
    """A lead, an account of a reviewer, a webhook with events; gives its secret."""
    settings = load_settings(var=folder)
    engine = open_engine(settings)
    with session_factory(engine)() as session:
        make_account(session, "ada@voorbeeld.example", roles=[Role.REVIEWER])
        make_lead(session)
        _row, secret = add_webhook(
            session,
            settings.effective_secret_key,
            viewer=keeper(session),
            municipality_code=ARNHEM,
            url=url,
            name="Zaaksysteem",
        )
        if events:
            events_of(session, make_share(session), events)
        session.commit()
    engine.dispose()
    return secret


def test_upkeep_once_sends_and_says_what_it_did(folder: Path) -> None:
    with Receiver() as receiver:
        fill(folder, receiver.url(), events=2)
        done = subprocess.run(
            [sys.executable, "-m", "review.cli", "upkeep", "--once", "--json"],
            env=environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["failed"] == []
    assert told["jobs"]["deliveries"] == {"made": 2, "delivered": 2, "failed": 0}
    assert len(receiver.got) == 2


def test_upkeep_in_a_process_of_its_own_goes_on_until_it_is_stopped(folder: Path) -> None:
    with Receiver() as receiver:
        fill(folder, receiver.url(), events=1)
        process = subprocess.Popen(
            [sys.executable, "-m", "review.cli", "upkeep"],
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            receiver.wait_for(1)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()


def test_from_promotion_to_webhook_feed_and_portal_it_takes_seconds(folder: Path) -> None:
    """The real server, and a real receiver: promoted on the page, heard of within a minute at most."""
    with Receiver() as receiver:
        secret = fill(folder, receiver.url())
        server = subprocess.Popen(
            [sys.executable, "-m", "review.cli", "serve", "--port", "0"],
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split("http://")[1].split("/")[0]
            browser = Browser(f"http://{address}")
            browser.get("/aanmelden")
            browser.send("/aanmelden", email="ada@voorbeeld.example", password=PASSWORD)
            browser.get("/signalen/1/opnemen")
            at = time.monotonic()
            browser.send(
                "/signalen/1/opnemen",
                name="Buurttuin Klarendal",
                summary="Buren onderhouden hier een groene plek en willen er meer van maken.",
            )
            got = receiver.wait_for(2)
            took = time.monotonic() - at
        finally:
            server.terminate()
            server.wait()

    assert took < 60
    kinds = {Verifier(secret).verify(one.body, one.headers)["type"] for one in got}
    assert kinds >= {
        "nl.participatienetwerk.initiatief.opgenomen",
        "nl.participatienetwerk.deling.aangeboden",
    }


class Browser:
    """Fills in forms of a server that runs in another process."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False
        self.page: Any = None

    def get(self, path: str) -> None:
        """Ask for a page."""
        answer = self.session.get(self.address + path)
        answer.raise_for_status()
        self.page = html.document_fromstring(answer.text)

    def send(self, action: str, **changes: str) -> None:
        """Fill in the form that goes to ``action`` and send it."""
        form = next(one for one in self.page.forms if one.action == action)
        values = {**{name: value or "" for name, value in form.form_values()}, **changes}
        answer = self.session.post(self.address + action, data=values)
        answer.raise_for_status()
        self.page = html.document_fromstring(answer.text)
