"""Count the labelled corpus per file, label, theme, kind and province, as Markdown for its data card.

``python -m benchmarks.corpus_table`` prints the tables; ``--write`` puts them into
``scout/data/corpus/README.md``, between its two markers.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from models.geo import municipalities

CORPUS = Path(__file__).resolve().parents[1] / "scout" / "data" / "corpus"
CARD = CORPUS / "README.md"
#: What a second reader, who saw neither label nor file, said of every hard text.
SECOND = CORPUS.parent / "labelling" / "second.tsv"
BEGIN = "<!-- counted: begin -->"
END = "<!-- counted: end -->"

Row = dict[str, object]


def read() -> dict[str, list[Row]]:
    """File name without ending -> its texts."""
    return {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in sorted(CORPUS.glob("*.jsonl"))
    }


def table(heads: list[str], rows: Iterable[list[object]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    lines = [f"| {' | '.join(heads)} |", f"|---{'|---:' * (len(heads) - 1)}|"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def initiatives(texts: list[Row]) -> int:
    return sum(text["label"] == "initiative" for text in texts)


def per_file(files: dict[str, list[Row]]) -> str:
    kinds = ("news", "site", "social")

    def line(name: str, texts: list[Row]) -> list[object]:
        count = Counter(text["kind"] for text in texts)
        return [
            name,
            len(texts),
            initiatives(texts),
            len(texts) - initiatives(texts),
            sum(bool(text["hard"]) for text in texts),
            *(count[kind] for kind in kinds),
        ]

    everything = [text for texts in files.values() for text in texts]
    rows = [line(f"`{name}`", texts) for name, texts in files.items()] + [line("all", everything)]
    return table(["file", "texts", "initiative", "other", "hard", *kinds], rows)


def per_theme(texts: list[Row]) -> str:
    count = Counter(str(text["theme"]) for text in texts if text["theme"])
    return table(["theme of an initiative", "texts"], [[f"`{slug}`", n] for slug, n in count.most_common()])


def per_province(texts: list[Row]) -> str:
    facts = {municipality.name: municipality for municipality in municipalities()}
    found: dict[str, list[Row]] = {}
    for text in texts:
        place = facts.get(str(text["municipality"]))
        found.setdefault(place.province if place else "not determined by the text", []).append(text)
    rows = [
        [
            province,
            len(group),
            initiatives(group),
            len({text["municipality"] for text in group} - {""}) or "",
        ]
        for province, group in sorted(found.items(), key=lambda item: (item[0].startswith("not "), item[0]))
    ]
    return table(["province", "texts", "initiative", "municipalities"], rows)


def agreement(texts: list[Row]) -> str:
    """How often the second reader gave the label that was there, and Cohen's kappa."""
    first = {str(text["id"]): text["label"] == "initiative" for text in texts}
    rows = []
    for name, chosen in (
        ("all hard texts", {"sure", "unsure"}),
        ("of these: the reader was unsure", {"unsure"}),
    ):
        pairs = [(first[one], label == "initiative") for one, label, sure, *_ in second() if sure in chosen]
        same = sum(one == other for one, other in pairs)
        yes = [sum(pair[place] for pair in pairs) / len(pairs) for place in (0, 1)]
        chance = yes[0] * yes[1] + (1 - yes[0]) * (1 - yes[1])
        kappa = (same / len(pairs) - chance) / (1 - chance)
        rows.append([name, len(pairs), same, f"{same / len(pairs):.3f}", f"{kappa:.3f}"])
    return table(["second labelling", "texts", "same label", "share", "kappa"], rows)


def second() -> list[list[str]]:
    """Lines of the second labelling: id, label, sure or unsure, and why where unsure."""
    return [line.split("\t") for line in SECOND.read_text("utf-8").splitlines()]


def tables() -> str:
    """All tables, one below the other."""
    files = read()
    texts = [text for group in files.values() for text in group]
    return "\n\n".join([per_file(files), per_theme(texts), per_province(texts), agreement(texts)])


def write(counted: str) -> None:
    """Replace what stands between the markers of the data card."""
    before, _, rest = CARD.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    CARD.write_text(f"{before}{BEGIN}\n\n{counted}\n\n{END}{after}", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the labelled corpus, as Markdown for its data card.")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {CARD.name} of the corpus")
    counted = tables()
    if parser.parse_args().write:
        write(counted)
    else:
        print(counted)


if __name__ == "__main__":
    main()
