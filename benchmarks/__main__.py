"""``make bench``: run the benchmarks one after another, each in a process of its own.

``python -m benchmarks NAME`` runs one. Load goes to loopback addresses only and is bounded.
"""

import subprocess
import sys
import time

#: Name -> what it measures. Each is a module here that can be run alone, with ``--help``.
BENCHMARKS = {
    "recognition": "keyword query, tf-idf and our model on folds never trained on",
    "frozen": "this checkout beside the record, on texts never trained on",
    "location": "first name found against our location, on the labelled corpus",
    "names": "names of initiatives and organisations, by hand and found",
    "grouping": "pairwise precision and recall on 100 initiatives",
    "main_job": "the whole main job on texts held back from training, served by nginx",
}


def main() -> int:
    chosen = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in chosen if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {unknown[0]!r}: there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    failed = 0
    for name in chosen:
        print(f"\n== {name}: {BENCHMARKS[name]}", flush=True)
        started = time.monotonic()
        code = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        failed += code != 0
        print(f"== {name}: exit {code}, {time.monotonic() - started:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
