"""What browsers are sent beside the pages: built from npm, complete, and from nowhere else."""

import json
import re
from pathlib import Path

import pytest

from review import assets
from tests.conftest import required_or_skip

ROOM = Path(assets.__file__).parent
TEMPLATES = sorted((ROOM / "templates").glob("*.html"))
ELSEWHERE = re.compile(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"')]*")


@pytest.fixture
def design_system() -> str:
    """The built style sheet of the design system."""
    path = assets.VENDOR / "nl-design-system.css"
    if not path.is_file():
        required_or_skip("the style sheets are not built: python -m review.assets")
    return path.read_text("utf-8")


def test_tokens_are_kept_that_styles_use_and_those_that_these_refer_to() -> None:
    tokens = "\n".join(
        (
            "--a: var(--b);",
            "  --b: var(--c, 1px);",
            "--c: 2px;",
            "--d: 3px;",
            "--e: var(--e);",
            "--f: var(--d);",
        )
    )

    kept = assets.needed_tokens(
        tokens, "p { color: var(--a); margin: var( --e ); padding: var(--elsewhere) }"
    )

    assert kept == {"--a": "var(--b)", "--b": "var(--c, 1px)", "--c": "2px", "--e": "var(--e)"}


def test_every_class_of_the_design_system_in_a_template_exists(design_system: str) -> None:
    wanted = set()
    for path in TEMPLATES:
        for classes in re.findall(r'class="([^"]*)"', path.read_text("utf-8")):
            wanted |= set(
                re.findall(r"\butrecht-[a-z0-9_-]*[a-z0-9]\b(?!\{)", classes.replace("--{{", " {{"))
            )

    assert wanted
    # The link's, the select's … own element class is only a hook for it in this version.
    missing = {name for name in wanted if f".{name}" not in design_system}
    assert missing == set()


def test_styles_scripts_and_templates_refer_to_no_other_host(design_system: str) -> None:
    own = [*TEMPLATES, *(ROOM / "static").glob("scout.*")]
    texts = {path.name: path.read_text("utf-8") for path in own} | {"vendor": design_system}

    for name, text in texts.items():
        found = [address for address in ELSEWHERE.findall(text) if "www.w3.org/2000/svg" not in address]
        assert found == [], name


def test_templates_hold_no_inline_style_or_script() -> None:
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*src=)", text), path.name


def test_versions_are_exact_and_the_lock_file_names_no_registry() -> None:
    package = json.loads((assets.CHECKOUT / "package.json").read_text("utf-8"))
    lock = (assets.CHECKOUT / "package-lock.json").read_text("utf-8")

    for version in {**package["dependencies"], **package["devDependencies"]}.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert "resolved" not in lock
    assert all(
        entry.get("integrity", "").startswith("sha512-")
        for name, entry in json.loads(lock)["packages"].items()
        if name
    )


def test_building_again_does_nothing(design_system: str) -> None:
    wanted = assets.fingerprint(assets.CHECKOUT / "package-lock.json", Path(assets.__file__), *assets.OWN)
    if (assets.VENDOR / assets.STAMP).read_text() != wanted:
        required_or_skip("the style sheets are not up to date: python -m review.assets")
    before = (assets.VENDOR / assets.STAMP).stat().st_mtime_ns

    assert assets.build() is False
    assert (assets.VENDOR / assets.STAMP).stat().st_mtime_ns == before
