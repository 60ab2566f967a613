"""How often our location names the right municipality, against "the first gazetteer name found".

Measured on the labelled corpus, without the default of any source: a text either determines its
municipality (then right, wrong or abstained) or does not (then naming one is a guess).

Rules and weights were worked out on ``oost``, ``west``, ``noordzuid``, ``oost2``, ``noord2``, ``stream``,
then ``west2`` and ``pairs``, and checked on files whose errors nobody had read: ``social2`` and ``zuid2``
together stood at 97.1 % right and 3.3 % guessed, ``grow1`` to ``grow3`` at 97.6 % and 24 % (9 texts, 7 of
them with one name of several villages) on 2026-11-22. After that ``social2`` and ``grow1`` to ``grow3``
were read for the last rules, and ``grow4`` to ``grow6``, first measured at 94.5 % right (``grow6`` has texts
labelled with a place that they do not name, and holds namesakes to be open that the others take for the
larger town); no rule was made on ``zuid2``.

On 2026-11-22, with the corpus grown, abstaining was worked on again: errors were read in the files of
:data:`DEVELOPED` only, and all others (``zuid2`` and the newest among them) give the figures of "the other
files". Two kinds of labels that go against the rule (the text determines it: a unique place or the
municipality's name in it) are counted apart: open, although the text has the very name of the municipality
that was found; and determined, although it has neither the name of the place nor that of the municipality.

"First found" uses the same gazetteer with its knowledge of namesakes, so it is stronger than a plain list.

    python -m benchmarks.location [FILE ...] [--errors]
"""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from models import geo
from scout.places import Gazetteer, place
from scout.places.mention import Role
from scout.places.names import tokens

CORPUS = Path(__file__).resolve().parents[1] / "scout" / "data" / "corpus"
#: Files whose errors were read for the rules of 2026-11-22.
DEVELOPED = frozenset(
    {"grow1", "grow3", "grow4", "grow6", "grow7", "noord2", "oost", "oost2", "pairs", "west"}
)
#: The file whose errors were never read while the rules were made.
CHECK = "zuid2"

CODES = {name: facts.code for facts in geo.municipalities() for name in (facts.cbs_name, facts.name)}
NAMES = {facts.code: facts.name for facts in geo.municipalities()}
PLACES = {
    **{town.key: (town.match_name, *town.alt_names) for town in geo.towns()},
    **{quarter.key: (quarter.name,) for quarter in geo.quarters()},
}

Row = dict[str, str]


def first_found(text: str) -> str | None:
    """The baseline: municipality of the first name of a town or neighbourhood that the text has."""
    for mention in Gazetteer.load().find(text):
        if mention.role is not Role.ADJECTIVE:
            return mention.candidates[0].municipality_code
    return None


def verdict(found: str | None, wanted: str | None) -> str:
    if wanted is None:
        return "guessed" if found else "silent"
    return "right" if found == wanted else "wrong" if found else "abstained"


def line(name: str, counts: Counter[str]) -> str:
    determined = counts["right"] + counts["wrong"] + counts["abstained"]
    open_texts = counts["guessed"] + counts["silent"]
    shares = [counts[key] / max(determined, 1) for key in ("right", "wrong", "abstained")]
    shares.append(counts["guessed"] / max(open_texts, 1))
    return f"{name:<12} {determined:>6} {open_texts:>6}" + "".join(f"{share:>10.1%}" for share in shares)


def named_in(row: Row, whole: str) -> bool:
    """Whether a text has the name of the place or municipality that it is labelled with."""
    names = (row["place"], row["municipality"].split(" (")[0])
    return any(name and name.lower() in whole for name in names)


def read(name: str) -> list[Row]:
    return [json.loads(text) for text in (CORPUS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", help="corpus files without ending; all when none is given")
    parser.add_argument("--errors", action="store_true", help="print what was not right")
    options = parser.parse_args()
    files = options.files or sorted(path.stem for path in CORPUS.glob("*.jsonl"))
    started = time.perf_counter()
    Gazetteer.load()
    loading = time.perf_counter() - started
    totals: dict[str, Counter[str]] = {
        "ours": Counter(),
        "first found": Counter(),
        "developed on": Counter(),
        "other files": Counter(),
        f"all but {CHECK}": Counter(),
    }
    against_rule: Counter[str] = Counter()
    places: Counter[bool] = Counter()
    texts, seconds = 0, 0.0
    print(
        f"{'file':<12} {'determ':>6} {'open':>6}"
        + "".join(f"{head:>10}" for head in ("right", "wrong", "abstain", "guess"))
    )
    for name in files:
        counts: Counter[str] = Counter()
        for row in read(name):
            started = time.perf_counter()
            placed = place(row["title"], row["text"])
            seconds += time.perf_counter() - started
            texts += 1
            wanted = CODES[row["municipality"]] if row["municipality"] else None
            found = placed.location.municipality_code
            counts[verdict(found, wanted)] += 1
            part = "developed on" if name in DEVELOPED else "other files"
            if wanted is None and found and row["place"] == NAMES[found].split(" (")[0]:
                against_rule[f"guessed by the municipality's own name, {part}"] += 1
            whole = f"{row['title']}\n{row['text']}".lower()
            if wanted and found is None and not named_in(row, whole):
                against_rule[f"abstained where nothing is named, {part}"] += 1
            totals["first found"][verdict(first_found(f"{row['title']}\n{row['text']}"), wanted)] += 1
            if found == wanted and wanted and row["place"] not in {"", row["municipality"]}:
                known = PLACES.get(placed.location.place_key or "", ())
                places[tokens(row["place"]) in map(tokens, known)] += 1
            if options.errors and verdict(found, wanted) not in {"right", "silent"}:
                print(
                    f"  {verdict(found, wanted)} {row['id']}: {row['place']}, {row['municipality'] or '-'};",
                    end=" ",
                )
                print(f"found {NAMES.get(found or '', '-')} ({placed.location.why})", file=sys.stdout)
        print(line(name, counts))
        totals["ours"] += counts
        totals["developed on" if name in DEVELOPED else "other files"] += counts
        if name != CHECK:
            totals[f"all but {CHECK}"] += counts
    print()
    for name, counts in totals.items():
        print(line(name, counts))
    for name, number in sorted(against_rule.items()):
        print(f"{name}: {number}")
    if places:
        print(
            f"\nplace as labelled, where the municipality is right: {places[True]} of {places.total()}",
            end="",
        )
        print(f" ({places[True] / places.total():.1%})")
    print(f"{texts / max(seconds, 1e-9):,.0f} texts a second on one core; loaded in {loading:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
