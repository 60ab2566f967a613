"""The store functions of the review room, on both databases."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.account import Account
from models.database import session_factory
from models.decision import Decision
from models.initiative import Initiative
from models.sign_in_failure import SignInFailure
from models.store.accounts import LOCK_TIME, forget_failures, locked_for, note_failure
from models.store.decisions import (
    AlreadyDecidedError,
    AlreadyUndoneError,
    DecisionError,
    DecisionNotFoundError,
    NotAllowedError,
    ReasonRequiredError,
    StaleLeadError,
    decide,
    undo,
)
from models.store.exports import export_initiatives, export_leads
from models.store.initiatives import (
    InitiativeDraft,
    InvalidInitiativeError,
    Problem,
    find_place,
    initiative_page,
    place_names,
)
from models.store.lead_counts import count_by_status, municipalities_with_leads
from models.store.leads import LeadNotFoundError, get_lead, lead_items
from models.store.leads_list import Cursor, Filter, lead_page, next_lead
from models.store.viewer import OPERATOR, Viewer
from models.words import DecisionKind, LeadStatus, Role
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_item, make_lead, viewer_of

pytestmark = pytest.mark.both_databases

DRAFT = InitiativeDraft(name="Tuin", summary="Bewoners maken een tuin.", municipality_code=ARNHEM)
REASONS = ("anders",)


def decide_on(session: Session, lead_id: int, viewer: Viewer, kind: DecisionKind, **more: object) -> Decision:
    values: dict[str, object] = {
        "version": 1,
        "secret": b"x",
        "reasons": REASONS,
        "themes": {"groen": "Groen"},
    }
    return decide(session, lead_id, kind, viewer=viewer, **{**values, **more})  # type: ignore[arg-type]


def test_the_life_of_a_lead(session: Session) -> None:
    viewer = viewer_of(make_account(session))
    lead = make_lead(session, place="Presikhaaf")

    promoted = decide_on(session, lead.id, viewer, DecisionKind.PROMOTE, draft=DRAFT)
    assert [entry.name for entry in initiative_page(session, viewer, name="TUI").rows] == ["Tuin"]
    with pytest.raises(AlreadyDecidedError) as refused:
        decide_on(session, lead.id, viewer, DecisionKind.KNOWN, version=2)
    assert refused.value.last is not None
    assert (refused.value.last.by, refused.value.last.kind) == ("Ada", DecisionKind.PROMOTE)

    undo(session, promoted.id, viewer=viewer)
    assert initiative_page(session, viewer).total == 0
    with pytest.raises(AlreadyUndoneError):
        undo(session, promoted.id, viewer=viewer)
    with pytest.raises(StaleLeadError):
        decide_on(session, lead.id, viewer, DecisionKind.KNOWN, version=1)
    decide_on(session, lead.id, viewer, DecisionKind.REJECT, version=3, reason="anders", note="n")
    session.commit()

    kinds = session.scalars(select(Decision.kind).order_by(Decision.id)).all()
    assert kinds == [DecisionKind.PROMOTE, DecisionKind.UNDO, DecisionKind.REJECT]
    assert get_lead(session, viewer, lead.id).status is LeadStatus.REJECTED
    assert next(export_leads(session, OPERATOR))["status"] == "rejected"
    assert list(export_initiatives(session, OPERATOR)) == []


def test_what_must_not_be_decided_changes_nothing(session: Session) -> None:
    viewer = viewer_of(make_account(session))
    clerk = Viewer(
        account_id=viewer.account_id,
        name="C",
        roles=frozenset({Role.MUNICIPALITY}),
        municipality_code=ARNHEM,
    )
    lead = make_lead(session)

    with pytest.raises(NotAllowedError):
        decide_on(session, lead.id, clerk, DecisionKind.KNOWN)
    with pytest.raises(NotAllowedError):
        undo(session, 1, viewer=clerk)
    with pytest.raises(LeadNotFoundError):
        decide_on(session, lead.id + 1, viewer, DecisionKind.KNOWN)
    with pytest.raises(DecisionNotFoundError):
        undo(session, 1, viewer=viewer)
    with pytest.raises(ReasonRequiredError):
        decide_on(session, lead.id, viewer, DecisionKind.REJECT, reason="onbekend")
    bad = InitiativeDraft(
        name="x" * 200, summary=" ", municipality_code="GM9999", theme="weg", link="javascript:x"
    )
    with pytest.raises(InvalidInitiativeError) as refused:
        decide_on(session, lead.id, viewer, DecisionKind.PROMOTE, draft=bad)

    assert refused.value.problems == {
        "name": Problem.TOO_LONG,
        "summary": Problem.EMPTY,
        "municipality_code": Problem.UNKNOWN,
        "theme": Problem.UNKNOWN,
        "link": Problem.NO_ADDRESS,
    }
    assert session.scalars(select(Decision)).all() == []
    assert session.scalars(select(Initiative)).all() == []


def test_of_many_deciders_at_once_one_wins(engine: Engine) -> None:
    with session_factory(engine)() as session:
        viewers = [viewer_of(make_account(session, f"p{n}@voorbeeld.example")) for n in range(6)]
        lead_id = make_lead(session).id
        session.commit()
    outcomes: list[str] = []

    def run(viewer: Viewer) -> None:
        with session_factory(engine)() as session:
            try:
                decide_on(session, lead_id, viewer, DecisionKind.PROMOTE, draft=DRAFT)
                session.commit()
                outcomes.append("decided")
            except DecisionError as error:
                outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(viewer,)) for viewer in viewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["AlreadyDecidedError"] * 5 + ["decided"]
    with session_factory(engine, writes=False)() as session:
        assert len(session.scalars(select(Decision)).all()) == 1
        assert len(session.scalars(select(Initiative)).all()) == 1


def test_lists_counts_and_neighbours_keep_to_what_the_viewer_may_see(session: Session) -> None:
    scores = (0.9, 0.5, 0.5)
    arnhem = [make_lead(session, municipality=ARNHEM, score=score).id for score in scores]
    rheden = make_lead(session, municipality=RHEDEN, score=0.7).id
    nowhere = make_lead(session, municipality=None, score=0.1).id
    staff = viewer_of(make_account(session))
    account = make_account(session, "c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    clerk = viewer_of(account)
    nobody = Viewer(account_id=0, name="", roles=frozenset({Role.MUNICIPALITY}))

    assert [row.id for row in lead_page(session, staff, Filter()).rows] == [
        arnhem[0],
        rheden,
        arnhem[2],
        arnhem[1],
        nowhere,
    ]
    assert [row.id for row in lead_page(session, clerk, Filter()).rows] == [arnhem[0], arnhem[2], arnhem[1]]
    assert lead_page(session, nobody, Filter()).rows == []
    page = lead_page(session, staff, Filter(), limit=2, after=Cursor(0.7, rheden))
    assert [row.id for row in page.rows] == [arnhem[2], arnhem[1]]
    assert page.after == Cursor(0.5, arnhem[1])
    assert count_by_status(session, clerk) == {LeadStatus.OPEN: 3}
    assert municipalities_with_leads(session, staff, LeadStatus.OPEN) == [
        (ARNHEM, "Arnhem", 3),
        (RHEDEN, "Rheden", 1),
    ]
    assert next_lead(session, staff, after=Cursor(0.9, arnhem[0])) == rheden
    assert next_lead(session, clerk, after=Cursor(0.9, arnhem[0])) == arnhem[2]
    assert next_lead(session, clerk, after=Cursor(0.0, 0)) == arnhem[0]
    with pytest.raises(LeadNotFoundError):
        get_lead(session, clerk, rheden)


def test_a_row_counts_sources_and_takes_evidence_of_its_own_snippet(session: Session) -> None:
    first = make_item(session, snippet="Een tuin van samen.", source="a", age_days=4)
    second = make_item(session, snippet="Iets anders.", source="a", age_days=2)
    lead = make_lead(session, items=[first, second])

    row = get_lead(session, OPERATOR, lead.id)

    assert (row.items, row.sources) == (2, 1)
    assert row.newest_at == second.published_at
    assert [item.id for item in lead_items(session, lead.id)] == [second.id, first.id]
    assert row.evidence == [{"reason": "bewoners doen het werk", "start": None, "end": None, "weight": 1.0}]


def test_places_are_found_by_name_within_one_municipality(session: Session) -> None:
    assert find_place(session, ARNHEM, " presikhaaf ") is not None
    assert find_place(session, RHEDEN, "Presikhaaf") is None
    town = find_place(session, ARNHEM, "Arnhem")
    assert town is not None
    assert town.startswith("bag:")
    names = place_names(session, ARNHEM)
    assert "Presikhaaf" in names
    assert len(names) == len(set(names))


def test_failures_lock_for_a_while_and_a_success_forgets_them(session: Session) -> None:
    for _ in range(3):
        assert locked_for(session, ("k", "other")) is None
        note_failure(session, {"k": 3})

    wait = locked_for(session, ("k", "other"))

    assert wait is not None
    assert timedelta(0) < wait <= LOCK_TIME
    forget_failures(session, "k")
    assert locked_for(session, ("k",)) is None
    assert session.scalars(select(SignInFailure)).all() == []


def test_an_account_remembers_neither_password_nor_case(session: Session) -> None:
    make_account(session, "Ada@Voorbeeld.EXAMPLE")

    account = session.scalars(select(Account)).one()

    assert account.email == "ada@voorbeeld.example"
    assert account.password is not None
    assert account.password.startswith("$argon2id$")
