"""How far a choosing is: apart from the choosing itself, so that whoever only listens loads no solver."""

from collections.abc import Callable
from dataclasses import dataclass

#: Seconds for one matching, unless said otherwise.
SECONDS = 20.0


@dataclass(frozen=True)
class Progress:
    """How far the choosing is."""

    #: The aim that is worked on, see :class:`matching.problem.Gap`.
    aim: str
    #: Value and bound of that aim so far; None = not known yet.
    value: float | None
    bound: float | None
    seconds: float


Tell = Callable[[Progress], None]
