"""``make bench``: run the benchmarks one after another, each in a process of its own.

``python -m benchmarks NAME`` runs one; those that take half an hour run only so. Load goes to loopback
addresses only and is bounded.
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
    "export": "a register of 100,000 initiatives as CSV in one stream: memory of the server",
    "mixed_sources": "2,000 sources of all kinds in one run, 300 of them hanging, failing or busy",
}
#: Likewise, but run only when asked for by name: each makes databases of 5 GB first.
ON_REQUEST = {
    "queue": "the review pages on 1,000,000 leads and 3,000,000 items, on both databases",
    "register": "the pages of the register with 100,000 entries, on both databases",
    "reports": "reports with 100,000 entries, shares and changes, on both databases",
    "load": "fifty reviewers at once on the same: time, and that nothing is lost or doubled",
}


def main() -> int:
    known = {**BENCHMARKS, **ON_REQUEST}
    chosen = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in chosen if name not in known]
    if unknown:
        print(f"no benchmark {unknown[0]!r}: there are {', '.join(known)}", file=sys.stderr)
        return 2
    failed = 0
    for name in chosen:
        print(f"\n== {name}: {known[name]}", flush=True)
        started = time.monotonic()
        code = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        failed += code != 0
        print(f"== {name}: exit {code}, {time.monotonic() - started:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
