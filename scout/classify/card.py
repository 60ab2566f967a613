"""The card of the model in use: what it was trained on, and its figures. Needs no heavy library."""

import json
from pathlib import Path
from typing import Any

from models.settings import Settings


def folder_of(settings: Settings) -> Path:
    """Where the versions of the model stand."""
    return settings.var / "model"


def current_version(settings: Settings) -> str | None:
    """Name of the version in use, or None."""
    try:
        return (folder_of(settings) / "current").read_text("utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


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
