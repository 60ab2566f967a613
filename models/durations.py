"""Lengths of time as people write them: ``30m``, ``1h``, ``2d``."""

import re

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
FORM = re.compile(r"(\d+)\s*([smhdw])", re.ASCII)


def parse_duration(text: str) -> int:
    """Seconds in ``text``.

    Raises:
        ValueError: it is not a number and one of s, m, h, d, w, or it is zero.
    """
    match = FORM.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is not a length of time: write 30m, 1h or 2d")
    return int(match[1]) * SECONDS[match[2]]
