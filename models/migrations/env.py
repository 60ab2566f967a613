"""Alembic environment: runs on the connection that ``models.database.migrate`` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import create_engine

from models.base import UtcDateTime, Word
from models.tables import Base, in_models


def render(kind: str, thing: Any, autogenerate: object) -> str | Literal[False]:
    """Write our own column types as plain ones: a migration must not change when the code does."""
    if kind == "type" and isinstance(thing, Word):
        return "sa.String(32)"
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: object) -> None:
    context.configure(
        connection=connection,  # type: ignore[arg-type]
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render,
        include_name=in_models,
    )
    with context.begin_transaction():
        context.run_migrations()


shared = context.config.attributes.get("connection")
if shared is not None:
    run(shared)
else:  # `alembic revision --autogenerate` from a checkout
    with create_engine(context.config.get_main_option("sqlalchemy.url") or "sqlite://").connect() as own:
        run(own)
