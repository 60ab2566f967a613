"""What the server loads once from which the processes of gatherings and looks are forked.

Not Twisted's reactor: each of them starts its own.
"""

import scout.discover
import scout.extraction
import scout.gather
import scout.recheck
from scout.places.gazetteer import Gazetteer

__all__ = ["scout"]

Gazetteer.load()
