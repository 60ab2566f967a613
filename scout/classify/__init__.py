"""Recognition: how likely a text is about a citizen initiative, where, which theme, and why.

What the commands call stands here; each function loads the heavy libraries only when it is used.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from models.settings import Settings

if TYPE_CHECKING:
    from scout.classify.card import Pointer
    from scout.classify.evaluation import EvaluationReport
    from scout.classify.retraining import TrainReport
    from scout.progress import Progress

__all__ = [
    "evaluate_corpus",
    "evaluate_lines",
    "go_back",
    "model_card",
    "score_lines",
    "train",
    "train_encoder",
]


def score_lines(
    settings: Settings,
    lines: Iterable[bytes | str],
    write: Callable[[str], object],
    warn: Callable[[str], object],
) -> bool:
    """Score JSON lines; see :func:`scout.classify.scoring.score_lines`."""
    from scout.classify.scoring import score_lines as run

    return run(settings, lines, write, warn)


def train(settings: Settings, *, force: bool = False, progress: "Progress | None" = None) -> "TrainReport":
    """Train from the corpus and the decisions in the database, which must be up to date.

    The result is used where it is nowhere worse; see :func:`scout.classify.retraining.train`.
    """
    from scout.classify.learning import read_taught
    from scout.classify.retraining import train as run

    return run(settings, read_taught(settings), force=force, progress=progress)


def train_encoder(base: str, *, progress: "Progress | None" = None) -> dict[str, float]:
    """Train the encoder that the product ships anew, and put it in its place; figures of unseen texts.

    See :func:`scout.classify.encoder.produce.train_encoder`.
    """
    from scout.classify.encoder.produce import train_encoder as run

    return run(base=base, progress=progress).figures


def go_back(settings: Settings) -> "Pointer":
    """Use the model before the present one again; see :func:`scout.classify.retraining.go_back`."""
    from scout.classify.retraining import go_back as run

    return run(settings)


def evaluate_lines(
    settings: Settings, lines: Iterable[bytes | str], *, warn: Callable[[str], object]
) -> "EvaluationReport":
    """Hold the model against labelled lines; see :func:`scout.classify.evaluation.evaluate_lines`."""
    from scout.classify.evaluation import evaluate_lines as run

    return run(settings, lines, warn=warn)


def evaluate_corpus(settings: Settings) -> "EvaluationReport":
    """Hold the model against the corpus, file by file unseen; see :mod:`scout.classify.evaluation`."""
    from scout.classify.evaluation import evaluate_corpus as run

    return run(settings)


def model_card(settings: Settings) -> dict[str, Any] | None:
    """Version and figures of the model in use; None when none was trained yet."""
    from scout.classify.card import read_card

    return read_card(settings)
