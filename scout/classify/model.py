"""The model on disk, and scoring with it. Plain arrays and JSON: nothing that could run code.

``SCOUT_VAR/model/<version>/`` holds ``weights.npz``, ``card.json`` and ``taught.npz`` (what decisions
taught it); ``current`` names the version in use. A new version is written aside and renamed, so that a
reader sees all of it or nothing, and the previous ones stay beside it; ``refused`` is the last one that
was not good enough (see :mod:`scout.classify.retraining`).
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from models.commands import CannotFinishError
from models.settings import Settings
from scout.classify.card import Pointer, current_version, folder_of, read_pointer, write_pointer
from scout.classify.corpus import CORPUS, read_corpus
from scout.classify.encoder import artefact
from scout.classify.hashing import SPACE
from scout.classify.learning import Taught, fingerprint_of, keep, kept
from scout.classify.lexicon import WORD_FILE
from scout.classify.linear import Floats, Row, Space

if TYPE_CHECKING:
    # Where a model is there already, training is not even imported: with its library it takes half a second.
    from scout.classify.training import Fitted, Progress

#: Modules that decide what a trained model is; a change in any of them makes a new version.
_MAKERS = (
    "lexicon",
    "reading",
    "signs",
    "features",
    "hashing",
    "linear",
    "calibration",
    "blend",
    "learning",
    "training",
)
#: Versions kept beside the one in use and the one before it.
KEPT = 2
#: Folder of the version that was refused last.
REFUSED = "refused"


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

    def theme_shares(self, row: Row) -> npt.NDArray[np.float64]:
        """How likely each of :attr:`themes` is; they sum to 1."""
        known = int(np.searchsorted(row.positions, len(self.theme_weights)))
        odds = row.values[:known] @ self.theme_weights[row.positions[:known]] + self.theme_bias
        shares = np.exp((odds - odds.max(initial=0.0)).astype(np.float64))
        result: npt.NDArray[np.float64] = shares / max(shares.sum(), 1e-9)
        return result


@lru_cache
def product_version(corpus: Path = CORPUS) -> str:
    """Hash of what this product would train from: its corpus files and the code that makes a model."""
    digest = hashlib.sha256(SPACE.encode())
    folder = Path(__file__).resolve().parent
    makers = [folder / f"{name}.py" for name in _MAKERS]
    for path in (*makers, WORD_FILE, *sorted(corpus.glob("*.jsonl"))):
        digest.update(path.name.encode() + path.read_bytes())
    # The first stage is blended with the encoder that is there, if any: another one makes another model.
    encoder = artefact.read_manifest(artefact.SHIPPED)
    digest.update(encoder.version.encode() if encoder else b"")
    return digest.hexdigest()[:12]


def version_of(product: str, taught: Sequence[Taught]) -> str:
    """Name of the model that this version of the product makes from these decisions."""
    return f"{product}-{fingerprint_of(taught)}" if taught else product


def load_model(settings: Settings) -> Model | None:
    """The current model, or None when there is none that this product can use."""
    version = current_version(settings)
    if version is None:
        return None
    try:
        return load_version(settings, version)
    except (FileNotFoundError, NotADirectoryError, ModelError):
        return None


def load_version(settings: Settings, version: str) -> Model:
    """One of the versions on disk.

    Raises:
        FileNotFoundError: it is not there.
        ModelError: it is damaged, or made for other features than this product's.
    """
    model = _load(folder_of(settings) / version)
    if model.card.get("space") != SPACE:
        raise ModelError(f"model {version} was made for other features than this version of scout has")
    return model


def usable(settings: Settings) -> Model | None:
    """The model in use, unless the product has changed since it was made and nobody chose it all the same."""
    pointer = read_pointer(settings)
    model = load_model(settings)
    if pointer is None or model is None:
        return None
    return model if product_version() in (model.card.get("product"), pointer.chosen_for) else None


def ensure_model(settings: Settings, *, progress: "Progress | None" = None) -> Model:
    """The current model; trained first when there is none or when the product has changed since.

    What decisions taught the last one is learnt by the new one as well. Two processes at once are
    fine: one trains, the other waits for it.

    Raises:
        CorpusError: the corpus can't be used.
        OSError: the folder can't be written.
    """
    model = usable(settings)
    if model is not None:
        return model
    with lock(settings):
        model = usable(settings)
        if model is not None:
            return model
        return train_and_keep(settings, progress=progress)


def remembered(settings: Settings) -> list[Taught]:
    """What decisions taught the model in use; the one before it where that can't be read."""
    pointer = read_pointer(settings)
    for version in (pointer.version, pointer.before) if pointer else ():
        if version is not None:
            try:
                return kept(folder_of(settings) / version)
            except (OSError, ValueError):
                continue
    return []


def train_and_keep(
    settings: Settings,
    *,
    taught: Sequence[Taught] | None = None,
    progress: "Progress | None" = None,
    corpus: Path = CORPUS,
) -> Model:
    """Train from the corpus and decisions, and make the result current; the caller holds the lock.

    Args:
        taught: what decisions taught; by default what the model in use has learnt from.
    """
    from scout.classify.training import fit

    rows = remembered(settings) if taught is None else taught
    fitted = fit(read_corpus(corpus), taught=rows, progress=progress)
    return make_current(settings, fitted, rows, product=product_version(corpus))


def make_current(
    settings: Settings,
    fitted: "Fitted",
    taught: Sequence[Taught],
    *,
    product: str,
    more: dict[str, Any] | None = None,
) -> Model:
    """Write a new version and use it from now on.

    Args:
        more: further keys for its card.
    """
    folder, version = folder_of(settings), version_of(product, taught)
    folder.mkdir(parents=True, exist_ok=True)
    with _aside(folder) as aside:
        _write(aside, fitted, taught, product=product, more=more)
        # The same version is the same model: what can be read stays, since somebody may be reading it.
        if not _is_whole(folder / version):
            if (folder / version).exists():
                os.replace(folder / version, Path(tempfile.mkdtemp(prefix=".old-", dir=folder)) / "gone")
            os.replace(aside, folder / version)
    old = read_pointer(settings)
    before = None
    if old is not None:
        before = old.before if old.version == version else old.version
        before = before if before and _is_whole(folder / before) else None
    write_pointer(settings, Pointer(version, before))
    shutil.rmtree(folder / REFUSED, ignore_errors=True)
    _tidy(folder, {version, before, REFUSED})
    return _load(folder / version)


def put_aside(
    settings: Settings,
    fitted: "Fitted",
    taught: Sequence[Taught],
    *,
    product: str,
    more: dict[str, Any] | None = None,
) -> None:
    """Keep a version that is not to be used where it can be looked at, until the next one is trained."""
    folder = folder_of(settings)
    folder.mkdir(parents=True, exist_ok=True)
    with _aside(folder) as aside:
        _write(aside, fitted, taught, product=product, more=more)
        shutil.rmtree(folder / REFUSED, ignore_errors=True)
        os.replace(aside, folder / REFUSED)


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A new folder to write into, gone afterwards unless it was given a name."""
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        # As readable as anything else in the folder; a temporary one is closed to others.
        aside.chmod(folder.stat().st_mode & 0o777)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    try:
        _load(folder)
        kept(folder)
    except (OSError, ValueError, ModelError):
        return False
    return True


def _write(
    folder: Path,
    fitted: "Fitted",
    taught: Sequence[Taught],
    *,
    product: str,
    more: dict[str, Any] | None,
) -> None:
    version = version_of(product, taught)
    card = {"version": version, "product": product, "space": SPACE, **fitted.card, **(more or {})}
    keep(folder, taught)
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


def _tidy(folder: Path, needed: set[str | None]) -> None:
    """Remove all but the newest versions beside those needed, and what a killed training left."""
    versions = [path for path in folder.iterdir() if path.is_dir() and path.name not in needed]
    left = [path for path in versions if path.name.startswith(".")]
    others = sorted(
        (path for path in versions if not path.name.startswith(".")), key=lambda path: path.stat().st_mtime
    )
    for path in (*left, *others[: max(len(others) - KEPT, 0)]):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def lock(settings: Settings) -> Iterator[None]:
    """One training at a time; the system frees the lock when the process ends, however it ends."""
    settings.var.mkdir(parents=True, exist_ok=True)
    with open(settings.var / "model.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
