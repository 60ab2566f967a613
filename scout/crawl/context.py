"""What all parts of one run share: settings, clock, guard, and what was learnt about servers on the way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

import tldextract

from models.networks import is_private, literal
from models.settings import Settings
from scout.crawl.resolver import GuardedResolver
from scout.crawl.robots import RobotsMemory

#: Seconds between requests to one host by default, for addresses on the internet and for our own.
PUBLIC_DELAY, PRIVATE_DELAY = 1.0, 0.0

#: The list of public suffixes that ships with the library: nothing is fetched, nothing kept on disk.
_domains = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclass
class Tally:
    """Requests sent for one visit."""

    requests: int = 0


@dataclass
class Context:
    """Shared by all visits of one run."""

    settings: Settings
    #: Aware UTC time; injected by tests.
    now: Callable[[], datetime]
    resolver: GuardedResolver
    robots: RobotsMemory
    #: Server -> when it may be asked again, as it said itself (``Retry-After``).
    waits: dict[str, datetime] = field(default_factory=dict)
    #: Host and port -> requests in a row that got no answer.
    silences: dict[str, int] = field(default_factory=dict)
    #: Server -> seconds that its robots.txt asks for.
    crawl_delays: dict[str, float] = field(default_factory=dict)

    def server(self, url: str) -> str:
        """What counts as one server for politeness: a registrable domain, or an IP address.

        Services on one private address are told apart by port: they have nothing to do with each other.
        """
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        if self.is_private(host):
            return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        if literal(host) is not None:
            return host
        # A suffix that the list does not know counts as one of a single word (its own rule).
        return _domains(host).top_domain_under_public_suffix or ".".join(host.split(".")[-2:])

    def is_private(self, host: str) -> bool:
        """Whether a host is known to be of our own network; names are known once they were looked up."""
        address = literal(host)
        if address is not None:
            return is_private(address)
        return host == "localhost" or host.endswith(".localhost") or self.resolver.leads_to_private(host)

    def delay(self, url: str) -> float:
        """Seconds between the starts of two requests to the server of this address."""
        chosen = self.settings.delay_seconds
        if chosen is None:
            private = self.is_private((urlsplit(url).hostname or "").rstrip("."))
            chosen = PRIVATE_DELAY if private else PUBLIC_DELAY
        return max(chosen, self.crawl_delays.get(self.server(url), 0.0))
