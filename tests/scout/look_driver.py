"""Runs one look behind an address in a process of its own, as the worker does: the reactor starts once."""

import importlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from models.settings import Settings, load_settings
from tests.scout.gather_driver import processes

#: Seconds after which a look that hangs is given up; far more than any of them takes.
GIVE_UP = 120


def look(settings: Settings, url: str, **options: Any) -> dict[str, Any]:
    """What a look behind ``url`` comes to, as the errand keeps it.

    Args:
        options: ``taken``, ``waits``; ``limits`` (``module:NAME`` -> another value for it).
    """
    handle, name = tempfile.mkstemp(dir=settings.var.parent, suffix=".look")
    os.close(handle)
    process = processes.Process(target=_look, args=(settings.model_dump(mode="json"), url, options, name))
    process.start()
    process.join(GIVE_UP)
    assert process.exitcode == 0, "the look broke or hangs"
    found: dict[str, Any] = json.loads(Path(name).read_text("utf-8"))
    return found


def _look(given: dict[str, Any], url: str, options: dict[str, Any], result: str) -> None:
    for name in [name for name in os.environ if name.startswith("SCOUT_")]:
        del os.environ[name]
    from scout.discover import discover

    for name, value in options.pop("limits", {}).items():
        module, _, constant = name.partition(":")
        setattr(importlib.import_module(module), constant, value)
    found = discover(load_settings(**given), url, **options)
    Path(result).write_text(json.dumps(found.as_dict()), "utf-8")
