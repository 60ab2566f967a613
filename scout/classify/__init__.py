"""Recognition: how likely a text is about a citizen initiative, where, which theme, and why.

What the commands call stands here; each function loads the heavy libraries only when it is used.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from models.settings import Settings

if TYPE_CHECKING:
    from scout.classify.evaluation import EvaluationReport
    from scout.classify.model import TrainReport
    from scout.progress import Progress

__all__ = ["evaluate_lines", "model_card", "score_lines", "train"]


def score_lines(
    settings: Settings,
    lines: Iterable[bytes | str],
    write: Callable[[str], object],
    warn: Callable[[str], object],
) -> bool:
    """Score JSON lines; see :func:`scout.classify.scoring.score_lines`."""
    from scout.classify.scoring import score_lines as run

    return run(settings, lines, write, warn)


def train(settings: Settings, *, progress: "Progress | None" = None) -> "TrainReport":
    """Train anew from the corpus and make the result current; see :func:`scout.classify.model.train`."""
    from scout.classify.model import train as run

    return run(settings, progress=progress)


def evaluate_lines(
    settings: Settings, lines: Iterable[bytes | str], *, warn: Callable[[str], object]
) -> "EvaluationReport":
    """Hold the model against labelled lines; see :func:`scout.classify.evaluation.evaluate_lines`."""
    from scout.classify.evaluation import evaluate_lines as run

    return run(settings, lines, warn=warn)


def model_card(settings: Settings) -> dict[str, Any] | None:
    """Version and figures of the model in use; None when none was trained yet."""
    from scout.classify.card import read_card

    return read_card(settings)
