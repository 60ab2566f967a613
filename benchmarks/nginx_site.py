"""Labelled texts as thirty small sites behind a real nginx: feeds, listing pages, sitemaps and articles."""

import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from scout.classify.corpus import Example
from scout.demo import feeds, pages
from scout.demo.edition import Edition, Listed
from scout.demo.region import Story, Truth

PORT = 8090
#: Loopback addresses 127.0.1.1 and up; Linux answers on all of 127.0.0.0/8.
ADDRESSES = 30
#: How the addresses publish, in turn. Notes without a title go to feeds that carry the whole text.
KINDS = ("full", "links", "site", "full", "links", "sitemap", "full", "links", "site", "sitemap")
#: Words of a text that a feed with links shows, and articles on one listing page.
SUMMARY_WORDS, PAGE = 20, 8
#: Seconds that nginx gets to start.
PATIENCE = 10


@dataclass(frozen=True)
class Site:
    """One address with its share of the texts."""

    key: str
    host: str
    #: One of :data:`KINDS`.
    kind: str
    edition: Edition

    @property
    def address(self) -> str:
        """Path of the list to visit."""
        return {"full": "/feed.xml", "links": "/feed.xml", "site": "/nieuws/", "sitemap": "/sitemap.xml"}[
            self.kind
        ]

    @property
    def definition(self) -> str:
        """Its entry in a source file."""
        kind = {"full": "feed", "links": "feed"}.get(self.kind, self.kind)
        extra = {"full": "full_text = false\n", "site": 'article = "/artikel/\\\\d+"\n'}.get(self.kind, "")
        base = self.edition.base
        return (
            f'[[source]]\nkey = "{self.key}"\ntitle = "{self.edition.title}"\nkind = "{kind}"\n'
            f'url = "{base}{self.address}"\nevery = "1h"\n{extra}'
            f'terms = {{ url = "{base}/voorwaarden.html", checked = {self.edition.moment.date()}, '
            'basis = "6(1)(e) AVG", purpose = "meten" }\n'
        )


def plan(examples: Sequence[Example], moment: datetime) -> list[Site]:
    """Deal the texts out over the addresses, always in the same way; dates go back from ``moment``."""
    mixed = list(examples)
    random.Random(20261121).shuffle(mixed)  # always the same mix
    kinds = [KINDS[number % len(KINDS)] for number in range(ADDRESSES)]
    full = [number for number, kind in enumerate(kinds) if kind == "full"]
    shares: list[list[Example]] = [[] for _ in kinds]
    for turn, example in enumerate(mixed):
        shares[turn % ADDRESSES if example.title else full[turn % len(full)]].append(example)
    sites = []
    for number, (kind, share) in enumerate(zip(kinds, shares, strict=True), start=1):
        key, host = f"site-{number:02}", f"127.0.1.{number}"
        stories = [_story(key, place, example) for place, example in enumerate(share, start=1)]
        listed = tuple((f"/artikel/{story.number}.html", story) for story in stories)
        base = f"http://{host}:{PORT}"
        sites.append(
            Site(
                key, host, kind, Edition(title=f"Meetblad {number}", base=base, moment=moment, listed=listed)
            )
        )
    return sites


def _story(key: str, number: int, example: Example) -> Story:
    return Story(
        id=example.id,
        site=key,
        number=number,
        title=example.title,
        paragraphs=tuple(part for part in example.text.split("\n") if part.strip()),
        # Spread over a week, newest first.
        hours=1 + number * 7,
        truth=Truth(initiative=example.initiative, theme=example.theme, municipality="", group=""),
    )


def write(folder: Path, sites: Sequence[Site]) -> Path:
    """Write everything that nginx serves, and its configuration; returns the path of the latter."""
    for site in sites:
        root = folder / site.key
        for path, content in _files(site).items():
            target = root / path.strip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    servers = "\n".join(
        f"server {{ listen {site.host}:{PORT}; root {folder}/{site.key}; }}" for site in sites
    )
    config = folder / "nginx.conf"
    config.write_text(f"""
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  include /etc/nginx/mime.types;
  charset utf-8;
  log_format asked '$server_addr $status $request_method $request_uri "$http_if_none_match"';
  access_log {folder}/access.log asked;
  client_body_temp_path {folder}/tmp; proxy_temp_path {folder}/tmp; fastcgi_temp_path {folder}/tmp;
  uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
  {servers}
}}
""")
    return config


def _files(site: Site) -> dict[str, bytes]:
    edition = site.edition
    modern = int(site.key[-2:]) % 3 != 0
    template = pages.article if modern else pages.plain_article
    files = {
        "/robots.txt": b"User-agent: *\nDisallow: /redactie/\n",
        "/voorwaarden.html": pages.terms(edition.title).encode(),
    }
    for path, story in edition.listed:
        files[path] = template(edition, path, story).encode()
    if site.kind == "full":
        files[site.address] = feeds.rss(edition, full=True).body
    elif site.kind == "links":
        short = tuple((path, _summary(story)) for path, story in edition.listed)
        files[site.address] = feeds.rss(replace(edition, listed=short), full=False).body
    elif site.kind == "sitemap":
        files[site.address] = feeds.sitemap(edition).body
    else:
        files |= _listing(edition)
    return files


def _summary(story: Story) -> Story:
    words = " ".join(story.paragraphs).split()
    short = " ".join(words[:SUMMARY_WORDS]) + (" …" if len(words) > SUMMARY_WORDS else "")
    return replace(story, paragraphs=(short,))


def _listing(edition: Edition) -> dict[str, bytes]:
    listed = edition.listed
    parts: list[Listed] = [listed[start : start + PAGE] for start in range(0, len(listed), PAGE)]
    paths = ["/nieuws/", *(f"/nieuws/{number}.html" for number in range(2, len(parts) + 1))]
    beside = ["", *paths, ""]
    short = [tuple((path, _summary(story)) for path, story in part) for part in parts]
    return {
        path + ("index.html" if path.endswith("/") else ""): pages.listing(
            edition, part, before=beside[place], after=beside[place + 2]
        ).encode()
        for place, (path, part) in enumerate(zip(paths, short, strict=True))
    }


@contextmanager
def nginx(config: Path, host: str) -> Iterator[None]:
    """Run nginx with this configuration while the block runs.

    Raises:
        RuntimeError: it is not installed, or does not start.
    """
    program = shutil.which(
        "nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin"
    )
    if program is None:
        raise RuntimeError("nginx is needed (Debian: apt-get install nginx-light)")
    command = [program, "-p", str(config.parent), "-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            until = time.monotonic() + PATIENCE
            while True:
                if server.poll() is not None:
                    assert server.stderr is not None
                    raise RuntimeError(f"nginx did not start: {server.stderr.read().strip()}")
                with socket.socket() as probe:
                    if probe.connect_ex((host, PORT)) == 0:
                        break
                if time.monotonic() > until:
                    raise RuntimeError(f"nginx does not answer at {host}:{PORT}")
                time.sleep(0.05)
            yield
        finally:
            server.terminate()
            server.wait(PATIENCE)
