"""``review serve`` as a process of its own, and reviewers who use its pages over HTTP on loopback."""

import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import psutil

from benchmarks.queue_data import PASSWORD

#: Seconds that the server may take to say where it listens, and to answer one request.
START_TIME, ANSWER_TIME = 60, 60
FORM = re.compile(r'<form\b[^>]*?\baction="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input\b(?=[^>]*\btype="hidden")[^>]*>')
ATTRIBUTE = re.compile(r'\b(name|value)="([^"]*)"')


@dataclass
class Server:
    """A running ``review serve``."""

    port: int
    process: psutil.Process
    #: What it wrote to stderr.
    log: Path

    def memory(self) -> int:
        """Resident memory of the process now, in bytes."""
        return int(self.process.memory_info().rss)

    def work(self) -> float:
        """Seconds of processor time that the process has used."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def complaints(self) -> str:
        """Everything it wrote to stderr so far."""
        return self.log.read_text("utf-8", errors="replace")


@contextmanager
def served(url: str) -> Iterator[Server]:
    """Serve the database at ``url`` from a process of its own, stopped at the end.

    Raises:
        RuntimeError: it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="served-") as folder:
        log = Path(folder) / "stderr"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SCOUT_")}
        with (
            log.open("w") as errors,
            subprocess.Popen(
                [sys.executable, "-m", "review", "serve", "--port", "0"],
                env={**environment, "SCOUT_VAR": folder, "SCOUT_DATABASE_URL": url},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            ) as child,
        ):
            try:
                assert child.stdout is not None
                found = re.search(r"http://127\.0\.0\.1:(\d+)/", child.stdout.readline())
                if found is None:
                    raise RuntimeError(f"review serve did not start: {log.read_text('utf-8')}")
                yield Server(int(found[1]), psutil.Process(child.pid), log)
            finally:
                child.terminate()


@dataclass
class Answer:
    """What came back."""

    status: int
    #: Path and query that it leads to; empty = nowhere.
    location: str
    text: str
    seconds: float

    def form(self, action: str) -> dict[str, str] | None:
        """Hidden fields of the form that goes to ``action``; None = there is no such form."""
        return self.forms().get(action)

    def forms(self) -> dict[str, dict[str, str]]:
        """Path that a form goes to -> its hidden fields."""
        return {
            unescape(found[1]): {
                unescape(pair["name"]): unescape(pair.get("value", ""))
                for pair in (dict(ATTRIBUTE.findall(tag)) for tag in HIDDEN.findall(found[2]))
                if "name" in pair
            }
            for found in FORM.finditer(self.text)
        }


@dataclass
class Reviewer:
    """One signed-in browser without JavaScript, on one connection that stays open."""

    port: int
    email: str
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def sign_in(self) -> None:
        """Sign in.

        Raises:
            RuntimeError: the account was refused.
        """
        form = self.get("/aanmelden").form("/aanmelden") or {}
        answer = self.post("/aanmelden", {**form, "email": self.email, "password": PASSWORD})
        if answer.status not in (302, 303) or "aanmelden" in answer.location:
            raise RuntimeError(f"{self.email} can't sign in: {answer.status} {answer.location}")

    def get(self, path: str) -> Answer:
        """Ask for a page; where it leads is not followed."""
        return self._ask("GET", path, None)

    def post(self, path: str, form: Mapping[str, str]) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode(form))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        """One request; timed from sending until the last byte came.

        Raises:
            OSError, http.client.HTTPException: no answer came.
        """
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_TIME)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            # Half an answer must not be taken for the next one.
            self._connection.close()
            self._connection = None
            raise
        seconds = time.perf_counter() - started
        for line in response.headers.get_all("Set-Cookie", []):
            name, _, value = line.split(";", 1)[0].partition("=")
            self.cookies[name] = value
        location = response.headers.get("Location", "").removeprefix(f"http://127.0.0.1:{self.port}")
        return Answer(response.status, location, content.decode("utf-8", "replace"), seconds)
