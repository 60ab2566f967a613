"""What the commands of ``scout`` share: saying something, printing a report, and a database that is ready."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from models.settings import Settings, load_settings


def say(message: str) -> None:
    """A sentence for whoever runs the command, on standard error."""
    click.echo(message, err=True)


def print_json(report: dict[str, Any]) -> None:
    """The one object of ``--json``, on standard output."""
    click.echo(json.dumps(report, ensure_ascii=False))


@contextmanager
def ready() -> Iterator[Settings]:
    """Settings with a database that is up to date."""
    from models.database import ensure_ready, open_engine

    settings = load_settings()
    engine = open_engine(settings)
    try:
        ensure_ready(engine)
    finally:
        engine.dispose()
    yield settings
