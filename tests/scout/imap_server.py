"""A real IMAP server on loopback with one folder, in a process of its own: Twisted's, over mails in memory.

``python -m tests.scout.imap_server FOLDER [plus]`` prints its port, then, after each change, one line of
JSON with what stands in the folder: unique number -> flags.
"""

import json
import sys
from email import message_from_bytes
from io import BytesIO
from pathlib import Path
from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet import protocol, reactor
from twisted.mail import imap4
from zope.interface import implementer

USER, PASSWORD = "scout@voorbeeld.example", "een lang wachtwoord"
FOLDER = "Inbreng élders"


@implementer(imap4.IMessage, imap4.IMessageFile)
class Message:
    """One mail."""

    def __init__(self, uid: int, content: bytes) -> None:
        self.uid, self.content, self.flags = uid, content, set()
        self._message = message_from_bytes(content)

    def getUID(self) -> int:
        return self.uid

    def getFlags(self) -> list[str]:
        return sorted(self.flags)

    def getInternalDate(self) -> str:
        return "22-Nov-2026 12:00:00 +0000"

    def getHeaders(self, negate: bool, *names: str) -> dict[str, str]:
        wanted = {name.lower() if isinstance(name, str) else name.decode().lower() for name in names}
        return {
            name: str(value)
            for name, value in self._message.items()
            if (name.lower() in wanted) is not negate
        }

    def getBodyFile(self) -> BytesIO:
        return BytesIO(self.content.partition(b"\n\n")[2])

    def getSize(self) -> int:
        return len(self.content)

    def isMultipart(self) -> bool:
        return False

    def open(self) -> BytesIO:
        """The whole mail, as it came."""
        return BytesIO(self.content)


@implementer(imap4.IMailbox, imap4.IMailboxInfo)
class Folder:
    """The folder."""

    def __init__(self, mails: list[bytes]) -> None:
        self.messages = [Message(100 + number, mail) for number, mail in enumerate(mails)]

    def tell(self) -> None:
        """Say what stands in the folder."""
        print(json.dumps({str(one.uid): one.getFlags() for one in self.messages}), flush=True)

    def getFlags(self) -> list[str]:
        return ["\\Seen", "\\Deleted", "\\Flagged"]

    def getHierarchicalDelimiter(self) -> str:
        return "/"

    def getUIDValidity(self) -> int:
        return 1

    def getUIDNext(self) -> int:
        return 1000

    def getUID(self, message: int) -> int:
        return self.messages[message - 1].uid

    def getMessageCount(self) -> int:
        return len(self.messages)

    def getRecentCount(self) -> int:
        return 0

    def getUnseenCount(self) -> int:
        return sum("\\Seen" not in one.flags for one in self.messages)

    def isWriteable(self) -> bool:
        return True

    def destroy(self) -> None:
        raise imap4.MailboxException("no")

    def requestStatus(self, names: list[str]) -> Any:
        return imap4.statusRequestHelper(self, names)

    def addListener(self, listener: object) -> None:
        pass

    def removeListener(self, listener: object) -> None:
        pass

    def addMessage(self, *args: object) -> None:
        raise imap4.MailboxException("no")

    def expunge(self) -> list[int]:
        gone = [one.uid for one in self.messages if "\\Deleted" in one.flags]
        self.messages = [one for one in self.messages if "\\Deleted" not in one.flags]
        self.tell()
        return gone

    def _chosen(self, messages: Any, uid: bool) -> list[tuple[int, Message]]:
        messages.last = self.messages[-1].uid if uid and self.messages else len(self.messages)
        wanted = set(messages)
        return [
            (number, one)
            for number, one in enumerate(self.messages, start=1)
            if (one.uid if uid else number) in wanted
        ]

    def fetch(self, messages: Any, uid: bool) -> list[tuple[int, Message]]:
        return self._chosen(messages, uid)

    def store(self, messages: Any, flags: list[str], mode: int, uid: bool) -> dict[int, list[str]]:
        found = {}
        for number, one in self._chosen(messages, uid):
            one.flags = one.flags | set(flags) if mode == 1 else one.flags - set(flags)
            found[number] = one.getFlags()
        self.tell()
        return found


class Account(imap4.MemoryAccount):
    """The account that holds the folder."""

    def _emptyMailbox(self, name: str, id: int) -> Folder:
        return Folder([])


class Realm:
    """Everybody who gets in has the same account."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def requestAvatar(self, avatar: bytes, mind: object, *interfaces: object) -> tuple[object, Account, Any]:
        return imap4.IAccount, self.account, lambda: None


class Plus(imap4.IMAP4Server):
    """A server that can also take single mails out (RFC 4315)."""

    def capabilities(self) -> dict[bytes, Any]:
        return {**super().capabilities(), b"UIDPLUS": None}

    def do_UID(self, tag: bytes, command: bytes, line: bytes) -> None:
        if command.upper() != b"EXPUNGE":
            super().do_UID(tag, command, line)
            return
        gone = {int(number) for number in line.split(b",")}
        self.mbox.messages = [
            one for one in self.mbox.messages if one.uid not in gone or "\\Deleted" not in one.flags
        ]
        self.mbox.tell()
        self.sendPositiveResponse(tag, b"UID EXPUNGE completed")

    select_UID = (do_UID, imap4.IMAP4Server.arg_atom, imap4.IMAP4Server.arg_line)


def main() -> None:
    """Serve the files of a folder."""
    mails = [file.read_bytes() for file in sorted(Path(sys.argv[1]).iterdir())]
    account = Account(USER.encode())
    account.addMailbox(FOLDER, Folder(mails))
    checker = InMemoryUsernamePasswordDatabaseDontUse()
    checker.addUser(USER.encode(), PASSWORD.encode())

    class Server(protocol.Factory):
        def buildProtocol(self, address: object) -> imap4.IMAP4Server:
            server = Plus() if "plus" in sys.argv else imap4.IMAP4Server()
            server.portal = Portal(Realm(account), [checker])
            return server

    port = reactor.listenTCP(0, Server(), interface="127.0.0.1")  # type: ignore[attr-defined]
    print(port.getHost().port, flush=True)
    reactor.run()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
