"""Peak memory of a command and everything it starts."""

import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

#: Seconds between two looks: 20 a second.
INTERVAL = 0.05
#: Seconds that a measured command may take.
LONGEST = 1200
MEGABYTE = 1024 * 1024


@dataclass
class Peaks:
    """Highest sums of resident memory over the process tree, in bytes; pages they share count for each."""

    whole: int = 0
    #: Command of ``scout`` -> peak of the whole tree while that command was at work in it.
    stages: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = ", ".join(f"{stage} {peak / MEGABYTE:.0f}" for stage, peak in self.stages.items())
        return f"{self.whole / MEGABYTE:.0f} MB ({parts})"


def measured(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], stages: Sequence[str]
) -> tuple[str, Peaks]:
    """Run a command to its end; its output and its peaks.

    Raises:
        RuntimeError: it failed, or took longer than LONGEST seconds.
    """
    peaks = Peaks()
    with subprocess.Popen(command, cwd=cwd, env=dict(env), stdout=subprocess.PIPE, text=True) as child:
        over = threading.Event()
        sampler = threading.Thread(target=_sample, args=(child.pid, stages, peaks, over))
        sampler.start()
        try:
            output, _ = child.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            child.terminate()
            raise RuntimeError(f"{' '.join(command)} took longer than {LONGEST} seconds") from None
        finally:
            over.set()
            sampler.join()
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with exit code {child.returncode}")
    return output, peaks


def _sample(pid: int, stages: Sequence[str], peaks: Peaks, over: threading.Event) -> None:
    #: Process id -> the stage it carries out, or an empty string.
    known: dict[int, str] = {}
    while not over.wait(INTERVAL):
        try:
            top = psutil.Process(pid)
            tree = [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        total, now = 0, set()
        for process in tree:
            try:
                total += process.memory_info().rss
                if process.pid not in known:
                    words = process.cmdline()
                    known[process.pid] = next((word for word in words[1:4] if word in stages), "")
                now.add(known[process.pid])
            except psutil.Error:
                continue
        peaks.whole = max(peaks.whole, total)
        for stage in now - {""}:
            peaks.stages[stage] = max(peaks.stages.get(stage, 0), total)
