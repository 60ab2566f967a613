"""``review …`` within this process: to start Python and import all of it takes longer than most commands."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from review.cli import main

#: ``run(*arguments, given="")``: the rest of a command line, and what is typed.
Run = Callable[..., subprocess.CompletedProcess[str]]


def runs(folder: Path, *command: str) -> Run:
    """Runs ``review`` with this command on this folder, and tells what a process would have told."""

    def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        line = ["review", *command, *arguments]
        said, complained = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        code: object = 0
        with (
            mock.patch.dict(os.environ, {"SCOUT_VAR": str(folder)}),
            mock.patch.multiple(sys, argv=line, stdin=io.StringIO(given), stdout=said, stderr=complained),
        ):
            try:
                main()
            except SystemExit as end:
                code = end.code or 0
        told = []
        for stream in (said, complained):
            stream.flush()
            told.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
        assert isinstance(code, int)
        return subprocess.CompletedProcess(line, code, *told)

    return run
