"""What the server loads once from which the processes of runs, looks and commands are forked.

Not Twisted's reactor: each of them starts its own.
"""

import gc

from scrapy.settings import default_settings
from scrapy.utils.misc import load_object

import scout.cli
import scout.discover
import scout.extraction
import scout.gather
import scout.group.stage
import scout.recheck
from scout.places.gazetteer import Gazetteer

__all__ = ["scout"]

Gazetteer.load()
for component in (
    *default_settings.DOWNLOADER_MIDDLEWARES_BASE,
    *default_settings.SPIDER_MIDDLEWARES_BASE,
    default_settings.SCHEDULER,
    default_settings.SCHEDULER_MEMORY_QUEUE,
    default_settings.DUPEFILTER_CLASS,
    default_settings.LOG_FORMATTER,
    default_settings.STATS_CLASS,
):
    load_object(component)
# What stands in memory now is shared by all of them, as long as none of them touches it.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
