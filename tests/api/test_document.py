"""The published document, as Spectral judges it by our rules for the Dutch API Design Rules 2.2."""

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.api.conftest import Served

pytestmark = [pytest.mark.api, pytest.mark.timeout(300)]

RULES = Path(__file__).parent / "regels.yaml"

Lint = Callable[[dict[str, Any]], set[str]]


@pytest.fixture(scope="module")
def document(served: Served) -> dict[str, Any]:
    with urlopen(f"{served.address}/api/v1/openapi.json") as answer:
        return dict(json.load(answer))


@pytest.fixture
def lint(tools: Path, node: str, tmp_path: Path) -> Lint:
    """Names of the rules that a document breaks, with where; hints count too."""

    def spectral(document: dict[str, Any]) -> set[str]:
        file, told = tmp_path / "openapi.json", tmp_path / "told.json"
        file.write_text(json.dumps(document))
        done = subprocess.run(
            [
                node,
                str(tools / "node_modules/@stoplight/spectral-cli/dist/index.js"),
                *("lint", str(file), "--ruleset", str(RULES), "--fail-severity", "hint"),
                *("--format", "json", "--output", str(told), "--quiet"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr
        found = json.loads(told.read_text())
        return {f"{one['code']} {'/'.join(one['path'])}: {one['message']}" for one in found}

    return spectral


def test_the_document_breaks_no_rule(document: dict[str, Any], lint: Lint) -> None:
    assert lint(document) == set()


def _operation(document: dict[str, Any]) -> Any:
    return document["paths"]["/gemeenten"]["get"]


def _fields(document: dict[str, Any], schema: str) -> Any:
    return document["components"]["schemas"][schema]["properties"]


#: Rule -> a change after which it is broken. All of them are made in one document.
BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "adr-openapi-3": lambda d: d.update(openapi="3.9"),
    "adr-contact": lambda d: d["info"]["contact"].pop("email"),
    "adr-semver": lambda d: d["info"].update(version="1.0"),
    "adr-version-in-server": lambda d: d["servers"].append({"url": "/api"}),
    "adr-server-https": lambda d: d["servers"].append({"url": "http://scout.example.nl/api/v1"}),
    "adr-no-trailing-slash": lambda d: d["paths"].update({"/bronnen/": d["paths"].pop("/bronnen")}),
    "adr-path-kebab-case": lambda d: d["paths"].update({"/alleSignalen": d["paths"].pop("/signalen")}),
    "adr-query-camel-case": lambda d: _operation(d)["parameters"][0].update(name="aantal_rijen"),
    "adr-member-camel-case": lambda d: _fields(d, "Gemeente").update(inwoners_jaar={"type": "integer"}),
    "adr-schema-names": lambda d: d["components"]["schemas"].update(eigenVorm={"type": "string"}),
    "adr-methods": lambda d: d["paths"]["/gemeenten"].update(head=copy.deepcopy(_operation(d))),
    "adr-version-header": lambda d: _operation(d)["responses"]["200"]["headers"].pop("API-Version"),
    "adr-problem": lambda d: d["components"]["responses"]["NOT_ACCEPTABLE"].update(
        content={"application/json": {"schema": {"type": "object"}}}
    ),
    "adr-problem-members": lambda d: d["components"]["schemas"]["Probleem"].update(required=["status"]),
    "adr-bad-request": lambda d: _operation(d)["responses"].pop("400"),
    "adr-never-422": lambda d: _operation(d)["responses"].update(
        {"422": {"$ref": "#/components/responses/UNAUTHORIZED"}}
    ),
    "adr-no-local-date-time": lambda d: _fields(d, "Teken")["sinds"].update(format="date-time-local"),
    "adr-time-local": lambda d: _fields(d, "Bron")["laatsteBezoek"].update(format="time"),
    "adr-dates-are-dates": lambda d: _fields(d, "Gemeente").update(
        begindatum={"type": "string", "format": "date-time"}
    ),
    "adr-described": lambda d: _operation(d).pop("summary"),
    "adr-secured": lambda d: _operation(d).pop("security"),
}


def test_every_rule_finds_what_breaks_it(document: dict[str, Any], lint: Lint) -> None:
    broken = copy.deepcopy(document)
    for breaks in BROKEN.values():
        breaks(broken)

    found = {one.split(maxsplit=1)[0] for one in lint(broken)}

    assert set(BROKEN) - found == set()
    lines = RULES.read_text("utf-8").splitlines()
    assert set(BROKEN) == {line.strip().rstrip(":") for line in lines if line.startswith("  adr-")}
