"""Several reviewers at once on a real server: nothing lost, nothing doubled. Says nothing about speed."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from benchmarks import load, queue_data
from models.lead import Lead
from models.lead_count import LeadCount
from models.settings import Settings
from models.store import audit
from models.words import LeadStatus

pytestmark = pytest.mark.both_databases


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A queue of a thousand leads, four in ten of which wait."""
    queue_data.fill(
        engine, leads=1000, items=1500, open_share=0.4, now=datetime.now(UTC), sources=50, reviewers=8
    )
    return engine


def test_eight_reviewers_at_once_lose_and_double_nothing(filled: Engine, settings: Settings) -> None:
    report = load.run(settings.effective_database_url, reviewers=8, seconds=6, think=(0.0, 0.05))

    assert report.problems() == []
    assert report.acknowledged.total() > load.CONTESTED
    assert report.undone
    # All wanted the same leads first: one got each, the others were told.
    assert report.told >= load.CONTESTED * 7


def test_what_was_generated_is_a_queue_like_any_other(filled: Engine, session: Session) -> None:
    statuses = dict(session.execute(select(Lead.status, func.count()).group_by(Lead.status)).all())
    counted = dict(
        session.execute(select(LeadCount.status, func.sum(LeadCount.change)).group_by(LeadCount.status)).all()
    )

    assert sum(statuses.values()) == 1000
    assert 300 < statuses[LeadStatus.OPEN] < 500
    assert set(statuses) == set(LeadStatus)
    assert counted == statuses
    assert audit.first_broken(session) is None
