"""Requests that go out to addresses people gave us: only to the internet, within limits, and as they stand.

The address that is connected to is the one that was looked at: a name is resolved once, and each of its
addresses is checked right before connecting to it, so no later answer of a name server can lead elsewhere.
Redirects are not followed, proxies of the environment are not used, and addresses are never logged: they may
hold secrets.
"""

import logging
import queue
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from models.addresses import LONGEST, is_inside
from models.networks import PUBLIC_PORTS, AddressRule, is_private, literal
from models.settings import Settings

# It would tell the whole address of an answer whose headers it can't read.
logging.getLogger("urllib3.connection").setLevel(logging.CRITICAL)

#: Seconds for all of one request together: resolving, connecting, sending and the answer.
SECONDS = 10.0
#: Most bytes of an answer that are read.
MOST_BYTES = 64 * 1024

PORTS = {"http": 80, "https": 443}


class Problem(StrEnum):
    """Why nothing was sent, or no answer came: a word that holds nothing of the address or the answer."""

    ADDRESS = "address"  # not an address that can be sent to
    NOT_PUBLIC = "not_public"  # stands for an address of our own network, or one that leads nowhere
    PORT = "port"  # not one of the ports for public addresses
    INSECURE = "insecure"  # http where https is required
    UNKNOWN_NAME = "unknown_name"  # no name server knows it
    CERTIFICATE = "certificate"  # not proven to be who the name says
    CONNECTION = "connection"  # refused, broken off, or no HTTP
    TIMEOUT = "timeout"  # took longer than :data:`SECONDS`


class OutgoingError(Exception):
    """There is no answer; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True)
class Reply:
    """What a receiver answered."""

    status: int
    #: The header Retry-After as it came; empty = there was none.
    retry_after: str


def refusal(url: str, settings: Settings) -> Problem | None:
    """Why an address can't be sent to, as far as it shows without asking anybody; None = it may be."""
    try:
        parts = _parts(url)
    except OutgoingError as error:
        return error.problem
    if parts.scheme == "http" and settings.production:
        return Problem.INSECURE
    address = literal(parts.hostname or "")
    if not settings.allow_private_addresses and is_inside(url):
        return Problem.NOT_PUBLIC
    if address is not None and AddressRule(settings).refusal(str(address), str(address), _port(parts)):
        public = not is_private(address) and _port(parts) not in PUBLIC_PORTS
        return Problem.PORT if public else Problem.NOT_PUBLIC
    if not settings.allow_private_addresses and _port(parts) not in PUBLIC_PORTS:
        return Problem.PORT
    return None


def post(url: str, body: bytes, headers: dict[str, str], settings: Settings) -> Reply:
    """Send ``body`` to an address and give its answer, whatever its status.

    Raises:
        OutgoingError: nothing was sent, or there is no answer.
    """
    problem = refusal(url, settings)
    if problem is not None:
        raise OutgoingError(problem)
    parts = _parts(url)
    guard = _Guard(AddressRule(settings), time.monotonic() + SECONDS)
    kind = _GuardedHTTPS if parts.scheme == "https" else _GuardedHTTP
    connection = kind(parts.hostname or "", _port(parts), guard)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with guard:
            connection.request(
                "POST",
                target,
                body=body,
                headers={"User-Agent": settings.effective_user_agent, "Connection": "close", **headers},
                preload_content=False,
                decode_content=False,
            )
            answer = connection.getresponse()
            if guard.is_over:
                # Broken off in the middle of the headers, which looks like their end.
                raise OutgoingError(Problem.TIMEOUT)
            # What is in it does not matter; but a receiver may be upset when nobody listens to the end.
            with suppress(HTTPError, OSError):
                answer.read(MOST_BYTES, decode_content=False)
            return Reply(answer.status, answer.headers.get("Retry-After", ""))
    except OutgoingError:
        raise
    except Exception as error:
        raise OutgoingError(_problem(error, guard)) from None
    finally:
        connection.close()


class _Guard:
    """Watches over one request: which addresses are connected to, and until when it may take."""

    def __init__(self, rule: AddressRule, deadline: float) -> None:
        self.rule = rule
        self.deadline = deadline
        self._watch: threading.Timer | None = None
        #: A second handle on the connection, for breaking it off from another thread.
        self._socket: socket.socket | None = None

    def __enter__(self) -> None:
        self._watch = threading.Timer(self.left, self._break_off)
        self._watch.daemon = True
        self._watch.start()

    def __exit__(self, *raised: object) -> None:
        assert self._watch is not None
        self._watch.cancel()
        if self._socket is not None:
            self._socket.close()

    @property
    def left(self) -> float:
        """Seconds that are left; never 0, which would mean "do not wait" to a socket."""
        return max(0.001, self.deadline - time.monotonic())

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.deadline

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to an address of ``host`` that may be connected to.

        Raises:
            OutgoingError: there is no such address, or none answers.
        """
        refused: Problem | None = None
        for family, kind, protocol, _name, address in self._resolve(host, port):
            if self.rule.refusal(host, str(address[0]), port) is not None:
                private = is_private(str(address[0])) or port in PUBLIC_PORTS
                refused = Problem.NOT_PUBLIC if private else Problem.PORT
                continue
            connected = socket.socket(family, kind, protocol)
            try:
                connected.settimeout(self.left)
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # The very address that was looked at; by number, so nothing is resolved again.
                connected.connect(address)
            except OSError:
                connected.close()
                refused = Problem.TIMEOUT if self.is_over else Problem.CONNECTION
                continue
            self._socket = connected.dup()
            return connected
        raise OutgoingError(refused or Problem.UNKNOWN_NAME)

    def _resolve(self, host: str, port: int) -> list[Any]:
        """All addresses of a name. Asked in a thread: a name server may take longer than there is."""
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError):
                answers.put([])

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            found: list[Any] = answers.get(timeout=self.left)
        except queue.Empty:
            raise OutgoingError(Problem.TIMEOUT) from None
        return found

    def _break_off(self) -> None:
        # A limit on each read would not do: a receiver may send a byte now and then, for ever.
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


class _GuardedHTTP(HTTPConnection):
    """Connects to what its guard lets it."""

    def __init__(self, host: str, port: int, guard: _Guard) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self.guard = guard

    def _new_conn(self) -> socket.socket:
        return self.guard.connect(self._dns_host, self.port or 80)


class _GuardedHTTPS(HTTPSConnection):
    """The same, and proven by a certificate to be who the name says."""

    def __init__(self, host: str, port: int, guard: _Guard) -> None:
        super().__init__(host, port, timeout=SECONDS, ssl_context=_trust())
        self.guard = guard

    def _new_conn(self) -> socket.socket:
        return self.guard.connect(self._dns_host, self.port or 443)


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The certificates that this machine trusts (``SSL_CERT_FILE`` names others), and the name must fit."""
    return ssl.create_default_context()


def _parts(url: str) -> SplitResult:
    """An address in its parts.

    Raises:
        OutgoingError: it is none, or holds what has no place in it.
    """
    try:
        parts = urlsplit(url)
        usable = (
            parts.scheme in PORTS
            and parts.hostname
            and "@" not in parts.netloc
            and not parts.fragment
            and url.isascii()
            and url.isprintable()
            and " " not in url
            and len(url) <= LONGEST
            and parts.port != 0
        )
        # As the name server is asked, so that nothing is refused later for how it is written.
        (parts.hostname or "").encode("idna")
    except (ValueError, UnicodeError):
        usable = False
    if not usable:
        raise OutgoingError(Problem.ADDRESS)
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def _problem(error: Exception, guard: _Guard) -> Problem:
    if guard.is_over or isinstance(error, (TimeoutError, urllib3.exceptions.TimeoutError)):
        return Problem.TIMEOUT
    if isinstance(error, ssl.SSLCertVerificationError) or isinstance(
        error.__cause__ or error.__context__, ssl.SSLCertVerificationError
    ):
        return Problem.CERTIFICATE
    return Problem.CONNECTION
