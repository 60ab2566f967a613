"""Which version of the model is in use, and its card: origin and figures. Needs no heavy library."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.settings import Settings


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version is in use. One small file, so that a change of it is whole or not there."""

    version: str
    #: The version in use before it: where ``scout train --back`` goes.
    before: str | None = None
    #: Version of the product for which a person went back to this version: it then stays in use although
    #: it was made by another one.
    chosen_for: str | None = None


def folder_of(settings: Settings) -> Path:
    """Where the versions of the model stand."""
    return settings.var / "model"


def read_pointer(settings: Settings) -> Pointer | None:
    """What is in use, or None."""
    try:
        lines = (folder_of(settings) / "current").read_text("utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not lines or not lines[0].strip():
        return None
    more = dict(line.split(" ", 1) for line in lines[1:] if " " in line)
    return Pointer(lines[0].strip(), more.get("before"), more.get("chosen-for"))


def write_pointer(settings: Settings, pointer: Pointer) -> None:
    """Change what is in use, for all who read it from now on; the caller holds the lock of training."""
    folder = folder_of(settings)
    aside = folder / ".current"
    lines = [pointer.version]
    lines += [f"before {pointer.before}"] if pointer.before else []
    lines += [f"chosen-for {pointer.chosen_for}"] if pointer.chosen_for else []
    aside.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    os.replace(aside, folder / "current")


def current_version(settings: Settings) -> str | None:
    """Name of the version in use, or None."""
    pointer = read_pointer(settings)
    return pointer.version if pointer else None


def read_card(settings: Settings) -> dict[str, Any] | None:
    """The card of the version in use; None when there is none, or it can't be read."""
    version = current_version(settings)
    if version is None:
        return None
    try:
        card = json.loads((folder_of(settings) / version / "card.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return card if isinstance(card, dict) else None
