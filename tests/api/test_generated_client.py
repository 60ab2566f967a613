"""A client made from the document by openapi-python-client does a whole triage."""

import json
import os
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.api.conftest import Served

pytestmark = [pytest.mark.api, pytest.mark.timeout(300)]


def test_a_client_made_from_the_document_does_a_whole_triage(
    served: Served, tools: Path, tmp_path: Path
) -> None:
    with urlopen(f"{served.address}/api/v1/openapi.json") as answer:
        (tmp_path / "openapi.json").write_bytes(answer.read())
    environment = {"PATH": f"{tools / 'venv/bin'}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    made = subprocess.run(
        [
            *("openapi-python-client", "generate", "--meta", "none", "--fail-on-warning"),
            *("--path", "openapi.json", "--output-path", "scout_api"),
        ],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr

    done = subprocess.run(
        [
            *(str(tools / "venv/bin/python"), str(Path(__file__).with_name("triage.py"))),
            *(served.address, served.token, served.arnhem_token),
        ],
        env={**environment, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    did = json.loads(done.stdout)
    assert did.pop("more").startswith(f"{served.address}/api/v1/signalen?")
    assert len(did.pop("leads")) == 10
    assert did.pop("items")
    assert did == {
        "promoted": [201, "opnemen"],
        "initiative": "Tuin van de Kamperweg",
        "rejected": [201, "afwijzen"],
        "too late": [412, True],
        "handed in": [201, 200, True],
        "answered": [200, "beantwoord"],
        "lent": [201, 409, 40, "Kim Voorbeeld"],
        "put in": [200, True],
        "agreed": [200, "consultant", 5],
    }
    assert "Traceback" not in served.log.read_text()
