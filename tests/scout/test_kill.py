"""Killed at any moment and run again: what is left is the same as after an undisturbed run."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scout.demo.configuration import DEMO, fitting
from scout.demo.server import serving
from tests.scout.demo_world import CHECKOUT, GIVE_UP, State, environment, new_var, scout, state, trained_model


@dataclass(frozen=True)
class World:
    """The served region, and what one undisturbed run over it leaves."""

    config: Path
    model: Path
    undisturbed: State


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    model = trained_model(tmp_path_factory)
    home = tmp_path_factory.mktemp("undisturbed")
    with serving() as region:
        config = fitting(DEMO, home / "config", region.addresses, region.moment.date())
        var = new_var(home / "var", model)
        done = scout("run", var=var, config=config)
        assert done.returncode == 0, done.stderr
        yield World(config, model, state(var))


#: Rows of each table that the stages fill, and ``seconds`` since the run began.
Counts = dict[str, int]


@dataclass(frozen=True)
class Kill:
    """When to kill a run, told from what it wrote, and which of its processes."""

    come: Callable[[Counts], bool]
    #: All processes at once, as when the machine goes down; else only the first, as an operator would.
    everybody: bool = True


#: In the order in which one run after the other is killed. The sixth is left alone.
MOMENTS = {
    "with the first item": Kill(lambda rows: rows["item"] >= 1),
    "with half the items, only the run itself": Kill(lambda rows: rows["item"] >= 80, everybody=False),
    "with all items, before the first estimate": Kill(lambda rows: rows["item"] >= 160),
    "after the estimates": Kill(lambda rows: rows["prediction"] >= 1),
    "with the first leads": Kill(lambda rows: rows["lead"] >= 1),
}


def test_killed_again_and_again_it_ends_the_same(world: World, tmp_path: Path) -> None:
    var = new_var(tmp_path / "var", world.model)

    for name, moment in MOMENTS.items():
        kill(moment, var, world.config)
        assert not (set(state(var).items) - set(world.undisturbed.items)), name
        assert state(var) != world.undisturbed or "leads" in name, f"{name}: that was too late"
    last = scout("run", var=var, config=world.config)

    assert last.returncode == 0, last.stderr
    left = state(var)
    assert left.items == world.undisturbed.items
    assert left.predictions == world.undisturbed.predictions
    assert left.leads == world.undisturbed.leads


def kill(moment: Kill, var: Path, config: Path) -> None:
    """Start ``scout run`` and SIGKILL it when the moment has come."""
    run = subprocess.Popen(
        [sys.executable, "-m", "scout", "run"],
        cwd=CHECKOUT,
        env=environment(var, config),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    started = time.monotonic()
    try:
        while not moment.come(counts(var)):
            assert run.poll() is None, "the run ended before the moment came"
            assert time.monotonic() - started < GIVE_UP, "the moment never came"
            time.sleep(0.005)
    finally:
        if moment.everybody:
            os.killpg(run.pid, signal.SIGKILL)
        else:
            run.kill()
        assert run.wait() == -signal.SIGKILL, "the run ended before it could be killed"


def counts(var: Path) -> Counts:
    """Rows of the tables that the stages fill; 0 where there is no table yet."""
    found = dict.fromkeys(("item", "prediction", "lead"), 0)
    try:
        connection = sqlite3.connect(f"file:{var}/scout.db?mode=ro", uri=True)
        try:
            for table in found:
                found[table] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.OperationalError:
        pass
    return found
