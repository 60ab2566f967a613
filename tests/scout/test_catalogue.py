"""The catalogue of real sources that ships in ``config/sources``: complete, valid, and switched off."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import geo
from models.settings import load_settings
from models.source_definition import SourceDefinition, terms_problem
from models.words import SourceKind
from scout.definitions import load_definitions
from scout.kinds import KINDS

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture(scope="module")
def catalogue() -> list[SourceDefinition]:
    definitions, problems = load_definitions(load_settings(config=CONFIG))
    assert problems == []
    return definitions


def test_all_feeds_with_an_evidenced_address_are_in_it(catalogue: list[SourceDefinition]) -> None:
    assert len(catalogue) == 81
    assert len({definition.url for definition in catalogue}) == 81


def test_nothing_in_it_is_visited_before_somebody_reviewed_its_terms(
    catalogue: list[SourceDefinition],
) -> None:
    today = datetime.now(UTC).date()

    assert not [definition.key for definition in catalogue if definition.enabled]
    assert all(terms_problem(definition, today) for definition in catalogue)


def test_every_source_can_be_visited_once_it_is_switched_on(catalogue: list[SourceDefinition]) -> None:
    assert {definition.kind for definition in catalogue} <= set(KINDS)
    # Two of the addresses are news sitemaps, the rest are feeds.
    assert Counter(definition.kind for definition in catalogue)[SourceKind.FEED] == 79


def test_there_is_one_file_a_province_and_municipalities_lie_in_it(catalogue: list[SourceDefinition]) -> None:
    provinces = {facts.province.lower().replace("â", "a"): facts.province for facts in geo.municipalities()}
    province_of = {facts.code: facts.province for facts in geo.municipalities()}

    assert {definition.defined_in for definition in catalogue} == {
        f"sources/{name}.toml" for name in provinces
    }
    for definition in catalogue:
        if definition.municipality_code:
            name = Path(definition.defined_in).stem
            assert province_of[definition.municipality_code] == provinces[name], definition.key


@pytest.mark.parametrize("path", sorted((CONFIG / "sources").glob("*.toml")), ids=lambda path: path.stem)
def test_each_file_says_what_to_do_before_switching_on(path: Path) -> None:
    head = path.read_text("utf-8").split("[[source]]")[0]

    assert "terms = {" in head
    assert "scout sources check" in head
