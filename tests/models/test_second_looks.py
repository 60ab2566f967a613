"""Second looks: which decisions are drawn, for whom they wait, and what becomes of an answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.database import session_factory
from models.decision import Decision
from models.lead import Lead
from models.second_look import SecondLook
from models.settings import Settings, load_settings
from models.store import second_looks
from models.store.bulk import decide_all
from models.store.decisions import decide, undo
from models.store.initiatives import InitiativeDraft
from models.store.purge import REJECTED_DAYS, purge
from models.store.second_looks import (
    WAITS,
    AlreadyAnsweredError,
    Drawing,
    LapsedError,
    NotForYouError,
    UnknownReasonError,
    agreement,
    answer,
    chance_number,
    get_look,
    next_look,
    waiting,
)
from models.store.viewer import Viewer
from models.words import DecisionKind, LeadStatus, Role, Verdict
from tests.review.factories import ARNHEM, make_account, make_lead, viewer_of

SECRET = b"only for tests"
REASONS = {"overheid": "", "eenmalig": ""}
ALL = Drawing(share=1.0, no_initiative=frozenset({"overheid"}))
DRAFT = InitiativeDraft(name="Buurttuin", summary="Buren tuinieren.", municipality_code=ARNHEM)


@pytest.fixture
def ada(session: Session) -> Viewer:
    return viewer_of(make_account(session, "ada@voorbeeld.example", name="Ada"))


@pytest.fixture
def bob(session: Session) -> Viewer:
    return viewer_of(make_account(session, "bob@voorbeeld.example", name="Bob"))


def decided(
    session: Session,
    viewer: Viewer,
    kind: DecisionKind = DecisionKind.KNOWN,
    *,
    reason: str = "overheid",
    drawing: Drawing = ALL,
    lead: Lead | None = None,
) -> Decision:
    """A lead that was decided on just now."""
    lead = lead or make_lead(session)
    made = decide(
        session,
        lead.id,
        kind,
        viewer=viewer,
        version=lead.version,
        secret=SECRET,
        reason=reason if kind is DecisionKind.REJECT else "",
        reasons=REASONS,
        draft=DRAFT,
        drawing=drawing,
    )
    session.commit()
    return made


def looks(session: Session) -> list[SecondLook]:
    return list(session.scalars(select(SecondLook).order_by(SecondLook.id)))


def look(session: Session, viewer: Viewer) -> int:
    """Number of the look that waits for somebody."""
    found = next_look(session, viewer)
    assert found is not None
    return found.id


@pytest.mark.both_databases
def test_a_drawn_decision_waits_for_a_colleague_and_the_answer_changes_nothing_about_the_lead(
    session: Session, ada: Viewer, bob: Viewer
) -> None:
    made = decided(session, ada)
    assert waiting(session, ada) == 0
    assert next_look(session, ada) is None
    assert waiting(session, bob) == 1
    before = session.get_one(Lead, made.lead_id, populate_existing=True).version

    answer(
        session,
        look(session, bob),
        viewer=bob,
        verdict=Verdict.NO_INITIATIVE,
        reason="overheid",
        reasons=REASONS,
    )
    session.commit()

    (kept,) = looks(session)
    assert (kept.account_id, kept.verdict, kept.reason) == (
        bob.account_id,
        Verdict.NO_INITIATIVE,
        "overheid",
    )
    assert waiting(session, bob) == 0
    lead = session.get_one(Lead, made.lead_id, populate_existing=True)
    assert (lead.status, lead.version) == (LeadStatus.KNOWN, before)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.account_id, entry.object_id) == (
        "second_look",
        bob.account_id,
        str(made.lead_id),
    )
    assert entry.after == {"second_look": kept.id, "verdict": "geen_initiatief", "reason": "overheid"}


def test_only_decisions_that_say_whether_it_is_an_initiative_are_drawn(session: Session, ada: Viewer) -> None:
    decided(session, ada, DecisionKind.PROMOTE)
    decided(session, ada, DecisionKind.KNOWN)
    decided(session, ada, DecisionKind.REJECT, reason="overheid")
    decided(session, ada, DecisionKind.REJECT, reason="eenmalig")

    kinds = session.scalars(
        select(Decision.kind).join(SecondLook, SecondLook.decision_id == Decision.id).order_by(SecondLook.id)
    )

    assert list(kinds) == [DecisionKind.PROMOTE, DecisionKind.KNOWN, DecisionKind.REJECT]


def test_decisions_taken_together_are_drawn_like_all_others(session: Session, ada: Viewer) -> None:
    leads = [make_lead(session) for _ in range(6)]
    session.commit()

    decide_all(
        session,
        [(lead.id, lead.version) for lead in leads],
        DecisionKind.REJECT,
        viewer=ada,
        secret=SECRET,
        reason="overheid",
        reasons=REASONS,
        drawing=ALL,
    )

    assert {one.lead_id for one in looks(session)} == {lead.id for lead in leads}


def test_the_lot_follows_from_number_and_key_and_hits_the_share() -> None:
    lots = [chance_number(SECRET, number) for number in range(20_000)]

    assert lots[:50] == [chance_number(SECRET, number) for number in range(50)]
    assert lots[:50] != [chance_number(b"another key", number) for number in range(50)]
    assert all(0 <= lot < 1 for lot in lots)
    # 1,000 expected; five standard deviations are 154.
    assert abs(sum(lot < 0.05 for lot in lots) - 1000) < 154


@pytest.mark.parametrize(("share", "drawn"), [(0.0, 0), (1.0, 5)])
def test_none_and_all_can_be_drawn(session: Session, ada: Viewer, share: float, drawn: int) -> None:
    for _ in range(5):
        decided(session, ada, drawing=Drawing(share, frozenset()))

    assert len(looks(session)) == drawn


def test_the_share_is_a_setting(settings: Settings) -> None:
    assert settings.second_look_share == second_looks.SHARE == 0.05
    assert load_settings(second_look_share=0).second_look_share == 0


def test_who_judged_the_lead_before_is_not_blind_to_it(session: Session, ada: Viewer, bob: Viewer) -> None:
    first = decided(session, bob)
    undo(session, first.id, viewer=bob, reason="toch niet")
    decided(session, ada, lead=session.get_one(Lead, first.lead_id, populate_existing=True))
    carol = viewer_of(make_account(session, "carol@voorbeeld.example", name="Carol"))

    assert [waiting(session, viewer) for viewer in (ada, bob, carol)] == [0, 0, 1]
    with pytest.raises(NotForYouError):
        answer(session, look(session, carol), viewer=bob, verdict=Verdict.INITIATIVE)


@pytest.mark.both_databases
def test_an_undone_decision_needs_no_second_look(session: Session, ada: Viewer, bob: Viewer) -> None:
    made = decided(session, ada)
    waits = look(session, bob)
    undo(session, made.id, viewer=ada)
    session.commit()

    assert waiting(session, bob) == 0
    with pytest.raises(LapsedError):
        answer(session, waits, viewer=bob, verdict=Verdict.INITIATIVE)
    assert looks(session)[0].verdict is None


def test_what_was_purged_or_waited_too_long_lapses_at_the_same_moment(
    session: Session, ada: Viewer, bob: Viewer, settings: Settings
) -> None:
    decided(session, ada, DecisionKind.REJECT)
    decided(session, ada, DecisionKind.PROMOTE)
    assert timedelta(days=REJECTED_DAYS) == WAITS
    assert waiting(session, bob) == 2

    # Else whoever is shown an older lead would know that it was not rejected.
    later = datetime.now(UTC) + WAITS
    assert waiting(session, bob, now=later - timedelta(minutes=1)) == 2
    assert waiting(session, bob, now=later) == 0
    purge(session, settings, now=later)
    rejected, _promoted = looks(session)
    with pytest.raises(LapsedError):
        get_look(session, bob, rejected.id)


def test_municipalities_and_privacy_officers_have_no_second_look(session: Session, ada: Viewer) -> None:
    decided(session, ada)
    (waits,) = looks(session)
    for role in (Role.MUNICIPALITY, Role.PRIVACY_OFFICER):
        other = Viewer(account_id=99, name="x", roles=frozenset({role}), municipality_code=ARNHEM)
        assert waiting(session, other) == 0
        assert next_look(session, other) is None
        with pytest.raises(NotForYouError):
            answer(session, waits.id, viewer=other, verdict=Verdict.INITIATIVE)


def test_no_without_a_reason_is_not_kept_and_yes_keeps_none(
    session: Session, ada: Viewer, bob: Viewer
) -> None:
    decided(session, ada)
    waits = look(session, bob)

    for reason in ("", "verzonnen"):
        with pytest.raises(UnknownReasonError):
            answer(session, waits, viewer=bob, verdict=Verdict.NO_INITIATIVE, reason=reason, reasons=REASONS)
    assert waiting(session, bob) == 1

    answer(session, waits, viewer=bob, verdict=Verdict.INITIATIVE, reason="overheid", reasons=REASONS)
    assert looks(session)[0].reason == ""


def test_one_can_be_passed_over_and_comes_back(session: Session, ada: Viewer, bob: Viewer) -> None:
    decided(session, ada)
    decided(session, ada)
    first, second = looks(session)

    assert look(session, bob) == first.id
    passed = next_look(session, bob, after=first.id)
    assert passed is not None
    assert passed.id == second.id
    assert next_look(session, bob, after=second.id) is None
    assert waiting(session, bob) == 2


def test_there_is_no_look_with_another_number(session: Session, bob: Viewer) -> None:
    with pytest.raises(NotForYouError):
        get_look(session, bob, 12345)


@contextmanager
def running(*threads: Thread) -> Iterator[None]:
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(timeout=30)


@pytest.mark.both_databases
def test_of_two_who_answer_at_once_one_wins_and_the_other_is_told(
    engine: Engine, session: Session, ada: Viewer, bob: Viewer
) -> None:
    decided(session, ada)
    carol = viewer_of(make_account(session, "carol@voorbeeld.example", name="Carol"))
    session.commit()
    waits = look(session, bob)
    session.rollback()
    together, told = Barrier(2), []

    def send(viewer: Viewer, verdict: Verdict) -> None:
        together.wait()
        try:
            with session_factory(engine)() as own:
                answer(own, waits, viewer=viewer, verdict=verdict, reason="overheid", reasons=REASONS)
                own.commit()
                told.append((viewer.name, "kept"))
        except AlreadyAnsweredError as error:
            told.append((viewer.name, error.by))

    with running(
        Thread(target=send, args=(bob, Verdict.INITIATIVE)),
        Thread(target=send, args=(carol, Verdict.NO_INITIATIVE)),
    ):
        pass

    (winner,) = [name for name, what in told if what == "kept"]
    (loser,) = [(name, what) for name, what in told if what != "kept"]
    assert loser == ({"Bob": "Carol", "Carol": "Bob"}[winner], winner)
    session.expire_all()
    (kept,) = looks(session)
    assert kept.verdict is (Verdict.INITIATIVE if winner == "Bob" else Verdict.NO_INITIATIVE)
    entries = session.scalar(select(func.count()).where(AuditEntry.action == "second_look"))
    assert entries == 1


@pytest.mark.both_databases
def test_agreement_counts_pairs_of_the_period(session: Session, ada: Viewer, bob: Viewer) -> None:
    pairs = [
        (DecisionKind.PROMOTE, Verdict.INITIATIVE),
        (DecisionKind.KNOWN, Verdict.INITIATIVE),
        (DecisionKind.KNOWN, Verdict.NO_INITIATIVE),
        (DecisionKind.REJECT, Verdict.NO_INITIATIVE),
        (DecisionKind.REJECT, Verdict.NO_INITIATIVE),
    ]
    before = datetime.now(UTC) - timedelta(minutes=1)
    for kind, verdict in pairs:
        decided(session, ada, kind)
        answer(
            session,
            look(session, bob),
            viewer=bob,
            verdict=verdict,
            reason="overheid",
            reasons=REASONS,
        )
    made = decided(session, ada)  # waits still
    session.commit()

    found = agreement(session, since=before)
    assert (found.pairs, found.same, found.alpha) == (5, 4, None)
    assert agreement(session, since=datetime.now(UTC) + timedelta(minutes=1)).pairs == 0
    assert agreement(session, since=before, until=before).pairs == 0
    assert made.id
