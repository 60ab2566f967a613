"""Programs that use the API, and their tokens: who may make them, what they may do, and when that ends."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.api_client import ApiClient, ApiToken
from models.audit_entry import AuditEntry
from models.store.accounts import change_account, close_account, reopen_account
from models.store.api_clients import (
    MOST,
    ClientNotAllowedError,
    ClientNotFoundError,
    InvalidClientError,
    add_client,
    fitting_scopes,
    forget_tokens,
    get_client,
    list_clients,
    revoke_client,
)
from models.store.api_tokens import Holder, check_secret, check_token, due_note, issue_token, note_use
from models.store.viewer import OPERATOR, Viewer
from models.words import Role, Scope
from tests.review.factories import ARNHEM, RHEDEN, make_account, viewer_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def leader(session: Session) -> Account:
    return make_account(session, "pat@voorbeeld.example", name="Pat", roles=[Role.PROJECT_LEADER])


@pytest.fixture
def officer(session: Session) -> Account:
    return make_account(
        session, "lou@voorbeeld.example", name="Lou", roles=[Role.MUNICIPALITY], municipality="Arnhem"
    )


def add(session: Session, viewer: Viewer, *scopes: Scope, **more: object) -> tuple[int, str, str]:
    """Number, name and secret of a new client."""
    row, secret = add_client(
        session,
        str(more.pop("name", "Zaaksysteem")),
        scopes or [Scope.LEADS_READ],
        viewer=viewer,
        now=NOW,
        **more,  # type: ignore[arg-type]
    )
    return row.id, row.client_id, secret


def held(session: Session, client_id: str, secret: str) -> Holder:
    found = check_secret(session, client_id, secret)
    assert found is not None
    return found


@pytest.mark.both_databases
def test_a_program_gets_a_token_that_is_good_for_an_hour(session: Session, leader: Account) -> None:
    number, name, secret = add(session, viewer_of(leader), Scope.LEADS_READ, Scope.LEADS_DECIDE)

    holder = held(session, name, secret)
    token = issue_token(session, holder, [Scope.LEADS_READ], now=NOW)
    session.commit()

    assert holder.viewer == viewer_of(leader)
    found = check_token(session, token, now=NOW + HOUR - timedelta(seconds=1))
    assert found is not None
    assert (found.id, found.name, found.scopes) == (number, "Zaaksysteem", {Scope.LEADS_READ})
    assert check_token(session, token, now=NOW + HOUR) is None
    assert check_token(session, token + "x", now=NOW) is None
    assert get_client(session, OPERATOR, number).last_used_at == NOW


@pytest.mark.both_databases
def test_neither_secret_nor_token_is_kept(session: Session, leader: Account) -> None:
    _, name, secret = add(session, viewer_of(leader))
    token = issue_token(session, held(session, name, secret), [Scope.LEADS_READ])
    session.commit()

    client, kept = session.scalars(select(ApiClient)).one(), session.scalars(select(ApiToken)).one()
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "channel"))
    words = f"{vars(client)}{vars(kept)}{vars(entry)}"
    assert secret not in words
    assert token not in words
    assert len(secret) >= 43
    assert len(token) >= 43
    assert entry.after == {
        "done": "added",
        "scopes": ["signalen:lezen"],
        "municipality": None,
        "account": leader.id,
    }


@pytest.mark.both_databases
def test_revoking_ends_access_at_once_and_can_be_done_twice(session: Session, leader: Account) -> None:
    viewer = viewer_of(leader)
    number, name, secret = add(session, viewer)
    token = issue_token(session, held(session, name, secret), [Scope.LEADS_READ], now=NOW)

    revoke_client(session, number, viewer=viewer, now=NOW)
    revoke_client(session, number, viewer=viewer, now=NOW + HOUR)
    session.commit()

    assert check_token(session, token, now=NOW) is None
    assert check_secret(session, name, secret) is None
    assert get_client(session, viewer, number).revoked_at == NOW
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "channel")).all()
    assert [entry.after["done"] for entry in entries] == ["added", "ended"]


@pytest.mark.both_databases
def test_a_closed_account_ends_access_and_an_open_one_gives_it_back(
    session: Session, leader: Account
) -> None:
    make_account(session, "baas@voorbeeld.example", roles=[Role.ADMIN])
    _, name, secret = add(session, viewer_of(leader))
    token = issue_token(session, held(session, name, secret), [Scope.LEADS_READ], now=NOW)

    close_account(session, leader.id, by_id=None)
    assert check_token(session, token, now=NOW) is None
    assert check_secret(session, name, secret) is None
    assert list_clients(session, OPERATOR)[0].account_closed

    reopen_account(session, leader.id, by_id=None)
    assert check_token(session, token, now=NOW) is not None


def test_a_program_never_may_more_than_its_account_does_now(session: Session, leader: Account) -> None:
    _, name, secret = add(session, viewer_of(leader), *fitting_scopes(viewer_of(leader)))
    token = issue_token(session, held(session, name, secret), list(Scope), now=NOW)
    before = check_token(session, token, now=NOW)
    assert before is not None
    assert {Scope.LEADS_DECIDE, Scope.SOURCES_READ} <= before.scopes

    change_account(session, leader.id, name="Pat", roles=[Role.MUNICIPALITY], municipality=ARNHEM, by_id=None)

    after = check_token(session, token, now=NOW)
    assert after is not None
    assert not {Scope.LEADS_DECIDE, Scope.SOURCES_READ} & after.scopes
    assert after.viewer.municipality_code == ARNHEM
    assert not after.viewer.decides


def test_a_program_kept_to_a_municipality_is_that_and_nothing_else(session: Session, leader: Account) -> None:
    _, name, secret = add(session, viewer_of(leader), Scope.SHARES_ANSWER, municipality_code=RHEDEN)

    viewer = held(session, name, secret).viewer

    assert viewer == Viewer(
        account_id=leader.id, name="Pat", roles=frozenset({Role.MUNICIPALITY}), municipality_code=RHEDEN
    )
    # Whoever answers for it keeps no municipality's programs any more.
    change_account(session, leader.id, name="Pat", roles=[Role.REVIEWER], municipality="", by_id=None)
    assert check_secret(session, name, secret) is None


def test_a_municipality_makes_programs_of_its_own_only(session: Session, officer: Account) -> None:
    viewer = viewer_of(officer)
    number, name, secret = add(session, viewer, Scope.LEADS_READ, Scope.SHARES_ANSWER)

    assert get_client(session, viewer, number).municipality_code == ARNHEM
    assert held(session, name, secret).viewer.municipality_code == ARNHEM
    with pytest.raises(ClientNotAllowedError):
        add(session, viewer, name="Ander", municipality_code=RHEDEN)
    for scope in (Scope.LEADS_DECIDE, Scope.SOURCES_READ):
        with pytest.raises(InvalidClientError) as refused:
            add(session, viewer, Scope.LEADS_READ, scope, name=scope.value)
        assert refused.value.problems == {"scopes": "not_fitting"}
    # Somebody who moves to another municipality takes no access along.
    change_account(
        session, officer.id, name="Lou", roles=[Role.MUNICIPALITY], municipality=RHEDEN, by_id=None
    )
    assert check_secret(session, name, secret) is None


def test_only_who_keeps_channels_makes_programs(session: Session, leader: Account) -> None:
    for role in (Role.REVIEWER, Role.PRIVACY_OFFICER):
        other = make_account(session, f"{role.value}@voorbeeld.example", roles=[role])
        with pytest.raises(ClientNotAllowedError):
            add(session, viewer_of(other))
        assert list_clients(session, viewer_of(other)) == []
        with pytest.raises(ClientNotAllowedError):
            add(session, OPERATOR, account_id=other.id)
    assert add(session, OPERATOR, account_id=leader.id)
    with pytest.raises(ClientNotAllowedError):
        add(session, OPERATOR, account_id=999_999)


def test_nobody_sees_or_revokes_what_is_anothers(session: Session, leader: Account, officer: Account) -> None:
    other = make_account(
        session, "mo@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Rheden", name="Mo"
    )
    numbers = {
        "network": add(session, viewer_of(leader), name="B")[0],
        "by staff": add(session, viewer_of(leader), name="A", municipality_code=ARNHEM)[0],
        "own": add(session, viewer_of(officer), name="C")[0],
    }
    assert [row.name for row in list_clients(session, viewer_of(leader))] == ["A", "B", "C"]
    assert [row.name for row in list_clients(session, viewer_of(officer))] == ["A", "C"]
    assert list_clients(session, viewer_of(other)) == []
    for number in numbers.values():
        with pytest.raises(ClientNotFoundError):
            revoke_client(session, number, viewer=viewer_of(other))
        with pytest.raises(ClientNotFoundError):
            get_client(session, viewer_of(other), number)
    with pytest.raises(ClientNotFoundError):
        revoke_client(session, numbers["network"], viewer=viewer_of(officer))
    revoke_client(session, numbers["by staff"], viewer=viewer_of(officer))
    assert [row.name for row in list_clients(session, viewer_of(leader))] == ["B", "C", "A"]


@pytest.mark.parametrize(
    ("name", "scopes", "municipality", "problems"),
    [
        pytest.param(" ", ["signalen:lezen"], None, {"name": "empty"}, id="no name"),
        pytest.param("x" * 81, ["signalen:lezen"], None, {"name": "too_long"}, id="long name"),
        pytest.param("Nieuw", [], None, {"scopes": "empty"}, id="no scopes"),
        pytest.param("Nieuw", ["alles"], None, {"scopes": "not_fitting"}, id="no such scope"),
        pytest.param("", [], None, {"name": "empty", "scopes": "empty"}, id="all at once"),
        pytest.param("Nieuw", ["signalen:lezen"], "GM9999", {"municipality": "unknown"}, id="nowhere"),
        pytest.param("  zaak  SYSTEEM ", ["signalen:lezen"], None, {"name": "taken"}, id="taken"),
    ],
)
def test_what_cannot_be_taken(
    session: Session,
    leader: Account,
    name: str,
    scopes: list[str],
    municipality: str | None,
    problems: dict[str, str],
) -> None:
    add(session, viewer_of(leader), name="Zaak systeem")

    with pytest.raises(InvalidClientError) as refused:
        add_client(session, name, scopes, viewer=viewer_of(leader), municipality_code=municipality)

    assert refused.value.problems == problems


def test_there_are_not_endlessly_many(session: Session, leader: Account) -> None:
    viewer = viewer_of(leader)
    numbers = [add(session, viewer, name=f"Programma {number}")[0] for number in range(MOST)]

    with pytest.raises(InvalidClientError) as refused:
        add(session, viewer, name="Een te veel")
    assert refused.value.problems == {"name": "too_many"}

    assert add(session, viewer, name="Van Arnhem", municipality_code=ARNHEM)
    revoke_client(session, numbers[0], viewer=viewer)
    assert add(session, viewer, name="Programma 0")


@pytest.mark.both_databases
def test_nothing_that_is_sent_makes_the_look_up_fail(session: Session, leader: Account) -> None:
    _, name, secret = add(session, viewer_of(leader))
    session.commit()

    for strange in ("", "\x00", "\ud800", "é", "x" * 10_000, secret):
        assert check_secret(session, strange, secret) is None
        assert check_secret(session, name, strange) is None or strange == secret
        assert check_token(session, strange) is None


@pytest.mark.both_databases
def test_tokens_past_their_time_are_removed_and_uses_are_noted_now_and_then(
    session: Session, leader: Account
) -> None:
    _, name, secret = add(session, viewer_of(leader))
    holder = held(session, name, secret)
    issue_token(session, holder, [Scope.LEADS_READ], now=NOW - HOUR)
    fresh = issue_token(session, holder, [Scope.LEADS_READ], now=NOW)

    assert forget_tokens(session, now=NOW) == 1
    assert check_token(session, fresh, now=NOW) is not None
    assert forget_tokens(session, now=NOW) == 0

    assert not due_note(session, holder, now=NOW + timedelta(minutes=4))
    assert due_note(session, holder, now=NOW + timedelta(minutes=6))
    note_use(session, holder.id, now=NOW + timedelta(minutes=6))
    assert not due_note(session, holder, now=NOW + timedelta(minutes=7))
