"""Which items below the threshold are drawn for review, so that what is missed can be estimated.

The draw depends on the item's address alone, through a keyed hash: run twice, it draws the same, and
whoever publishes can't know which.
"""

from models.keys import keyed_hash
from models.settings import Settings


def chance_of(score: float, threshold: float, settings: Settings) -> float:
    """Chance (0.0 to 1.0) with which an item that scores below the threshold is drawn."""
    near = score >= settings.draw_near_from * threshold
    return settings.draw_near if near else settings.draw_far


def is_drawn(secret: bytes, url_key: str, chance: float) -> bool:
    """Whether the item with this key is drawn; who is drawn by a chance is drawn by every higher one."""
    return int(keyed_hash(secret, "drawn", url_key)[:12], 16) < chance * 16**12
