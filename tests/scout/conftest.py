"""What tests of finding share: a first stage trained once for all of them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.database import session_factory
from models.item import Item
from models.item_text import ItemText
from models.settings import Settings
from models.source import Source
from models.words import SourceKind
from scout.classify.card import folder_of
from tests.scout.demo_world import trained_model

#: When the items of :func:`add_item` were seen.
SEEN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a trained model; one training for all test processes of a run."""
    return trained_model(tmp_path_factory)


@pytest.fixture
def trained(settings: Settings, model_folder: Path) -> Settings:
    """The test's settings, with a trained model in their ``var`` folder."""
    shutil.copytree(model_folder, folder_of(settings))
    return settings


@pytest.fixture
def add_item(engine):
    """Adds items to a source about Arnhem; gives the id."""
    with session_factory(engine)() as session:
        session.add(
            Source(
                key="koerier",
                title="Koerier",
                kind=SourceKind.FEED,
                url="https://koerier.example/rss",
                every_seconds=3600,
                municipality_code="GM0202",
            )
        )
        session.commit()

    def add(text, title="Nieuws uit de wijk", **columns):
        with session_factory(engine)() as session:
            number = (session.scalar(select(func.max(Item.id))) or 0) + 1
            item = Item(
                id=number,
                source_key="koerier",
                url_key=f"url-{number}",
                external_key=f"external-{number}",
                url=f"https://koerier.example/{number}",
                title=title,
                first_seen_at=SEEN,
                last_seen_at=SEEN,
                entry_hash=f"entry-{number}",
                content_hash=f"content-{number}",
                **columns,
            )
            session.add(item)
            session.flush()
            if text is not None:
                session.add(ItemText(item_id=number, text=text))
            session.commit()
            return number

    return add
