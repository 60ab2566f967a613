"""Fetching: one Scrapy crawl over all due sources, polite, guarded and bounded; see ``scout.gather``."""
