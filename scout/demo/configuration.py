"""The configuration of the sample region: ``config/demo``, or a copy of it made to fit."""

import shutil
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from models.settings import CHECKOUT
from scout.demo.server import FIRST_PORT, HOST
from scout.demo.sites import SITES

DEMO = CHECKOUT / "config" / "demo"
#: Days after which the terms are dated anew: sources are visited for 12 months after the review.
TERMS_DAYS = 360


def addresses_from(port: int) -> dict[str, str]:
    """Key of each site -> its address, for a region whose first site has this port."""
    return {site.key: f"http://{HOST}:{port + place}" for place, site in enumerate(SITES)}


def fitting(folder: Path, copy: Path, addresses: Mapping[str, str], today: date) -> Path:
    """``folder`` if it can be used as it is, else a copy with other addresses or with terms dated today.

    Only for the sample region: its terms are our own text, which this product serves itself.

    Args:
        folder: like ``config/demo``.
        copy: where the copy goes; what stands there is replaced.
        addresses: key of each site -> where it is served.
    """
    files = sorted((folder / "sources").glob("*.toml"))
    old = {checked for path in files for checked in _checked(path) if today - checked > timedelta(TERMS_DAYS)}
    moves = [
        (was, addresses[key]) for key, was in addresses_from(FIRST_PORT).items() if addresses[key] != was
    ]
    if not old and not moves:
        return folder
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    for path in (copy / "sources").glob("*.toml"):
        text = path.read_text("utf-8")
        for checked in old:
            text = text.replace(f"checked = {checked}", f"checked = {today}")
        for was, now in moves:
            text = text.replace(f'"{was}', f'"{now}')
        path.write_text(text, "utf-8")
    return copy


def _checked(path: Path) -> list[date]:
    content = tomllib.loads(path.read_text("utf-8"))
    return [source["terms"]["checked"] for source in content.get("source", []) if "terms" in source]
