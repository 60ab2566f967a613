"""The kinds of sources that can be visited now: what ``kind = "…"`` of a source file stands for."""

from types import ModuleType

from models.words import SourceKind
from scout.readers import bluesky, council, feed, koop, mastodon, site, sitemap, wordpress, youtube

#: Kind -> the module that reads it. Each has ``ACCEPT`` (request header), ``JUDGES`` (statuses besides 200
#: that it wants to see), ``first(source, cursor)`` (addresses to fetch) and ``read(source, page)`` (pure).
#: For what is asked later, whether items are still there: ``questions(source, items)`` and
#: ``judge(source, question, page)``, pure as well.
KINDS: dict[SourceKind, ModuleType] = {
    SourceKind.FEED: feed,
    SourceKind.SITE: site,
    SourceKind.SITEMAP: sitemap,
    SourceKind.WORDPRESS: wordpress,
    SourceKind.MASTODON: mastodon,
    SourceKind.BLUESKY: bluesky,
    SourceKind.KOOP: koop,
    SourceKind.COUNCIL: council,
    SourceKind.YOUTUBE: youtube,
}
