"""Pairwise precision, recall and F1 of grouping, on 108 invented initiatives with 1 to 8 items each.

``data/grouping.jsonl`` is our own writing: 82 texts of the labelled corpus, 79 really different texts
about 72 of these initiatives, 26 other initiatives in the same places that look alike, and copies of
all of them, cut, framed or changed in 5 or 15 % of their words. Items pass in order of date through the
same code as in the product: location with the source's default, sketch, window, decision.

The limits of ``scout.group.decide`` were set on the initiatives with an even number, and on pairs of
different initiatives of the corpus in one municipality; those with an odd number are the check.
``alone`` measures false matches among initiatives of the corpus: all pairs in one municipality,
none of which belongs together but for the minimal sets, which are left out, and two texts about
Stadslandbouw Mooieweg. The invented region of ``scout.demo``, written by another hand, was the last check:
all 19 pairs of its 11 initiatives with more than one text, and no other.

``data/round_ups.jsonl`` adds round-ups (newsletters, subsidy lists, council pages, news in brief) over these
initiatives and others that have no other text, with sections that are no initiatives, and texts about one
thing that are laid out like a round-up. The rules for sections were worked out on those without ``check``
and on the corpus. Of those with it, written afterwards, 9 of 10 round-ups were taken apart rightly at first
sight and 3 of 6 texts about one thing wrongly; two rules were added for these (2026-11-23). They pass in
order of date among the others, through the recogniser as in the product; see ``benchmarks.round_ups`` for
how they are counted.

    python -m benchmarks.grouping [--errors]
"""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from benchmarks import round_ups
from models import geo
from scout.group.decide import same_initiative
from scout.group.sketch import Sketch, sketch
from scout.group.window import Window
from scout.places import place

DATA = Path(__file__).resolve().parent / "data" / "grouping.jsonl"
CORPUS = Path(__file__).resolve().parents[1] / "scout" / "data" / "corpus"
SECRET = b"only for measuring"
CODES = {name: facts.code for facts in geo.municipalities() for name in (facts.cbs_name, facts.name)}

Row = dict[str, str]


def read() -> list[Row]:
    """The items in the order in which the product would group them."""
    rows = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
    return sorted(rows, key=lambda row: (row["published"], row["id"]))


def sketched(row: Row, *, theme: bool = True) -> Sketch:
    location = place(row["title"], row["text"], row["source_municipality"] or None).location
    return sketch(
        SECRET,
        row["title"],
        row["text"],
        at=datetime.fromisoformat(row["published"]).replace(tzinfo=UTC),
        municipality_code=location.municipality_code,
        place_key=location.place_key,
        theme=(row["theme"] or None) if theme else None,
    )


def grouped(rows: Sequence[Row], *, theme: bool = True) -> dict[str, int]:
    """Item -> number of its lead."""
    window, leads, numbers = Window(), dict[int, int](), dict[str, int]()
    for number, row in enumerate(rows):
        made = sketched(row, theme=theme)
        found = window.matches(made)
        leads[number] = leads[found[0][0]] if found else number
        numbers[row["id"]] = leads[number]
        window.add(number, made)
    return numbers


def pairs(groups: Iterable[Sequence[str]]) -> set[tuple[str, str]]:
    return {(one, two) for group in groups for one, two in combinations(sorted(group), 2)}


def by_group(keys: dict[str, object]) -> list[list[str]]:
    members: dict[object, list[str]] = defaultdict(list)
    for item, key in keys.items():
        members[key].append(item)
    return list(members.values())


def figures(name: str, wanted: set[tuple[str, str]], found: set[tuple[str, str]]) -> str:
    right = len(wanted & found)
    precision, recall = right / max(len(found), 1), right / max(len(wanted), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f"{name:<28} {len(wanted):>6} {len(found):>6} {precision:>10.3f} {recall:>8.3f} {f1:>7.3f}"


def false_matches() -> tuple[int, int]:
    """Of the corpus: pairs of different initiatives in one municipality, and how many match."""
    members: dict[str, list[tuple[str, Sketch]]] = defaultdict(list)
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            # A name that several municipalities have says of none of them.
            if row["label"] != "initiative" or row["municipality"] not in CODES:
                continue
            location = place(row["title"], row["text"], CODES[row["municipality"]]).location
            made = sketch(
                SECRET,
                row["title"],
                row["text"],
                at=datetime(2026, 11, 1, tzinfo=UTC),
                municipality_code=CODES[row["municipality"]],
                place_key=location.place_key,
                theme=row["theme"] or None,
            )
            members[row["municipality"]].append((row["id"], made))
    total = wrong = 0
    for texts in members.values():
        for (one, here), (two, there) in combinations(texts, 2):
            if one.rstrip("abc") != two.rstrip("abc"):
                total += 1
                if same_initiative(here, there) is not None:
                    wrong += 1
                    FALSE.append((one, two))
    return total, wrong


def with_round_ups(rows: Sequence[Row], *, errors: bool) -> None:
    """Print the same figures with round-ups among the items."""
    more = round_ups.read_round_ups()
    found = round_ups.grouped(rows, more, sketched)
    together, came = round_ups.pairs(found.mentions)
    items = {row["id"] for row in more}
    of_them = {number for number, mention in enumerate(found.mentions) if mention.item in items}
    print(f"\n{'with round-ups':<28} {'pairs':>6} {'found':>6} {'precision':>10} {'recall':>8} {'F1':>7}")
    print(figures("all mentions", together, came))
    print(
        figures(
            "pairs with a round-up",
            {pair for pair in together if of_them & set(pair)},
            {pair for pair in came if of_them & set(pair)},
        )
    )
    print(
        f"pairs lost because the recogniser did not flag one of the two: {round_ups.missed(found, together)}"
    )
    for name, check in (("rules made on these", False), ("check", True)):
        print(f"\n{name}")
        for line in round_ups.summary(found, [row for row in more if row["check"] is check]):
            print(f"  {line}")
    print()
    if errors:
        for word, wrong in (("apart", together - came), ("together", came - together)):
            for pair in sorted(wrong):
                one, two = (found.mentions[number] for number in pair)
                print(f"{word}: {one} {two}")


FALSE: list[tuple[str, str]] = []


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--errors", action="store_true", help="print the pairs that went wrong")
    options = parser.parse_args()
    rows = read()
    started = time.perf_counter()
    numbers = grouped(rows)
    seconds = time.perf_counter() - started
    truth = {row["id"]: row["initiative"] for row in rows}
    how = {row["id"]: row["how"] for row in rows}
    wanted, found = pairs(by_group(dict(truth))), pairs(by_group(dict(numbers)))
    sizes = Counter(truth.values())
    print(
        f"{len(rows)} items, {len(sizes)} initiatives of {min(sizes.values())} to {max(sizes.values())} items"
    )
    print(f"\n{'':<28} {'pairs':>6} {'found':>6} {'precision':>10} {'recall':>8} {'F1':>7}")
    print(figures("all", wanted, found))
    for name, rest in (("even (limits set on these)", 0), ("odd (check)", 1)):
        ids = {item for item, group in truth.items() if int(group.strip("ix")) % 2 == rest}
        print(figures(name, {p for p in wanted if ids.issuperset(p)}, {p for p in found if ids & set(p)}))
    without = pairs(by_group(dict(grouped(rows, theme=False))))
    print(figures("all, themes not known", wanted, without))
    written = {"first", "other", "alike"}
    real = {pair for pair in wanted if {how[pair[0]], how[pair[1]]} <= written}
    print(f"\nreally different texts brought together: {len(real & found)} of {len(real)}")
    with_round_ups(rows, errors=options.errors)
    total, wrong = false_matches()
    print(f"alone: {wrong} of {total} pairs of different initiatives in one municipality match")
    print(f"{len(rows) / seconds:,.0f} items a second, location and sketch included")
    if options.errors:
        text = {row["id"]: f"{row['title']} / {row['text']}"[:110] for row in rows}
        for word, missed in (("apart", wanted - found), ("together", found - wanted)):
            for one, two in sorted(missed):
                print(f"{word}: {one} ({how[one]}) {text[one]}\n          {two} ({how[two]}) {text[two]}")
        for one, two in FALSE:
            print("alone:", one, two)
    return 0


if __name__ == "__main__":
    sys.exit(main())
