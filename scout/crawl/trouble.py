"""Why an address could not be fetched: every way in which it can go wrong, as one clear sentence."""

from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from scout.drafts import Page

#: Bytes of an answer, as sent and after decompression; what is larger is cut off (DESIGN 5).
MAX_BYTES = 10 * 1024 * 1024
MAX_REDIRECTS = 5

TOO_LARGE = f"{{url}} gives more than {MAX_BYTES // (1024 * 1024)} MB, which is cut off"


class Trouble(Exception):
    """An address could not be fetched; the message is one sentence without a final full stop."""

    def __init__(
        self,
        sentence: str,
        *,
        transient: bool = False,
        wait_until: datetime | None = None,
        code: str = "",
    ) -> None:
        super().__init__(sentence)
        #: Why it may not be fetched, in one word: ``robots``, ``private``, ``blocked``, ``not_public``;
        #: empty = it may, but did not go well.
        self.code = code
        #: It may go well in a moment: a timeout, a broken connection, trouble inside the server.
        self.transient = transient
        #: The server asks to be left alone until then.
        self.wait_until = wait_until
        #: The answer behind it, where there was one.
        self.page: Page | None = None


#: Exception -> sentence, and whether another try may help. The first that fits counts.
SENTENCES: tuple[tuple[type[BaseException], str, bool], ...] = (
    (DownloadTimeoutError, "{host} did not give a whole answer within {timeout:g} seconds", True),
    (DownloadConnectionRefusedError, "{host} refuses connections", True),
    (CannotResolveHostError, "the name {host} can't be found: check the address", True),
    (ResponseDataLossError, "the answer of {host} broke off half-way", True),
    (DownloadCancelledError, TOO_LARGE, False),
    (UnsupportedURLSchemeError, "{url} is not an http or https address", False),
    (NotSupported, "{url} is not an http or https address", False),
    (ValueError, "{url} is no usable address", False),
    (OSError, "no connection with {host}", True),
)


def explain(error: BaseException, url: str, timeout: float) -> Trouble:
    """The trouble behind an exception of the downloader."""
    host = urlsplit(url).hostname or url
    if _about_certificate(error):
        return Trouble(f"the certificate of {host} can't be trusted, so nothing was fetched from it")
    for kind, sentence, transient in SENTENCES:
        if isinstance(error, kind):
            return Trouble(sentence.format(host=host, url=url, timeout=timeout), transient=transient)
    # What is left is a connection that broke in one of the many ways of the libraries below.
    return Trouble(f"the connection with {host} broke ({type(error).__name__})", transient=True)


def _about_certificate(error: BaseException | None) -> bool:
    while error is not None:
        reasons = getattr(error, "reasons", None) or ()
        for reason in (error, *(getattr(each, "value", each) for each in reasons)):
            if isinstance(reason, SSL.Error) and "certificate" in str(reason).lower():
                return True
        error = error.__cause__
    return False


#: Status -> what a person can do about it.
ADVICE = {
    401: "it wants a password: remove the source or find a public address",
    403: "it does not let us in: ask the owner, or remove the source",
    404: "correct the address",
    410: "it is gone for good: correct the address or remove the source",
    429: "it wants fewer visits: set a longer every",
    451: "it is withheld for legal reasons: remove the source",
}


def unwanted_status(url: str, status: int, location: str | None) -> Trouble:
    """The trouble of an answer that is neither 2xx nor an expected 304."""
    if location is not None and 300 <= status < 400:
        return Trouble(f"{url} redirects to {location}, which is not an http or https address")
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    if status >= 500:
        return Trouble(f"{url} answered {status}{phrase}: the trouble is at the server", transient=True)
    return Trouble(
        f"{url} answered {status}{phrase}: {ADVICE.get(status, 'check the address')}",
        code="not_public" if status in {401, 403} else "",
    )
