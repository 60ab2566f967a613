"""The folder that holds a trained encoder: what is in it, and whether it is what was written.

``encoder.onnx`` the graph, ``pieces.json`` the vocabulary, ``oof.json`` the outputs for the labelled texts by
models that never saw them, ``README.md`` the model card, ``NOTICE`` the licences, and ``manifest.json``,
written last, with a hash of each file that scoring reads.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from scout.classify.encoder.base import EncoderError

#: The artefact that the product ships.
SHIPPED = Path(__file__).resolve().parents[1] / "encoder_artefact"
GRAPH, PIECES, MANIFEST, OUT_OF_FOLD = "encoder.onnx", "pieces.json", "manifest.json", "oof.json"
#: Raised when the files change in a way that older code can't read.
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What an artefact says of itself."""

    format: int
    #: Where the pre-trained weights came from.
    base: str
    #: Hash over the texts and labels it learnt from, and how many there were.
    corpus: str
    texts: int
    #: Pieces of a text that are read.
    longest: int
    #: Slugs of the themes, in the order of the graph's outputs.
    themes: list[str]
    #: How it was trained, and figures on texts its cross-validation had not seen, for people.
    recipe: dict[str, float]
    figures: dict[str, float]
    #: File -> sha256.
    hashes: dict[str, str]

    @property
    def version(self) -> str:
        """Twelve letters that tell this model from every other."""
        return hashlib.sha256("".join(sorted(self.hashes.values())).encode()).hexdigest()[:12]


def digest(path: Path) -> str:
    """The sha256 of a file.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Seal an artefact: from here on it counts as complete."""
    text = json.dumps(asdict(manifest), indent=1, ensure_ascii=False, sort_keys=True)
    aside = folder / (MANIFEST + ".new")
    aside.write_text(text + "\n", "utf-8")
    aside.replace(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest | None:
    """What the folder's artefact says of itself; None where there is none.

    Raises:
        EncoderError: the manifest is unreadable or of a newer format.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        found = Manifest(**json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError, OSError) as error:
        raise EncoderError(f"{path}: not a manifest of an encoder: {error}") from None
    if found.format != FORMAT:
        raise EncoderError(
            f"{path}: format {found.format}, this version reads {FORMAT}: train the encoder again"
        )
    return found


def check(folder: Path, manifest: Manifest) -> None:
    """Compare the files with their hashes.

    Raises:
        EncoderError: one is missing or differs; names it.
    """
    for name, expected in manifest.hashes.items():
        path = folder / name
        try:
            actual = digest(path)
        except OSError:
            raise EncoderError(f"{path}: missing: restore it, or remove {MANIFEST} beside it") from None
        if actual != expected:
            raise EncoderError(
                f"{path}: not the file that was written: restore it, or train the encoder again"
            )


@dataclass(frozen=True)
class Unseen:
    """What an encoder says of the labelled texts, each by a model that did not learn from its file."""

    #: Slugs, in the order of the columns after the first.
    themes: tuple[str, ...]
    #: Text id -> logit of "initiative", then one a theme.
    outputs: dict[str, list[float]]

    def logits(self) -> dict[str, float]:
        """Text id -> logit of "initiative"."""
        return {name: row[0] for name, row in self.outputs.items()}


def write_out_of_fold(folder: Path, unseen: Unseen) -> None:
    """Write the table, a line a text, with 2 decimals."""
    lines = (
        f"{json.dumps(name)}: {json.dumps([round(value, 2) for value in row])}"
        for name, row in unseen.outputs.items()
    )
    table = ",\n".join(lines)
    themes = json.dumps(list(unseen.themes))
    (folder / OUT_OF_FOLD).write_text(f'{{"themes": {themes},\n"outputs": {{\n{table}\n}}}}\n', "utf-8")


def out_of_fold(folder: Path) -> Unseen:
    """The table of an artefact; empty where there is none.

    Raises:
        EncoderError: it is something else.
    """
    path = folder / OUT_OF_FOLD
    if not path.is_file():
        return Unseen((), {})
    try:
        found = json.loads(path.read_text("utf-8"))
        return Unseen(
            tuple(str(theme) for theme in found["themes"]),
            {str(name): [float(value) for value in row] for name, row in found["outputs"].items()},
        )
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise EncoderError(f"{path}: not a table of outputs: {error}") from None
