"""Thousands of requests that the document allows, or does not: does the API answer as it promises?"""

import os
import subprocess
from pathlib import Path

import pytest

from tests.api.conftest import Served

#: How long to look.
MINUTES = float(os.environ.get("SCOUT_API_MINUTES", "10"))

pytestmark = [pytest.mark.api, pytest.mark.timeout(60 * (3 * MINUTES + 10))]


def test_the_api_answers_as_its_document_says(served: Served, tools: Path, tmp_path: Path) -> None:
    shares = {"network": (served.token, 0.6), "municipality": (served.arnhem_token, 0.4)}
    for name, (token, share) in shares.items():
        done = subprocess.run(
            [
                str(tools / "venv/bin/st"),
                *("--config-file", str(Path(__file__).with_name("schemathesis.toml"))),
                *("run", f"{served.address}/api/v1/openapi.json"),
                *("--header", f"Authorization: Bearer {token}"),
                *("--checks", "all", "--mode", "all", "--max-time", str(int(60 * MINUTES * share))),
                *("--continue-on-failure", "--no-color", "--generation-database", "none"),
            ],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "PYTHONPATH": str(Path(__file__).parent),
                "SCHEMATHESIS_HOOKS": "hooks",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        (tmp_path / f"{name}.txt").write_text(done.stdout + done.stderr)
        print(done.stdout[-8000:])

        assert done.returncode == 0, f"schemathesis as the {name}'s program: see {tmp_path / name}.txt"
    assert "Traceback" not in served.log.read_text()
