"""The demo: ``python -m scout.demo`` runs the whole main job over the sample region, then serves the queue.

Everything goes through the same commands and the same HTTP as the real thing. Run again, it visits the
region again and keeps every decision made.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.database import open_engine, session_factory
from models.settings import Settings, SettingsError, load_settings
from scout.demo.configuration import DEMO, addresses_from, fitting
from scout.demo.reviewer import EMAIL, OFFICER, TOWN, Reviewer, demo_reviewer
from scout.demo.server import FIRST_PORT
from scout.demo.sites import SITES
from scout.demo.summary import found, lines
from scout.stages import ENDS_WITH_PARENT

HOST = "127.0.0.1"
#: First port that is tried for the queue; the default of ``review serve``.
QUEUE_PORT = 5000
#: How many ports are tried.
PORTS = 50
#: Seconds that a child gets to end by itself.
PATIENCE = 5


class DemoError(Exception):
    """The demo can't go on; the message is one sentence for the screen."""


def main() -> int:
    """Run the demo; exit code 0 when it went well, 1 when a step failed, 130 when stopped half-way."""
    parser = argparse.ArgumentParser(prog="python -m scout.demo", description=__doc__)
    parser.add_argument(
        "--serve",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="serve the review queue afterwards (default: yes)",
    )
    parser.add_argument(
        "--port", type=int, default=FIRST_PORT, help="first port of the sample sites (default %(default)s)"
    )
    options = parser.parse_args()
    # Both, whatever was inherited: a shell starts background jobs with Ctrl-C ignored.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            _demo(stack, port=options.port, serve=options.serve)
    except KeyboardInterrupt:
        _say("\nGestopt.")
        return 130
    except (DemoError, SettingsError) as error:
        print(f"demo: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _demo(stack: ExitStack, *, port: int, serve: bool) -> None:
    os.environ["SCOUT_CONFIG"] = str(_configuration(port))
    settings = load_settings()

    _say("1. Database klaarzetten")
    _scout("init")
    engine = open_engine(settings)
    stack.callback(engine.dispose)
    reviewer = demo_reviewer(settings, engine)

    _say(f"2. Voorbeeldregio starten: {len(SITES)} verzonnen media in en rond Arnhem")
    stack.enter_context(_sample_server(port))

    _say("3. Media bezoeken, initiatieven herkennen en groeperen (scout run --now)")
    report = json.loads(_scout("run", "--now", "--json"))
    new = report["items"].get("new", 0)
    _say(
        f"   {report['sources']} bronnen bezocht, {new} nieuwe berichten, {report['flagged']} gemarkeerd, "
        f"{report['leads']['opened']} nieuwe signalen, {report['seconds']:.0f} seconden\n"
    )
    with session_factory(engine, writes=False)() as session:
        for line in lines(found(session)):
            _say(line)
    _say("\n4. Voorbeeldrondes klaarzetten: een waarin gemeenten kiezen, en een waarin het werk bezig is")
    _rounds()
    if serve:
        _serve_queue(settings, reviewer)
    else:
        _say("\nBeoordelen: make demo (zonder SERVE=0)")


def _configuration(port: int) -> Path:
    """The configuration of the sample region, unless the environment chose another.

    Raises:
        DemoError: there is none, because this is not a checkout.
    """
    folder = Path(os.environ.get("SCOUT_CONFIG") or DEMO)
    if not (folder / "sources").is_dir():
        raise DemoError(f"{folder}/sources is missing: start the demo from the checkout, or set SCOUT_CONFIG")
    if folder.resolve() != DEMO.resolve():
        return folder
    copy = load_settings(config=folder).var / "demo-config"
    return fitting(folder, copy, addresses_from(port), datetime.now(UTC).date())


def _scout(*arguments: str) -> str:
    """Run a ``scout`` command; its progress and complaints go to the screen, its answer comes back."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "scout", *arguments], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise DemoError(f"scout {arguments[0]} could not finish (exit code {done.returncode}), see above")
    return done.stdout


def _rounds() -> None:
    """Matching rounds to look at; ``review`` makes them, for pairing is not the business of ``scout``."""
    command = [sys.executable, "-m", "review.demo_rounds", EMAIL, OFFICER]
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603 - our own command
        raise DemoError("the sample rounds could not be made, see above")


@contextmanager
def _sample_server(port: int) -> Iterator[None]:
    """The web server of the region, as a child that ends with us, however we end."""
    command = [sys.executable, "-m", "scout.demo.server", "--stop-with-stdin", "--port", str(port)]
    with _child(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        if not server.stdout.readline():
            raise DemoError("the sample region can't be served, see above")
        yield


@contextmanager
def _child(command: list[str], **streams: Any) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(command, text=True, **streams) as child:  # noqa: S603 - our own commands
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()


def _serve_queue(settings: Settings, reviewer: Reviewer) -> None:
    port = _free_port()
    _say(f"\nDe wachtrij staat op  http://{HOST}:{port}/")
    _say(f"Aanmelden met         {reviewer.email}")
    _say(f"Wachtwoord            {reviewer.password or 'staat niet meer in ' + str(settings.var)}")
    _say(f"Als gemeente {TOWN}    {OFFICER} (zelfde wachtwoord)")
    _say("Stoppen met Ctrl-C. Besluiten blijven bewaard.")
    command = [sys.executable, "-m", "review", "serve", "--host", HOST, "--port", str(port)]
    # Looks behind addresses and visits that are asked for on the page of sources.
    worker = [sys.executable, "-m", "scout", "worker"]
    ends_with_us = {**os.environ, ENDS_WITH_PARENT: "1"}
    quietly = {"stdin": subprocess.PIPE, "stderr": subprocess.DEVNULL, "env": ends_with_us}
    with _child(worker, **quietly), _child(command) as queue:
        try:
            code = queue.wait()
        except KeyboardInterrupt:
            _say("\nGestopt.")
            return
    if code != 0:
        raise DemoError(f"review serve stopped (exit code {code}), see above")


def _free_port() -> int:
    """The first port from QUEUE_PORT on where nobody listens.

    Raises:
        DemoError: all of them are taken.
    """
    for port in range(QUEUE_PORT, QUEUE_PORT + PORTS):
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex((HOST, port)) == 0:
                continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise DemoError(f"ports {QUEUE_PORT} to {QUEUE_PORT + PORTS - 1} are all taken: free one and start again")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
