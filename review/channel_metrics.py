"""Numbers of what goes out, for ``/metrics``: what waits for a receiver, and what did not arrive."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.digest import DigestMail
from models.store.deliveries_list import backlog


def channel_numbers(session: Session, *, now: datetime) -> Iterator[Metric]:
    """Deliveries to webhooks at work, and digests that were tried and are not sent."""
    found = backlog(session)
    yield GaugeMetricFamily(
        "scout_webhook_deliveries_waiting", "Events that webhooks have yet to take.", value=found.waiting
    )
    yield GaugeMetricFamily(
        "scout_webhook_oldest_waiting_seconds",
        "How long the oldest of these has waited; 0 = none waits.",
        value=(now - found.oldest).total_seconds() if found.oldest else 0,
    )
    yield GaugeMetricFamily(
        "scout_webhook_deliveries_given_up",
        "Events that were given up and not asked for once more.",
        value=found.given_up,
    )
    failed = select(func.count()).where(
        DigestMail.sent_at.is_(None), DigestMail.empty.is_(False), DigestMail.last_problem != ""
    )
    yield GaugeMetricFamily(
        "scout_digests_failed",
        "Digests that were tried and are not sent yet, or never will be.",
        value=session.scalar(failed) or 0,
    )
