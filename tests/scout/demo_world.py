"""The sample region for tests: configuration at free ports, a trained model, and what a run leaves."""

import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.database import engine_for, session_factory
from models.item import Item
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.settings import load_settings
from scout.classify.card import folder_of
from scout.classify.model import ensure_model

CHECKOUT = Path(__file__).resolve().parents[2]
#: Seconds after which a command that hangs is given up.
GIVE_UP = 300


def trained_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ``model`` folder as a first run makes it, trained once for all workers of a test run."""
    base = tmp_path_factory.getbasetemp()
    # Under xdist each process has a folder of its own below a shared one.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    settings = load_settings(var=shared / "trained", secret_key="only for tests")
    with open(shared / "trained.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ensure_model(settings)
    return folder_of(settings)


def environment(var: Path, config: Path) -> dict[str, str]:
    """Environment of a command that works in ``var``."""
    return {
        **os.environ,
        "SCOUT_VAR": str(var),
        "SCOUT_CONFIG": str(config),
        # The same hashes in every folder, so that what two runs stored can be compared.
        "SCOUT_SECRET_KEY": "only for tests",
    }


def scout(*words: str, var: Path, config: Path) -> "subprocess.CompletedProcess[str]":
    """Run a ``scout`` command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "scout", *words],
        cwd=CHECKOUT,
        env=environment(var, config),
        capture_output=True,
        text=True,
        timeout=GIVE_UP,
        check=False,
    )


def new_var(folder: Path, model: Path) -> Path:
    """A ``var`` folder that holds nothing but a trained model."""
    folder.mkdir(parents=True)
    shutil.copytree(model, folder / "model")
    return folder


@dataclass(frozen=True)
class State:
    """What a run leaves behind, without times and row numbers."""

    #: Address -> source, title, language, date, hashes and text.
    items: dict[str, tuple[Any, ...]]
    #: Address and model -> score, flag, theme, place, snippet and evidence.
    predictions: dict[tuple[str, str], tuple[Any, ...]]
    #: Addresses of a lead -> its title, status, municipality and score.
    leads: dict[frozenset[str], tuple[Any, ...]]


def state(var: Path) -> State:
    """Read the state from the database in ``var``; fails when anything is there twice."""
    engine = engine_for(f"sqlite:///{var}/scout.db")
    with session_factory(engine, writes=False)() as session:
        texts = {row.item_id: row.text for row in session.scalars(select(ItemText))}
        rows = session.scalars(select(Item)).all()
        url = {item.id: item.url for item in rows}
        items = {
            item.url: (
                item.source_key,
                item.title,
                item.language,
                item.published_at,
                item.content_hash,
                item.flagged_hash,
                item.grouped_hash,
                texts.get(item.id),
            )
            for item in rows
        }
        estimates = session.scalars(select(Prediction)).all()
        predictions = {
            (url[row.item_id], row.model_version): (
                round(row.score, 9),
                row.flagged,
                row.theme,
                row.municipality_code,
                row.place_key,
                row.snippet,
                str(row.evidence),
            )
            for row in estimates
        }
        members: dict[int, set[str]] = {}
        for pair in session.scalars(select(LeadItem)):
            members.setdefault(pair.lead_id, set()).add(url[pair.item_id])
        all_leads = session.scalars(select(Lead)).all()
        leads = {
            frozenset(members[lead.id]): (
                lead.title,
                lead.status,
                lead.municipality_code,
                round(lead.score, 9),
            )
            for lead in all_leads
        }
    engine.dispose()
    assert (len(items), len(predictions), len(leads)) == (len(rows), len(estimates), len(all_leads))
    return State(items, predictions, leads)
