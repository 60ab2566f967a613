"""Runs one gathering in a process of its own, as the command does, with the clock and names of a test.

The reactor under Scrapy can be started once in a process, so every run needs a new one. They are forked
from a server that has the libraries loaded: that saves a second for each run.
"""

import importlib
import json
import logging
import multiprocessing
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from models.settings import Settings, load_settings

#: Seconds after which a run that hangs is given up; far more than any of them takes.
GIVE_UP = 120

#: Where processes with the libraries loaded come from.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.scout.preloaded"])


@dataclass(frozen=True)
class Ran:
    """What a run reported."""

    sources: int
    failed: int
    items: dict[str, int]
    seconds: float
    problems: list[dict[str, str]]
    warnings: list[dict[str, str]]
    #: (stage, done, total) as told on the way.
    progress: list[tuple[str, int, int]] = field(default_factory=list)
    stderr: str = ""

    def problem(self, source: str) -> str:
        """The one problem of a source; fails when there is none or more than one."""
        (problem,) = [each["problem"] for each in self.problems if each["source"] == source]
        return problem

    def warned(self, source: str) -> str:
        """All warnings about a source."""
        return "; ".join(each["warning"] for each in self.warnings if each["source"] == source)

    @property
    def troubled(self) -> set[str]:
        """Sources with a problem."""
        return {each["source"] for each in self.problems}


class Run:
    """One run of ``gather`` in a process of its own.

    Args:
        options: ``keys``, ``everything``, ``batch``; ``stage``: ``recheck`` instead; ``now`` (aware): the
            clock starts there; ``names`` (host -> loopback address): these names are known; ``public``:
            addresses that count as public; ``limits``: ``module:NAME`` -> a smaller limit, for what would
            take too long to reach.
    """

    def __init__(self, settings: Settings, **options: Any) -> None:
        handle, name = tempfile.mkstemp(dir=settings.var.parent, suffix=".run")
        os.close(handle)
        self._result = Path(name)
        self.process: BaseProcess = processes.Process(
            target=_gather, args=(settings.model_dump(mode="json"), options, name)
        )
        self.process.start()

    def report(self) -> Ran:
        """Wait for the end, which must be a good one."""
        return Ran(**self.result(), stderr=self.stderr())

    def result(self) -> dict[str, Any]:
        """The same as the report for JSON says it."""
        self.process.join(GIVE_UP)
        assert self.process.exitcode == 0, self.stderr() or "the run hangs"
        result: dict[str, Any] = json.loads(self._result.read_text("utf-8"))
        return result

    def stderr(self) -> str:
        """What it wrote on standard error so far."""
        return self._result.with_suffix(".err").read_text("utf-8")

    def kill(self) -> None:
        """End it with SIGKILL, wherever it is."""
        self.process.kill()
        self.process.join()


def _gather(given: dict[str, Any], options: dict[str, Any], result: str) -> None:
    """The life of such a process."""
    errors = os.open(Path(result).with_suffix(".err"), os.O_WRONLY | os.O_CREAT)
    os.dup2(errors, 2)
    for name in [name for name in os.environ if name.startswith("SCOUT_")]:
        del os.environ[name]
    stage = options.get("stage", "gather")
    run = getattr(importlib.import_module(f"scout.{stage}"), stage)

    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s", force=True
    )
    arguments = {name: options[name] for name in ("keys", "everything", "batch") if name in options}
    for name, value in options.get("limits", {}).items():
        module, _, constant = name.partition(":")
        setattr(importlib.import_module(module), constant, value)
    if "now" in options:
        arguments["now"] = _clock(options["now"])
    if "names" in options:
        arguments["network"] = _network(options["names"], set(options["public"]))
    told: list[tuple[str, int, int]] = []
    report = run(load_settings(**given), progress=lambda *step: told.append(step), **arguments)
    Path(result).write_text(json.dumps({**report.as_dict(), "progress": told}), "utf-8")


def _clock(begin: datetime) -> Callable[[], datetime]:
    real = datetime.now(UTC)
    return lambda: begin + (datetime.now(UTC) - real)


def _network(names: dict[str, str], public: set[str]) -> Any:
    from models.networks import AddressRule
    from scout.gather import Network

    class Rule(AddressRule):
        def is_private(self, address: str) -> bool:
            return address not in public and super().is_private(address)

        def refusal(self, host: str, address: str, port: int) -> str | None:
            return None if address in public else super().refusal(host, address, port)

    def lookup(host: str, *rest: Any) -> Any:
        return socket.getaddrinfo(names.get(host, host), *rest)

    return Network(rule=Rule, lookup=lookup)
