"""Fetching one address through Scrapy: retries, waiting servers, and every failure as one sentence."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from scout.crawl import media
from scout.crawl.context import Context, Tally
from scout.crawl.schedule import refused_until, spent_until
from scout.crawl.trouble import Trouble, explain, unwanted_status
from scout.drafts import Page

logger = logging.getLogger(__name__)

#: Seconds before the second and the third try of one request.
PAUSES = (0.5, 1.0)
#: After so many requests in a row without an answer a host is left alone for the rest of the run.
GIVE_UP_AFTER = 3


async def fetch(
    crawler: Crawler,
    context: Context,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    tally: Tally | None = None,
    timeout: float | None = None,
    retries: bool = True,
    any_type: bool = False,
    also: Collection[int] = (),
) -> Page:
    """Fetch an address, following redirects, as politely as the server wants it.

    Args:
        headers: sent on top of those that every request has; with a condition among them (``If-…``),
            the answer may have status 304.
        tally: counts the requests sent.
        timeout: seconds for each try; None = as set.
        any_type: answers of every content type will do.
        also: statuses that will do besides 2xx, for whoever judges them himself.

    Returns:
        An answer with status 2xx, or 304 if there was a condition, or one of ``also``.

    Raises:
        Trouble: there is no such answer; the message is one sentence.
    """
    host = urlsplit(url).netloc
    silences = context.silences.get(host, 0)
    if silences >= GIVE_UP_AFTER:
        raise Trouble(f"{silences} requests to {host} failed in a row, so it is left alone in this run")
    # Once a host stayed silent, its other pages get one try each.
    pauses = PAUSES if retries and not silences else ()
    for pause in (*pauses, None):
        try:
            page = await _once(
                crawler,
                context,
                url,
                headers=headers or {},
                tally=tally,
                timeout=timeout or context.settings.timeout_seconds,
                any_type=any_type,
                also=also,
            )
            context.silences.pop(host, None)
            return page
        except Trouble as trouble:
            if not trouble.transient:
                raise
            if pause is None:
                if retries:
                    context.silences[host] = context.silences.get(host, 0) + 1
                raise
            logger.debug("trying %s again: %s", url, trouble)
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")


async def _once(
    crawler: Crawler,
    context: Context,
    url: str,
    *,
    headers: Mapping[str, str],
    tally: Tally | None,
    timeout: float,
    any_type: bool,
    also: Collection[int],
) -> Page:
    meta = {"tally": tally, "download_timeout": timeout, "any_type": any_type}
    try:
        request = Request(url, headers=dict(headers), meta=meta, callback=NO_CALLBACK)
        response: Response = await crawler.engine.download_async(request)
    except Trouble:
        raise
    except Exception as error:
        logger.debug("%s: %r", url, error, exc_info=True)
        raise explain(error, url, timeout) from error
    conditional = any(name.lower().startswith("if-") for name in headers)
    page = as_page(url, response)
    note_spent(context, page)
    if 200 <= page.status < 300 or (page.status == 304 and conditional):
        if page.status != 304 and not any_type and (why := media.refusal(page.headers, page.body)):
            raise Trouble(f"{page.url} {why}: correct the address")
        return page
    if page.status in also:
        return page
    trouble = unwanted_status(page.url, page.status, page.headers.get("location"))
    trouble.page = page
    if until := wait_until(page, context.now()):
        context.waits[context.server(page.url)] = until
        raise asked_to_wait(page.url, until)
    raise trouble


def as_page(asked: str, response: Response) -> Page:
    """A Scrapy response in the form that readers know."""
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    return Page(
        asked=asked,
        url=response.url,
        status=response.status,
        headers=headers,
        body=response.body,
        moved_to=_moved_to(response),
    )


def _moved_to(response: Response) -> str:
    """Where the permanent redirects lead that come before any other; empty if the first one is none."""
    meta = response.request.meta if response.request is not None else {}
    stations = [*meta.get("redirect_urls", ()), response.url]
    permanent = [reason in {301, 308} for reason in meta.get("redirect_reasons", ())]
    kept = permanent.index(False) if False in permanent else len(permanent)
    return stations[kept] if kept else ""


def wait_until(page: Page, now: datetime) -> datetime | None:
    """How long the server asks to be left alone; None if it does not say so, or that time is over."""
    until = refused_until(page.status, page.headers, now)
    return until if until is not None and until > now else None


def note_spent(context: Context, page: Page) -> None:
    """Leave a server alone whose answer, whatever it is, says that it was the last one for a while."""
    now = context.now()
    until = spent_until(page.headers, now)
    if until is not None and until > now:
        server = context.server(page.url)
        context.waits[server] = max(until, context.waits.get(server, until))


def asked_to_wait(url: str, until: datetime) -> Trouble:
    """The trouble of a server that wants to be left alone."""
    host = urlsplit(url).hostname or url
    return Trouble(
        f"{host} asks to be left alone until {until:%Y-%m-%d %H:%M} UTC (Retry-After); "
        "it is visited again after that",
        wait_until=until,
    )
