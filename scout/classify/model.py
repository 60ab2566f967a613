"""The model on disk, and scoring with it. Plain arrays and JSON: nothing that could run code.

``SCOUT_VAR/model/<version>/`` holds ``weights.npz`` and ``card.json``; ``current`` names the version
in use. A new version is written aside and renamed, so that a reader sees all of it or nothing, and
the previous one stays beside it.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from models.commands import CannotFinishError
from models.settings import Settings
from scout.classify.card import current_version, folder_of
from scout.classify.corpus import CORPUS, read_corpus
from scout.classify.hashing import SPACE
from scout.classify.lexicon import WORD_FILE
from scout.classify.linear import Floats, Row, Space
from scout.classify.training import Fitted, Progress, fit

#: Modules that decide what a trained model is; a change in any of them makes a new version.
_MAKERS = ("lexicon", "reading", "signs", "features", "hashing", "linear", "training")
#: Versions kept beside the current one.
KEPT = 2


class ModelError(CannotFinishError):
    """The model on disk can't be read; the message says which and what to do."""


@dataclass(frozen=True)
class Model:
    """A trained first stage."""

    version: str
    space: Space
    weights: Floats
    bias: float
    theme_weights: Floats
    theme_bias: Floats
    themes: tuple[str, ...]
    threshold: float
    card: dict[str, Any]

    def logit(self, row: Row) -> float:
        """Calibrated log-odds that the text is about a citizen initiative, at the natural rate.

        Args:
            row: what ``space.row`` makes of the text's features.
        """
        return float(np.dot(self.weights[row.positions].astype(np.float64), row.values)) + self.bias

    def theme(self, row: Row) -> tuple[str | None, float]:
        """Most likely theme with its score (0.0 to 1.0); None when the model knows no themes."""
        if not self.themes:
            return None, 0.0
        known = int(np.searchsorted(row.positions, len(self.theme_weights)))
        odds = row.values[:known] @ self.theme_weights[row.positions[:known]] + self.theme_bias
        shares = np.exp((odds - odds.max()).astype(np.float64))
        best = int(shares.argmax())
        return self.themes[best], float(shares[best] / shares.sum())


@lru_cache
def product_version(corpus: Path = CORPUS) -> str:
    """Hash of what this product would train from: its corpus files and the code that makes a model."""
    digest = hashlib.sha256(SPACE.encode())
    folder = Path(__file__).resolve().parent
    makers = [folder / f"{name}.py" for name in _MAKERS]
    for path in (*makers, WORD_FILE, *sorted(corpus.glob("*.jsonl"))):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def load_model(settings: Settings) -> Model | None:
    """The current model, or None when there is none that this product can use."""
    version = current_version(settings)
    if version is None:
        return None
    try:
        return _load(folder_of(settings) / version)
    except (FileNotFoundError, NotADirectoryError, ModelError):
        return None


def ensure_model(settings: Settings, *, progress: Progress | None = None) -> Model:
    """The current model; trained first when there is none or when the product has changed since.

    Two processes at once are fine: one trains, the other waits for it.

    Raises:
        CorpusError: the corpus can't be used.
        OSError: the folder can't be written.
    """
    model = load_model(settings)
    if model is not None and model.card.get("product") == product_version():
        return model
    with _lock(settings):
        model = load_model(settings)
        if model is not None and model.card.get("product") == product_version():
            return model
        return train_and_keep(settings, progress=progress)


def train_and_keep(settings: Settings, *, progress: Progress | None = None, corpus: Path = CORPUS) -> Model:
    """Train from the corpus and make the result current."""
    fitted = fit(read_corpus(corpus), progress=progress)
    product = product_version(corpus)
    card = {"version": product, "product": product, "space": SPACE, **fitted.card}
    folder = folder_of(settings)
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        # As readable as anything else in the folder; a temporary one is closed to others.
        aside.chmod(folder.stat().st_mode & 0o777)
        _write(aside, fitted, card)
        target = folder / product
        if target.exists():
            # The same version again: same weights, so whoever reads it loses nothing by the swap.
            old = Path(tempfile.mkdtemp(prefix=".old-", dir=folder))
            os.replace(target, old / "gone")
            os.replace(aside, target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _point_to(folder, product)
    _tidy(folder, product)
    return _load(folder / product)


def _write(folder: Path, fitted: Fitted, card: dict[str, Any]) -> None:
    np.savez_compressed(
        folder / "weights.npz",
        columns=fitted.space.columns,
        idf=fitted.space.idf,
        weights=fitted.weights,
        bias=np.float64(fitted.bias),
        theme_weights=fitted.theme_weights.astype(np.float16),
        theme_bias=fitted.theme_bias,
        themes=np.array(fitted.themes, dtype=np.str_),
    )
    (folder / "card.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _load(folder: Path) -> Model:
    try:
        card = json.loads((folder / "card.json").read_text("utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
        return Model(
            version=card["version"],
            space=Space.of(arrays["columns"], arrays["idf"]),
            weights=arrays["weights"],
            bias=float(arrays["bias"]),
            theme_weights=arrays["theme_weights"].astype(np.float32),
            theme_bias=arrays["theme_bias"],
            themes=tuple(arrays["themes"].tolist()),
            threshold=float(card["threshold"]),
            card=card,
        )
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged archive raises many kinds
        raise ModelError(f"{folder}: damaged model ({error}): run scout train") from None


def _point_to(folder: Path, version: str) -> None:
    aside = folder / f".current-{os.getpid()}"
    aside.write_text(version + "\n", "utf-8")
    os.replace(aside, folder / "current")


def _tidy(folder: Path, current: str) -> None:
    """Remove all but the newest versions, and what a killed training left."""
    versions = [path for path in folder.iterdir() if path.is_dir() and path.name != current]
    left = [path for path in versions if path.name.startswith(".")]
    others = sorted(
        (path for path in versions if not path.name.startswith(".")), key=lambda path: path.stat().st_mtime
    )
    for path in (*left, *others[: max(len(others) - KEPT, 0)]):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    """One training at a time; the system frees the lock when the process ends, however it ends."""
    settings.var.mkdir(parents=True, exist_ok=True)
    with open(settings.var / "model.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class TrainReport:
    """What training gave."""

    version: str
    #: Version that was in use before, None when there was none.
    before: str | None
    card: dict[str, Any]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "version": self.version,
            "before": self.before,
            "seconds": round(self.seconds, 1),
            **self.card,
        }

    def as_text(self) -> str:
        """For a terminal."""
        figures = self.card["figures"]["all"]
        before = "" if self.before in (None, self.version) else f" (before: {self.before})"
        return (
            f"model {self.version}{before}: {self.card['texts']} texts, {self.seconds:.0f} s; "
            f"on files not trained on: average precision {figures['average_precision']:.3f}, "
            f"at threshold {self.card['threshold']:.3f} recall {figures['recall']:.2f} "
            f"and precision {figures['precision']:.2f}"
        )


def train(settings: Settings, *, progress: Progress | None = None) -> TrainReport:
    """Train anew and make the result current; errors as :func:`ensure_model`."""
    began = time.monotonic()
    with _lock(settings):
        before = current_version(settings)
        model = train_and_keep(settings, progress=progress)
    return TrainReport(model.version, before, model.card, time.monotonic() - began)
