"""Sending e-mail: one connection to our mail server for any number of messages.

Nothing of a message or of what the server said is ever logged or kept: a problem is one of our own words
with the number that the server gave (:class:`MailProblem`).
"""

import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from enum import StrEnum
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from models.base import utc_now
from models.settings import Settings
from models.settings_mail import is_loopback

#: Code with which a server says that it closes the connection: it stops, or has had enough of us.
CLOSING = 421
#: Most characters on a line of a header; 998 is what the standard allows.
HEADER_LINE = 500
#: Whom mail says that it is from, beside the address.
PRODUCT = "Participatienetwerk Scout"
#: Seconds that the server may take to answer each step.
TIMEOUT = 20
#: Ports where the address names none.
PORTS = {"smtp": 587, "smtps": 465}


class Trouble(StrEnum):
    """What can go wrong; the values are kept with mails that were not sent."""

    UNREACHABLE = "unreachable"
    UNENCRYPTED = "unencrypted"
    SIGN_IN = "sign_in"
    BUSY = "busy"
    REFUSED = "refused"
    RECIPIENT = "recipient"
    LOST = "lost"


#: For the command line and the log.
SENTENCES = {
    Trouble.UNREACHABLE: "the mail server can't be reached",
    Trouble.UNENCRYPTED: "the mail server offers no encryption that can be trusted (STARTTLS)",
    Trouble.SIGN_IN: "the mail server does not accept our name and password",
    Trouble.BUSY: "the mail server asks to try again later",
    Trouble.REFUSED: "the mail server refuses the message",
    Trouble.RECIPIENT: "the mail server refuses the recipient",
    Trouble.LOST: "the connection was lost while the message was being sent",
}
#: With these there is no use in trying the next message.
OF_SERVER = frozenset({Trouble.UNREACHABLE, Trouble.UNENCRYPTED, Trouble.SIGN_IN})


class MailError(Exception):
    """A message was not sent; the message says why in one sentence."""

    def __init__(self, trouble: Trouble, code: int = 0) -> None:
        super().__init__(SENTENCES[trouble] + (f" (code {code})" if code else ""))
        self.trouble = trouble
        self.code = code

    @property
    def of_server(self) -> bool:
        """Whether other messages would fare the same."""
        return self.trouble in OF_SERVER

    @property
    def lasting(self) -> bool:
        """Whether trying again soon is of no use."""
        return self.code >= 500 and not self.of_server

    @property
    def word(self) -> str:
        """As it is kept: ``recipient 550``."""
        return f"{self.trouble.value} {self.code}" if self.code else self.trouble.value


def message_to(
    settings: Settings,
    email: str,
    subject: str,
    text: str,
    html: str,
    *,
    message_id: str,
    language: str,
    unsubscribe: str = "",
) -> EmailMessage:
    """A message as text and as HTML, from the product to one address.

    Args:
        message_id: with its angle brackets; the same at every try.
        unsubscribe: https address that ends these messages at one click (RFC 8058); empty = none.
    """
    # In seven bits, which every server on the way takes; a long address in a header is not broken up.
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit", max_line_length=HEADER_LINE))
    message["From"] = formataddr((PRODUCT, settings.mail_from))
    message["To"] = email
    message["Subject"] = subject
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = message_id
    # No answers of absence, please.
    message["Auto-Submitted"] = "auto-generated"
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    # Now only, for the contents come with headers of their own.
    message["Content-Language"] = language
    return message


class MailServer:
    """Our way out for e-mail; connects at the first message, and again when the connection is gone.

    Raises:
        MailError: from :meth:`connect` and :meth:`send`.
    """

    def __init__(self, settings: Settings, *, timeout: float = TIMEOUT) -> None:
        parts = urlsplit(settings.mail_out)
        self._scheme = parts.scheme
        self._host = parts.hostname or ""
        self._port = parts.port or PORTS.get(parts.scheme, 0)
        self._user = unquote(parts.username or "")
        self._password = settings.mail_out_password
        self._sender = parseaddr(settings.mail_from)[1]
        self._timeout = timeout
        # As whom we greet. Left to itself smtplib asks the name servers: seconds, where none answers.
        self._own_name = urlsplit(settings.public_url).hostname or self._sender.rpartition("@")[2]
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def connect(self) -> None:
        """Connect, encrypt and sign in, unless that was done."""
        if self._smtp is not None:
            return
        try:
            self._smtp = self._greeted()
            self._encrypt(self._smtp)
        except (smtplib.SMTPNotSupportedError, ssl.SSLError):
            # Not offered, or a certificate that does not hold.
            raise self._failed(Trouble.UNENCRYPTED) from None
        except smtplib.SMTPResponseException as error:
            raise self._failed(Trouble.UNREACHABLE, error.smtp_code) from None
        except OSError:  # SMTPException too is one
            raise self._failed(Trouble.UNREACHABLE) from None
        self._sign_in(self._smtp)

    def send(self, message: EmailMessage) -> None:
        """Hand one message over; when this returns, the server has taken it."""
        fresh = self._smtp is None
        self.connect()
        try:
            self._envelope(message)
        except OSError:
            self.close()
            if fresh:
                raise MailError(Trouble.UNREACHABLE) from None
            # A server may close a connection between two messages; nothing of this one was sent yet.
            self.connect()
            try:
                self._envelope(message)
            except OSError:
                raise self._failed(Trouble.UNREACHABLE) from None
        self._content(message)

    def close(self) -> None:
        """Take leave, politely if that is possible."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(OSError):
                smtp.quit()
            smtp.close()

    def _greeted(self) -> smtplib.SMTP:
        if self._scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(
                self._host, self._port, self._own_name, timeout=self._timeout, context=context
            )
        return smtplib.SMTP(self._host, self._port, self._own_name, timeout=self._timeout)

    def _encrypt(self, smtp: smtplib.SMTP) -> None:
        if self._scheme == "smtp" and not is_loopback(self._host):
            smtp.ehlo()
            if not smtp.has_extn("starttls"):
                raise smtplib.SMTPNotSupportedError
            smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo_or_helo_if_needed()

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        if not self._user:
            return
        try:
            smtp.login(self._user, self._password)
        except smtplib.SMTPResponseException as error:
            raise self._failed(Trouble.SIGN_IN, error.smtp_code) from None
        except smtplib.SMTPException:
            # No way to sign in that we know, or it hung up on us.
            raise self._failed(Trouble.SIGN_IN) from None
        except OSError:
            raise self._failed(Trouble.UNREACHABLE) from None

    def _envelope(self, message: EmailMessage) -> None:
        """Sender and recipient; nothing is sent yet when one of them is refused."""
        smtp = self._connected()
        for trouble, command in (
            (Trouble.REFUSED, f"MAIL FROM:<{self._sender}>"),
            (Trouble.RECIPIENT, f"RCPT TO:<{message['To']}>"),
        ):
            code, _ = smtp.docmd(command)
            if code == CLOSING:
                raise smtplib.SMTPServerDisconnected
            if code not in (250, 251):
                raise self._refused(trouble, code)

    def _content(self, message: EmailMessage) -> None:
        try:
            code, _ = self._connected().data(message.as_bytes())
        except smtplib.SMTPDataError as error:
            raise self._refused(Trouble.REFUSED, error.smtp_code) from None
        except OSError:
            # Perhaps the server took it: whoever sends it again gives it the same Message-ID.
            raise self._failed(Trouble.LOST) from None
        if code != 250:
            raise self._refused(Trouble.REFUSED, code)

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            raise MailError(Trouble.UNREACHABLE)
        return self._smtp

    def _refused(self, trouble: Trouble, code: int) -> MailError:
        """Begin the conversation anew for the next message; a code from 400 to 499 is for the moment."""
        with contextlib.suppress(OSError):
            self._connected().rset()
        if code == CLOSING:
            self.close()
        busy = 400 <= code < 500 and trouble is not Trouble.RECIPIENT
        return MailError(Trouble.BUSY if busy else trouble, code)

    def _failed(self, trouble: Trouble, code: int = 0) -> MailError:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()
        return MailError(trouble, code)
