"""A web server on loopback for tests: several addresses, routes as functions, all requests kept."""

import gzip
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    #: Seconds on a monotonic clock.
    at: float
    #: The address it came in at, e.g. ``127.0.0.2``.
    address: str
    method: str
    #: Path and query.
    target: str
    #: Header names in lower case.
    headers: dict[str, str]

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path


@dataclass
class Answer:
    """What a route gives back; a body in pieces is sent piece by piece, without a length."""

    body: bytes | str | Iterable[bytes] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Route = Callable[[Asked], Answer] | Answer | str | bytes

#: File ending -> content type of a route that is only a body.
TYPES = {
    "xml": "application/xml",
    "rss": "application/rss+xml",
    "json": "application/json",
    "txt": "text/plain",
    "gz": "application/gzip",
}


class Web:
    """Serves until the ``with`` block ends. Paths that have no route answer 404.

    Args:
        addresses: loopback addresses to listen at, all on one free port.
        tls: serve https with this context.
    """

    def __init__(self, *addresses: str, tls: ssl.SSLContext | None = None) -> None:
        self.addresses = addresses or ("127.0.0.1",)
        self.scheme = "https" if tls else "http"
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self._routes: dict[tuple[str | None, str], Route] = {}
        self._servers: list[ThreadingHTTPServer] = []
        self.port = 0
        for _ in range(20):
            try:
                self._listen(tls)
                break
            except OSError:  # the port that was free at the first address is taken at another
                for server in self._servers:
                    server.server_close()
                self._servers, self.port = [], 0
        else:
            raise OSError(f"no port is free at all of {self.addresses}")

    def _listen(self, tls: ssl.SSLContext | None) -> None:
        for address in self.addresses:
            server = _Server((address, self.port), _handler(self, address))
            self._servers.append(server)
            self.port = server.server_port
            if tls is not None:
                server.socket = tls.wrap_socket(server.socket, server_side=True)

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    # -- what it serves ------------------------------------------------------------------------

    def route(self, path: str, answer: Route, *, address: str | None = None) -> str:
        """Answer ``path`` (at one address, or all) with this; returns its address."""
        self._routes[address, path] = answer
        return self.url(path, address=address)

    def url(self, path: str = "/", *, address: str | None = None) -> str:
        """The full address of a path."""
        return f"{self.scheme}://{address or self.addresses[0]}:{self.port}{path}"

    def answer(self, asked: Asked) -> Answer:
        """The answer to one request."""
        route = self._routes.get((asked.address, asked.path)) or self._routes.get((None, asked.path))
        if route is None:
            return Answer("not here", 404, {"Content-Type": "text/plain"})
        answer = route(asked) if callable(route) else route
        if not isinstance(answer, Answer):
            answer = Answer(answer)
        kind = TYPES.get(asked.path.rpartition(".")[2], "text/html; charset=utf-8")
        if not any(name.lower() == "content-type" for name in answer.headers):
            answer = Answer(answer.body, answer.status, {"Content-Type": kind, **answer.headers})
        return answer

    # -- what it was asked ---------------------------------------------------------------------

    def paths(self, *, address: str | None = None) -> list[str]:
        """The paths asked for, in order."""
        return [one.path for one in self.asked if address in (None, one.address)]

    def asked_for(self, path: str) -> list[Asked]:
        """The requests for one path, in order."""
        return [one for one in self.asked if one.path == path]

    def forget(self) -> None:
        """Begin the record anew."""
        self.asked.clear()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what these tests are about."""


def _handler(web: Web, address: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(time.monotonic(), address, self.command, self.path, headers)
            web.asked.append(asked)
            answer = web.answer(asked)
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            whole = isinstance(body, bytes)
            if whole and answer.status != 304:
                self.send_header("Content-Length", str(len(body)))
            elif not whole:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            with suppress(OSError):
                for piece in [body] if isinstance(body, bytes) else body:
                    self.wfile.write(piece)
                    self.wfile.flush()

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    return Handler


# -- answers for the hard cases -------------------------------------------------------------------


def redirect(to: str, status: int = 302) -> Answer:
    """Send the visitor elsewhere."""
    return Answer(status=status, headers={"Location": to})


def conditional(body: bytes | str, *, modified: str | None = None) -> Callable[[Asked], Answer]:
    """An answer with an ETag (and Last-Modified), which is 304 for whoever has it already."""
    body = body.encode() if isinstance(body, str) else body
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    validators = {"ETag": etag, **({"Last-Modified": modified} if modified else {})}

    def answer(asked: Asked) -> Answer:
        same = asked.headers.get("if-none-match") == etag
        return Answer(b"" if same else body, 304 if same else 200, dict(validators))

    return answer


def hanging(web: Web, seconds: float = 30.0) -> Callable[[Asked], Answer]:
    """Say nothing for so long, or until the server closes."""

    def answer(asked: Asked) -> Answer:
        web.closing.wait(seconds)
        return Answer("too late")

    return answer


def dripping(web: Web, piece: bytes = b"<!-- -->", pause: float = 0.1) -> Callable[[Asked], Answer]:
    """An answer that never ends, a few bytes at a time."""

    def pieces() -> Iterator[bytes]:
        while not web.closing.wait(pause):
            yield piece

    return lambda asked: Answer(pieces())


def bomb(megabytes: int) -> Answer:
    """A small gzip answer that becomes this large."""
    packed = gzip.compress(b"\0" * (megabytes * 1024 * 1024))
    return Answer(packed, headers={"Content-Encoding": "gzip", "Content-Type": "application/xml"})


def in_turn(*routes: Route) -> Callable[[Asked], Answer]:
    """The first answer for the first request, and so on; the last one stays."""
    left = list(routes)
    lock = threading.Lock()

    def answer(asked: Asked) -> Answer:
        with lock:
            route = left.pop(0) if len(left) > 1 else left[0]
        given = route(asked) if callable(route) else route
        return given if isinstance(given, Answer) else Answer(given)

    return answer


def closed_port(address: str = "127.0.0.1") -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])
