"""The frozen set: does this checkout recognise it as well as the one whose scores are on record?

    python -m benchmarks.frozen            compare with benchmarks/data/frozen.json, as a test of CI does
    python -m benchmarks.frozen --write    put the scores of this checkout on record

The model is trained on the corpus without the frozen files; what the encoder says of them comes from one that
had not learnt from them. Compared as ``scout train`` compares: average precision as a whole and by
municipality size, kind and theme, each with the noise of a paired bootstrap. A fall that stays within the
noise passes, so put new scores on record only when they are meant to be the standard from then on.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scout.classify.corpus import Example, read_corpus
from scout.classify.gate import Comparison, Verdict, frozen_files, frozen_parts, scores_of
from scout.classify.training import Doubles, fit, vectors_of

RECORD = Path(__file__).parent / "data" / "frozen.json"
#: Share of the frozen texts that may be located differently than on record before that counts as a fall.
LOCATION_NOISE = 0.005


@dataclass(frozen=True)
class Frozen:
    """The frozen texts and what this checkout makes of them."""

    texts: list[Example]
    #: Log-odds of both stages, with 4 decimals.
    scores: Doubles
    #: Of the texts that determine a municipality the share that got it; of the others the share that got one.
    located: float
    guessed: float


def measure() -> Frozen:
    """Train without the frozen files, and judge them."""
    from models import geo
    from scout.places import place

    examples = read_corpus()
    rest = [one for one in examples if one.source not in frozen_files()]
    texts = [one for one in examples if one.source in frozen_files()]
    scores = np.round(scores_of(fit(rest), texts, vectors_of(texts)), 4)
    right = [(one.municipality, place(one.title, one.text, None).location.municipality_code) for one in texts]
    determined = [(geo.municipality_code(name) == code) for name, code in right if name]
    others = [code is not None for name, code in right if not name]
    return Frozen(texts, scores, float(np.mean(determined)), float(np.mean(others)))


def write(found: Frozen) -> None:
    """Put scores on record."""
    table = {one.id: float(score) for one, score in zip(found.texts, found.scores, strict=True)}
    record = {"located": round(found.located, 4), "guessed": round(found.guessed, 4), "scores": table}
    RECORD.write_text(json.dumps(record, indent=0) + "\n", "utf-8")


def falls(found: Frozen) -> tuple[Comparison, list[str]]:
    """The comparison with the record, and a sentence for each figure that fell by more than its noise."""
    record = json.loads(RECORD.read_text("utf-8"))
    before = np.array([record["scores"][one.id] for one in found.texts])
    comparison = Comparison(tuple(frozen_parts(found.texts, before, found.scores)))
    fallen = [
        f"average precision on {part.by} {part.name}: {part.before:.3f} -> {part.after:.3f}".replace(
            "  ", " "
        )
        for part in comparison.which(Verdict.WORSE)
    ]
    return comparison, fallen + location_falls(found)


def location_falls(found: Frozen) -> list[str]:
    """The part of this that is about location."""
    record = json.loads(RECORD.read_text("utf-8"))
    fallen = []
    if found.located < record["located"] - LOCATION_NOISE:
        fallen.append(f"located: {record['located']:.3f} -> {found.located:.3f}")
    if found.guessed > record["guessed"] + 4 * LOCATION_NOISE:
        fallen.append(f"guessed: {record['guessed']:.3f} -> {found.guessed:.3f}")
    return fallen


def main() -> int:
    """Compare, or write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put the scores of this checkout on record")
    asked = parser.parse_args()
    found = measure()
    if asked.write:
        write(found)
        return 0
    comparison, fallen = falls(found)
    print("\n".join(comparison.as_lines()))
    print(f"located {found.located:.3f}, guessed {found.guessed:.3f}")
    for sentence in fallen:
        print(f"fell by more than its noise: {sentence}", file=sys.stderr)
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
