"""One answer of the sample region's web server, and how a conditional request for it ends."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Status, body and headers of one page."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    #: Sent as Last-Modified, with an ETag over the body; None = this page can't be asked for conditionally.
    modified: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """Strong validator of the body, with its quotes."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'

    def all_headers(self) -> dict[str, str]:
        """Everything to send but the length."""
        headers = {"Content-Type": self.content_type, **self.headers}
        if self.modified is not None:
            headers |= {"ETag": self.etag, "Last-Modified": format_datetime(self.modified, usegmt=True)}
        return headers

    def is_fresh(self, headers: Mapping[str, str]) -> bool:
        """Whether the asker already has this body (answer 304); an ETag outranks a date (RFC 9110)."""
        if self.modified is None or self.status != 200:
            return False
        if tags := headers.get("If-None-Match"):
            return (
                self.etag in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
                or tags.strip() == "*"
            )
        if since := headers.get("If-Modified-Since"):
            try:
                return parsedate_to_datetime(since) >= self.modified.replace(microsecond=0)
            except (ValueError, TypeError):
                return False
        return False


def text(content: str, *, status: int = 200) -> Answer:
    """Plain text, such as robots.txt."""
    return Answer(body=content.encode(), content_type="text/plain; charset=utf-8", status=status)
