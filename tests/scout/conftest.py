"""What tests of finding share: a first stage trained once for all of them."""

import fcntl
import shutil
from pathlib import Path

import pytest

from models.settings import Settings, load_settings
from scout.classify.card import folder_of
from scout.classify.model import ensure_model


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a trained model; one training for all test processes of a run."""
    base = tmp_path_factory.getbasetemp()
    # Under xdist each process has a folder of its own below a shared one.
    shared = base.parent if base.name.startswith("popen-") else base
    settings = load_settings(var=shared / "trained", secret_key="only for tests")
    with open(shared / "trained.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ensure_model(settings)
    return folder_of(settings)


@pytest.fixture
def trained(settings: Settings, model_folder: Path) -> Settings:
    """The test's settings, with a trained model in their ``var`` folder."""
    shutil.copytree(model_folder, folder_of(settings))
    return settings
