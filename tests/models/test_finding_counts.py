"""Numbers of leads: they follow every change, however it is made, without anybody counting leads."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.orm import Session

from models.base import utc_now
from models.database import session_factory
from models.item_section import ItemSection
from models.lead import Lead
from models.lead_count import LeadCount
from models.lead_item import LeadItem
from models.settings import Settings
from models.store.decisions import decide, undo
from models.store.initiatives import InitiativeDraft
from models.store.lead_counts import compact_counts, count_by_status, municipalities_with_leads
from models.store.leads_hand import merge_leads
from models.store.purge import purge
from models.store.viewer import OPERATOR, Viewer
from models.words import DecisionKind, LeadStatus, Role
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_lead, viewer_of

pytestmark = pytest.mark.both_databases

DRAFT = InitiativeDraft(name="Tuin", summary="Bewoners maken een tuin.", municipality_code=ARNHEM)


def counted(session: Session) -> Counter[LeadStatus]:
    """Leads counted one by one."""
    rows = session.execute(select(Lead.status, func.count()).group_by(Lead.status))
    return Counter({row[0]: row[1] for row in rows})


def clerk(code: str) -> Viewer:
    """Somebody of one municipality."""
    return Viewer(account_id=9, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=code)


def test_counts_follow_every_way_of_changing_a_lead(session: Session, settings: Settings) -> None:
    ada = viewer_of(make_account(session))
    leads = [make_lead(session, title=f"Signaal {n}", municipality=ARNHEM) for n in range(6)]
    old = make_lead(session, municipality=RHEDEN, age_days=60)
    nowhere = make_lead(session, municipality=None)
    session.commit()

    def rejecting() -> None:
        decide(
            session,
            leads[0].id,
            DecisionKind.REJECT,
            viewer=ada,
            version=leads[0].version,
            secret=b"x",
            reason="anders",
            reasons=("anders",),
        )

    def promoting() -> Any:
        return decide(
            session,
            leads[1].id,
            DecisionKind.PROMOTE,
            viewer=ada,
            version=leads[1].version,
            secret=b"x",
            draft=DRAFT,
        )

    decisions: list[int] = []
    steps: dict[str, Callable[[], Any]] = {
        "rejecting": rejecting,
        "promoting": lambda: decisions.append(promoting().id),
        "undoing": lambda: undo(session, decisions[0], viewer=ada, reason="toch niet"),
        "merging": lambda: merge_leads(
            session,
            leads[2].id,
            leads[3].id,
            viewer=ada,
            version=leads[2].version,
            into_version=leads[3].version,
        ),
        "moving": lambda: session.execute(
            update(Lead).where(Lead.id == nowhere.id).values(municipality_code=RHEDEN)
        ),
        "many at once": lambda: session.execute(
            text(
                "UPDATE lead SET status = 'known', municipality_code = 'GM0275' WHERE title LIKE 'Signaal%5'"
            )
        ),
        "purging": lambda: purge(session, settings, now=utc_now() + timedelta(minutes=1)),
        "deleting": lambda: (
            session.execute(delete(LeadItem).where(LeadItem.lead_id == leads[4].id)),
            session.execute(delete(ItemSection)),
            session.execute(delete(Lead).where(Lead.id == leads[4].id)),
        ),
    }
    assert count_by_status(session, OPERATOR) == {LeadStatus.OPEN: 8}
    for name, step in steps.items():
        session.expire_all()
        step()
        session.commit()
        assert count_by_status(session, OPERATOR) == dict(counted(session)), name
        compact_counts(session)
        session.commit()
        assert count_by_status(session, OPERATOR) == dict(counted(session)), f"put together after {name}"
    assert counted(session)[LeadStatus.EXPIRED] == 1
    assert old.id
    # One row for each status and municipality that has leads, and none for what is no more.
    rows = session.execute(select(Lead.status, Lead.municipality_code).distinct()).all()
    assert session.scalar(select(func.count()).select_from(LeadCount)) == len(rows)


def test_a_rolled_back_change_does_not_count(session: Session) -> None:
    make_lead(session)
    session.rollback()

    assert count_by_status(session, OPERATOR) == {}


def test_a_municipality_counts_its_own_only(session: Session) -> None:
    for code in (ARNHEM, ARNHEM, RHEDEN, None):
        make_lead(session, municipality=code)
    session.commit()

    assert count_by_status(session, clerk(ARNHEM)) == {LeadStatus.OPEN: 2}
    assert count_by_status(session, clerk(ARNHEM), municipality_code=RHEDEN) == {}
    assert municipalities_with_leads(session, clerk(RHEDEN), LeadStatus.OPEN) == [(RHEDEN, "Rheden", 1)]
    assert municipalities_with_leads(session, OPERATOR, LeadStatus.OPEN) == [
        (ARNHEM, "Arnhem", 2),
        (RHEDEN, "Rheden", 1),
    ]
    officer = Viewer(account_id=1, name="", roles=frozenset({Role.PRIVACY_OFFICER}), municipality_code=ARNHEM)
    assert count_by_status(session, officer) == {}
    assert municipalities_with_leads(session, officer, LeadStatus.OPEN) == []


def test_putting_together_does_not_wait_for_whoever_is_deciding(engine: Engine, session: Session) -> None:
    """PostgreSQL: an unfinished change stands apart. SQLite has one writer at a time anyway."""
    first, second = make_lead(session), make_lead(session)
    session.commit()
    if engine.dialect.name == "sqlite":
        return
    sessions = session_factory(engine)
    with sessions() as deciding, sessions() as tidying:
        deciding.execute(update(Lead).where(Lead.id == first.id).values(status=LeadStatus.KNOWN))
        compact_counts(tidying)
        tidying.execute(update(Lead).where(Lead.id == second.id).values(status=LeadStatus.KNOWN))
        tidying.commit()
        assert count_by_status(tidying, OPERATOR) == {LeadStatus.OPEN: 1, LeadStatus.KNOWN: 1}
        deciding.commit()
    assert count_by_status(session, OPERATOR) == {LeadStatus.KNOWN: 2}


def test_the_triggers_are_there(engine: Engine) -> None:
    """A migration that makes SQLite copy a table loses its triggers: see migration 0004."""
    triggers = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    if engine.dialect.name == "postgresql":
        triggers = "SELECT event_object_table, trigger_name FROM information_schema.triggers"
    with engine.connect() as connection:
        found = {(table, name) for table, name in connection.exec_driver_sql(triggers)}

    assert {
        ("lead", "lead_counted_in"),
        ("lead", "lead_counted_on"),
        ("lead", "lead_counted_out"),
        ("lead", "lead_found_in"),
        ("lead", "lead_found_on"),
        ("lead", "lead_found_out"),
        ("lead", "lead_told"),
        ("lead_item", "lead_item_found_in"),
        ("lead_item", "lead_item_found_on"),
        ("lead_item", "lead_item_found_out"),
        ("initiative", "initiative_found_in"),
        ("initiative", "initiative_found_out"),
        ("initiative", "initiative_told"),
        ("place", "place_told"),
        ("municipality", "municipality_told"),
    } <= found
