"""The kinds of sources that can be visited now: what ``kind = "…"`` of a source file stands for."""

from types import ModuleType

from models.words import SourceKind
from scout.readers import feed, site, sitemap, wordpress

#: Kind -> the module that reads it: ``ACCEPT`` (request header), ``first(source)``, ``read(source, page)``.
KINDS: dict[SourceKind, ModuleType] = {
    SourceKind.FEED: feed,
    SourceKind.SITE: site,
    SourceKind.SITEMAP: sitemap,
    SourceKind.WORDPRESS: wordpress,
}
