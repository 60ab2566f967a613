"""Pairwise precision, recall and F1 of grouping with round-ups among the items; see ``benchmarks.grouping``.

What is counted is mentions: an item about one thing is one, each section of a round-up about an
initiative is one. A mention that was not found stands alone; a round-up that was left whole puts all
its mentions into its one lead; a passage that was taken for a section and is none is one mention too many.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from models.settings import load_settings
from models.store.predictions import WaitingItem
from scout.classify.pipeline import Recogniser, Text
from scout.group.decide import repeated
from scout.group.sketch import Sketch, sketch
from scout.group.window import Window
from scout.round_ups import judge_sections

DATA = Path(__file__).resolve().parent / "data" / "round_ups.jsonl"

Row = dict[str, Any]


@dataclass(frozen=True)
class Mention:
    """One passage that tells of one initiative, and the lead that it came to (None: it was missed)."""

    item: str
    initiative: str
    lead: int | None


@dataclass
class Found:
    """What became of the round-ups."""

    mentions: list[Mention]
    #: Items that were not flagged at all.
    unflagged: list[str]
    #: Item -> the sections about initiatives that were found; items left whole are not in it.
    taken_apart: dict[str, list[dict[str, Any]]]


def read_round_ups() -> list[Row]:
    return [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


def grouped(rows: Sequence[Row], round_ups: Sequence[Row], sketched: Callable[[Row], Sketch]) -> Found:
    """Group all items in order of date."""
    recogniser = Recogniser.load(load_settings())
    items = [
        WaitingItem(number, row["id"], row["title"], row["text"], row["source_municipality"] or None)
        for number, row in enumerate(round_ups)
    ]
    judgements = list(recogniser.judge(Text(item.title, item.text, item.municipality_code) for item in items))
    parts = judge_sections(recogniser, zip(items, judgements, strict=True))
    found = Found([], [], {})
    window: Window[tuple[str, int]] = Window()
    leads: dict[tuple[str, int], int] = {}

    def put(key: tuple[str, int], made: Sketch, like: int | None = None) -> int:
        matches = window.matches(made)
        if like is not None:
            leads[key] = leads[key[0], like]
        else:
            leads[key] = leads[matches[0][0]] if matches else len(leads)
        return leads[key]

    everything = sorted([*rows, *round_ups], key=lambda row: (row["published"], row["id"]))
    numbers = {row["id"]: number for number, row in enumerate(round_ups)}
    for row in everything:
        number = numbers.get(row["id"])
        if number is None:
            made = sketched(row)
            found.mentions.append(Mention(row["id"], row["initiative"], put((row["id"], 0), made)))
            window.add((row["id"], 0), made)
            continue
        judgement, sections = judgements[number], parts.get(number, [])
        if not judgement.flagged:
            found.unflagged.append(row["id"])
        if sections:
            found.taken_apart[row["id"]] = sections
        passages = [
            (
                section["number"],
                row["text"][section["start"] : section["body"]],
                row["text"][section["body"] : section["end"]],
                section,
            )
            for section in sections
        ] or [(0, row["title"], row["text"], _about(judgement))] * judgement.flagged
        sketches = {
            place: sketch(
                b"only for measuring",
                title,
                text,
                at=datetime.fromisoformat(row["published"]).replace(tzinfo=UTC),
                municipality_code=about["municipality_code"],
                place_key=about["place_key"],
                theme=about["theme"],
            )
            for place, title, text, about in passages
        }
        like = repeated(sketches)
        placed = {place: put((row["id"], place), made, like.get(place)) for place, made in sketches.items()}
        for place, made in sketches.items():
            window.add((row["id"], place), made)
        found.mentions.extend(_mentions(row, sections, placed))
    return found


def _about(judgement: Any) -> dict[str, Any]:
    return {name: getattr(judgement, name) for name in ("municipality_code", "place_key", "theme")}


def _mentions(row: Row, sections: list[dict[str, Any]], placed: dict[int, int]) -> Iterator[Mention]:
    """Each initiative that the round-up tells of, with its lead; and sections that are none of them."""
    if row["form"] == "one":
        (one,) = row["sections"]
        for lead in placed.values() or [None]:
            yield Mention(row["id"], one["initiative"], lead)
        return
    if not sections:
        for told in row["sections"]:
            if told["initiative"]:
                yield Mention(row["id"], told["initiative"], placed.get(0))
        return
    used = set()
    starts = [told["start"] for told in row["sections"]] + [len(row["text"])]
    for place, told in enumerate(row["sections"]):
        # A section is about what the greater part of it says.
        own = [
            section["number"]
            for section in sections
            if 2 * (min(section["end"], starts[place + 1]) - max(section["start"], told["start"]))
            > section["end"] - section["start"]
        ]
        used.update(own)
        if told["initiative"]:
            for number in own[:1] or [-1]:
                yield Mention(row["id"], told["initiative"], placed.get(number))
        for number in own if not told["initiative"] else own[1:]:
            yield Mention(row["id"], f"none of {row['id']} {number}", placed[number])
    for number in placed.keys() - used:
        yield Mention(row["id"], f"none of {row['id']} {number}", placed[number])


def pairs(mentions: Sequence[Mention]) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs of mentions that belong together, and pairs that came together."""
    by_initiative, by_lead = defaultdict(list), defaultdict(list)
    for number, mention in enumerate(mentions):
        by_initiative[mention.initiative].append(number)
        if mention.lead is not None:
            by_lead[mention.lead].append(number)
    wanted, found = (
        {pair for members in groups.values() for pair in combinations(members, 2)}
        for groups in (by_initiative, by_lead)
    )
    return wanted, found


def missed(found: Found, wanted: set[tuple[int, int]]) -> int:
    """How many of these pairs were lost because the recogniser did not flag one of the two."""
    return sum(any(found.mentions[number].lead is None for number in pair) for pair in wanted)


def summary(found: Found, round_ups: Sequence[Row]) -> list[str]:
    """What became of the round-ups themselves, in lines."""
    many = [row for row in round_ups if row["form"] != "one"]
    told = sum(bool(part["initiative"]) for row in many for part in row["sections"])
    ids = {row["id"] for row in many}
    seen: Counter[str] = Counter()
    for mention in found.mentions:
        if mention.item in ids and not mention.initiative.startswith("none"):
            seen["found"] += mention.lead is not None and mention.item in found.taken_apart
        elif mention.item in ids:
            seen["false"] += 1
    one = [row["id"] for row in round_ups if row["form"] == "one"]
    return [
        f"{len(many)} round-ups: {len(ids & found.taken_apart.keys())} taken apart, "
        f"{len(ids & set(found.unflagged))} not flagged",
        f"sections about initiatives found: {seen['found']} of {told}; sections too many: {seen['false']}",
        f"texts about one thing taken apart: {len(set(one) & found.taken_apart.keys())} of {len(one)}",
    ]
