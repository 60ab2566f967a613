"""Own keys: changing them, clashes, switching them off, and what scripts are told."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.store.preferences import set_preference
from models.words import Role
from review.keys import KEYS, bound, problems_of
from tests.review.conftest import SignIn
from tests.review.visitor import Visitor

USUAL = {name: key.usual for name, key in KEYS.items()}


def told(visitor: Visitor) -> dict[str, str]:
    """The keys that scripts on this page know."""
    keys = visitor.page.body.get("data-keys")
    return dict(json.loads(keys)) if keys else {}


def test_the_usual_keys_clash_nowhere_and_are_no_digits() -> None:
    assert problems_of(USUAL) == {}


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        pytest.param({"reject": "x"}, set(), id="another letter"),
        pytest.param({"reject": ""}, set(), id="none"),
        pytest.param({"reject": "é"}, set(), id="a letter with an accent"),
        pytest.param({"reject": "J"}, {"reject"}, id="one that is taken, as a capital"),
        pytest.param({"reject": "ab"}, {"reject"}, id="two"),
        pytest.param({"reject": "7"}, {"reject"}, id="a digit"),
        pytest.param({"reject": "-"}, {"reject"}, id="the eleventh digit"),
        pytest.param({"reject": "\x07"}, {"reject"}, id="a control"),
    ],
)
def test_which_keys_can_be_taken(keys: dict[str, str], wrong: set[str]) -> None:
    assert set(problems_of({**USUAL, **keys})) == wrong


@pytest.mark.parametrize("kept", [None, "onzin", [], {"own": 3}, {"own": {"reject": "j"}}, {"on": "?"}])
def test_what_can_not_be_read_counts_as_not_chosen(kept: object) -> None:
    assert bound(kept).keys == USUAL


def test_another_key_is_kept_and_told_to_scripts_until_the_usual_ones_come_back(
    ada: Visitor, sign_in: SignIn, session: Session
) -> None:
    ada.get("/toetsen")
    assert told(ada) == USUAL

    ada.send("/toetsen", **{"toets-reject": "X", "toets-help": ""})

    assert "Uw toetsen zijn bewaard." in ada.notices
    expected = {**USUAL, "reject": "x"}
    del expected["help"]
    assert told(ada) == expected
    bob = sign_in("bob@voorbeeld.example")
    bob.get("/")
    assert told(bob) == USUAL
    ada.get("/toetsen")
    ada.send("/toetsen", terug="ja")
    assert told(ada) == USUAL
    assert session.scalar(select(Account.preferences).where(Account.id == ada.account_id)) == {}


def test_a_clash_is_said_beside_the_key_and_nothing_is_kept(ada: Visitor) -> None:
    ada.get("/toetsen")

    ada.send("/toetsen", **{"toets-reject": "p", "toets-known": "12"})

    assert ada.answer.status_code == 400
    assert "De toets ‘p’ staat ook bij ‘opnemen in het register’." in ada.main
    assert "Kies één letter of teken." in ada.main
    assert ada.form("/toetsen")["toets-known"] == "12"
    for field in ("toets-reject", "toets-known"):
        (control,) = ada.page.cssselect(f"#{field}")
        assert control.get("aria-invalid") == "true"
    assert told(ada) == USUAL


def test_keys_switched_off_leave_no_trace_on_the_pages(ada: Visitor) -> None:
    ada.get("/toetsen")
    form = ada.form("/toetsen")
    del form["aan"]

    ada.answer = ada.client.post("/toetsen", data=form, follow_redirects=True)

    assert "De sneltoetsen zijn uitgezet." in ada.notices
    ada.get("/")
    assert ada.page.body.get("data-keys") is None
    assert "keys.js" not in ada.answer.text
    assert ada.page.cssselect("kbd, dialog") == []


def test_a_municipality_has_the_keys_for_reading_only(sign_in: SignIn) -> None:
    clerk = sign_in("gemeente@arnhem.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")

    clerk.get("/toetsen")

    assert set(told(clerk)) == {"next", "previous", "source", "search", "help"}
    assert clerk.page.cssselect("[name=toets-reject]") == []


def test_other_choices_of_an_account_stay(ada: Visitor, session: Session) -> None:
    with pytest.raises(ValueError, match="no choice"):
        set_preference(session, ada.account_id, "kleur", "rood")
    session.rollback()
    account = session.get_one(Account, ada.account_id)
    account.preferences = {"later": 1}
    session.commit()
    ada.get("/toetsen")

    ada.send("/toetsen", **{"toets-reject": "x"})

    session.refresh(account)
    assert account.preferences == {"later": 1, "keys": {"on": True, "own": {"reject": "x"}}}
