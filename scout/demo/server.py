"""The small web server of the sample region: one port a site, on loopback, serving only its own data.

``python -m scout.demo.server`` serves until Ctrl-C or SIGTERM; the demo starts it as a child that
also stops when its standard input closes, so that it never outlives the demo.
"""

import argparse
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from models.base import utc_now
from scout.demo import pages
from scout.demo.answers import Answer
from scout.demo.region import moment_of
from scout.demo.sites import SITES, Site, routes

HOST = "127.0.0.1"
#: Port of the first site; ``config/demo/sources`` names the whole row. Below the ports that
#: systems hand out to outgoing connections (32768 and up), and in no list of well-known services.
FIRST_PORT = 28471


class PortTakenError(Exception):
    """Another program listens where a site of the region should."""


@dataclass(frozen=True)
class Asked:
    """One request that a site answered."""

    site: str
    path: str
    status: int


@dataclass(frozen=True)
class Region:
    """The region while it is served."""

    #: Key of the site -> its address, without a closing slash.
    addresses: Mapping[str, str]
    #: Its dates count back from here.
    moment: datetime
    #: The last requests, oldest first.
    requests: "deque[Asked]"


class _Handler(BaseHTTPRequestHandler):
    """Answers from the table of one site, and from nothing else."""

    protocol_version = "HTTP/1.1"
    server_version = "Voorbeeldregio"
    sys_version = ""
    #: Seconds that an idle connection is kept.
    timeout = 30
    # Headers and body leave in one go: with two small packets the second waits for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    site: Site
    table: Mapping[str, Answer | Callable[[str], Answer]]
    asked: "deque[Asked]"

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        parts = urlsplit(self.path)
        found = self.table.get(unquote(parts.path))
        if found is None:
            found = Answer(body=pages.missing(self.site.title).encode(), status=404)
        answer = found if isinstance(found, Answer) else found(parts.query)
        fresh = answer.is_fresh(dict(self.headers))
        status = 304 if fresh else answer.status
        self.asked.append(Asked(self.site.key, self.path, status))
        self.send_response(status)
        for name, value in answer.all_headers().items():
            self.send_header(name, value)
        if not fresh:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if with_body and not fresh:
            self.wfile.write(answer.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the demo prints its own progress."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # More at once than a crawl over all sites opens.
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a visitor that hangs up half-way is no news."""


@contextmanager
def serving(port: int | None = None, *, now: datetime | None = None) -> Iterator[Region]:
    """Serve the sample region while the block runs.

    Args:
        port: of the first site, the others follow in the order of SITES; None = free ports.
        now: the dates of the region count back from the start of this day; None = today.

    Raises:
        PortTakenError: a port is in use; names the port and the site.
    """
    moment = moment_of(now or utc_now())
    requests: deque[Asked] = deque(maxlen=10_000)
    addresses: dict[str, str] = {}
    servers: list[_Server] = []
    with ExitStack() as stack:
        stack.callback(_stop, servers)
        for place, site in enumerate(SITES):
            server = _listen(site, 0 if port is None else port + place, requests)
            stack.callback(server.server_close)
            base = f"http://{HOST}:{server.server_address[1]}"
            addresses[site.key] = base
            server.RequestHandlerClass.table = routes(site, base, moment)  # type: ignore[attr-defined]
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
            thread.start()
            servers.append(server)
        yield Region(addresses=addresses, moment=moment, requests=requests)


def _stop(servers: Sequence[_Server]) -> None:
    """Shut all down at once: one alone takes a tenth of a second."""
    ends = [threading.Thread(target=server.shutdown) for server in servers]
    for end in ends:
        end.start()
    for end in ends:
        end.join()


def _listen(site: Site, port: int, requests: "deque[Asked]") -> _Server:
    handler = type("SiteHandler", (_Handler,), {"site": site, "asked": requests, "table": {}})
    try:
        return _Server((HOST, port), handler)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise PortTakenError(
            f"port {port} of {HOST}, needed for {site.title}, can't be used ({why}):"
            " stop the program that listens there (an earlier demo?) and start again"
        ) from None


def _wait_for_end_of_input(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def main() -> int:
    """Serve until told to stop; prints one line when ready."""
    parser = argparse.ArgumentParser(prog="python -m scout.demo.server", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=FIRST_PORT, help="port of the first site (default %(default)s)"
    )
    parser.add_argument("--stop-with-stdin", action="store_true", help="also stop when standard input closes")
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.stop_with_stdin:
        threading.Thread(target=_wait_for_end_of_input, args=(stop,), daemon=True).start()
    try:
        with serving(options.port) as region:
            print(f"{len(region.addresses)} sites ready at {HOST}:{options.port} and up", flush=True)  # noqa: T201
            stop.wait()
    except PortTakenError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
