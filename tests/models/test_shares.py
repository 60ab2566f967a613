"""Shares: offering, answering and closing, by whom and from where; and what time brings."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.database import session_factory
from models.event import Event
from models.share import Share
from models.store.leads import LeadNotFoundError
from models.store.share_changes import hold_shares, withdraw_share
from models.store.share_rules import (
    TRANSITIONS,
    AlreadySharedError,
    LaterDateError,
    Move,
    NotShareableError,
    ShareError,
    ShareMoveError,
    ShareNotAllowedError,
    ShareNotFoundError,
    StaleShareError,
    TextTooLongError,
    Who,
    Why,
    moves_for,
)
from models.store.shares import (
    answer_share,
    begin_contact,
    close_share,
    get_share,
    note_seen,
    offer_again,
    offer_elsewhere,
    offer_lead,
    share_page,
    take_back,
    tick,
    waiting_shares,
)
from models.store.shares_counts import shares_by_municipality
from models.store.shares_history import share_history
from models.store.viewer import Viewer
from models.words import Answer, Ending, EventKind, LeadStatus, Role, ShareStatus
from tests.review.factories import ARNHEM, NIJMEGEN, RHEDEN, make_account, make_lead, viewer_of

#: A Monday; ten working days later is the 15th, for the 27th of April and 5 May count not.
MONDAY = datetime(2027, 5, 31, 9, 0, tzinfo=UTC)
REMINDED, LAPSED = date(2027, 6, 14), date(2027, 7, 12)


@pytest.fixture
def ada(session: Session) -> Viewer:
    """A reviewer."""
    return viewer_of(make_account(session))


@pytest.fixture
def clerk(session: Session) -> Viewer:
    """An officer of Arnhem."""
    return officer(session, "arnhem@voorbeeld.example", "Arnhem", "Gerda")


def officer(session: Session, email: str, town: str, name: str = "Ono") -> Viewer:
    return viewer_of(make_account(session, email, name=name, roles=[Role.MUNICIPALITY], municipality=town))


def offered(session: Session, ada: Viewer, *, now: datetime = MONDAY, **lead: object) -> Share:
    made = make_lead(session, **lead)  # type: ignore[arg-type]
    made.opened_at = now - timedelta(days=1)
    share = offer_lead(session, made.id, viewer=ada, message="Kent u dit?", now=now)
    session.commit()
    return share


def answer(session: Session, share: Share, viewer: Viewer, what: Answer, **more: object) -> Share:
    more = {"version": share.version, "now": MONDAY + timedelta(days=1), **more}
    done = answer_share(session, share.id, viewer=viewer, answer=what, **more)  # type: ignore[arg-type]
    session.commit()
    return done


def told(session: Session, share: Share) -> list[EventKind]:
    return list(session.scalars(select(Event.kind).where(Event.share_id == share.id).order_by(Event.id)))


def at(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=8)


@pytest.mark.both_databases
def test_a_share_is_offered_seen_answered_taken_up_and_closed(session, ada, clerk):
    share = offered(session, ada)
    assert (share.status, share.municipality_code, share.ground) == (
        ShareStatus.OFFERED,
        ARNHEM,
        "6(1)(e) AVG",
    )
    assert waiting_shares(session, clerk) == 1

    assert note_seen(session, share.id, viewer=clerk, now=MONDAY + timedelta(hours=1))
    assert not note_seen(session, share.id, viewer=clerk)
    assert not note_seen(session, share.id, viewer=ada)
    session.commit()
    answer(session, share, clerk, Answer.TAKEN_UP, note=" Wij bellen ze. ")
    assert waiting_shares(session, clerk) == 0
    begin_contact(session, share.id, viewer=clerk, version=share.version)
    close_share(session, share.id, viewer=clerk, version=share.version, ending=Ending.HELPED, note="Klaar.")
    session.commit()

    row = get_share(session, clerk, share.id)
    assert (row.status, row.answer, row.answer_note) == (
        ShareStatus.CLOSED,
        Answer.TAKEN_UP,
        "Wij bellen ze.",
    )
    assert (row.ending, row.ending_note, row.answered_by) == (Ending.HELPED, "Klaar.", "Gerda")
    assert row.due_on is None
    assert told(session, share) == [EventKind.SHARE_OFFERED, *[EventKind.SHARE_CHANGED] * 4]
    lines = session.scalars(select(AuditEntry).where(AuditEntry.object_kind == "share")).all()
    assert [line.after["status"] for line in lines] == [
        "offered",
        "seen",
        "answered",
        "in_contact",
        "closed",
    ]
    written = repr([(line.before, line.after) for line in lines]) + repr(
        session.scalars(select(Event.data)).all()
    )
    for words in ("Kent u dit", "Wij bellen", "Klaar", "Buurttuin"):
        assert words not in written


def stand(session: Session, share: Share, status: ShareStatus, given: Answer | None) -> None:
    """Put a share into a state, past all rules."""
    share.status, share.answer = status, given
    share.later_on = date(2027, 6, 10) if given is Answer.LATER else None
    share.due_on = share.later_on or REMINDED
    session.commit()


def try_move(session: Session, share: Share, move: Move, viewer: Viewer) -> None:
    """The function of the store for this move."""
    number, version = share.id, share.version
    if move is Move.SEE:
        if not note_seen(session, number, viewer=viewer):
            raise ShareNotAllowedError
    elif move is Move.ANSWER:
        answer_share(session, number, viewer=viewer, version=version, answer=Answer.NOT_OURS, now=MONDAY)
    elif move is Move.CONTACT:
        begin_contact(session, number, viewer=viewer, version=version)
    elif move is Move.CLOSE:
        close_share(session, number, viewer=viewer, version=version, ending=Ending.STOPPED)
    elif move is Move.TAKE_BACK:
        take_back(session, number, viewer=viewer, version=version)
    elif move is Move.OFFER_AGAIN:
        offer_again(session, number, viewer=viewer, version=version)
    else:
        raise ShareNotAllowedError


STATES = [
    *((status, None) for status in (ShareStatus.OFFERED, ShareStatus.SEEN, ShareStatus.LAPSED)),
    *product((ShareStatus.ANSWERED, ShareStatus.WITHDRAWN), Answer),
    *product((ShareStatus.IN_CONTACT, ShareStatus.CLOSED), (Answer.TAKEN_UP, Answer.KNOWN)),
]


def test_the_whole_table_who_may_do_what_from_which_state(session, ada, clerk):
    """What the table allows can be done and leads where it says; all else is refused and changes nothing."""
    share = offered(session, ada)
    for (status, given), move, viewer in product(STATES, Move, (ada, clerk)):
        who = Who.STAFF if viewer is ada else Who.MUNICIPALITY
        rule = TRANSITIONS[move]
        allowed = rule.who is who and rule.fits(status, given)
        stand(session, share, status, given)
        shown = moves_for(viewer, municipality_code=ARNHEM, status=status, answer=given)
        assert (move in shown) == allowed, (status, given, move, who)
        try:
            try_move(session, share, move, viewer)
            done = True
        except ShareError:
            session.rollback()
            done = False
        assert done == allowed, (status, given, move, who)
        assert share.status is (rule.to if allowed else status), (status, given, move, who)
        session.rollback()


@pytest.mark.parametrize("move", [move for move in Move if TRANSITIONS[move].who is Who.PRODUCT])
def test_what_the_product_does_by_itself_fits_the_table(session, ada, move):
    share = offered(session, ada)
    for status, given in STATES:
        stand(session, share, status, given)
        rule = TRANSITIONS[move]
        if move is Move.WITHDRAW:
            (held,) = hold_shares(session, lead_ids=[share.lead_id])
            assert withdraw_share(session, held, Why.GONE, account_id=None, at=MONDAY) == rule.fits(
                status, given
            )
            session.rollback()
            continue
        day = {Move.REMIND: REMINDED, Move.LAPSE: LAPSED, Move.ASK_AGAIN: date(2027, 6, 10)}[move]
        share.reminded_at = MONDAY if move is Move.LAPSE else None
        session.commit()
        tick(session, now=at(day))
        fits = rule.fits(status, given)
        expected = (rule.to or status) if fits else status
        asked_again = given is Answer.LATER and status is ShareStatus.ANSWERED
        assert session.get_one(Share, share.id).status is (ShareStatus.OFFERED if asked_again else expected)


@pytest.mark.both_databases
def test_who_comes_second_is_told_who_answered_what_and_when(session, ada, clerk):
    share = offered(session, ada)
    other = officer(session, "tweede@voorbeeld.example", "Arnhem", "Piet")
    seen = share.version
    answer(session, share, clerk, Answer.KNOWN)

    with pytest.raises(StaleShareError) as refusal:
        answer_share(session, share.id, viewer=other, answer=Answer.NO_INITIATIVE, version=seen)
    session.rollback()

    first = refusal.value.row
    assert (first.answered_by, first.answer, first.answered_at) == (
        "Gerda",
        Answer.KNOWN,
        MONDAY + timedelta(days=1),
    )
    assert get_share(session, ada, share.id).answer is Answer.KNOWN


def test_the_same_answer_sent_twice_counts_once_and_another_one_changes_it(session, ada, clerk):
    share = offered(session, ada)
    seen = share.version
    answer(session, share, clerk, Answer.KNOWN, version=seen)
    answer(session, share, clerk, Answer.KNOWN, version=seen)
    assert (share.version, len(told(session, share))) == (seen + 1, 2)

    answer(session, share, clerk, Answer.TAKEN_UP)

    assert (share.answer, share.version) == (Answer.TAKEN_UP, seen + 2)


def test_seeing_and_reminding_do_not_make_an_answer_stale(session, ada, clerk):
    share = offered(session, ada)
    seen = share.version
    note_seen(session, share.id, viewer=clerk)
    session.commit()
    tick(session, now=at(REMINDED))
    tick(session, now=at(LAPSED))
    session.refresh(share)
    assert share.status is ShareStatus.LAPSED

    answer(session, share, clerk, Answer.TAKEN_UP, version=seen, now=at(LAPSED))

    assert share.status is ShareStatus.ANSWERED


@pytest.mark.both_databases
def test_a_reminder_after_ten_working_days_and_lapsing_after_thirty_each_once(session, engine, ada):
    share = offered(session, ada)
    for day, status, count in (
        (REMINDED - timedelta(days=1), ShareStatus.OFFERED, 1),
        (REMINDED, ShareStatus.OFFERED, 2),
        (REMINDED, ShareStatus.OFFERED, 2),
        (LAPSED - timedelta(days=1), ShareStatus.OFFERED, 2),
        (LAPSED, ShareStatus.LAPSED, 3),
        (LAPSED + timedelta(days=90), ShareStatus.LAPSED, 3),
    ):
        with session_factory(engine)() as own:
            tick(own, now=at(day))
        session.expire_all()
        assert (share.status, len(told(session, share))) == (status, count), day
        session.rollback()
    assert share.reminded_at == at(REMINDED)


def test_a_tick_that_breaks_off_doubles_nothing_when_it_runs_again(session, engine, ada, monkeypatch):
    shares = [offered(session, ada) for _ in range(5)]
    monkeypatch.setattr("models.store.shares_due.BATCH", 2)
    commits = []

    def stop(own: Session) -> None:
        commits.append(1)
        if len(commits) == 2:
            own.rollback()
            raise KeyboardInterrupt

    with session_factory(engine)() as own:
        real = own.commit
        monkeypatch.setattr(own, "commit", lambda: (stop(own), real()))
        with pytest.raises(KeyboardInterrupt):
            tick(own, now=at(REMINDED))
    with session_factory(engine)() as own:
        again = tick(own, now=at(REMINDED))

    assert again.reminded == 3
    assert [len(told(session, share)) for share in shares] == [2] * 5


@pytest.mark.both_databases
def test_later_asks_again_on_its_day_and_its_terms_begin_anew(session, ada, clerk):
    share = offered(session, ada)
    tick(session, now=at(REMINDED))
    session.refresh(share)
    answer(session, share, clerk, Answer.LATER, later_on=date(2027, 6, 23), now=at(date(2027, 6, 15)))
    assert tick(session, now=at(date(2027, 6, 22))).asked_again == 0
    assert waiting_shares(session, clerk) == 0

    assert tick(session, now=at(date(2027, 6, 23))).asked_again == 1
    assert tick(session, now=at(date(2027, 6, 23))).asked_again == 0

    session.refresh(share)
    assert (share.status, share.answer, share.reminded_at) == (ShareStatus.OFFERED, Answer.LATER, None)
    assert share.due_on == date(2027, 7, 7)
    assert waiting_shares(session, clerk) == 1
    assert tick(session, now=at(date(2027, 7, 7))).reminded == 1
    assert tick(session, now=at(date(2027, 8, 4))).lapsed == 1


def test_later_without_a_day_is_ten_working_days_and_no_day_is_too_far(session, ada, clerk):
    share = offered(session, ada)

    for day in (date(2027, 6, 1), date(2027, 5, 1), date(2027, 8, 28)):
        with pytest.raises(LaterDateError) as refusal:
            answer(session, share, clerk, Answer.LATER, later_on=day)
        session.rollback()
        # The lead was found a day before; its content goes after 90 days.
        assert refusal.value.latest == date(2027, 8, 27)
    answer(session, share, clerk, Answer.LATER)

    assert share.later_on == share.due_on == date(2027, 6, 15)


@pytest.mark.parametrize(
    ("status", "municipality"),
    [
        *((status, ARNHEM) for status in LeadStatus if status not in (LeadStatus.OPEN, LeadStatus.SNOOZED)),
        (LeadStatus.OPEN, None),
    ],
)
def test_only_a_lead_that_waits_and_has_a_municipality_can_be_offered(session, ada, status, municipality):
    lead = make_lead(session, status=status, municipality=municipality)

    with pytest.raises(NotShareableError):
        offer_lead(session, lead.id, viewer=ada)


def test_offering_twice_or_by_others_or_with_a_novel_is_refused(session, ada, clerk):
    share = offered(session, ada)
    lead = make_lead(session)

    with pytest.raises(AlreadySharedError) as refusal:
        offer_lead(session, share.lead_id, viewer=ada)
    assert refusal.value.share_id == share.id
    with pytest.raises(ShareNotAllowedError):
        offer_lead(session, lead.id, viewer=clerk)
    with pytest.raises(TextTooLongError):
        offer_lead(session, lead.id, viewer=ada, message="x" * 501)
    with pytest.raises(LeadNotFoundError):
        offer_lead(session, 999_999, viewer=ada)


def test_what_was_taken_back_or_lapsed_is_offered_again_as_if_new(session, ada, clerk):
    share = offered(session, ada)
    take_back(session, share.id, viewer=ada, version=share.version, now=MONDAY)
    session.commit()
    assert waiting_shares(session, clerk) == 0
    with pytest.raises(ShareMoveError):
        answer(session, share, clerk, Answer.KNOWN)
    session.rollback()

    again = offer_lead(session, share.lead_id, viewer=ada, message="Toch graag.", now=at(REMINDED))
    session.commit()

    assert (again.id, again.status, again.message) == (share.id, ShareStatus.OFFERED, "Toch graag.")
    assert again.due_on == date(2027, 6, 28)
    tick(session, now=at(date(2027, 7, 27)))
    session.refresh(share)
    assert share.status is ShareStatus.LAPSED
    offer_again(session, share.id, viewer=ada, version=share.version)
    assert share.status is ShareStatus.OFFERED


@pytest.mark.both_databases
def test_what_is_not_of_this_municipality_goes_to_another_and_the_first_sees_it_no_more(session, ada, clerk):
    share = offered(session, ada, place="Presikhaaf")
    neighbour = officer(session, "rheden@voorbeeld.example", "Rheden")
    answer(session, share, clerk, Answer.NOT_OURS)

    there = offer_elsewhere(session, share.id, RHEDEN, viewer=ada, version=share.version, message="Van u?")
    session.commit()

    assert (there.municipality_code, there.lead_id) == (RHEDEN, share.lead_id)
    mine, theirs = get_share(session, clerk, share.id), get_share(session, neighbour, there.id)
    assert (mine.status, mine.title, mine.there) == (ShareStatus.ANSWERED, "", False)
    assert (theirs.title, theirs.place, theirs.message) == ("Buurttuin aan de Kamperweg", None, "Van u?")
    with pytest.raises(ShareNotFoundError):
        get_share(session, clerk, there.id)
    with pytest.raises(ShareMoveError):
        answer(session, share, clerk, Answer.TAKEN_UP)
    session.rollback()
    for code in (RHEDEN, "GM9999"):
        with pytest.raises(NotShareableError):
            offer_elsewhere(session, there.id, code, viewer=ada, version=there.version)
    assert offer_elsewhere(session, there.id, NIJMEGEN, viewer=ada, version=there.version)
    assert get_share(session, neighbour, there.id).status is ShareStatus.WITHDRAWN


def test_a_municipality_reads_its_own_shares_only_and_no_names_of_staff(session, ada, clerk):
    own = [offered(session, ada, title=f"Tuin {number}") for number in range(3)]
    foreign = offered(session, ada, municipality=RHEDEN)
    answer(session, own[0], clerk, Answer.LATER)

    page = share_page(session, clerk)
    assert [row.id for row in page.rows] == [share.id for share in reversed(own)]
    assert page.total == 3
    assert share_page(session, clerk, municipality_code=RHEDEN).rows == []
    assert [row.municipality for row in shares_by_municipality(session, clerk)] == ["Arnhem"]
    for act in (
        lambda: get_share(session, clerk, foreign.id),
        lambda: note_seen(session, foreign.id, viewer=clerk),
        lambda: answer_share(session, foreign.id, viewer=clerk, answer=Answer.KNOWN, version=1),
        lambda: begin_contact(session, foreign.id, viewer=clerk, version=1),
    ):
        with pytest.raises(ShareNotFoundError):
            act()
    lines = share_history(session, clerk, get_share(session, clerk, own[0].id))
    assert [(line.by, line.own) for line in lines] == [("Gerda", True), ("", False)]
    lines = share_history(session, ada, get_share(session, ada, own[0].id))
    assert [line.by for line in lines] == ["Gerda", "Ada"]


def test_lists_are_narrowed_and_walked_both_ways(session, ada, clerk):
    shares = [offered(session, ada) for _ in range(7)]
    offered(session, ada, municipality=RHEDEN)
    answer(session, shares[0], clerk, Answer.TAKEN_UP)
    tick(session, now=at(REMINDED))

    numbers = [share.id for share in shares]
    first = share_page(session, ada, municipality_code=ARNHEM, limit=3)
    second = share_page(session, ada, municipality_code=ARNHEM, limit=3, after=first.after)
    back = share_page(session, ada, municipality_code=ARNHEM, limit=3, before=second.before)
    assert [row.id for row in first.rows + second.rows] == numbers[:0:-1]
    assert (back.rows, first.before, first.total) == (first.rows, None, 7)
    assert [row.id for row in share_page(session, ada, status=ShareStatus.ANSWERED).rows] == [shares[0].id]
    assert share_page(session, ada, waiting=True).total == share_page(session, ada, overdue=True).total == 7
    arnhem, rheden = shares_by_municipality(session, ada)
    assert (arnhem.waiting, arnhem.overdue, arnhem.lapsed, arnhem.oldest_at) == (6, 6, 0, MONDAY)
    assert (rheden.municipality, rheden.waiting) == ("Rheden", 1)
