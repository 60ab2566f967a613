"""A real mail server on loopback for tests: keeps what it takes, and refuses or hangs up when told to."""

import email
import email.policy
import threading
from collections.abc import Callable
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session


class Mailbox:
    """Serves until the ``with`` block ends.

    Args:
        password: whoever does not sign in with this is sent away.
    """

    def __init__(self, *, password: str = "") -> None:
        #: All that was taken, in order.
        self.taken: list[EmailMessage] = []
        #: Recipient -> answer instead of taking it: ``550 no such user``.
        self.refuses: dict[str, str] = {}
        #: Called with the number of messages taken before; True = hang up at RCPT, before the message.
        self.hangs_up: Callable[[int], bool] = lambda taken: False
        #: Likewise, but after the message was taken: the answer gets lost.
        self.loses_answer: Callable[[int], bool] = lambda taken: False
        #: Called after every message that was taken, before the server says so.
        self.on_taken: Callable[[int], None] = lambda taken: None
        self.connections = 0
        self._lock = threading.Lock()
        wanted: dict[str, Any] = {}
        if password:

            def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
                right = isinstance(data, LoginPassword) and data.password == password.encode()
                # "Handled" would mean that the answer has gone out already: they would wait for it.
                return AuthResult(success=right, handled=False)

            wanted = {"authenticator": check, "auth_required": True, "auth_require_tls": False}
        self._controller = _OnAnyPort(self, hostname="127.0.0.1", port=0, **wanted)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    @property
    def address(self) -> str:
        """For the setting ``mail_out``."""
        return f"smtp://127.0.0.1:{self._controller.real_port}"

    @property
    def recipients(self) -> list[str]:
        """Whom the messages that were taken are to, in order."""
        return [str(one["To"]) for one in self.taken]

    async def handle_EHLO(
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hangs_up(len(self.taken)):
            server.transport.abort()
            return "250 never heard"
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        with self._lock:
            self.taken.append(message)
            number = len(self.taken)
        self.on_taken(number)
        if self.loses_answer(number):
            server.transport.abort()
        return "250 taken"


class _OnAnyPort(Controller):
    """Tells which free port it got."""

    real_port = 0

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.real_port = self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def parts(message: EmailMessage) -> tuple[str, str]:
    """Text and HTML of a message."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return str(text.get_content()), str(html.get_content())
