"""Accounts, their secrets and invitations in the store, on both databases: nothing works twice."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.account import Account
from models.base import utc_now
from models.database import session_factory
from models.invitation import Invitation
from models.settings import Settings
from models.store.accounts import AccountError, AccountProblem, add_account, change_account, close_account
from models.store.audit import audit_page, first_broken
from models.store.credentials import recovery_hash, set_recovery_codes, use_counter, use_recovery_code
from models.store.invitations import InvitationError, accept, invite
from models.store.lockout import locked_for, note_failure
from models.store.passwords import PasswordProblem, problem_with
from models.store.purge import purge
from models.words import Role

SECRET = b"only for tests"
PASSWORD = "een lang wachtwoord"


def all_at_once(engine: Engine, work: Callable[[Session], object], times: int = 6) -> list[object]:
    """What ``work`` gives to several who do it at the same moment, each in a transaction of its own."""
    start, given = threading.Barrier(times), []

    def one() -> None:
        start.wait()
        with session_factory(engine)() as session:
            try:
                given.append(work(session))
                session.commit()
            except (AccountError, InvitationError) as error:
                given.append(error)

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


@pytest.fixture
def account_id(session: Session) -> int:
    made = add_account(session, "ada@voorbeeld.example", PASSWORD).id
    session.commit()
    return made


@pytest.mark.both_databases
def test_of_many_who_send_the_same_code_at_once_one_gets_in(engine: Engine, account_id: int) -> None:
    assert sorted(map(bool, all_at_once(engine, lambda session: use_counter(session, account_id, 59)))) == [
        *[False] * 5,
        True,
    ]
    assert all_at_once(engine, lambda session: use_counter(session, account_id, 58), 1) == [False]
    assert all_at_once(engine, lambda session: use_counter(session, account_id, 60), 1) == [True]


@pytest.mark.both_databases
def test_of_many_who_use_the_same_recovery_code_at_once_one_gets_in(
    engine: Engine, session: Session, account_id: int
) -> None:
    hashes = [recovery_hash(SECRET, account_id, code) for code in ("aaaa-bbbb-cccc", "dddd-eeee-ffff")]
    set_recovery_codes(session, account_id, hashes)
    session.commit()
    same = recovery_hash(SECRET, account_id, "AAAA BBBB CCCC")

    given = all_at_once(engine, lambda session: use_recovery_code(session, account_id, same))

    assert sorted(map(bool, given)) == [*[False] * 5, True]
    assert session.scalar(select(Account.mf_recovery_codes)) == [hashes[1]]
    assert first_broken(session) is None


@pytest.mark.both_databases
def test_of_many_who_use_the_same_invitation_at_once_one_gets_an_account(
    engine: Engine, session: Session
) -> None:
    _made, token = invite(session, SECRET, "nieuw@voorbeeld.example", by_id=None, roles=["beoordelaar"])
    session.commit()

    given = all_at_once(engine, lambda session: accept(session, SECRET, token, "vier fietsen op een dak"))

    assert sum(not isinstance(one, Exception) for one in given) == 1
    assert len(session.scalars(select(Account)).all()) == 1
    session.rollback()
    assert first_broken(session) is None


@pytest.mark.both_databases
def test_two_administrators_who_close_each_other_at_once_do_not_both_succeed(
    engine: Engine, session: Session
) -> None:
    first, second = (
        add_account(session, f"{name}@voorbeeld.example", PASSWORD, roles=[Role.ADMIN]).id for name in "ab"
    )
    session.commit()
    orders = iter([(first, second), (second, first)])
    lock = threading.Lock()

    def close(session: Session) -> object:
        with lock:
            by_id, other = next(orders)
        return close_account(session, other, by_id=by_id)

    given = all_at_once(engine, close, 2)

    problems = [one.problem for one in given if isinstance(one, AccountError)]
    assert problems == [AccountProblem.LAST_ADMIN]
    assert sorted(session.scalars(select(Account.active))) == [False, True]


@pytest.mark.both_databases
def test_a_lock_begins_at_the_limit_and_is_told_of_once(session: Session) -> None:
    told = [note_failure(session, {"own": 3, "office": 100}) for _ in range(4)]

    assert told == [set(), set(), {"own"}, set()]
    assert locked_for(session, ["own"]) is not None
    assert locked_for(session, ["office"]) is None


def test_old_invitations_are_forgotten_with_the_addresses_in_them(
    session: Session, settings: Settings
) -> None:
    invite(session, SECRET, "nooit@voorbeeld.example", by_id=None, roles=["beoordelaar"])
    session.commit()
    for days, left in ((36, 1), (38, 0)):
        purge(session, settings, now=utc_now() + timedelta(days=days))
        assert len(session.scalars(select(Invitation)).all()) == left


def test_changing_nothing_writes_nothing_into_the_log(session: Session, account_id: int) -> None:
    change_account(session, account_id, by_id=account_id, name="", roles=["beoordelaar"])

    assert audit_page(session)[0] == []


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        pytest.param("een lang wachtwoord", None, id="a sentence"),
        pytest.param("café om de hoek", None, id="accents"),
        pytest.param("correct paard batterij nietje", None, id="four words"),
        pytest.param("kT9$w2Lq!xZ0", None, id="random"),
        pytest.param("elf tekens!", PasswordProblem.SHORT, id="eleven"),
        pytest.param("e\u0301" * 6, PasswordProblem.PATTERN, id="twelve, all the same"),
        pytest.param("x1!" * 43, PasswordProblem.LONG, id="129"),
        pytest.param("Wachtwoord123", PasswordProblem.COMMON, id="with digits"),
        pytest.param("P@ssw0rd12345", PasswordProblem.COMMON, id="in disguise"),
        pytest.param("welkom welkom!", PasswordProblem.COMMON, id="with a space"),
        pytest.param("correct horse battery staple", PasswordProblem.COMMON, id="from a cartoon"),
        pytest.param("Zomer2026!!!!", PasswordProblem.COMMON, id="season and year"),
        pytest.param("123456789012", PasswordProblem.PATTERN, id="counting"),
        pytest.param("zyxwvutsrqpo", PasswordProblem.PATTERN, id="alphabet backwards"),
        pytest.param("1q2w3e4r5t6y", PasswordProblem.PATTERN, id="keys in zigzag"),
        pytest.param("abcabcabcabc", PasswordProblem.PATTERN, id="repetition"),
        pytest.param("Ik heet Jansen!", PasswordProblem.PERSONAL, id="surname"),
        pytest.param("p.jansen@werk.example", PasswordProblem.PERSONAL, id="e-mail address"),
    ],
)
def test_passwords_that_are_easy_to_guess_are_named(password: str, problem: PasswordProblem | None) -> None:
    assert problem_with(password, name="Piet Jansen", email="p.jansen@werk.example") is problem
