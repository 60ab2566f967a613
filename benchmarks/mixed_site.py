"""A server that is two thousand sources: every address of 127.16.0.0/12 that it listens on is one of them.

    python -m benchmarks.mixed_site PORT HOSTS…      (hosts as kind=address, or hanging=, failing=, busy=)

Loopback only. What a host answers goes by the kind it was started with; hanging ones accept and never answer,
failing ones say 500, busy ones say 429 with a ``Retry-After``.
"""

import asyncio
import contextlib
import json
import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from urllib.parse import parse_qs, urlsplit

from scout.classify.corpus import Example, read_corpus

#: Items that a healthy source has.
ITEMS = 5
#: Seconds for which a busy server asks to be left alone.
BUSY = 3600
#: One text in so many is an initiative, as in a natural week of local news (8 %, 2026-11).
ONE_IN = 12
Answer = tuple[int, str, str, dict[str, str]]


def _when(number: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6 * number + 1)


@cache
def _texts() -> tuple[list[Example], list[Example]]:
    """The labelled corpus: initiatives, and what is none."""
    examples = read_corpus()
    return [one for one in examples if one.initiative], [one for one in examples if not one.initiative]


def _example(host: str, number: int) -> Example:
    *_, third, fourth = (int(part) for part in host.split("."))
    nth = (third * 250 + fourth) * ITEMS + number
    initiatives, others = _texts()
    return initiatives[nth // ONE_IN % len(initiatives)] if nth % ONE_IN == 0 else others[nth % len(others)]


def _title(host: str, number: int) -> str:
    return escape(_example(host, number).title or "Nieuws uit de buurt")


def _text(host: str, number: int) -> str:
    return escape(_example(host, number).text)


def feed(host: str, path: str, query: dict[str, str]) -> Answer:
    """RSS with articles behind it."""
    if path.startswith("/artikel/"):
        return _article(host, path)
    items = "".join(
        f"<item><title>{_title(host, number)}</title><link>http://{{origin}}/artikel/{number}</link>"
        f"<guid>{host}-{number}</guid><pubDate>{_when(number):%a, %d %b %Y %H:%M:%S} +0000</pubDate>"
        f"<description>{_text(host, number)}</description></item>"
        for number in range(ITEMS)
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'
    return 200, "application/rss+xml", body, {}


def _article(host: str, path: str) -> Answer:
    number = int(path.rpartition("/")[2])
    paragraphs = f"<p>{_text(host, number)}</p>" * 3
    body = (
        f"<html lang=nl><head><title>{_title(host, number)}</title></head><body><main><article>"
        f"<h1>{_title(host, number)}</h1>{paragraphs}</article></main></body></html>"
    )
    return 200, "text/html; charset=utf-8", body, {}


def site(host: str, path: str, query: dict[str, str]) -> Answer:
    """A page that lists articles."""
    if path.startswith("/artikel/"):
        return _article(host, path)
    links = "".join(
        f'<li><a href="/artikel/{number}">{_title(host, number)}</a></li>' for number in range(ITEMS)
    )
    body = f"<html lang=nl><head><title>{host}</title></head><body><ul>{links}</ul></body></html>"
    return 200, "text/html; charset=utf-8", body, {}


def sitemap(host: str, path: str, query: dict[str, str]) -> Answer:
    """A sitemap of articles."""
    if path.startswith("/artikel/"):
        return _article(host, path)
    urls = "".join(
        f"<url><loc>http://{{origin}}/artikel/{number}</loc><lastmod>{_when(number).isoformat()}</lastmod></url>"
        for number in range(ITEMS)
    )
    body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
    return 200, "application/xml", body, {}


def wordpress(host: str, path: str, query: dict[str, str]) -> Answer:
    """The list of posts of a WordPress site."""
    if path.startswith("/artikel/"):
        return _article(host, path)
    posts = [
        {
            "id": number,
            "date_gmt": f"{_when(number):%Y-%m-%dT%H:%M:%S}",
            "modified_gmt": f"{_when(number):%Y-%m-%dT%H:%M:%S}",
            "link": f"http://{{origin}}/artikel/{number}",
            "title": {"rendered": _title(host, number)},
            "excerpt": {"rendered": f"<p>{_text(host, number)}</p>"},
        }
        for number in range(ITEMS)
    ]
    return 200, "application/json", json.dumps(posts), {"X-WP-Total": str(ITEMS), "X-WP-TotalPages": "1"}


def mastodon(host: str, path: str, query: dict[str, str]) -> Answer:
    """A server with one timeline."""
    if path.endswith("/instance"):
        open_to_all = {"local": "public", "remote": "public"}
        access = {"live_feeds": open_to_all, "hashtag_feeds": open_to_all, "trending_link_feeds": open_to_all}
        answer = {"domain": host, "version": "4.5.0", "configuration": {"timelines_access": access}}
        return 200, "application/json", json.dumps(answer), {}
    since = int(query.get("min_id") or query.get("since_id") or 0)
    older = int(query.get("max_id") or 10**9)
    account = {
        "id": "1",
        "acct": "buurthuis",
        "username": "buurthuis",
        "display_name": "Stichting Buurthuis",
        "note": "<p>Het buurthuis van de wijk</p>",
        "discoverable": True,
        "indexable": True,
        "noindex": False,
        "bot": False,
        "fields": [],
        "url": "http://{origin}/@buurthuis",
    }
    statuses = [
        {
            "id": str(1000 - number),
            "created_at": _when(number).isoformat().replace("+00:00", ".000Z"),
            "edited_at": None,
            "visibility": "public",
            "language": "nl",
            "sensitive": False,
            "spoiler_text": "",
            "uri": f"http://{{origin}}/users/buurthuis/statuses/{1000 - number}",
            "url": f"http://{{origin}}/@buurthuis/{1000 - number}",
            "content": f"<p>{_title(host, number)}. {_text(host, number)}</p>",
            "tags": [{"name": "buurtinitiatief"}],
            "mentions": [],
            "reblog": None,
            "account": account,
        }
        for number in range(ITEMS)
        if since < 1000 - number < older
    ]
    return 200, "application/json", json.dumps(statuses), {}


def bluesky(host: str, path: str, query: dict[str, str]) -> Answer:
    """A server with the records of one organisation."""
    did = query.get("repo") or query.get("did") or query.get("actor") or ""
    if path.endswith("getRepoStatus"):
        return 200, "application/json", json.dumps({"did": did, "active": True}), {}
    if path.endswith("getRecord"):
        profile = {"$type": "app.bsky.actor.profile", "displayName": "Stichting Buurthuis"}
        answer = {"uri": f"at://{did}/app.bsky.actor.profile/self", "cid": "bafyprofile", "value": profile}
        return 200, "application/json", json.dumps(answer), {}
    if path.endswith("listRecords") and not query.get("cursor"):
        records = [
            {
                "uri": f"at://{did}/app.bsky.feed.post/3k{number}",
                "cid": f"bafy{number}",
                "value": {
                    "$type": "app.bsky.feed.post",
                    "text": f"{_title(host, number)}. {_text(host, number)}",
                    "langs": ["nl"],
                    "createdAt": _when(number).isoformat().replace("+00:00", "Z"),
                },
            }
            for number in range(ITEMS)
        ]
        return 200, "application/json", json.dumps({"records": records}), {}
    if path.endswith("listRecords"):
        return 200, "application/json", json.dumps({"records": []}), {}
    return 404, "application/json", json.dumps({"error": "MethodNotImplemented"}), {}


def koop(host: str, path: str, query: dict[str, str]) -> Answer:
    """Official announcements by SRU."""
    start = int(query.get("startRecord", "1"))
    records = "".join(
        "<sru:record><sru:recordData><gzd:gzd><gzd:originalData><overheidwetgeving:meta><owmskern>"
        f"<dcterms:identifier>gmb-{host.replace('.', '')}-{number}</dcterms:identifier>"
        f"<dcterms:title>Subsidieregeling bewonersinitiatieven {host} {number}</dcterms:title>"
        '<dcterms:type scheme="OVERHEIDop.Rubriek">subsidie</dcterms:type>'
        f"<dcterms:creator>Arnhem</dcterms:creator><dcterms:modified>{_when(number):%Y-%m-%d}</dcterms:modified>"
        f"</owmskern><owmsmantel><dcterms:date>{_when(number):%Y-%m-%d}</dcterms:date>"
        f"<dcterms:available>{_when(number):%Y-%m-%d}</dcterms:available>"
        f"<dcterms:abstract>{_text(host, number)}</dcterms:abstract></owmsmantel></overheidwetgeving:meta>"
        "</gzd:originalData><gzd:enrichedData>"
        f"<gzd:preferredUrl>http://{{origin}}/artikel/{number}</gzd:preferredUrl></gzd:enrichedData></gzd:gzd>"
        "</sru:recordData></sru:record>"
        for number in range(ITEMS)
    )
    if path.startswith("/artikel/"):
        return _article(host, path)
    body = (
        '<sru:searchRetrieveResponse xmlns:sru="http://docs.oasis-open.org/ns/search-ws/sruResponse" '
        'xmlns:gzd="http://standaarden.overheid.nl/sru" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:overheidwetgeving="http://standaarden.overheid.nl/wetgeving/">'
        f"<sru:numberOfRecords>{ITEMS}</sru:numberOfRecords>"
        f"<sru:records>{records if start == 1 else ''}</sru:records></sru:searchRetrieveResponse>"
    )
    return 200, "application/xml", body, {}


def council(host: str, path: str, query: dict[str, str]) -> Answer:
    """A council's papers, as the aggregator exports them."""
    if "/entities/" in path:
        number = int(path.rpartition("-")[2])
        answer = {"id": path.rpartition("/")[2], "type": "Document", "text": _text(host, number)}
        return 200, "application/json", json.dumps(answer), {}
    lines = [
        {
            "seq": number,
            "op": "upsert",
            "time": _when(number).isoformat(),
            "entity_id": f"doc-{number}",
            "entity_type": "Document",
            "source_key": query.get("source", ""),
            "payload": {
                "name": f"Motie bewonersinitiatief {host} {number}",
                "original_url": f"http://{{origin}}/stuk/{number}",
            },
        }
        for number in range(ITEMS)
    ]
    body = "" if path.endswith("changes") else "".join(json.dumps(line) + "\n" for line in lines)
    headers = {"X-Has-More": "false", "X-Changes-Cursor": "5", "X-Next-Cursor": "5"}
    return 200, "application/x-ndjson", body, headers


def youtube(host: str, path: str, query: dict[str, str]) -> Answer:
    """A channel's feed."""
    entries = "".join(
        f"<entry><id>yt:video:{host}{number}</id><yt:videoId>{host}{number}</yt:videoId>"
        f"<title>{_title(host, number)}</title><link rel='alternate' href='http://{{origin}}/watch?v={number}'/>"
        f"<published>{_when(number).isoformat()}</published><updated>{_when(number).isoformat()}</updated>"
        f"<media:group><media:description>{_text(host, number)}</media:description></media:group></entry>"
        for number in range(ITEMS)
    )
    body = (
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:yt='http://www.youtube.com/xml/schemas/2015' "
        f"xmlns:media='http://search.yahoo.com/mrss/'><title>{host}</title>{entries}</feed>"
    )
    return 200, "application/atom+xml", body, {}


def _nothing(host: str, path: str, query: dict[str, str]) -> Answer:
    return 404, "text/plain", "", {}


def _terms(host: str, path: str, query: dict[str, str]) -> Answer:
    body = "<html lang=nl><title>Voorwaarden</title><p>Deze berichten mogen worden gelezen.</p></html>"
    return 200, "text/html; charset=utf-8", body, {}


def failing(host: str, path: str, query: dict[str, str]) -> Answer:
    """A server that is broken."""
    return 500, "text/plain", "stuk", {}


def busy(host: str, path: str, query: dict[str, str]) -> Answer:
    """A server that wants to be left alone."""
    return 429, "text/plain", "rustig aan", {"Retry-After": str(BUSY)}


KINDS: dict[str, Callable[[str, str, dict[str, str]], Answer]] = {
    "feed": feed,
    "site": site,
    "sitemap": sitemap,
    "wordpress": wordpress,
    "mastodon": mastodon,
    "bluesky": bluesky,
    "koop": koop,
    "council": council,
    "youtube": youtube,
    "failing": failing,
    "busy": busy,
}


async def _serve(port: int, hosts: dict[str, str]) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info("sockname")[0]
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                if hosts[host] == "hanging":
                    await asyncio.sleep(600)
                    return
                parts = urlsplit(head.split(" ", 2)[1])
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                answer = KINDS[hosts[host]]
                if parts.path == "/robots.txt" and hosts[host] != "failing":
                    answer = _nothing
                if parts.path == "/voorwaarden" and hosts[host] != "failing":
                    answer = _terms
                status, kind, body, more = answer(host, parts.path, query)
                data = body.replace("{origin}", f"{host}:{port}").encode()
                fields = {"Content-Type": kind, "Content-Length": str(len(data)), **more}
                lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
                writer.write(f"HTTP/1.1 {status} x\r\n{lines}\r\n".encode() + data)
                await writer.drain()

    for host in hosts:
        await asyncio.start_server(talk, host, port, backlog=16)
    print("ready", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serve until stopped."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, *given = sys.argv[1:]
    hosts = {host: kind for kind, _, host in (one.partition("=") for one in given)}
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(int(port), hosts))


if __name__ == "__main__":
    main()
