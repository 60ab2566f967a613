"""The guard where connections are made.

Twisted asks the reactor's name resolver before every new connection, also for hosts written as an
IP address, and connects to exactly the addresses it is given. So every redirect, robots.txt and
sitemap passes here, odd spellings (``0x7f.1``) are judged by what they stand for, and a name
can't mean one thing when checked and another when connected to.
"""

import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

import attrs
from twisted.internet._resolver import GAIResolver
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from models.networks import AddressRule, literal

#: Seconds that a looked-up name is remembered within one run; what it stands for is checked each time.
REMEMBER_SECONDS = 60.0


@implementer(IHostnameResolver)
class GuardedResolver:
    """Looks names up and passes on only the addresses that may be connected to."""

    def __init__(
        self, reactor: Any, rule: AddressRule, lookup: Callable[..., Any] = socket.getaddrinfo
    ) -> None:
        self.rule = rule
        self._resolver: Any = GAIResolver(reactor, reactor.getThreadPool, _named_errors(lookup))
        self._known: dict[str, tuple[float, list[IAddress]]] = {}
        self._refusals: dict[tuple[str, int], str] = {}
        self._private: dict[str, bool] = {}

    def refusal(self, host: str, port: int) -> str | None:
        """Why the last connection to this host and port was refused; None = it was not."""
        return self._refusals.get((_plain(host), port))

    def leads_to_private(self, host: str) -> bool:
        """Whether the host was last found at a private address; False when never looked up."""
        return self._private.get(_plain(host), False)

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        """See ``twisted.internet.interfaces.IHostnameResolver``."""
        checking = _Checking(self, resolutionReceiver, _plain(hostName), portNumber)
        addresses = self._without_looking_up(checking.host)
        if addresses:
            checking.resolutionBegan(_Remembered(hostName))
            for address in addresses:
                checking.addressResolved(address)
            checking.resolutionComplete()
            return _Remembered(hostName)
        return self._resolver.resolveHostName(
            checking, hostName, portNumber, addressTypes, transportSemantics
        )

    def _without_looking_up(self, host: str) -> list[Any]:
        if (ip := literal(host)) is not None:
            return [IPv4Address("TCP", host, 0) if ip.version == 4 else IPv6Address("TCP", host, 0)]
        at, addresses = self._known.get(host, (0.0, []))
        return addresses if time.monotonic() - at < REMEMBER_SECONDS else []

    def done(self, checking: "_Checking") -> None:
        """Note the result of one look-up."""
        if checking.seen:
            self._known[checking.host] = (time.monotonic(), checking.seen)
            self._private[checking.host] = self.rule.is_private(checking.seen[0].host)
        if checking.refusals and not checking.passed:
            self._refusals[checking.host, checking.port] = checking.refusals[0]
        else:
            self._refusals.pop((checking.host, checking.port), None)


@implementer(IResolutionReceiver)
class _Checking:
    """Stands between the look-up and whoever asked for it."""

    def __init__(self, resolver: GuardedResolver, receiver: Any, host: str, port: int) -> None:
        self.resolver, self.receiver = resolver, receiver
        self.host, self.port = host, port
        self.seen: list[Any] = []
        self.refusals: list[str] = []
        self.passed = 0

    def resolutionBegan(self, resolutionInProgress: Any) -> None:
        self.receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: Any) -> None:
        self.seen.append(address)
        refusal = self.resolver.rule.refusal(self.host, address.host, self.port)
        if refusal is not None:
            self.refusals.append(refusal)
            return
        self.passed += 1
        # A remembered address may have been looked up for another port.
        self.receiver.addressResolved(attrs.evolve(address, port=self.port))

    def resolutionComplete(self) -> None:
        self.resolver.done(self)
        self.receiver.resolutionComplete()


@implementer(IHostResolution)
class _Remembered:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing is going on that could be cancelled."""


def _plain(host: str) -> str:
    """One spelling of a host: ASCII, small letters, no brackets, no final dot."""
    host = host.strip("[]").rstrip(".").lower()
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _named_errors(lookup: Callable[..., Any]) -> Callable[..., Any]:
    """Make every failure of a look-up the one that Twisted expects; with others it would wait for ever."""

    def guarded(*arguments: Any) -> Any:
        try:
            return lookup(*arguments)
        except (OSError, ValueError) as error:
            raise socket.gaierror(str(error)) from None

    return guarded
