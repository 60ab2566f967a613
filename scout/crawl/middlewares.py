"""Politeness, robots.txt and limits, at the one place that every request passes: redirects too."""

import asyncio
import logging
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest, StopDownload
from scrapy.http import Headers, Response
from scrapy.http.request import NO_CALLBACK

from scout.crawl import media, robots
from scout.crawl.context import Context
from scout.crawl.fetch import PAUSES, as_page, asked_to_wait, note_spent, wait_until
from scout.crawl.trouble import MAX_REDIRECTS, TOO_LARGE, Trouble, explain

logger = logging.getLogger(__name__)

#: Seconds that an unused connection stays open; longer, and thousands of hosts use up the open files.
KEEP_CONNECTION = 5


def context_of(crawler: Crawler) -> Context:
    """What the run shares; the spider carries it."""
    context: Context = crawler.spider.context  # type: ignore[union-attr]
    return context


class RobotsMiddleware:
    """Asks robots.txt before every request, and hands its crawl-delay on."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.called = robots.names(context_of(crawler).settings.effective_user_agent)
        #: Origin -> its rules, once for each run.
        self.asked: dict[str, asyncio.Task[robots.Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if "is_robots_txt" in request.meta:
            return
        origin = robots.origin(request.url)
        if origin not in self.asked:
            self.asked[origin] = asyncio.ensure_future(self._rules(origin))
        # Shielded: whoever asked first may be cancelled, others wait for the same answer.
        rules = await asyncio.shield(self.asked[origin])
        context = context_of(self.crawler)
        delay = rules.delay()
        if delay is not None:
            server = context.server(request.url)
            context.crawl_delays[server] = max(delay, context.crawl_delays.get(server, 0.0))
        if not rules.allows(request.url):
            host = urlsplit(request.url).hostname
            raise Trouble(f"robots.txt of {host} does not allow {request.url}", code="robots")

    async def _rules(self, origin: str) -> robots.Rules:
        context = context_of(self.crawler)
        body = context.robots.load(origin, context.now())
        if body is None:
            body = await self._fetched(origin)
            context.robots.save(origin, body, context.now())
        return robots.Rules(body, self.called)

    async def _fetched(self, origin: str) -> bytes:
        """The text of robots.txt; empty when there is none.

        Raises:
            Trouble: the server can't say what it allows, so nothing is fetched from it in this run.
        """
        host = urlsplit(origin).hostname
        last = ""
        for pause in (*PAUSES, None):
            try:
                page = as_page(origin, await self._answer(f"{origin}/robots.txt"))
            except Trouble as trouble:
                if not trouble.transient:
                    raise
                last = str(trouble)
            else:
                context = context_of(self.crawler)
                note_spent(context, page)
                if until := wait_until(page, context.now()):
                    context.waits[context.server(page.url)] = until
                    raise asked_to_wait(page.url, until)
                if 200 <= page.status < 300:
                    return page.body
                if page.status < 500:
                    return b""
                last = f"it answered {page.status}"
            if pause is not None:
                await asyncio.sleep(pause)
        raise Trouble(
            f"robots.txt of {host} could not be read ({last}), so nothing is fetched there this time"
        )

    async def _answer(self, url: str) -> Response:
        meta = {"is_robots_txt": True, "any_type": True}
        try:
            request = Request(url, meta=meta, callback=NO_CALLBACK)
            return await self.crawler.engine.download_async(request)
        except EndlessRedirects:
            # RFC 9309, 2.3.1.2: after five redirects it counts as not there.
            return Response(url, status=404)
        except Trouble:
            raise
        except Exception as error:
            logger.debug("%s: %r", url, error, exc_info=True)
            raise explain(error, url, context_of(self.crawler).settings.timeout_seconds) from error


class PolitenessMiddleware:
    """One request at a time to a server, with its delay; none while it wants to be left alone."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        crawler.signals.connect(stop_at_headers, signal=signals.headers_received)
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        context = context_of(self.crawler)
        host = urlsplit(request.url).hostname or ""
        if context.settings.blocks(host):
            raise Trouble(
                f"{host} is not asked for anything, because its terms forbid it (blocked_hosts): "
                "let people hand in what stands there",
                code="blocked",
            )
        server = context.server(request.url)
        until = context.waits.get(server)
        if until is not None and until > context.now():
            raise asked_to_wait(request.url, until)
        delay = context.delay(request.url)
        downloader = self.crawler.engine.downloader
        downloader.per_slot_settings[server] = {"concurrency": 1, "delay": delay, "jitter": 0.0}
        if server in downloader.slots:
            downloader.slots[server].delay = delay
        # Set anew at each redirect: a copied request carries the slot of the server it came from.
        request.meta["download_slot"] = server
        if (tally := request.meta.get("tally")) is not None:
            tally.requests += 1


def stop_at_headers(headers: Headers, request: Request) -> None:
    """Spare server and line the body of an answer whose type is not read; ``fetch`` says why.

    Raises:
        StopDownload: the body is not wanted.
    """
    kind = (headers.get("Content-Type") or b"").decode("latin-1")
    if not request.meta.get("any_type") and media.refusal_of_type(media.content_type({"content-type": kind})):
        raise StopDownload(fail=False)


class EndlessRedirects(Trouble):
    """More redirects than are followed."""


class NamedRedirects(RedirectMiddleware):
    """Scrapy's redirects; too many of them become a trouble that says so."""

    def process_response(self, request: Request, response: Response) -> Any:  # type: ignore[override]
        try:
            return super().process_response(request, response)
        except IgnoreRequest:
            first = (request.meta.get("redirect_urls") or [request.url])[0]
            raise EndlessRedirects(
                f"{first} redirects endlessly (more than {MAX_REDIRECTS} times): correct the address"
            ) from None


class NamedCompression(HttpCompressionMiddleware):
    """Scrapy's decompression; a bomb or a broken body becomes a trouble that says so."""

    def process_response(self, request: Request, response: Response) -> Any:  # type: ignore[override]
        if "download_stopped" in response.flags:  # the type was refused: there is no body
            return response
        try:
            return super().process_response(request, response)
        except IgnoreRequest:
            raise Trouble(f"{TOO_LARGE.format(url=request.url)} (it is compressed)") from None
        except Exception as error:
            logger.debug("%s: %r", request.url, error, exc_info=True)
            raise Trouble(f"the compressed answer of {request.url} is broken", transient=True) from error


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's handler for http and https, which says so when the guard refused the address."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._resolver = context_of(crawler).resolver
        self._pool.cachedConnectionTimeout = KEEP_CONNECTION

    async def download_request(self, request: Request) -> Response:
        try:
            return await super().download_request(request)
        except CannotResolveHostError:
            parts = urlsplit(request.url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            refusal = self._resolver.refusal(parts.hostname or "", port)
            if refusal is not None:
                raise Trouble(refusal, code="private") from None
            raise
