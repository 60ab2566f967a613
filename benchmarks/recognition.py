"""Recognition in one run: a keyword query, the usual tf-idf classifier, and ours, on texts none of them saw.

    python -m benchmarks.recognition [--json] [--quick]

Each corpus file in turn is held out; everything is trained on the others. So a figure tells how a method does
with a writer it never met, and minimal sets are never split. ``all but the stream`` mixes nine writers with
different ideas of hard; the stream is a natural week of feeds, 8 % initiatives.
"""

import argparse
import json
import re
import resource
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from models.settings import load_settings
from scout.classify.calibration import NATURAL_RATE
from scout.classify.corpus import STREAM, Example, read_corpus
from scout.classify.figures import calibration_error, ranking
from scout.classify.pipeline import Recogniser, Text
from scout.classify.training import Fitted, fit, folds_of, probability

#: What a media monitor would be asked for: words of initiatives, near each other or not.
QUERY = re.compile(
    r"burgerinitiatie|bewonersinitiatie|buurtinitiatie|dorpsinitiatie|inwonersinitiatie"
    r"|initiatief van (?:bewoners|inwoners|buren)|initiatiefnemer|zelf(?:beheer|organis)"
    r"|(?:buurt|dorps|wijk|energie|zorg|woon)co[oö]peratie|buurt(?:moes)?tuin|repair ?caf[eé]"
    r"|voedselbos|knarrenhof|vrijwilligers|bewonersgroep|dorpsbelang|dorpshuis|buurthuis|buurtbewoners",
    re.IGNORECASE,
)
#: Resamples of a paired bootstrap; the interval is the middle 95 % of them.
RESAMPLES = 1_000
#: Items of the speed measurement.
SPEED_ITEMS = 2_000

Doubles = np.ndarray[Any, np.dtype[np.float64]]
Method = Callable[[Sequence[Example], np.ndarray[Any, np.dtype[np.int64]]], Doubles]


def keywords(examples: Sequence[Example], folds: np.ndarray[Any, np.dtype[np.int64]]) -> Doubles:
    """Number of different query words in a text."""
    return np.array(
        [
            float(len({match.group().lower() for match in QUERY.finditer(f"{one.title}\n{one.text}")}))
            for one in examples
        ]
    )


def tfidf(examples: Sequence[Example], folds: np.ndarray[Any, np.dtype[np.int64]]) -> Doubles:
    """tf-idf over words (1 to 2) and characters (2 to 5), one logistic regression."""
    texts = [f"{one.title}\n{one.text}" for one in examples]
    labels = np.array([one.initiative for one in examples])
    scores = np.zeros(len(examples))
    for fold in np.unique(folds):
        test = folds == fold
        views = (
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
        )
        known = [text for text, out in zip(texts, test, strict=True) if not out]
        rows = hstack([view.fit(known).transform(texts) for view in views]).tocsr()
        model = LogisticRegression(
            C=10, solver="liblinear", dual=True, class_weight="balanced", max_iter=1000, random_state=0
        )
        model.fit(rows[~test], labels[~test])
        scores[test] = model.decision_function(rows[test])
    return scores


@cache
def fitted() -> Fitted:
    """The product's model of the whole corpus; its own cross-validation uses the same folds."""
    return fit(read_corpus())


def first_stage(examples: Sequence[Example], folds: np.ndarray[Any, np.dtype[np.int64]]) -> Doubles:
    """The first stage of the product, alone."""
    return fitted().out_of_fold


def both_stages(examples: Sequence[Example], folds: np.ndarray[Any, np.dtype[np.int64]]) -> Doubles:
    """The product as it is: the encoder has its say where it is asked.

    Its answers come from the artefact's table: three-fold cross-validation over the same files.
    """
    return fitted().both_out_of_fold


OURS = "ours, both stages"
METHODS: dict[str, Method] = {
    "keyword query": keywords,
    "tf-idf, one model": tfidf,
    "ours, first stage": first_stage,
    OURS: both_stages,
}

#: Files that a second reader labelled without seeing the labels from the start: the surest ones.
BLIND = {"oost", "west", "noordzuid"}
#: Name of a part -> whether a text belongs to it.
PARTS: dict[str, Callable[[Example], bool]] = {
    "all but the stream": lambda one: one.source != STREAM,
    "hard texts of these": lambda one: one.source != STREAM and one.hard,
    "blind from the start": lambda one: one.source in BLIND,
    "minimal pairs": lambda one: one.source == "pairs",
    "posts": lambda one: one.source != STREAM and one.kind == "social",
    "the stream": lambda one: one.source == STREAM,
}


def compare() -> dict[str, Any]:
    """Figures of every method on every part, and how much ours gains on tf-idf with a 95 % interval."""
    examples = read_corpus()
    # As many folds as files: every figure is of a file not trained on.
    folds = folds_of(examples)
    labels = np.array([one.initiative for one in examples])
    scores = {name: method(examples, folds) for name, method in METHODS.items()}
    groups = np.unique([one.group for one in examples], return_inverse=True)[1]
    result: dict[str, Any] = {"texts": len(examples), "folds": int(folds.max()) + 1, "parts": {}}
    for part, belongs in PARTS.items():
        inside = np.array([belongs(one) for one in examples])
        if not labels[inside].any() or labels[inside].all():
            continue
        result["parts"][part] = {
            name: _figures(labels[inside], values[inside]) for name, values in scores.items()
        }
        result["parts"][part]["gain"] = _gain(
            labels[inside],
            scores[OURS][inside],
            scores["tf-idf, one model"][inside],
            groups[inside],
        )
    stream = np.array([one.source == STREAM for one in examples])
    if stream.any():
        result["stream_calibration_error"] = calibration_error(
            labels[stream], probability(scores[OURS][stream])
        )
        result["natural_rate"] = NATURAL_RATE
    return result


def _figures(labels: np.ndarray[Any, np.dtype[np.bool_]], scores: Doubles) -> dict[str, Any]:
    full = ranking(labels, (scores - scores.min()) / max(float(np.ptp(scores)), 1e-9))
    del full["calibration_error"]
    return full


def _gain(
    labels: np.ndarray[Any, np.dtype[np.bool_]],
    one: Doubles,
    other: Doubles,
    groups: np.ndarray[Any, np.dtype[np.int64]],
) -> dict[str, float]:
    """Average precision of one minus the other, resampled by minimal set."""
    chance = np.random.default_rng(0)
    members: dict[int, list[int]] = {}
    for index, group in enumerate(groups.tolist()):
        members.setdefault(group, []).append(index)
    sets = [np.array(rows) for rows in members.values()]
    gains = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([sets[i] for i in chance.integers(0, len(sets), len(sets))])
        if labels[rows].any() and not labels[rows].all():
            gain = average_precision_score(labels[rows], one[rows])
            gains.append(gain - average_precision_score(labels[rows], other[rows]))
    low, high = np.quantile(gains, [0.025, 0.975])
    whole = average_precision_score(labels, one) - average_precision_score(labels, other)
    return {"average_precision": float(whole), "from": float(low), "to": float(high)}


def speed() -> dict[str, float]:
    """Training and loading; items a second on the stream; the same beside tokenising alone.

    Wall-clock time of a machine with two free cores, where the encoder reads beside the first stage; and
    processor time, which counts both cores.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(var=Path(folder))
        training = _timed(lambda: Recogniser.load(settings))
        recognisers: list[Recogniser] = []
        loading = _timed(lambda: recognisers.append(Recogniser.load(settings)))
        recogniser = recognisers[0]
        stream = [one for one in read_corpus() if one.source == STREAM]
        texts = [Text(one.title, one.text) for _ in range(SPEED_ITEMS // len(stream) + 1) for one in stream]
        blank = spacy.blank("nl")
        whole = [f"{text.title}\n{text.text}" for text in texts]
        for _ in recogniser.judge(islice(texts, 300)):
            pass
        for _ in blank.pipe(whole[:300]):
            pass
        flagged: list[int] = []
        judging = _timed(
            lambda: flagged.append(sum(judgement.flagged for judgement in recogniser.judge(texts)))
        )
        tokenising = _timed(lambda: deque(blank.pipe(whole), maxlen=0))
    return {
        "training_seconds": training.processor,
        "loading_seconds": loading.wall,
        "items": len(texts),
        "flagged": flagged[0],
        "items_per_second": len(texts) / judging.wall,
        "times_tokenising": judging.wall / tokenising.wall,
        "times_tokenising_processor": judging.processor / tokenising.processor,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


@dataclass(frozen=True)
class Timed:
    """Seconds that something took."""

    wall: float
    #: Of all cores together.
    processor: float


def _timed(work: Callable[[], object]) -> Timed:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Timed(time.perf_counter() - wall, time.process_time() - processor)


def _print(result: dict[str, Any]) -> None:
    print(f"{result['texts']} texts, {result['folds']} folds of whole files")
    print(f"{'':<22}{'':<20}{'texts':>7}{'init.':>7}{'AP':>8}{'R@P.90':>8}{'R@P.85':>8}{'P@R.95':>8}")
    for part, methods in result["parts"].items():
        for name, row in methods.items():
            if name == "gain":
                print(
                    f"{'':<22}{'both - tf-idf':<20}{'':>14}{row['average_precision']:>+8.3f}"
                    f"  ({row['from']:+.3f} to {row['to']:+.3f})"
                )
                continue
            cells = "".join(
                f"{row[key]:>8.3f}"
                for key in (
                    "average_precision",
                    "recall_at_precision_0.90",
                    "recall_at_precision_0.85",
                    "precision_at_recall_0.95",
                )
            )
            print(f"{part:<22}{name:<20}{row['texts']:>7}{row['initiatives']:>7}{cells}")
    if "stream_calibration_error" in result:
        print(f"calibration error on the stream, held out: {result['stream_calibration_error']:.3f}")
    for name, value in result.get("speed", {}).items():
        print(f"{name:<22}{value:>10.2f}")


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument(
        "--quick", action="store_true", help="leave out training time, loading and throughput"
    )
    options = parser.parse_args()
    result = compare()
    if not options.quick:
        result["speed"] = speed()
    if options.json:
        json.dump(result, sys.stdout)
    else:
        _print(result)


if __name__ == "__main__":
    main()
