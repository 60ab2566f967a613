"""The review pages: one Flask application over the shared database."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, url_for
from flask_wtf import CSRFProtect
from sqlalchemy import Engine
from werkzeug.routing import IntegerConverter

from models.database import open_engine
from models.labels import Labels, load_labels
from models.settings import Settings
from models.store.second_looks import Drawing
from review import (
    account_pages,
    accounts_admin,
    acting,
    answers,
    automatic,
    board_acting,
    bulk,
    channels,
    choices,
    clients,
    comparison,
    consultant_files,
    consultant_form,
    consultants,
    evaluations,
    exports,
    feed_atom,
    feeds,
    figures,
    handing_in,
    invitations,
    keys,
    lessons,
    logbook,
    matches_acting,
    metrics,
    network,
    offering,
    pages,
    queue,
    register,
    register_acting,
    register_archive,
    register_foreign,
    register_form,
    register_map,
    report_profiles,
    reports,
    round_choice,
    round_form,
    round_hosting,
    round_people,
    round_seeding,
    rounds,
    second_look,
    sharing_acting,
    sources,
    sources_acting,
    sources_adding,
    sources_opml,
    unsubscribing,
    views,
    webhooks,
    webhooks_acting,
)
from review.access import use_access
from review.accounts import use_accounts
from review.api import use_api
from review.database import use_database
from review.errors import use_errors
from review.headers import use_headers
from review.language import use_languages
from review.metrics import use_metrics
from review.navigation import use_menu
from review.rates import use_rates
from review.shown import use_filters
from review.sso import use_provider

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

    @property
    def drawing(self) -> Drawing:
        """Which decisions are drawn for a second look."""
        return Drawing.of(self.settings, self.labels)


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
    app.config["TRUSTED_HOSTS"] = trusted_hosts(settings)
    app.url_map.converters["int"] = Digits
    # No redirects to tidier addresses: each address is written in one way, and no Host header comes back.
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions["scout"] = Scout(settings, load_labels(settings), secret)
    use_metrics(app)
    use_database(app, engine or open_engine(settings))
    use_languages(app, secure=settings.production)
    CSRFProtect(app)
    use_accounts(app, settings)
    use_provider(app, settings)
    use_headers(app, production=settings.production)
    use_api(app, settings)
    use_errors(app)
    use_filters(app)
    keys.use_keys(app)
    use_menu(app)
    use_rates(app)
    for room in (account_pages, accounts_admin, invitations):
        app.register_blueprint(room.blueprint)
    for room in (
        pages,
        queue,
        bulk,
        views,
        choices,
        acting,
        register,
        register_acting,
        register_archive,
        register_foreign,
        register_form,
        register_map,
        sharing_acting,
        offering,
        handing_in,
        figures,
        reports,
        report_profiles,
        second_look,
        sources_adding,
        sources_acting,
        sources_opml,
        sources,
        keys,
        metrics,
        logbook,
        channels,
        feed_atom,
        feeds,
        webhooks,
        webhooks_acting,
        clients,
        unsubscribing,
        exports,
        consultant_files,
        consultant_form,
        consultants,
        network,
        rounds,
        round_form,
        round_seeding,
        round_people,
        round_hosting,
        round_choice,
        automatic,
        comparison,
        evaluations,
        lessons,
        board_acting,
        matches_acting,
        answers,
    ):
        app.register_blueprint(room.blueprint)
    app.jinja_env.globals["asset"] = asset
    use_access(app)
    return app


class Digits(IntegerConverter):
    """A number in an address, written in one way only: no digits of other scripts, no leading zeros."""

    regex = r"0|[1-9][0-9]{0,18}"


def trusted_hosts(settings: Settings) -> list[str] | None:
    """Names under which the pages may be asked for; None = any, as long as no public address is set.

    Nobody can then have us write another's name into an answer that a cache keeps. This machine's own
    names stay, for whoever watches ``/healthz`` and ``/metrics`` from there.
    """
    public = urlsplit(settings.public_url).hostname
    return [public, "localhost", "127.0.0.1"] if public else None


def asset(name: str) -> str:
    """Address of a file under ``static``, which changes when the file does."""
    path = STATIC / name
    version = _version(path, path.stat().st_mtime_ns) if path.is_file() else None
    return url_for("static", filename=name, v=version)


@lru_cache(maxsize=64)
def _version(path: Path, changed: Any) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
