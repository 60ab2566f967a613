"""Requests that go out: nowhere inside, to no other address than was looked at, and never for long."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.settings import Settings
from review import outgoing
from review.outgoing import OutgoingError, Problem, post, refusal
from tests.review.receiver import Receiver
from tests.web import closed_port

FORBIDDEN = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "169.254.1.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fd00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
]


@pytest.fixture
def guarded(settings: Settings) -> Settings:
    """Settings as they are by default: nothing inside is connected to."""
    return settings.model_copy(update={"allow_private_addresses": False})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Where connections are tried to; none is made."""
    tried: list[Any] = []

    def connect(self: socket.socket, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outgoing.socket.socket, "connect", connect)
    return tried


def resolves_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A name server that gives these addresses, one answer after the other; gives what it is asked."""
    left, asked = list(answers), []

    def getaddrinfo(host: str, port: int, *args: Any, **more: Any) -> list[Any]:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [
            (
                socket.AF_INET6 if ":" in one else socket.AF_INET,
                socket.SOCK_STREAM,
                socket.IPPROTO_TCP,
                "",
                (one, port, 0, 0) if ":" in one else (one, port),
            )
            for one in found
        ]

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", getaddrinfo)
    return asked


def problem_of(url: str, settings: Settings) -> Problem:
    """Why nothing could be sent."""
    with pytest.raises(OutgoingError) as raised:
        post(url, b"{}", {}, settings)
    return raised.value.problem


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_name_that_stands_for_a_forbidden_address_is_never_connected_to(
    guarded: Settings, monkeypatch: pytest.MonkeyPatch, connected: list[Any], address: str
) -> None:
    resolves_to(monkeypatch, [address])

    assert problem_of("https://ontvanger.example/haak", guarded) is Problem.NOT_PUBLIC
    assert connected == []


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_forbidden_address_is_never_connected_to_as_it_stands(
    guarded: Settings, connected: list[Any], address: str
) -> None:
    host = f"[{address}]" if ":" in address else address

    assert problem_of(f"http://{host}/haak", guarded) is Problem.NOT_PUBLIC
    assert refusal(f"http://{host}/haak", guarded) is Problem.NOT_PUBLIC
    assert connected == []


@pytest.mark.parametrize(
    "host",
    ["localhost", "scout.local", "db.internal", "printer", "2130706433", "0x7f.1", "127.1", "LOCALHOST."],
)
def test_names_of_ones_own_network_are_refused_without_asking(
    guarded: Settings, connected: list[Any], host: str
) -> None:
    assert problem_of(f"http://{host}/haak", guarded) is Problem.NOT_PUBLIC
    assert connected == []


def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(
    guarded: Settings, monkeypatch: pytest.MonkeyPatch, connected: list[Any]
) -> None:
    """A name server that answers differently the second time gets nobody inside."""
    asked = resolves_to(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])

    assert problem_of("https://ontvanger.example/haak", guarded) is Problem.CONNECTION
    assert asked == ["ontvanger.example"]
    assert connected == [("93.184.215.14", 443)]


def test_of_several_addresses_only_the_public_ones_are_tried(
    guarded: Settings, monkeypatch: pytest.MonkeyPatch, connected: list[Any]
) -> None:
    resolves_to(monkeypatch, ["10.0.0.1", "93.184.215.14", "::1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])

    assert problem_of("https://ontvanger.example/haak", guarded) is Problem.CONNECTION
    assert [address[0] for address in connected] == [
        "93.184.215.14",
        "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    ]


def test_another_port_of_a_public_address_is_refused_also_where_private_ones_may_be(
    settings: Settings, guarded: Settings, monkeypatch: pytest.MonkeyPatch, connected: list[Any]
) -> None:
    resolves_to(monkeypatch, ["93.184.215.14"])

    for one in (settings, guarded):
        assert problem_of("https://ontvanger.example:25/", one) is Problem.PORT
        assert problem_of("https://93.184.215.14:6379/", one) is Problem.PORT
    assert connected == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ontvanger.example",
        "ftp://ontvanger.example/",
        "file:///etc/passwd",
        "https://",
        "https://naam:woord@ontvanger.example/",
        "https://ontvanger.example/#deel",
        "https://ontvanger.example/a b",
        "https://ontvanger.example/\r\nHost: x",
        "https://ontvanger.example:0/",
        "https://ontvanger.example:99999/",
        "https://ontvanger..example/",
        "https://[::1/",
        "https://ontvanger.example/" + "a" * 2000,
    ],
)
def test_what_is_no_address_is_refused(settings: Settings, url: str) -> None:
    assert refusal(url, settings) is Problem.ADDRESS
    assert problem_of(url, settings) is Problem.ADDRESS


def test_in_production_http_is_refused(settings: Settings) -> None:
    production = settings.model_copy(update={"production": True})

    assert refusal("http://ontvanger.example/", production) is Problem.INSECURE
    assert refusal("https://ontvanger.example/", production) is None


def test_a_receiver_gets_what_was_sent_and_its_answer_comes_back(
    settings: Settings, receiver: Receiver
) -> None:
    receiver.says(503, Retry_After="120")

    reply = post(
        receiver.url("/haak?sleutel=a%20b"), b'{"a":1}', {"Content-Type": "application/json"}, settings
    )

    (got,) = receiver.got
    assert (reply.status, reply.retry_after) == (503, "120")
    assert (got.path, got.body) == ("/haak?sleutel=a%20b", b'{"a":1}')
    assert got.headers["user-agent"] == settings.effective_user_agent


def test_redirects_are_not_followed(settings: Settings, receiver: Receiver) -> None:
    receiver.says(307, Location=receiver.url("/elders"))

    assert post(receiver.url(), b"", {}, settings).status == 307
    assert [one.path for one in receiver.got] == ["/haak"]


def test_proxies_of_the_environment_are_not_used(
    settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")

    assert post(receiver.url(), b"", {}, settings).status == 204


@contextmanager
def endless(says: bytes, piece: bytes, pause: float) -> Iterator[str]:
    """The address of a receiver that says this, and then a piece now and then, for ever."""
    closing = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _address = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(says)
                while not closing.wait(pause):
                    connection.sendall(piece)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        closing.set()


def test_an_answer_without_end_is_not_read_to_its_end(settings: Settings) -> None:
    with endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536, 0) as url:
        begun = time.monotonic()
        assert post(url, b"", {}, settings).status == 200
        assert time.monotonic() - begun < outgoing.SECONDS / 2


@pytest.mark.parametrize(
    ("says", "piece"),
    [
        pytest.param(b"", b"", id="silence"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-A: ", b"x", id="headers that drip"),
    ],
)
def test_a_receiver_that_drips_or_says_nothing_is_left_after_a_while(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, says: bytes, piece: bytes
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.5)
    with endless(says, piece, 0.05) as url:
        begun = time.monotonic()
        assert problem_of(url, settings) is Problem.TIMEOUT
        assert time.monotonic() - begun < 5


def test_a_name_server_that_takes_for_ever_is_not_waited_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.2)
    release = threading.Event()

    def getaddrinfo(*args: Any, **more: Any) -> list[Any]:
        release.wait(20)
        return []

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", getaddrinfo)
    assert problem_of("https://ontvanger.example/", settings) is Problem.TIMEOUT
    release.set()


def test_a_name_that_nobody_knows_and_a_port_where_nobody_listens(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert problem_of(f"http://127.0.0.1:{closed_port()}/", settings) is Problem.CONNECTION

    def getaddrinfo(*args: Any, **more: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", getaddrinfo)
    assert problem_of("https://ontvanger.example/", settings) is Problem.UNKNOWN_NAME


def test_an_answer_that_can_not_be_read_puts_no_address_into_the_log(
    settings: Settings, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answer = lambda got: (200, {"X-A": "a\r\nkapot zonder dubbele punt"}, b"")

    assert post(receiver.url("/haak?sleutel=diepgeheim"), b"", {}, settings).status == 200
    assert "diepgeheim" not in caplog.text


# -- TLS ------------------------------------------------------------------------------------------


def certificate(folder: Path, *names: x509.GeneralName) -> Path:
    """A certificate for these names that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proef")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "tls.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize(
    ("names", "trusted", "problem"),
    [
        pytest.param([x509.IPAddress(ip_address("127.0.0.1"))], True, None, id="proven"),
        pytest.param(
            [x509.IPAddress(ip_address("127.0.0.1"))], False, Problem.CERTIFICATE, id="unknown issuer"
        ),
        pytest.param([x509.DNSName("ander.example")], True, Problem.CERTIFICATE, id="another name"),
    ],
)
def test_a_receiver_must_prove_its_name(
    settings: Settings,
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    names: list[x509.GeneralName],
    trusted: bool,
    problem: Problem | None,
) -> None:
    path = certificate(tmp_path, *names)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(path)
    receiver._server.socket = serving.wrap_socket(receiver._server.socket, server_side=True)
    trust = ssl.create_default_context(cafile=str(path) if trusted else None)
    monkeypatch.setattr(outgoing, "_trust", lambda: trust)
    url = receiver.url().replace("http:", "https:")

    if problem is None:
        assert post(url, b"{}", {}, settings).status == 204
    else:
        assert problem_of(url, settings) is problem
        assert receiver.got == []
