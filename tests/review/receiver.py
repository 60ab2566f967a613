"""A receiver of webhooks on loopback: takes POST requests, keeps what it got, answers as it is told."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Got:
    """One request as it came in."""

    path: str
    #: Names in lower case.
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Under which id it came."""
        return self.headers["webhook-id"]


class Receiver:
    """Listens until the ``with`` block ends."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answer: Callable[[Got], Answer] = lambda got: (204, {}, b"")
        self.closing = threading.Event()
        self._arrived = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), _handler(self))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "/haak", host: str = "127.0.0.1") -> str:
        """Address of a path."""
        return f"http://{host}:{self._server.server_port}{path}"

    def says(self, status: int, **headers: str) -> None:
        """Answer so from now on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda got: (status, named, b"")

    @property
    def ids(self) -> list[str]:
        """Ids in the order in which they came."""
        return [one.id for one in self.got]

    def take(self, got: Got) -> Answer:
        """Keep a request and answer it."""
        with self._arrived:
            self.got.append(got)
            self._arrived.notify_all()
        return self.answer(got)

    def wait_for(self, count: int, seconds: float = 60.0) -> list[Got]:
        """What came, once there are so many; fails when it takes too long."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.got) >= count, seconds), self.got
            return list(self.got)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what these tests are about."""


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, answer = receiver.take(Got(self.path, headers, body))
            with suppress(OSError):
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    return Handler
