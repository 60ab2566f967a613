"""How often each reason is given for rejecting a lead."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.store.decisions import decide, undo
from models.store.reasons import forget_shares, reason_shares
from models.store.viewer import Viewer
from models.words import DecisionKind, Role
from tests.review.factories import ARNHEM, NIJMEGEN, RHEDEN, make_account, make_lead, viewer_of

REASONS = ("commercieel", "protest", "anders")


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    forget_shares()


@pytest.fixture
def ada(session: Session) -> Viewer:
    return viewer_of(make_account(session))


def reject(session: Session, viewer: Viewer, reason: str, municipality: str = ARNHEM) -> int:
    """Reject a new lead; returns the number of the decision."""
    lead = make_lead(session, municipality=municipality)
    decision = decide(
        session,
        lead.id,
        DecisionKind.REJECT,
        viewer=viewer,
        version=lead.version,
        secret=b"s",
        reason=reason,
        reasons=REASONS,
    )
    session.commit()
    return decision.id


def clerk_of(municipality: str | None) -> Viewer:
    return Viewer(
        account_id=99, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=municipality
    )


@pytest.mark.both_databases
def test_shares_are_parts_of_the_standing_rejections_that_somebody_may_see(
    session: Session, ada: Viewer
) -> None:
    for reason in ("commercieel", "commercieel", "protest"):
        reject(session, ada, reason)
    reject(session, ada, "anders", RHEDEN)
    undo(session, reject(session, ada, "protest"), viewer=ada)
    session.commit()

    assert reason_shares(session, ada) == {"commercieel": 0.5, "protest": 0.25, "anders": 0.25}
    assert reason_shares(session, clerk_of(RHEDEN)) == {"anders": 1.0}
    assert reason_shares(session, clerk_of(NIJMEGEN)) == {}
    assert reason_shares(session, clerk_of(None)) == {}
    nobody = Viewer(account_id=98, name="", roles=frozenset(), municipality_code=RHEDEN)
    assert reason_shares(session, nobody) == {}


@pytest.mark.both_databases
def test_only_the_last_ninety_days_count(session: Session, ada: Viewer) -> None:
    reject(session, ada, "protest")

    now = datetime.now(UTC)
    assert reason_shares(session, ada, now=now + timedelta(days=89)) == {"protest": 1.0}
    assert reason_shares(session, ada, now=now + timedelta(days=91)) == {}
    assert reason_shares(session, ada, now=now + timedelta(days=91), days=100) == {"protest": 1.0}


def test_shares_are_kept_for_a_while_and_each_scope_has_its_own(session: Session, ada: Viewer) -> None:
    reject(session, ada, "protest")
    assert reason_shares(session, ada) == {"protest": 1.0}
    reject(session, ada, "commercieel")

    assert reason_shares(session, ada) == {"protest": 1.0}
    assert reason_shares(session, clerk_of(ARNHEM)) == {"protest": 0.5, "commercieel": 0.5}
    forget_shares()
    assert reason_shares(session, ada) == {"protest": 0.5, "commercieel": 0.5}
