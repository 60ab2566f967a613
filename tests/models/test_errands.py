"""Errands: asked once, taken up by one, taken up again when whoever had them is gone, forgotten in time."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from models.database import session_factory
from models.errand import Errand
from models.store.errands import (
    GIVEN_UP_AFTER,
    KEPT,
    TAKEN_FOR,
    any_waiting,
    ask,
    errand_of,
    finish,
    forget_old,
    give_back,
    still_at_it,
    take_next,
)
from models.words import ErrandKind
from tests.review.factories import make_account, make_source

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def probe(session, url="https://krant.example/", at=NOW, account=None):
    errand = ask(session, ErrandKind.PROBE, url=url, account_id=account, now=at)
    session.commit()
    return errand


def test_the_same_thing_is_asked_once_until_it_is_done(session):
    ada = make_account(session)
    first = probe(session, account=ada.id)

    assert probe(session, url=" https://krant.example/ ", at=NOW + MINUTE).id == first.id
    take_next(session, NOW + MINUTE)
    assert probe(session, at=NOW + MINUTE).id == first.id, "it is at work"
    finish(session, first.id, result={"found": []}, problem=None, now=NOW + 2 * MINUTE)
    again = probe(session, at=NOW + 3 * MINUTE)

    assert again.id != first.id
    assert (errand_of(session, first.id).result, errand_of(session, first.id).asked_by_id) == (
        {"found": []},
        ada.id,
    )
    assert errand_of(session, 999_999) is None


def test_a_look_and_a_visit_and_two_addresses_are_not_the_same(session):
    make_source(session, "krant")
    make_source(session, "bode")

    visits = [
        ask(session, ErrandKind.VISIT, source_key=key, account_id=None, now=NOW) for key in ("krant", "bode")
    ]

    assert len({one.id for one in [*visits, probe(session), probe(session, "https://b.example/")]}) == 4


def test_an_address_without_end_is_refused(session):
    with pytest.raises(ValueError, match="too long"):
        ask(session, ErrandKind.PROBE, url="https://k.example/" + "a" * 3000, account_id=None, now=NOW)


def test_they_are_taken_up_in_the_order_in_which_they_were_asked(session):
    second = probe(session, "https://b.example/", NOW + MINUTE)
    first = probe(session, "https://a.example/", NOW)
    now = NOW + 2 * MINUTE

    assert any_waiting(session, now)
    assert [take_next(session, now).id, take_next(session, now).id] == [first.id, second.id]
    assert take_next(session, now) is None
    assert not any_waiting(session, now)


def test_only_kinds_that_there_is_room_for_are_taken_up(session):
    make_source(session, "krant")
    visit = ask(session, ErrandKind.VISIT, source_key="krant", account_id=None, now=NOW)
    look = probe(session, at=NOW + MINUTE)

    assert take_next(session, NOW + MINUTE, [ErrandKind.PROBE]).id == look.id
    assert not any_waiting(session, NOW + MINUTE, [ErrandKind.PROBE])
    assert take_next(session, NOW + MINUTE).id == visit.id


def test_what_a_worker_left_behind_is_taken_up_again_after_a_quarter_of_an_hour(session):
    errand = probe(session)
    take_next(session, NOW)

    assert take_next(session, NOW + TAKEN_FOR - MINUTE) is None
    still_at_it(session, errand.id, NOW + TAKEN_FOR - MINUTE)
    assert take_next(session, NOW + TAKEN_FOR) is None, "it gave a sign of life"
    assert take_next(session, NOW + 2 * TAKEN_FOR).id == errand.id


def test_what_is_given_back_is_free_at_once(session):
    errand = probe(session)
    take_next(session, NOW)
    give_back(session, errand.id)

    assert take_next(session, NOW).id == errand.id


def test_what_came_of_it_is_noted_once(session):
    errand = probe(session)
    finish(session, errand.id, result={"found": [1]}, problem=None, now=NOW)
    finish(session, errand.id, result={}, problem="too late", now=NOW + MINUTE)
    give_back(session, errand.id)

    row = errand_of(session, errand.id)
    assert (row.result, row.problem, row.done_at) == ({"found": [1]}, None, NOW)
    assert take_next(session, NOW + MINUTE) is None


def test_the_address_of_somebody_who_is_not_followed_does_not_stay(session):
    errand = probe(session, "https://server.example/@kanarie")
    finish(session, errand.id, result={}, problem="x", now=NOW, url="https://server.example/")

    assert errand_of(session, errand.id).url == "https://server.example/"


def test_nobody_waits_longer_than_a_day_and_nothing_is_kept_longer_than_a_week(session):
    old, older = probe(session, "https://a.example/"), probe(session, "https://b.example/", NOW - KEPT)

    assert forget_old(session, NOW + GIVEN_UP_AFTER) == 1

    assert (errand_of(session, older.id), take_next(session, NOW + GIVEN_UP_AFTER)) == (None, None)
    assert "scout worker" in errand_of(session, old.id).problem
    assert forget_old(session, NOW + KEPT) == 1
    assert session.scalar(select(func.count()).select_from(Errand)) == 0


def test_of_many_workers_at_once_each_errand_goes_to_one(engine, session):
    wanted = {probe(session, f"https://krant-{number}.example/").id for number in range(6)}
    sessions, together = session_factory(engine), threading.Barrier(8)
    taken, troubles = [], []

    def work():
        try:
            together.wait()
            for _ in range(3):
                with sessions() as own:
                    errand = take_next(own, NOW)
                    own.commit()
                if errand is not None:
                    taken.append(errand.id)
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (troubles, sorted(taken)) == ([], sorted(wanted))


def test_many_who_ask_the_same_at_once_get_the_same(engine, session):
    sessions, together = session_factory(engine), threading.Barrier(8)
    asked = []

    def work():
        together.wait()
        with sessions() as own:
            errand = ask(own, ErrandKind.PROBE, url="https://krant.example/", account_id=None, now=NOW)
            own.commit()
            asked.append(errand.id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(asked), len(set(asked))) == (8, 1)
