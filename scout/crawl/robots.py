"""robots.txt: what it allows us, and remembering it for a day so that it is not asked for at each visit."""

import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from protego import Protego

#: The name by which robots.txt files can address us, whatever SCOUT_USER_AGENT says.
TOKEN = "ParticipatienetwerkScout"  # noqa: S105 - a product token, no secret
#: RFC 9309: a copy is not used for longer than this.
KEEP = timedelta(hours=24)
#: RFC 9309 demands that at least 500 KiB are read; what stands beyond is left unread.
READ_BYTES = 500 * 1024
#: Seconds; a longer crawl-delay is shortened to this (DESIGN 5).
LONGEST_DELAY = 30.0


def names(user_agent: str) -> str:
    """What we answer to: the fixed name, and the first word of a User-Agent chosen by the operator.

    A group of rules for one of them counts for us, the longest name first; without one, that for all.
    """
    own = re.split(r"[/\s]", user_agent.strip(), maxsplit=1)[0]
    return TOKEN if not own or own.lower() == TOKEN.lower() else f"{TOKEN} {own}"


class Rules:
    """What one robots.txt says to us."""

    def __init__(self, body: bytes, called: str) -> None:
        self._called = called
        self._parsed = Protego.parse(body[:READ_BYTES].decode("utf-8-sig", errors="ignore"))

    def allows(self, url: str) -> bool:
        """Whether we may fetch this address."""
        return bool(self._parsed.can_fetch(url, self._called))

    def delay(self) -> float | None:
        """Seconds it asks for between requests, at most :data:`LONGEST_DELAY`; None if it does not say."""
        delay = self._parsed.crawl_delay(self._called)
        return None if delay is None else min(delay, LONGEST_DELAY)


def origin(url: str) -> str:
    """What a robots.txt counts for: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


@dataclass(frozen=True)
class RobotsMemory:
    """The copies kept in ``var/robots``, one small file for each origin."""

    folder: Path

    def _path(self, of: str) -> Path:
        return self.folder / f"{hashlib.sha256(of.encode()).hexdigest()[:32]}.json"

    def load(self, of: str, now: datetime) -> bytes | None:
        """The copy for an origin if it is fresh; an unreadable one counts as none."""
        try:
            kept = json.loads(self._path(of).read_text("utf-8"))
            fetched = datetime.fromisoformat(kept["fetched_at"])
            if kept["origin"] == of and timedelta(0) <= now - fetched < KEEP:
                return str(kept["body"]).encode()
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def save(self, of: str, body: bytes, now: datetime) -> None:
        """Keep a copy, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = body[:READ_BYTES].decode("utf-8-sig", errors="ignore")
        kept = {"origin": of, "fetched_at": now.isoformat(), "body": text}
        path = self._path(of)
        aside = path.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(kept), "utf-8")
        aside.replace(path)

    def forget_old(self, now: datetime) -> None:
        """Remove copies (and halves of copies) that are too old to be used."""
        limit = (now - KEEP).timestamp()
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            with suppress(OSError):
                if path.stat().st_mtime < limit:
                    path.unlink()
