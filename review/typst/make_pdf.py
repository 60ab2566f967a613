"""Run by itself, in a process that can be stopped: data on its input, a PDF on its output.

Reads nothing but its template, and no address: the folder that Typst may look in is an empty one.
"""

import json
import resource
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import typst

TEMPLATE = Path(__file__).with_name("report.typ")
#: Seconds of work and bytes of memory at most.
SECONDS, BYTES = 20, 2_000_000_000


def main() -> None:
    """Make one PDF, for readers of all sorts (PDF/UA)."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    asked = json.load(sys.stdin.buffer)
    with tempfile.TemporaryDirectory(prefix="report-") as empty:
        compiler = typst.Compiler(
            TEMPLATE.read_bytes(),
            root=empty,
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(asked["data"])},
            package_path=empty,
            package_cache_path=empty,
        )
        made = compiler.compile(
            format="pdf", pdf_standards=["ua-1"], timestamp=datetime.fromtimestamp(asked["at"], UTC)
        )
    if not isinstance(made, bytes):
        raise SystemExit("no PDF was made")
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
