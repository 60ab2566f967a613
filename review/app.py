"""The review pages: one Flask application over the shared database."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, url_for
from flask_wtf import CSRFProtect
from sqlalchemy import Engine

from models.database import open_engine
from models.labels import Labels, load_labels
from models.settings import Settings
from review import figures, leads, pages, queue, register
from review.accounts import use_accounts
from review.database import use_database
from review.errors import use_errors
from review.headers import use_headers
from review.language import use_languages
from review.shown import use_filters

STATIC = Path(__file__).resolve().parent / "static"

#: Largest request that is read, in bytes: a form with all its fields full is some 20 kB.
MAX_REQUEST = 256 * 1024


@dataclass(frozen=True)
class Scout:
    """What the pages need of the settings; found at ``app.extensions["scout"]``."""

    settings: Settings
    labels: Labels
    #: Keys sessions and hashes.
    secret: bytes


def create_app(settings: Settings, *, engine: Engine | None = None) -> Flask:
    """Make the application; makes database and secret key where they are missing.

    Args:
        engine: use this database instead of that of the settings.

    Raises:
        SettingsError: a setting or ``labels.toml`` can't be used.
    """
    app = Flask(__name__)
    secret = settings.effective_secret_key
    app.config.update(SECRET_KEY=secret, MAX_CONTENT_LENGTH=MAX_REQUEST, MAX_FORM_MEMORY_SIZE=MAX_REQUEST)
    app.url_map.strict_slashes = True
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions["scout"] = Scout(settings, load_labels(settings), secret)
    use_database(app, engine or open_engine(settings))
    use_languages(app, secure=settings.production)
    CSRFProtect(app)
    use_accounts(app, settings)
    use_headers(app, production=settings.production)
    use_errors(app)
    use_filters(app)
    for room in (pages, queue, leads, register, figures):
        app.register_blueprint(room.blueprint)
    app.jinja_env.globals["asset"] = asset
    return app


def asset(name: str) -> str:
    """Address of a file under ``static``, which changes when the file does."""
    path = STATIC / name
    version = _version(path, path.stat().st_mtime_ns) if path.is_file() else None
    return url_for("static", filename=name, v=version)


@lru_cache(maxsize=64)
def _version(path: Path, changed: Any) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
