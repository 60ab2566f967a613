"""Runs commands of ``scout``, each in a process forked from one that has the libraries loaded.

Importing these costs most commands more than their work does. That ``python -m scout`` is the same is for
``test_cli.py`` to see.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from models.settings import Settings
from tests.scout.gather_driver import processes

#: Seconds after which a command that hangs is given up; far more than any of them takes.
GIVE_UP = 120


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a process that works with the database and the files of these settings."""
    return {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "SCOUT_VAR": str(settings.var),
        "SCOUT_CONFIG": str(settings.config),
        "SCOUT_DATABASE_URL": settings.database_url,
        "SCOUT_SECRET_KEY": settings.secret_key,
        "SCOUT_ALLOW_PRIVATE_ADDRESSES": "true",
    }


def run_scout(
    *words: str, environment: dict[str, str], folder: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run ``scout WORDS`` to its end, with nothing on standard input.

    Args:
        environment: all of it; nothing is inherited.
        folder: the current one; None = that of the tests.
    """
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        child = processes.Process(
            target=_command, args=(words, environment, str(folder or Path.cwd()), out.name, err.name)
        )
        child.start()
        child.join(GIVE_UP)
        if child.exitcode is None:
            child.kill()
            raise AssertionError(f"scout {' '.join(words)} hangs: {err.read().decode()}")
        return subprocess.CompletedProcess(
            ["scout", *words], child.exitcode, out.read().decode(), err.read().decode()
        )


def _command(words: tuple[str, ...], environment: dict[str, str], folder: str, out: str, err: str) -> None:
    """The life of such a process."""
    for number, name in ((1, out), (2, err)):
        opened = os.open(name, os.O_WRONLY)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["scout", *words]
    from scout.cli import main

    main()
