"""What tests need not compile again: statements for the database, addresses of routes.

One process of the product opens one database and makes one application; the tests do so thousands of times.
What SQLAlchemy and Werkzeug compile for the first of them is therefore kept for the others: it depends on the
statement or the route alone.
"""

from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

import models.database

#: Kind of database -> its dialect as a connection has found it, and the statements compiled for it.
_statements: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = {}


def share_statements(url: str) -> None:
    """Let all engines that are opened from now on for such a database share what they compile."""
    engine = create_engine(url)
    with engine.connect():
        _statements[engine.dialect.name] = engine.dialect, LRUCache(5000)
    engine.dispose()
    models.database.create_engine = _create_engine


def _create_engine(*given: Any, **options: Any) -> Engine:
    engine = create_engine(*given, **options)
    if engine.dialect.name in _statements:
        engine.dialect, engine._compiled_cache = _statements[engine.dialect.name]
    return engine


def share_routes() -> None:
    """Let applications that are made from now on share the functions that write addresses of routes."""
    from werkzeug.routing import Rule

    compile_builder, known = Rule._compile_builder, {}

    def shared(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    Rule._compile_builder = shared  # type: ignore[method-assign]
