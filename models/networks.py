"""Which network addresses may be connected to. Pure: asked by the resolver for every connection."""

import ipaddress
from enum import StrEnum

from models.settings import Settings

#: Ports at which public addresses are visited.
PUBLIC_PORTS = frozenset({80, 443})

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Range(StrEnum):
    """What kind of address it is; the value is what a person reads."""

    PUBLIC = "public"
    LOOPBACK = "loopback"
    PRIVATE = "private network"
    LINK_LOCAL = "link-local"
    METADATA = "cloud metadata"
    SHARED = "shared by a provider's customers"
    UNSPECIFIED = "unspecified"
    MULTICAST = "multicast"
    RESERVED = "reserved"


#: Ranges that SCOUT_ALLOW_PRIVATE_ADDRESSES opens; the others lead nowhere and stay closed.
OPENED_BY_SETTING = frozenset(
    {Range.LOOPBACK, Range.PRIVATE, Range.LINK_LOCAL, Range.METADATA, Range.SHARED, Range.UNSPECIFIED}
)

#: Network -> kind; the first that holds the address counts. After the IANA registries of special-purpose
#: addresses, read 2026-11-21; written out because Python's own answer differs between its versions.
NETWORKS = tuple(
    (ipaddress.ip_network(network), kind)
    for network, kind in (
        ("169.254.169.254/32", Range.METADATA),
        ("100.100.100.200/32", Range.METADATA),
        ("fd00:ec2::254/128", Range.METADATA),
        ("0.0.0.0/8", Range.UNSPECIFIED),
        ("10.0.0.0/8", Range.PRIVATE),
        ("100.64.0.0/10", Range.SHARED),
        ("127.0.0.0/8", Range.LOOPBACK),
        ("169.254.0.0/16", Range.LINK_LOCAL),
        ("172.16.0.0/12", Range.PRIVATE),
        ("192.0.0.0/24", Range.RESERVED),
        ("192.0.2.0/24", Range.RESERVED),
        ("192.88.99.0/24", Range.RESERVED),
        ("192.168.0.0/16", Range.PRIVATE),
        ("198.18.0.0/15", Range.RESERVED),
        ("198.51.100.0/24", Range.RESERVED),
        ("203.0.113.0/24", Range.RESERVED),
        ("224.0.0.0/4", Range.MULTICAST),
        ("240.0.0.0/4", Range.RESERVED),
        ("::/128", Range.UNSPECIFIED),
        ("::1/128", Range.LOOPBACK),
        ("64:ff9b:1::/48", Range.PRIVATE),
        ("100::/64", Range.RESERVED),
        ("2001::/23", Range.RESERVED),
        ("2001:db8::/32", Range.RESERVED),
        ("3fff::/20", Range.RESERVED),
        ("5f00::/16", Range.RESERVED),
        ("fc00::/7", Range.PRIVATE),
        ("fe80::/10", Range.LINK_LOCAL),
        ("fec0::/10", Range.PRIVATE),
        ("ff00::/8", Range.MULTICAST),
    )
)

#: IPv6 networks that carry an IPv4 address -> how far it stands from the right, in bits.
CARRIERS = tuple(
    (ipaddress.IPv6Network(network), shift)
    for network, shift in (
        ("::ffff:0:0/96", 0),  # IPv4-mapped
        ("::ffff:0:0:0/96", 0),  # IPv4-translated
        ("64:ff9b::/96", 0),  # NAT64
        ("2002::/16", 80),  # 6to4
        ("::/96", 0),  # IPv4-compatible; after ::1 and :: are ruled out
    )
)


def range_of(address: IpAddress | str) -> Range:
    """The kind of an address; one that carries an IPv4 address is judged by that.

    Raises:
        ValueError: ``address`` is no IP address.
    """
    if isinstance(address, str):
        address = ipaddress.ip_address(address.partition("%")[0])
    for network, kind in NETWORKS:
        if address.version == network.version and address in network:
            return kind
    if isinstance(address, ipaddress.IPv6Address):
        for network6, shift in CARRIERS:
            if address in network6:
                return range_of(ipaddress.IPv4Address((int(address) >> shift) & 0xFFFF_FFFF))
    return Range.PUBLIC


def is_private(address: IpAddress | str) -> bool:
    """Whether this is an address of ours rather than of somebody on the internet.

    Raises:
        ValueError: ``address`` is no IP address.
    """
    return range_of(address) in OPENED_BY_SETTING


def literal(host: str) -> IpAddress | None:
    """The address, if a host is written as one (``[::1]`` with or without brackets)."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


class AddressRule:
    """Decides about one connection; the one place that knows the setting."""

    def __init__(self, settings: Settings) -> None:
        self.private_allowed = settings.allow_private_addresses

    def is_private(self, address: str) -> bool:
        """Whether the address is of our own network (no delay between requests by default)."""
        return is_private(address)

    def refusal(self, host: str, address: str, port: int) -> str | None:
        """Why ``address``, which ``host`` stands for, is not connected to, in one sentence; None = it may."""
        kind = range_of(address)
        named = address if host == address else f"{address} (the address of {host})"
        if kind is Range.PUBLIC:
            if port in PUBLIC_PORTS:
                return None
            return f"port {port} of {named} is not visited: public addresses only at ports 80 and 443"
        if kind not in OPENED_BY_SETTING:
            return f"{named} is a {kind} address: nothing can be fetched there, correct the address"
        if self.private_allowed:
            return None
        return (
            f"{named} is a private address ({kind}): "
            "only SCOUT_ALLOW_PRIVATE_ADDRESSES=true lets private addresses be visited"
        )
