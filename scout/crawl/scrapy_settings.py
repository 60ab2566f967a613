"""Every Scrapy setting that differs from its default, and why."""

from typing import Any

from models.settings import Settings
from scout.crawl import middlewares
from scout.crawl.robots import TOKEN
from scout.crawl.trouble import MAX_BYTES, MAX_REDIRECTS

#: Visits going on at once. One process measured 130 feeds a second with 256 (2026-11); 64 keep memory low.
VISITS_AT_ONCE = 64

#: Middlewares of Scrapy that are replaced by ours or have no place here.
UNUSED = (
    "offsite.OffsiteMiddleware",
    "robotstxt.RobotsTxtMiddleware",  # lets everything pass when robots.txt answers 500
    "httpauth.HttpAuthMiddleware",
    "retry.RetryMiddleware",  # ours pauses, and knows Retry-After
    "redirect.MetaRefreshMiddleware",
    "redirect.RedirectMiddleware",
    "httpcompression.HttpCompressionMiddleware",
    "cookies.CookiesMiddleware",
    "httpproxy.HttpProxyMiddleware",  # a proxy would connect where the guard does not look
    "httpcache.HttpCacheMiddleware",  # hides outages
)


def scrapy_settings(settings: Settings) -> dict[str, Any]:
    """Settings of the crawl."""
    return {
        "BOT_NAME": TOKEN,
        "USER_AGENT": settings.effective_user_agent,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "*/*;q=0.8",
            "Accept-Language": "nl,fy;q=0.9,nds;q=0.8,en;q=0.3",
        },
        # -- who may be connected to -------------------------------------------------------------
        "DOWNLOAD_HANDLERS": {
            "http": middlewares.GuardedHandler,
            "https": middlewares.GuardedHandler,
            "data": None,
            "file": None,
            "ftp": None,
            "s3": None,
        },
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "REACTOR_THREADPOOL_MAXSIZE": 32,  # threads that look up names
        # -- limits --------------------------------------------------------------------------------
        "DOWNLOAD_MAXSIZE": MAX_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": settings.timeout_seconds,
        "REDIRECT_MAX_TIMES": MAX_REDIRECTS,
        # -- politeness: delays are set for each server by PolitenessMiddleware --------------------
        "CONCURRENT_REQUESTS": 2 * VISITS_AT_ONCE,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        # Stays on, because redirects complain without it; it never sends the header.
        "REFERRER_POLICY": "scrapy.spidermiddlewares.referer.NoReferrerPolicy",
        "DOWNLOADER_MIDDLEWARES": {
            **{f"scrapy.downloadermiddlewares.{name}": None for name in UNUSED},
            middlewares.RobotsMiddleware: 100,
            middlewares.PolitenessMiddleware: 150,
            middlewares.NamedCompression: 590,
            middlewares.NamedRedirects: 600,
        },
        # -- what Scrapy would do besides ----------------------------------------------------------
        # None of its extensions, not even switched off: it would import them, and aiohttp with them: a fifth
        # of a second at each start, for what nothing here uses.
        "EXTENSIONS_BASE": {},
        "STATS_DUMP": False,
        # Whoever starts the crawl has set up logging; Scrapy adds nothing to it.
        "LOG_INSTALL_ROOT_HANDLER": False,
        "LOG_VERSIONS": [],
    }
