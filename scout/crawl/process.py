"""Starting Scrapy for one run, and ending it again."""

import logging
import os
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from models.networks import AddressRule
from models.settings import Settings
from scout.crawl.context import Context
from scout.crawl.resolver import GuardedResolver
from scout.crawl.robots import RobotsMemory
from scout.crawl.scrapy_settings import scrapy_settings

#: Loggers of Scrapy that report as a warning or an error what a visit names as its problem anyway.
TALKATIVE = ("scrapy.core.downloader.handlers.http11", "scrapy.downloadermiddlewares.httpcompression")


@dataclass(frozen=True)
class Network:
    """How names are looked up and which addresses may be connected to; tests bring their own."""

    rule: Callable[[Settings], AddressRule] = AddressRule
    lookup: Callable[..., Any] = socket.getaddrinfo


class GatherSpider(Spider):
    """Scrapy's view of a run: one spider whose start is all the visits."""

    name = "gather"

    def __init__(
        self, *, context: Context, work: Callable[[Crawler], Awaitable[None]], failures: list[Exception]
    ) -> None:
        super().__init__()
        self.context = context
        self._work = work
        self._failures = failures

    async def start(self) -> AsyncIterator[Any]:
        try:
            await self._work(self.crawler)
        except Exception as error:
            self._failures.append(error)
        return
        yield  # what makes this the generator that Scrapy wants


def run_crawl(
    settings: Settings,
    *,
    now: Callable[[], datetime],
    network: Network,
    work: Callable[[Crawler, Context], Awaitable[None]],
) -> None:
    """Do ``work`` inside a Scrapy crawl. Once in a process: Twisted's reactor can't be started again.

    Raises:
        Exception: whatever ``work`` raised.
    """
    # Read by the C library when it looks up the first name: a dead name server costs seconds, not minutes.
    os.environ.setdefault("RES_OPTIONS", "timeout:3 attempts:2")
    _allow_many_connections()
    # Scrapy sets its own loggers to DEBUG, and says hello before they can be set right.
    logging.disable(logging.INFO)
    process = AsyncCrawlerProcess(scrapy_settings(settings))
    logging.disable(logging.NOTSET)
    for name in ("scrapy", "twisted", "filelock", "py.warnings"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)

    from twisted.internet import reactor  # only now it is the asyncio reactor

    resolver = GuardedResolver(reactor, network.rule(settings), network.lookup)
    memory = RobotsMemory(settings.var / "robots")
    memory.forget_old(now())
    context = Context(settings=settings, now=now, resolver=resolver, robots=memory)
    failures: list[Exception] = []

    async def guarded_work(crawler: Crawler) -> None:
        # After the process has installed Scrapy's own resolver, and before the first request.
        reactor.installNameResolver(resolver)
        await work(crawler, context)

    process.crawl(GatherSpider, context=context, work=guarded_work, failures=failures)
    # Ctrl-C ends the process at once, as a kill would; the next run goes on from there.
    process.start(install_signal_handlers=False)
    if failures:
        raise failures[0]


def _allow_many_connections() -> None:
    """Raise the soft limit of open files: a hundred servers a second keep theirs open for a few seconds."""
    with suppress(OSError, ValueError):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 8192 if hard == resource.RLIM_INFINITY else min(8192, hard)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
