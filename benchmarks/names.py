"""How often the name of an initiative and of the organisation behind it are found, and rightly.

``benchmarks/data/names.jsonl`` says of 320 texts of the corpus what they call the initiative and the
organisation behind it: 190 initiatives drawn at random, 80 drawn from those that hold a cue of a name, and
50 other texts (one of a minimal set each), labelled by reading on 2026-11-22. Rules were made on the half
``develop``; of the half ``held out`` only the figures were looked at. Words of a kind before a name ("De
Fuut", "buitenbad De Fuut") and articles don't count for "exact"; "partial" is any overlap, also with the
other of the two. ``any`` is what a reviewer sees first: the initiative's name, else the organisation's.

    python -m benchmarks.names [--errors]
"""

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path

from benchmarks.location import CORPUS, Row
from scout.classify.naming import Names, names_of
from scout.classify.reading import read
from scout.places import place

LABELS = Path(__file__).parent / "data" / "names.jsonl"
HALVES = ("develop", "held out")
FIELDS = ("initiative", "organisation")
#: Words of a kind that may stand before a name.
KIND = re.compile(
    r"^(?:(?:de|het|een|'t)\s|\w*(?:stichting|vereniging|coöperatie|werkgroep|groep|initiatief|project|bad|huis"
    r"|tuin|blad|bus|winkel|krant)\s)+",
    re.IGNORECASE,
)


def labels() -> list[Row]:
    """Rows of ``id``, ``half``, ``initiative`` and ``organisation`` (empty where the text names none)."""
    return [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]


def texts() -> dict[str, Row]:
    """Every text of the corpus by its id."""
    rows = (
        json.loads(line) for path in CORPUS.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()
    )
    return {row["id"]: row for row in rows}


def found_in(row: Row) -> Names:
    """What is found in one text."""
    placed = place(row["title"], row["text"])
    return names_of(row["title"], row["text"], read(row["title"], row["text"]), placed.places)


def bare(name: str) -> str:
    """A name without article and word of a kind, in small letters."""
    name = name.strip("'’‘\" ").replace("’", "'")
    return (KIND.sub("", name) or name).lower()


def verdict(found: str, wanted: str, others: tuple[str, ...]) -> str:
    """``exact``, ``partial``, ``wrong``, ``missed`` or ``silent``."""
    if not found:
        return "missed" if wanted else "silent"
    if wanted and bare(found) == bare(wanted):
        return "exact"
    if any(other and (bare(other) in found.lower() or bare(found) in other.lower()) for other in others):
        return "partial"
    return "wrong"


def line(name: str, counts: Counter[str]) -> str:
    """One row of the table: precision and recall, exact and with partial ones."""
    given = counts["exact"] + counts["partial"] + counts["wrong"]
    named = counts["named"]
    shares = []
    for hits in (counts["exact"], counts["exact"] + counts["partial"]):
        shares += [hits / max(given, 1), min(hits / max(named, 1), 1.0)]
    return f"{name:<24}{named:>6}{given:>6}" + "".join(f"{share:>9.1%}" for share in shares)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--errors", action="store_true", help="print what was not right in the half develop")
    options = parser.parse_args()
    known = texts()
    tables: dict[tuple[str, str], Counter[str]] = {
        (half, field): Counter() for half in HALVES for field in (*FIELDS, "any")
    }
    for label in labels():
        found = found_in(known[label["id"]])
        said = {
            "initiative": found.initiative.text if found.initiative else "",
            "organisation": found.organisation.text if found.organisation else "",
        }
        wanted = {field: label[field] for field in FIELDS}
        both = tuple(wanted.values())
        said["any"] = said["initiative"] or said["organisation"]
        wanted["any"] = next(
            (one for one in both if one and bare(one) == bare(said["any"])), both[0] or both[1]
        )
        for field in (*FIELDS, "any"):
            outcome = verdict(said[field], wanted[field], both)
            counts = tables[label["half"], field]
            counts[outcome] += 1
            counts["named"] += bool(wanted[field])
            if options.errors and label["half"] == "develop" and outcome not in {"exact", "silent"}:
                print(f"  {outcome} {field} {label['id']}: {said[field]!r}, wanted {wanted[field]!r}")
    print(f"{'':<24}{'named':>6}{'given':>6}{'exact P':>9}{'exact R':>9}{'part. P':>9}{'part. R':>9}")
    for (half, field), counts in tables.items():
        print(line(f"{half}: {field}", counts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
