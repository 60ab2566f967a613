"""Docs that can go stale are held against the code."""

import re
from pathlib import Path

import pytest

from models.settings import Settings
from review.actions import ACTIONS
from scout.cli import cli as scout_cli
from scout.kinds import KINDS

CHECKOUT = Path(__file__).parents[1]
GUIDE = (CHECKOUT / "docs" / "guide.md").read_text("utf-8")
README = (CHECKOUT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted({*map(str, KINDS), *map(str, ACTIONS)}))
def test_every_source_kind_and_queue_action_is_in_the_guide(name: str) -> None:
    assert f"`{name}`" in GUIDE


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_guide(name: str) -> None:
    assert f"`{name}`" in GUIDE


def test_every_scout_command_that_the_readme_shows_exists() -> None:
    shown = set(re.findall(r"\bscout (init|sources|run|[a-z]+)\b", README.replace("scout/", "")))

    assert {"init", "sources", "run", "status"} <= shown & set(scout_cli.commands)


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md", "docs/rounds.md", "docs/handleiding.md"])
def test_every_file_that_a_page_links_to_exists(page: str) -> None:
    here = CHECKOUT / page
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", here.read_text("utf-8"))

    assert links
    for link in links:
        if "://" not in link:
            assert (here.parent / link).exists(), link
