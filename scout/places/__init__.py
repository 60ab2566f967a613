"""Places: which towns and neighbourhoods a text names, and which municipality it is about.

:func:`place` is the front door; it needs no database, and nothing but the facts of ``models.geo``.
"""

from scout.places.gazetteer import Gazetteer
from scout.places.locate import Location, locate
from scout.places.mention import PlaceMention
from scout.places.placing import Placed, named, place

__all__ = ["Gazetteer", "Location", "PlaceMention", "Placed", "locate", "named", "place"]
