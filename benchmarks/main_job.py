"""The whole main job on real input: two corpus files held back from training, served by nginx, run twice.

Their 490 texts stand behind thirty loopback addresses as feeds, listing pages and sitemaps with
article pages. A copy of the product without the two files trains its own model and visits them.
Printed: what was gathered, flagged and grouped, the labelled initiatives that did not reach the
queue, time, peak memory, and what a second run costs. Exit code 1 when a promise is broken.

The encoder that ships learnt from all files, these two too: how many reach the queue flatters the
recognition. For figures of texts that no stage has seen, see ``benchmarks.recognition``.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from benchmarks.nginx_site import ADDRESSES, PORT, Site, nginx, plan, write
from benchmarks.process_tree import MEGABYTE, Peaks, measured
from models.base import utc_now
from models.database import engine_for, session_factory
from models.item import Item
from models.item_text import ItemText
from models.lead_item import LeadItem
from models.prediction import Prediction
from scout.classify.corpus import CORPUS, read_corpus

CHECKOUT = Path(__file__).resolve().parents[1]
HELD_BACK = ("stream", "oost2")
STAGES = ("gather", "flag", "group", "purge")
#: Megabytes of the whole process tree that these stages may use at most.
LIMITS = {"gather": 400, "flag": 700}


@dataclass(frozen=True)
class Outcome:
    """What became of one text."""

    gathered: bool = False
    flagged: bool = False
    in_lead: bool = False
    score: float = 0.0
    #: Its text as stored, white space made even; empty when there is none.
    text: str = ""


def main() -> int:
    """Measure and print; the folder with everything served and stored is removed at the end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.main_job", description=__doc__)
    parser.add_argument(
        "--keep", action="store_true", help="leave the folder with sites and database in place"
    )
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="main-job-"))
    try:
        broken = _measure(folder)
    except RuntimeError as error:
        print(f"main_job: {error}", file=sys.stderr)
        return 1
    finally:
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    for promise in broken:
        print(f"BROKEN: {promise}")
    return 1 if broken else 0


def _measure(folder: Path) -> list[str]:
    examples = [example for example in read_corpus() if example.source in HELD_BACK]
    initiatives = sum(example.initiative for example in examples)
    print(
        f"{len(examples)} texts of {' and '.join(HELD_BACK)}, {initiatives} of them initiatives; "
        f"{ADDRESSES} addresses at port {PORT}"
    )
    sites = plan(examples, utc_now())
    # nginx gives up its rights when root starts it: its worker must be able to read what it serves.
    folder.chmod(0o755)
    config = write(folder / "www", sites)
    product, environment = _product_without(folder, sites)
    started = time.monotonic()
    _, peaks = measured(_scout("train", "--json"), cwd=product, env=environment, stages=("train",))
    print(f"training without them: {time.monotonic() - started:.0f} s, peak {peaks}")
    with nginx(config, sites[0].host):
        log = folder / "www" / "access.log"
        first, first_peaks = _run(product, environment)
        outcomes = _outcomes(folder, sites)
        read_so_far = log.stat().st_size
        second, second_peaks = _run(product, environment)
        asked = log.read_text("utf-8")[read_so_far:].splitlines()
    _print_first(first, first_peaks, sites, outcomes, {each.id: each.source for each in examples})
    print(
        f"second run: {second['seconds']} s, peak {second_peaks}, items {second['items'] or 'none'}, "
        f"leads {second['leads']}"
    )
    return [
        *_broken_first(first_peaks, sites, outcomes),
        *_broken_second(second, asked, sites),
    ]


def _product_without(folder: Path, sites: Sequence[Site]) -> tuple[Path, dict[str, str]]:
    """A copy of the product that never saw the held back files, and the environment to run it in."""
    product = folder / "product"
    for room in ("models", "scout"):
        shutil.copytree(CHECKOUT / room, product / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in HELD_BACK:
        (product / CORPUS.relative_to(CHECKOUT) / f"{name}.jsonl").unlink()
    sources = product / "config" / "sources"
    sources.mkdir(parents=True)
    shutil.copy(CHECKOUT / "config" / "labels.toml", product / "config")
    (sources / "meten.toml").write_text("\n".join(site.definition for site in sites), "utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SCOUT_")},
        "PYTHONPATH": str(product),
        "SCOUT_VAR": str(folder / "var"),
        "SCOUT_CONFIG": str(product / "config"),
        "SCOUT_ALLOW_PRIVATE_ADDRESSES": "true",
    }
    where = subprocess.run(
        [sys.executable, "-c", "import scout.classify.corpus as corpus; print(corpus.CORPUS)"],
        cwd=product,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    if not Path(where).is_relative_to(product):
        raise RuntimeError(f"the copy of the product would train from {where}")
    return product, environment


def _scout(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "scout", *arguments]


def _run(product: Path, environment: Mapping[str, str]) -> tuple[dict, Peaks]:
    output, peaks = measured(_scout("run", "--now", "--json"), cwd=product, env=environment, stages=STAGES)
    return json.loads(output), peaks


def _outcomes(folder: Path, sites: Sequence[Site]) -> dict[str, Outcome]:
    """Id of a text -> what the database says of it."""
    ids = {(site.key, path): story.id for site in sites for path, story in site.edition.listed}
    outcomes: dict[str, Outcome] = {}
    engine = engine_for(f"sqlite:///{folder}/var/scout.db")
    with session_factory(engine, writes=False)() as session:
        in_leads = set(session.scalars(select(LeadItem.item_id)))
        texts = {row.item_id: row.text for row in session.scalars(select(ItemText))}
        rows = select(Item, Prediction).outerjoin(Prediction, Prediction.item_id == Item.id)
        for item, estimate in session.execute(rows):
            outcomes[ids[item.source_key, urlsplit(item.url).path]] = Outcome(
                gathered=True,
                flagged=bool(estimate and estimate.flagged),
                in_lead=item.id in in_leads,
                score=estimate.score if estimate else 0.0,
                text=" ".join(texts.get(item.id, "").split()),
            )
    engine.dispose()
    return outcomes


def _print_first(
    report: dict,
    peaks: Peaks,
    sites: Sequence[Site],
    outcomes: Mapping[str, Outcome],
    files: Mapping[str, str],
) -> None:
    stories = [story for site in sites for _, story in site.edition.listed]
    wanted = [story for story in stories if story.truth.initiative]
    reached = [story for story in wanted if outcomes.get(story.id, Outcome()).in_lead]
    print(f"first run: {report['seconds']} s, peak {peaks}")
    print(
        f"gathered: {len(outcomes)} of {len(stories)} {report['items']}; "
        f"sources {report['sources']}, failed {report['failed']}"
    )
    kept = {
        story.id: (" ".join(" ".join(story.paragraphs).split()), outcomes[story.id].text)
        for story in stories
        if story.id in outcomes
    }
    exact = sum(text == stored for text, stored in kept.values())
    cut = {name: (text, stored) for name, (text, stored) in kept.items() if text not in stored}
    around = len(kept) - exact - len(cut)
    print(f"texts stored as written: {exact}; with words of the page around: {around}; cut: {len(cut)}")
    for name, (text, stored) in cut.items():
        print(f"  cut {name}: lacks {text.removeprefix(stored)[:70]!r}")
    others = report["flagged"] - sum(outcomes.get(story.id, Outcome()).flagged for story in wanted)
    print(f"flagged: {report['flagged']}, {others} of them other texts; leads: {report['leads']}")
    print(f"labelled initiatives in the queue: {len(reached)} of {len(wanted)} (the encoder had seen them)")
    for name in HELD_BACK:
        mine = [story for story in wanted if files[story.id] == name]
        print(f"  {name}: {sum(story in reached for story in mine)} of {len(mine)}")
    for story in wanted:
        outcome = outcomes.get(story.id, Outcome())
        if not outcome.in_lead:
            how = "not gathered"
            if outcome.gathered:
                how = f"{'flagged, no lead' if outcome.flagged else 'not flagged'}, score {outcome.score:.3f}"
            print(f"  missing {story.id} ({how}): {story.title or story.lead[:60]}")
    for entry in report["problems"]:
        print(f"  problem {entry['source']}: {entry['problem']}")


def _broken_first(peaks: Peaks, sites: Sequence[Site], outcomes: Mapping[str, Outcome]) -> list[str]:
    expected = sum(len(site.edition.listed) for site in sites)
    broken = []
    if len(outcomes) != expected:
        broken.append(f"{len(outcomes)} of {expected} texts gathered")
    for stage, limit in LIMITS.items():
        if peaks.stages.get(stage, 0) > limit * MEGABYTE:
            broken.append(f"{stage} used {peaks.stages[stage] / MEGABYTE:.0f} MB, more than {limit}")
    return broken


def _broken_second(report: dict, asked: Sequence[str], sites: Sequence[Site]) -> list[str]:
    """A second run opens no lead, stores no item, and asks each list once, on condition that it changed."""
    broken = []
    if report["leads"]["opened"] or report["leads"]["extended"]:
        broken.append(f"the second run changed leads: {report['leads']}")
    if report["items"].get("new") or report["items"].get("changed"):
        broken.append(f"the second run stored items: {report['items']}")
    by_host: dict[str, list[list[str]]] = {}
    for line in asked:
        host, status, _, path, tag = line.split(" ", 4)
        by_host.setdefault(host, []).append([status, path, tag])
    requests = Counter(status for lines in by_host.values() for status, _, _ in lines)
    print(f"requests of the second run by status: {dict(requests)}")
    for site in sites:
        lines = by_host.get(site.host, [])
        once = len(lines) == 1
        if not once or lines[0][:2] != ["304", site.address] or lines[0][2] == '"-"':
            broken.append(f"{site.key} ({site.kind}) was asked for {lines} instead of once on condition")
    return broken


if __name__ == "__main__":
    sys.exit(main())
