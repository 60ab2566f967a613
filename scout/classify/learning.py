"""What decisions and answers taught, as rows beside the corpus: read, kept with the model, and weighed.

Kept with the model, so that a new version of the product does not forget them where no database is at
hand (``scout score``), and so that a later training knows what the present model had learnt from.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from models.keys import keyed_hash
from models.settings import Settings
from models.words import Origin
from scout.classify.hashing import SPACE, Vector, pack, unpack

if TYPE_CHECKING:
    from models.store.learning import LabelledItem

#: File beside the weights of a model.
KEPT_AS = "taught.npz"
#: Items learnt from at most, the newest, half of them initiatives: about 2 kB each, and with as many as
#: the corpus has texts training takes twice as long.
MOST_ITEMS = 4_000
#: What the word of each origin counts, in texts of the corpus. With 300 and 1,000 texts of some files
#: taken as decisions (four choices each), average precision on the frozen texts was 0.908 without them,
#: 0.916, 0.917, 0.917 and 0.917 with 0.5, 1, 2 and 4, and 0.912, 0.912, 0.911 and 0.909 with one in ten
#: of them wrong (2026-11-22).
#: Of what municipalities answer the same holds as far as is known: they know their town, but not always what
#: the network takes for an initiative. To be measured anew when there are some hundreds of answers.
TRUST = {Origin.REVIEWER: 1.0, Origin.MUNICIPALITY: 1.0}
#: A drawn item stands for all that were not drawn, but never for more than this many: one misjudged lead
#: must not outweigh a corpus file.
MOST_INVERSE = 10.0
#: Decisions together weigh at most as much as the corpus, which alone has the rare and the hard.
MOST_SHARE = 1.0
#: Of every lead a keyed hash says whether it is never learnt from when models are compared.
HELD_OUT = 0.25

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Taught:
    """One item with the label that a decision or an answer gave it."""

    vector: Vector
    initiative: bool
    #: Slug; empty when nobody chose one.
    theme: str
    origin: Origin
    #: Number of the lead; its items stay together.
    lead: int
    #: CBS code; empty = not known.
    municipality: str
    #: In texts of the corpus, before decisions and corpus are balanced.
    weight: float


def read_taught(settings: Settings) -> list[Taught]:
    """All that standing decisions and answers in the database teach; the database must be up to date."""
    # Here, not above: who only scores needs no database.
    from models.database import open_engine, session_factory
    from models.labels import load_labels
    from models.store.learning import labelled_items

    reasons = load_labels(settings).no_initiative
    engine = open_engine(settings)
    try:
        with session_factory(engine, writes=False)() as session:
            rows = labelled_items(session, space=SPACE, no_initiative=reasons, most=MOST_ITEMS)
        return [_taught(row) for row in rows]
    finally:
        engine.dispose()


def _taught(row: "LabelledItem") -> Taught:
    inverse = min(1 / row.drawn, MOST_INVERSE) if row.drawn else 1.0
    return Taught(
        unpack(row.features),
        row.initiative,
        row.theme,
        row.origin,
        row.lead_id,
        row.municipality_code or "",
        row.share * inverse * TRUST[row.origin],
    )


def balanced(rows: Sequence[Taught], texts: int) -> Doubles:
    """Weight of each row beside a corpus of this many texts, which weigh 1 each."""
    weights = np.array([row.weight for row in rows], dtype=np.float64)
    total = float(weights.sum())
    return weights * min(1.0, MOST_SHARE * texts / total) if total else weights


def is_held_out(secret: bytes, row: Taught) -> bool:
    """Whether the row serves only to compare models: the same answer for its lead for ever."""
    return int(keyed_hash(secret, "held out", str(row.lead))[:8], 16) < HELD_OUT * 16**8


def fingerprint_of(rows: Sequence[Taught]) -> str:
    """Hash of everything that training takes from the rows, in their order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(row.vector.indices.tobytes() + row.vector.counts.tobytes())
        digest.update(json.dumps([row.initiative, row.theme, row.origin, row.weight]).encode())
    return digest.hexdigest()[:8]


def summary(rows: Sequence[Taught], texts: int) -> dict[str, Any]:
    """For the card of a model."""
    return {
        "items": len(rows),
        "leads": len({row.lead for row in rows}),
        "initiatives": sum(row.initiative for row in rows),
        "weight": round(float(balanced(rows, texts).sum()), 1),
        "by_origin": dict(sorted(Counter(str(row.origin) for row in rows).items())),
    }


def keep(folder: Path, rows: Sequence[Taught]) -> None:
    """Write the rows beside the weights of a model."""
    packed = [pack(row.vector) for row in rows]
    np.savez_compressed(
        folder / KEPT_AS,
        space=np.array(SPACE),
        features=np.frombuffer(b"".join(packed), dtype=np.uint8),
        sizes=np.array([len(blob) for blob in packed], dtype=np.int64),
        initiative=np.array([row.initiative for row in rows], dtype=np.bool_),
        theme=np.array([row.theme for row in rows], dtype=np.str_),
        origin=np.array([row.origin.value for row in rows], dtype=np.str_),
        lead=np.array([row.lead for row in rows], dtype=np.int64),
        municipality=np.array([row.municipality for row in rows], dtype=np.str_),
        weight=np.array([row.weight for row in rows], dtype=np.float64),
    )


def kept(folder: Path) -> list[Taught]:
    """The rows that stand beside the weights of a model; none when they are of another hashing.

    Raises:
        OSError: there are none.
        ValueError: they are damaged.
    """
    try:
        with np.load(folder / KEPT_AS, allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
        if str(arrays["space"]) != SPACE:
            return []
        blobs, ends = arrays["features"].tobytes(), np.cumsum(arrays["sizes"])
        return [
            Taught(
                unpack(blobs[end - size : end]),
                bool(arrays["initiative"][n]),
                str(arrays["theme"][n]),
                Origin(str(arrays["origin"][n])),
                int(arrays["lead"][n]),
                str(arrays["municipality"][n]),
                float(arrays["weight"][n]),
            )
            for n, (end, size) in enumerate(zip(ends.tolist(), arrays["sizes"].tolist(), strict=True))
        ]
    except (BadZipFile, EOFError, KeyError, IndexError) as error:
        raise ValueError(f"{folder / KEPT_AS}: damaged ({error})") from None
