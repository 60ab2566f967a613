"""Score texts with a trained encoder: onnxruntime and numpy, no torch."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scout.classify.encoder import artefact
from scout.classify.encoder.artefact import Manifest
from scout.classify.encoder.base import EncoderError
from scout.classify.encoder.pieces import Vocabulary, joined

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
else:
    InferenceSession = Any

#: Texts scored at the same time, one a thread.
THREADS = 2


class Encoder:
    """A trained encoder in memory (about 150 MB).

    A text's score depends on that text alone: not on the order, nor on what is scored with it.
    """

    def __init__(self, session: InferenceSession, vocabulary: Vocabulary, manifest: Manifest) -> None:
        self._session = session
        self._vocabulary = vocabulary
        self.manifest = manifest
        self._threads: ThreadPoolExecutor | None = None

    @classmethod
    def load(cls, folder: Path = artefact.SHIPPED) -> "Encoder | None":
        """The encoder in a folder; None where there is none, or onnxruntime is not installed.

        Raises:
            EncoderError: there is one, but it is damaged or of a newer format.
        """
        manifest = artefact.read_manifest(folder)
        if manifest is None:
            return None
        try:
            import onnxruntime
        except ImportError:
            return None
        artefact.check(folder, manifest)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # threads share out texts instead, so that sums keep their order
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            vocabulary = Vocabulary.from_json((folder / artefact.PIECES).read_text("utf-8"))
            session = onnxruntime.InferenceSession(
                folder / artefact.GRAPH, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises bare classes of its own for a graph it can't run
            raise EncoderError(f"{folder}: can't be run here: {error}") from None
        return cls(session, vocabulary, manifest)

    @property
    def version(self) -> str:
        """Twelve letters that tell this model from every other."""
        return self.manifest.version

    @property
    def themes(self) -> tuple[str, ...]:
        """Slugs of the themes, in the order of the columns of :meth:`outputs`."""
        return tuple(self.manifest.themes)

    def logits(self, texts: Sequence[tuple[str, str]]) -> npt.NDArray[np.float32]:
        """For each (title, text): how likely an initiative, as a logit."""
        return self.outputs(texts)[:, 0]

    def outputs(self, texts: Sequence[tuple[str, str]]) -> npt.NDArray[np.float32]:
        """For each (title, text): the logit of "initiative", then one for each theme (softmax among them)."""
        found = np.zeros((len(texts), 1 + len(self.manifest.themes)), np.float32)
        if not texts:
            return found
        for place, asked in enumerate([self.ask(*text) for text in texts]):
            found[place] = asked.result()
        return found

    def ask(self, title: str, text: str) -> "Future[npt.NDArray[np.float32]]":
        """Start scoring one text beside other work; the result is its row of :meth:`outputs`."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="encoder")
        return self._threads.submit(self._one, (title, text))

    def _one(self, item: tuple[str, str]) -> npt.NDArray[np.float32]:
        ids = self._vocabulary.encode(joined(*item), self.manifest.longest)
        (logits,) = self._session.run(None, {"ids": np.array(ids, np.int64)})
        row: npt.NDArray[np.float32] = logits[0]
        return row
