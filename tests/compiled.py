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
    """Let applications that are made from now on share what is compiled of the addresses of their routes."""
    from werkzeug.routing import Rule

    compile_rule, known = Rule.compile, {}

    def shared(rule: Rule) -> None:
        if rule.defaults or rule.map.host_matching:
            return compile_rule(rule)
        key = (rule.rule, rule.subdomain, rule.merge_slashes, frozenset(rule.map.converters.items()))
        if key not in known:
            compile_rule(rule)
            builders = rule._build.__func__, rule._build_unknown.__func__  # type: ignore[attr-defined]
            known[key] = rule._parts, rule._trace, rule._converters, rule.arguments, builders
            return None
        rule._parts, rule._trace, rule._converters, rule.arguments, builders = known[key]
        rule._build, rule._build_unknown = (made.__get__(rule, None) for made in builders)
        return None

    Rule.compile = shared  # type: ignore[method-assign]
