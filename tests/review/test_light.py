"""The web process stays small: what only other processes need is not loaded by it."""

import subprocess
import sys

#: Each takes tens of megabytes: the solver, and what recognises and draws.
HEAVY = ("highspy", "numpy", "scipy", "spacy", "onnxruntime", "sklearn", "typst")


def test_the_pages_load_no_solver_and_no_model() -> None:
    code = f"import sys, review.app; print(*(set({HEAVY}) & sys.modules.keys()))"
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert told.stdout.split() == []
