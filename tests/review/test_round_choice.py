"""Samen kiezen: the ballot with its sum, colleagues, who chose, and the result once it is closed."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.round import Round, RoundInitiative, RoundVote
from models.store.round_counting import Candidate, Voice, count
from models.store.round_votes import close_choice
from models.words import RoundState, SelectionMethod
from review.round_choice_words import why_words
from tests.review.factories import ARNHEM, PASSWORD
from tests.review.visitor import Visitor
from tests.rounds_world import World, round_in, world

Enter = Callable[[str], Visitor]


@pytest.fixture
def there(session: Session) -> World:
    """The network of the tests of rounds; its rows are read no more, for on SQLite that would lock."""
    session.expire_on_commit = False
    return world(session)


@pytest.fixture
def choosing(session: Session, there: World) -> Round:
    """The choosing goes on and nobody chose yet."""
    row = round_in(session, RoundState.SELECTION, world=there)
    session.execute(delete(RoundVote))
    session.commit()
    return row


@pytest.fixture
def enter(app: Flask) -> Enter:
    """Signs in somebody of the world by the first part of the address."""

    def sign(name: str) -> Visitor:
        visitor = Visitor(app)
        visitor.get("/aanmelden")
        visitor.send("/aanmelden", follow=False, email=f"{name}@rondes.example", password=PASSWORD)
        assert visitor.answer.location is not None, "the password was refused"
        return visitor

    return sign


def ids(there: World) -> list[int]:
    return [one.id for one in there.initiatives]


def given(session: Session, code: str = ARNHEM) -> dict[int, int]:
    rows = session.execute(
        select(RoundVote.initiative_id, RoundVote.points).where(RoundVote.municipality_code == code)
    ).all()
    session.commit()
    return {number: points for number, points in rows if points}


def cards(visitor: Visitor) -> list[str]:
    return [" ".join(one.text_content().split()) for one in visitor.page.cssselect(".scout-round-one")]


def test_points_are_added_up_without_scripts_and_kept_only_when_that_is_asked(
    enter, session, there, choosing
):
    clerk, path = enter("arnhem"), f"/rondes/{choosing.id}/kiezen"
    _a, _b, dieren, velp, *_rest = ids(there)
    clerk.get(path)
    assert "0 van de 10 punten gegeven, nog 10 over" in clerk.main
    assert "nog niet bewaard" in clerk.main
    assert f"punten-{ids(there)[0]}" not in clerk.form(path), "no points for ones own"

    clerk.send(path, tel="ja", **{f"punten-{dieren}": "6", f"punten-{velp}": "3"})
    assert "9 van de 10 punten gegeven, nog 1 over (opgeteld, nog niet bewaard)" in clerk.main
    assert given(session) == {}
    clerk.send(path, tel="ja", **{f"punten-{velp}": "5"})
    assert "11 punten gegeven, 1 te veel" in clerk.main

    clerk.send(path)
    assert clerk.answer.status_code == 400
    assert "U gaf 11 punten; u heeft er 10. Haal er 1 af." in clerk.main
    clerk.send(path, **{f"punten-{velp}": "twee", f"punten-{dieren}": "-1"})
    assert {one.get("href") for one in clerk.page.cssselect("#fouten a")} == {
        f"#punten-{dieren}",
        f"#punten-{velp}",
    }
    assert clerk.form(path)[f"punten-{velp}"] == "twee"
    assert given(session) == {}
    clerk.send(path, **{f"punten-{velp}": "4", f"punten-{dieren}": "6"})
    assert "Bewaard: u gaf 10 van de 10 punten." in clerk.notices
    assert "bewaard door Ambtenaar Arnhem" in clerk.main
    assert given(session) == {dieren: 6, velp: 4}


def test_where_a_municipality_has_an_interest_its_points_are_free_again(enter, session, there, choosing):
    clerk, path = enter("arnhem"), f"/rondes/{choosing.id}/kiezen"
    _a, _b, dieren, velp, *_rest = ids(there)
    clerk.get(path)
    form = {f"punten-{dieren}": "9", f"punten-{velp}": "10", f"belang-{dieren}": "ja"}
    clerk.send(path, tel="ja", **form)
    assert "Alle 10 punten gegeven" in clerk.main
    clerk.send(path)

    assert given(session) == {velp: 10}
    assert clerk.page.cssselect(f"#belang-{dieren}")[0].get("checked") is not None


def test_with_approval_one_ticks(enter, session, there, choosing):
    choosing.method = SelectionMethod.APPROVAL
    session.commit()
    clerk, path = enter("arnhem"), f"/rondes/{choosing.id}/kiezen"
    _a, _b, dieren, velp, *_rest = ids(there)
    clerk.get(path)
    assert "Elke gemeente zet een vinkje" in clerk.main
    assert "punten" not in clerk.main
    clerk.send(path, **{f"punten-{dieren}": "1", f"punten-{velp}": "1"})

    assert "Bewaard: u koos 2 initiatieven." in clerk.notices
    assert given(session) == {dieren: 1, velp: 1}


def test_a_colleague_who_was_first_is_not_undone(enter, session, there, choosing):
    one, other, path = enter("arnhem"), enter("arnhem"), f"/rondes/{choosing.id}/kiezen"
    velp = ids(there)[3]
    for visitor in (one, other):
        visitor.get(path)
    one.send(path, **{f"punten-{velp}": "4"})

    other.send(path, **{f"punten-{velp}": "7"})

    assert other.answer.status_code == 409
    assert "Een collega was u voor" in other.main
    assert "Zonnedak Velp: 4 punten" in other.main
    assert given(session) == {velp: 4}
    other.send(path)
    assert given(session) == {velp: 7}


def test_nobody_sees_what_another_municipality_gives_while_the_choosing_goes_on(
    enter, session, there, choosing
):
    path, velp = f"/rondes/{choosing.id}/kiezen", ids(there)[3]
    clerk = enter("arnhem")
    clerk.get(path)
    clerk.send(path, **{f"punten-{velp}": "7"})
    for name in ("ede", "lea", "rob"):
        visitor = enter(name)
        visitor.get(path)
        assert "1 van de 3 gemeenten. Nodig: 2. Dat is nog niet gehaald." in visitor.main, name
        assert "Arnhem: heeft gekozen" in visitor.main
        assert "Ede: heeft nog niet gekozen" in visitor.main
        assert not any(" 7" in one for one in cards(visitor)), name
        assert "7" not in [one.get("value") for one in visitor.page.cssselect("input")]
        assert (path in visitor.actions) is (name == "ede")
    assert enter("nijmegen").get(path).status_code == 404
    assert enter("fg").get(path).status_code == 403


def test_staff_and_others_hand_in_nothing(enter, session, there, choosing):
    path = f"/rondes/{choosing.id}/kiezen"
    for name, status in (("lea", 403), ("rob", 403), ("nijmegen", 404)):
        visitor = enter(name)
        visitor.get("/register")
        token = visitor.page.cssselect("[name=csrf_token]")[0].get("value")
        answer = visitor.client.post(path, data={"csrf_token": token, f"punten-{ids(there)[0]}": "1"})
        assert answer.status_code == status, name
    assert given(session) == {}


def test_the_choice_is_told_with_reasons_once_it_is_closed(enter, session, there):
    row = round_in(session, RoundState.SELECTION, world=there)
    row.places = 2
    session.flush()
    close_choice(session, row, now=utc_now())
    row.state, row.frozen_at = RoundState.PAIRING, utc_now()
    session.commit()
    path = f"/rondes/{row.id}/kiezen"
    clerk = enter("arnhem")
    clerk.get(path)

    assert "2 initiatieven gekozen" in clerk.main
    first, second, third, *_middle, last = cards(clerk)
    assert first.startswith("Voedselbos Presikhaaf")
    assert "Dit staat op plaats 1 van 2." in first
    assert "8 punten, van 2 gemeenten" in first
    assert "De stem van 1 gemeente telt hier niet" not in first, "it said nothing of its own"
    assert "Dit staat op plaats 2 van 2." in second
    assert "Evenveel punten als ‘Dorpstuin Dieren’. Dan gaat voor" in second
    assert "Van uw eigen gemeente: uw stem telt hier niet." in second
    assert "daarna wat het langst in het register staat" in second
    assert third.startswith("Dorpstuin Dieren")
    assert "Dit staat op plaats 3, en er zijn 2 plaatsen." in third
    assert "Uw gemeente gaf 4 punten." in third
    assert "niet gekozen" in last
    assert path not in clerk.actions
    lea = enter("lea")
    lea.get(path)
    assert "8 punten, van 2 gemeenten" in lea.main
    assert "Uw gemeente" not in lea.main

    # What another municipality's initiative fell out of later stays in no one else's sight by name.
    session.get_one(RoundInitiative, (row.id, ids(there)[2])).out_at = utc_now()
    session.commit()
    clerk.get(path)
    assert "Dorpstuin Dieren" not in clerk.main
    assert "Evenveel punten als een initiatief dat niet meer meedoet." in clerk.main


def test_a_ballot_that_comes_after_the_closing_is_not_taken(enter, session, there, choosing):
    clerk, path = enter("arnhem"), f"/rondes/{choosing.id}/kiezen"
    clerk.get(path)
    choosing.state = RoundState.PAIRING
    session.commit()
    clerk.send(path, **{f"punten-{ids(there)[3]}": "4"})
    assert "Het kiezen is niet (meer) open. Er is niets bewaard." in clerk.notices
    assert given(session) == {}


def test_before_the_choosing_and_after_a_call_off_the_page_says_so(enter, session, there):
    row = round_in(session, RoundState.SEEDING, world=there)
    stopped = round_in(session, RoundState.CANCELLED, world=there)
    session.commit()
    clerk = enter("arnhem")
    clerk.get(f"/rondes/{row.id}/kiezen")
    assert "Straks verdeelt elke gemeente die meedoet 10 punten." in clerk.main
    clerk.get(f"/rondes/{stopped.id}/kiezen")
    assert "Daarom is er geen uitslag." in clerk.main


def test_a_choice_by_yes_and_no_is_told_without_points(enter, session, there):
    row = round_in(session, RoundState.SELECTION, world=there)
    row.method, row.places = SelectionMethod.APPROVAL, 2
    for vote in session.scalars(select(RoundVote).where(RoundVote.points > 0)):
        vote.points = 1
    close_choice(session, row, now=utc_now())
    row.state, row.frozen_at = RoundState.PAIRING, utc_now()
    session.commit()
    number = row.id
    visitor = enter("arnhem")

    visitor.get(f"/rondes/{number}/kiezen")

    assert "Even vaak gekozen als" in visitor.main
    assert "Op de grens zijn initiatieven even vaak gekozen." in visitor.main
    assert "punten" not in visitor.main


def test_a_tie_of_many_names_a_few(app: Flask) -> None:
    voices = [Voice(ARNHEM, number, 1) for number in range(1, 41)]
    found = count(
        [Candidate(number, "GM9999") for number in range(1, 41)],
        voices,
        municipalities=[ARNHEM],
        quorum=0.5,
        places=None,
    )
    names = {number: f"Initiatief {number}" for number in range(1, 41)}

    with app.test_request_context():
        said = why_words(found.outcomes[0], found, names, by_points=True)[1]

    assert "‘Initiatief 2’" in said
    assert "nog 34 andere" in said
    assert said.count("Initiatief") == 5
