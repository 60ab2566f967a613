"""From the feeds of an OPML file to definitions of sources, placed by what the gazetteer knows."""

from collections.abc import Iterable

from models import opml_import
from models.opml import Outline
from models.opml_import import LeftOut, TakenOver, known_to
from models.settings import Settings
from scout.discover.naming import municipality_of

__all__ = ["LeftOut", "TakenOver", "known_to", "taken_over"]


def taken_over(outlines: Iterable[Outline], known: dict[str, str], settings: Settings) -> TakenOver:
    """As :func:`models.opml_import.taken_over`, with the municipality that title or address names."""
    return opml_import.taken_over(
        outlines, known, settings, lambda title, url: municipality_of(title, url, ())
    )
