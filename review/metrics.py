"""``/metrics``: numbers for whoever keeps the service running, in the form that Prometheus reads.

Only with a token. No label names a person, a municipality or an address; numbers of leads and decisions
are those of the whole network.
"""

import hmac
import time
from collections import Counter as Count
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from models.base import utc_now
from models.decision import Decision
from models.item import Item
from models.lead import Lead
from models.store.health import VISITED, source_states
from models.store.lead_counts import count_by_status
from models.store.viewer import OPERATOR
from models.store.work import start_of_day
from models.words import DecisionKind, LeadStatus, Sign, SourceState
from review.channel_metrics import channel_numbers
from review.database import db

blueprint = Blueprint("metrics", __name__)

#: Upper ends of the classes of answer times, in seconds; 0.05 is what the queue's pages should stay under.
CLASSES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
#: Seconds for which the number of items is remembered: counting three million of them takes a while.
REMEMBERED = 300.0


def use_metrics(app: Flask) -> None:
    """Count and time the answers of ``app`` from now on. Call first, so that all of them are seen."""
    registry = CollectorRegistry()
    answers = Counter(
        "scout_http_requests", "Answers of this process.", ["endpoint", "status"], registry=registry
    )
    seconds = Histogram(
        "scout_http_request_seconds",
        "Time until an answer of this process was ready.",
        ["endpoint"],
        buckets=CLASSES,
        registry=registry,
    )
    build = Gauge("scout_build_info", "1, with the version that runs.", ["version"], registry=registry)
    build.labels(_version()).set(1)
    registry.register(Shared())
    app.extensions["metrics"] = registry

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        # Of unknown paths only that there were some: they are what anybody likes to send.
        endpoint = request.endpoint or "unknown"
        answers.labels(endpoint, str(response.status_code)).inc()
        if "began" in g:
            seconds.labels(endpoint).observe(time.perf_counter() - g.began)
        return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """All numbers, for whoever sends the token of the settings; without one set there is no such page."""
    token = current_app.extensions["scout"].settings.metrics_token
    if not token:
        abort(404)
    sent = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(sent, f"Bearer {token}".encode()):
        return Response(status=401, headers={"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    return Response(generate_latest(current_app.extensions["metrics"]), content_type=CONTENT_TYPE_LATEST)


class Shared(Collector):
    """The numbers that stand in the database: the same whichever process is asked."""

    def __init__(self) -> None:
        self._items = (0, float("-inf"))

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All of them, each one short query on an index."""
        now = utc_now()
        leads = GaugeMetricFamily("scout_leads", "Leads by status.", labels=["status"])
        counts = count_by_status(db.session, OPERATOR)
        for status in LeadStatus:
            leads.add_metric([status.value], counts.get(status, 0))
        yield leads
        oldest = db.session.scalar(select(func.min(Lead.opened_at)).where(Lead.status == LeadStatus.OPEN))
        yield GaugeMetricFamily(
            "scout_oldest_open_lead_seconds",
            "How long the oldest open lead has waited; 0 = none waits.",
            value=(now - oldest).total_seconds() if oldest else 0,
        )
        decisions = GaugeMetricFamily(
            "scout_decisions_today", "Decisions since midnight in Amsterdam, by kind.", labels=["kind"]
        )
        made = _decisions_since(start_of_day(now))
        for kind in DecisionKind:
            decisions.add_metric([kind.value], made.get(kind, 0))
        yield decisions
        yield GaugeMetricFamily("scout_items", "Items gathered, purged ones too.", value=self._count_items())
        yield from _sources(now)
        yield from channel_numbers(db.session, now=now)

    def _count_items(self) -> int:
        count, at = self._items
        if time.monotonic() - at > REMEMBERED:
            count = db.session.scalar(select(func.count()).select_from(Item)) or 0
            self._items = (count, time.monotonic())
        return count


def _decisions_since(since: datetime) -> dict[DecisionKind, int]:
    rows = db.session.execute(
        select(Decision.kind, func.count()).where(Decision.made_at >= since).group_by(Decision.kind)
    )
    return {row[0]: row[1] for row in rows}


def _sources(now: datetime) -> Iterator[Metric]:
    """Sources by health, and how long ago the last visit was: does the gathering still go on?"""
    seen = source_states(db.session, now=now)
    found = Count(source.state for source in seen)
    sources = GaugeMetricFamily("scout_sources", "Sources by health.", labels=["health"])
    for state in SourceState:
        sources.add_metric([state.value], found[state])
    yield sources
    signs = GaugeMetricFamily("scout_source_signs", "Sources with something odd, by sign.", labels=["sign"])
    odd = Count(each.sign for source in seen if source.state in VISITED for each in source.signs)
    for sign in Sign:
        signs.add_metric([sign.value], odd[sign])
    yield signs
    visits = [source.last_visit_at for source in seen if source.last_visit_at is not None]
    if visits:
        yield GaugeMetricFamily(
            "scout_last_visit_age_seconds",
            "How long ago a source was visited last.",
            value=(now - max(visits)).total_seconds(),
        )


def _version() -> str:
    try:
        return version("participatienetwerk-scout")
    except PackageNotFoundError:
        return "unknown"
