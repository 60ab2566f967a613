"""Machine-readable lists of the invented media: RSS, Atom, JSON Feed, sitemaps and WordPress REST."""

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape as xml

from scout.demo.answers import Answer
from scout.demo.edition import Edition, Listed
from scout.demo.pages import AMSTERDAM, paragraphs
from scout.demo.region import Story

#: What WordPress itself allows.
WORDPRESS_MAX_PER_PAGE = 100


def rss(edition: Edition, *, full: bool, zone_names: bool = False) -> Answer:
    """RSS 2.0, with the whole text or with summaries only.

    Args:
        zone_names: write dates with ``CET`` or ``CEST``, as many Dutch sites do, and put a
            tracking parameter on every link.
    """
    items = []
    for path, story in edition.listed:
        local = edition.published(story).astimezone(AMSTERDAM)
        date = f"{format_datetime(local)[:-5]}{local.tzname()}" if zone_names else format_datetime(local)
        link = f"{edition.base}{path}" + ("?utm_source=rss&utm_medium=feed" if zone_names else "")
        parts = [
            f"<title>{xml(story.title)}</title>" if story.title else "",
            f"<link>{xml(link)}</link>",
            f'<guid isPermaLink="false">{story.site}-{story.number}</guid>',
            f"<pubDate>{date}</pubDate>",
            f"<description>{xml(escape(story.lead, quote=False))}</description>",
        ]
        if full:
            parts.append(f"<content:encoded><![CDATA[{paragraphs(story)}]]></content:encoded>")
        items.append(f"<item>{''.join(parts)}</item>")
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>{xml(edition.title)}</title><link>{edition.base}/</link>
<description>Nieuws van {xml(edition.title)}</description><language>nl-NL</language><ttl>60</ttl>
{chr(10).join(items)}
</channel></rss>
"""
    return Answer(
        body=body.encode(), content_type="application/rss+xml; charset=UTF-8", modified=edition.newest()
    )


def atom(edition: Edition, *, full: bool) -> Answer:
    """Atom 1.0, with the whole text or with summaries only."""
    entries = []
    for path, story in edition.listed:
        stamp = edition.published(story).isoformat()
        text = (
            f'<content type="html">{xml(paragraphs(story))}</content>'
            if full
            else f"<summary>{xml(story.lead)}</summary>"
        )
        entries.append(
            f"<entry><id>tag:{story.site}.example,2026:{story.number}</id><title>{xml(story.title)}</title>"
            f'<link rel="alternate" href="{edition.base}{path}"/><published>{stamp}</published>'
            f"<updated>{stamp}</updated>{text}</entry>"
        )
    modified = edition.newest()
    body = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="nl">
<id>{edition.base}/</id><title>{xml(edition.title)}</title><updated>{modified.isoformat()}</updated>
<author><name>Redactie {xml(edition.title)}</name></author><link rel="self" href="{edition.base}/atom.xml"/>
{chr(10).join(entries)}
</feed>
"""
    return Answer(body=body.encode(), content_type="application/atom+xml; charset=utf-8", modified=modified)


def json_feed(edition: Edition) -> Answer:
    """JSON Feed 1.1 with the whole text as HTML."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": edition.title,
        "home_page_url": f"{edition.base}/",
        "language": "nl",
        "items": [
            {
                "id": f"{story.site}-{story.number}",
                "url": f"{edition.base}{path}",
                "title": story.title,
                "content_html": paragraphs(story),
                "date_published": edition.published(story).isoformat(),
            }
            for path, story in edition.listed
        ],
    }
    return Answer(
        body=json.dumps(feed, ensure_ascii=False, indent=1).encode(),
        content_type="application/feed+json",
        modified=edition.newest(),
    )


def sitemap_index(edition: Edition, paths: Sequence[str]) -> Answer:
    """Sitemap that points to other sitemaps."""
    modified = edition.newest()
    rows = "".join(
        f"<sitemap><loc>{edition.base}{path}</loc><lastmod>{modified.isoformat()}</lastmod></sitemap>"
        for path in paths
    )
    return _sitemap("sitemapindex", rows, modified)


def news_sitemap(edition: Edition, listed: Listed) -> Answer:
    """News sitemap of a part of the stories, compressed as a file: titles and dates, no text."""
    rows = "".join(
        f"<url><loc>{edition.base}{path}</loc><news:news><news:publication><news:name>{xml(edition.title)}"
        "</news:name><news:language>nl</news:language></news:publication><news:publication_date>"
        f"{edition.published(story).isoformat()}</news:publication_date>"
        f"<news:title>{xml(story.title)}</news:title></news:news></url>"
        for path, story in listed
    )
    plain = _sitemap("urlset", rows, edition.newest(listed))
    # Without a time inside: the same list is the same file.
    body = gzip.compress(plain.body, mtime=0)
    return Answer(body=body, content_type="application/gzip", modified=plain.modified)


def sitemap(edition: Edition) -> Answer:
    """Plain sitemap: addresses and the days they changed."""
    rows = "".join(
        f"<url><loc>{edition.base}{path}</loc><lastmod>{edition.published(story).date()}</lastmod></url>"
        for path, story in edition.listed
    )
    return _sitemap("urlset", rows, edition.newest())


def _sitemap(root: str, rows: str, modified: datetime) -> Answer:
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{rows}</{root}>
"""
    return Answer(body=body.encode(), content_type="application/xml; charset=utf-8", modified=modified)


def wordpress_posts(edition: Edition, query: str) -> Answer:
    """``/wp-json/wp/v2/posts``: pages, field choice and the error past the last page, as WordPress answers.

    Like WordPress it sends neither ETag nor Last-Modified.
    """
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    try:
        size, number = int(asked.get("per_page", "10")), int(asked.get("page", "1"))
        since = asked.get("modified_after") or asked.get("after") or "1970-01-01T00:00:00"
        after = datetime.fromisoformat(since)
    except ValueError:
        return _wordpress_error("rest_invalid_param", "Ongeldige parameter(s)")
    if not 1 <= size <= WORDPRESS_MAX_PER_PAGE or number < 1:
        return _wordpress_error("rest_invalid_param", "Ongeldige parameter(s): per_page, page")
    after = after if after.tzinfo else after.replace(tzinfo=UTC)
    found = [
        _post(edition, path, story) for path, story in edition.listed if edition.published(story) > after
    ]
    pages = -(-len(found) // size)
    if number > max(pages, 1):
        return _wordpress_error("rest_post_invalid_page_number", "Het paginanummer bestaat niet.")
    page = found[(number - 1) * size : number * size]
    if fields := {name.split(".")[0] for name in asked.get("_fields", "").split(",") if name}:
        page = [{name: value for name, value in post.items() if name in fields} for post in page]
    headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages), "X-Robots-Tag": "noindex"}
    return _json(page, headers=headers)


def _post(edition: Edition, path: str, story: Story) -> dict[str, Any]:
    published = edition.published(story)
    gmt = published.strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "id": 1000 + story.number,
        "date": published.astimezone(AMSTERDAM).strftime("%Y-%m-%dT%H:%M:%S"),
        "date_gmt": gmt,
        "modified_gmt": gmt,
        "slug": story.slug,
        "status": "publish",
        "type": "post",
        "link": f"{edition.base}{path}",
        "title": {"rendered": escape(story.title).replace("&#x27;", "&#8217;")},
        "excerpt": {"rendered": f"<p>{escape(story.lead, quote=False)} [&hellip;]</p>\n", "protected": False},
        "content": {"rendered": paragraphs(story), "protected": False},
    }


def _wordpress_error(code: str, message: str) -> Answer:
    return _json({"code": code, "message": message, "data": {"status": 400}}, status=400)


def _json(data: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(
        body=json.dumps(data, ensure_ascii=False).encode(),
        content_type="application/json; charset=UTF-8",
        status=status,
        headers=headers or {},
    )
