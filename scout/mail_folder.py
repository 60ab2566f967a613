"""Folders of mail: a maildir on this machine, or a folder on an IMAP server.

Mail that was taken goes out of it; refused mail is flagged and stays.
"""

import binascii
import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from models.settings import Settings

#: Bytes of one mail: with the attachments that are dropped all the same.
LARGEST = 20_000_000
#: Mails of one run; the rest waits for the next.
MOST = 200


class MailError(Exception):
    """The folder can't be read or changed; the message is one sentence."""


@dataclass(frozen=True)
class Mail:
    """One mail in a folder."""

    #: What the folder knows it by.
    key: str
    #: None = larger than :data:`LARGEST`.
    content: bytes | None


class Folder(Protocol):
    """What both kinds can do; every method raises ``MailError`` when the folder can't be used."""

    def mails(self) -> Iterator[Mail]:
        """Mails that were neither taken nor refused, at most :data:`MOST`."""

    def remove(self, key: str) -> None:
        """Take out a mail that was taken."""

    def refuse(self, key: str) -> None:
        """Flag a mail, so that a person finds it and no run reads it again."""


@contextmanager
def opened(settings: Settings) -> Iterator[Folder]:
    """The folder of the settings.

    Raises:
        MailError: it can't be opened.
    """
    if "://" not in settings.mail_in:
        yield MaildirFolder(Path(settings.mail_in))
        return
    folder = ImapFolder(settings)
    try:
        yield folder
    finally:
        folder.close()


class MaildirFolder:
    """A maildir; it is never made here, for a wrong path would then look like an empty one."""

    def __init__(self, path: Path) -> None:
        if not (path / "new").is_dir() or not (path / "cur").is_dir():
            raise MailError(f"{path} is no maildir: it needs the folders new, cur and tmp (mail_in)")
        self._path = path

    def mails(self) -> Iterator[Mail]:
        with _plain_errors(str(self._path)):
            files = [file for folder in ("new", "cur") for file in sorted((self._path / folder).iterdir())]
        # Flagged: refused, or kept by a person. Trashed: as good as gone.
        waiting = [file for file in files if not {"F", "T"} & set(_flags(file))]
        for file in waiting[:MOST]:
            with _plain_errors(str(self._path)):
                try:
                    content = None if file.stat().st_size > LARGEST else file.read_bytes()
                except FileNotFoundError:
                    continue  # read or moved by somebody meanwhile
            yield Mail(_name(file), content)

    def remove(self, key: str) -> None:
        with _plain_errors(str(self._path)):
            file = self._file(key)
            if file is not None:
                file.unlink(missing_ok=True)

    def refuse(self, key: str) -> None:
        with _plain_errors(str(self._path)):
            file = self._file(key)
            if file is not None:
                # Only renamed: what a person comes to look at is what came in.
                flags = "".join(sorted({*_flags(file), "F", "S"}))
                file.rename(self._path / "cur" / f"{key}:2,{flags}")

    def _file(self, key: str) -> Path | None:
        for folder in ("new", "cur"):
            for file in (self._path / folder).iterdir():
                if _name(file) == key:
                    return file
        return None


def _name(file: Path) -> str:
    return file.name.partition(":")[0]


def _flags(file: Path) -> str:
    return file.name.partition(":2,")[2]


class ImapFolder:
    """A folder on an IMAP server, by unique numbers that other readers of the mailbox can't shift."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.mail_in)
        self._where = f"the mail folder at {parts.hostname}"
        folder = unquote(parts.path.strip("/")) or "INBOX"
        with _plain_errors(self._where):
            if parts.scheme == "imaps":
                self._server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                    parts.hostname or "",
                    parts.port or 993,
                    ssl_context=ssl.create_default_context(),
                    timeout=settings.timeout_seconds,
                )
            else:
                self._server = imaplib.IMAP4(
                    parts.hostname or "", parts.port or 143, timeout=settings.timeout_seconds
                )
            try:
                self._server.login(unquote(parts.username or ""), settings.mail_password)
                self._asked("SELECT", self._server.select(_quoted(folder)))
            except BaseException:
                self.close()
                raise

    def _asked(self, what: str, answer: tuple[str, list[Any]]) -> list[Any]:
        status, data = answer
        if status != "OK":
            raise MailError(f"{self._where} refuses {what}: look at mail_in and at the rights of its user")
        return data

    def mails(self) -> Iterator[Mail]:
        with _plain_errors(self._where):
            found = self._asked("SEARCH", self._server.uid("SEARCH", "UNFLAGGED", "UNDELETED"))
            numbers = found[0].split() if found and isinstance(found[0], bytes) else []
        for number in numbers[:MOST]:
            key = number.decode("ascii")
            with _plain_errors(self._where):
                size = self._number(self._asked("FETCH", self._server.uid("FETCH", key, "(RFC822.SIZE)")))
                if size > LARGEST:
                    mail = Mail(key, None)
                else:
                    # Peeked at: it stays unread in the eyes of people until it is settled.
                    answer = self._asked("FETCH", self._server.uid("FETCH", key, "(BODY.PEEK[])"))
                    bodies = [part[1] for part in answer if isinstance(part, tuple)]
                    if not bodies:
                        continue  # somebody took it out meanwhile
                    mail = Mail(key, bodies[0])
            yield mail

    @staticmethod
    def _number(data: list[Any]) -> int:
        for part in data:
            line = part[0] if isinstance(part, tuple) else part
            size = re.search(rb"RFC822\.SIZE (\d+)", line) if isinstance(line, bytes) else None
            if size:
                return int(size[1])
        return 0

    def remove(self, key: str) -> None:
        with _plain_errors(self._where):
            self._asked("STORE", self._server.uid("STORE", key, "+FLAGS.SILENT", r"(\Seen \Deleted)"))
            # Without this ability a plain EXPUNGE would also take what a person only marked.
            if "UIDPLUS" in self._server.capabilities:
                self._asked("EXPUNGE", self._server.uid("EXPUNGE", key))

    def refuse(self, key: str) -> None:
        with _plain_errors(self._where):
            self._asked("STORE", self._server.uid("STORE", key, "+FLAGS.SILENT", r"(\Seen \Flagged)"))

    def close(self) -> None:
        """Leave; whatever happens then no longer matters."""
        try:
            self._server.logout()
        except (OSError, imaplib.IMAP4.error):
            self._server.shutdown()


def _quoted(folder: str) -> str:
    """A folder's name as IMAP wants it: quoted, and letters beyond ASCII in its own form of UTF-7."""
    coded = []
    for piece in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", folder):
        if piece.isascii() and piece.isprintable():
            coded.append(piece.replace("&", "&-"))
        else:
            base = piece.encode("utf-16-be")
            packed = binascii.b2a_base64(base, newline=False).decode("ascii").rstrip("=").replace("/", ",")
            coded.append(f"&{packed}-")
    name = "".join(coded).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}"'


@contextmanager
def _plain_errors(where: str) -> Iterator[None]:
    """Errors of files, network and protocol as one sentence, without what a server or a mail said."""
    try:
        yield
    except imaplib.IMAP4.error:
        raise MailError(
            f"{where} does not let us in, or broke off: look at mail_in and SCOUT_MAIL_PASSWORD"
        ) from None
    except ssl.SSLError:
        raise MailError(f"{where} has no valid certificate: look at the address in mail_in") from None
    except TimeoutError:
        raise MailError(f"{where} does not answer: try again later, or look at mail_in") from None
    except OSError as error:
        raise MailError(f"{where} can't be reached: {error.strerror or type(error).__name__}") from None
