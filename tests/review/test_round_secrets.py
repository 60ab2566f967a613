"""Who sees what of a matching round: what is hidden changes nothing on any page, whoever looks."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.municipality import Municipality
from models.round import RoundJob, RoundVote
from models.settings import Settings
from models.store.evaluations import plan_evaluations
from models.store.round_automatic import FoundPair, put_automatic
from models.store.round_jobs import finish_job, take_job
from models.store.round_leavers import municipality_left
from models.words import Moment, Party, RoundState
from review.access import ACCESS, Who
from review.evaluation_letters import EVALUATION_PATH
from review.match_links import ANSWER, token_of
from review.match_steps import give_answer
from review.round_solving import ask_beside
from tests.review.api_client import Program, program
from tests.review.factories import ARNHEM, PASSWORD, RHEDEN
from tests.review.matrix_checks import neutral, text_of
from tests.review.visitor import Visitor
from tests.rounds_world import NOW, World, match_in, pairs_in, round_in, world

Enter = Callable[[str], Visitor]
#: Pages without a round in their address on which something of one could show.
ELSEWHERE = (
    "/",
    "/rondes",
    "/matches",
    "/consultants",
    "/netwerk",
    "/lessen",
    "/register",
    "/logboek",
    "/uitvoer",
)
NAMES = ("lea", "rob", "arnhem", "rheden", "ede", "nijmegen", "fg")


@pytest.fixture
def there(session: Session) -> World:
    """Three municipalities with initiatives and consultants; its rows are read no more after a commit."""
    session.expire_on_commit = False
    found = world(session)
    session.commit()
    return found


@pytest.fixture
def enter(app: Flask, there: World) -> Enter:
    """Signs somebody of the world in."""

    def sign(name: str) -> Visitor:
        visitor = Visitor(app)
        visitor.get("/aanmelden")
        visitor.send("/aanmelden", follow=False, email=f"{name}@rondes.example", password=PASSWORD)
        assert visitor.answer.location is not None
        return visitor

    return sign


def addresses(app: Flask, there: World, round_id: int) -> Iterator[str]:
    """Every page about a round, with each choice of an initiative or consultant."""
    adapter = app.url_map.bind("localhost")
    initiative, consultant = there.initiatives[0].id, there.consultants[2].id
    known = {"round_id": round_id, "initiative_id": initiative, "consultant_id": consultant, "form": "json"}
    for rule in app.url_map.iter_rules():
        if "round_id" not in rule.arguments or "GET" not in (rule.methods or ()):
            continue
        if ACCESS[rule.endpoint] is Who.PROGRAMS or not rule.arguments <= known.keys():
            continue
        path = adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments})
        yield path
        yield f"{path}?initiatief={initiative}&consultant={consultant}&met={consultant}"
    yield from ELSEWHERE
    yield f"/matches?ronde={round_id}"
    yield f"/consultants/{consultant}"
    yield f"/register/{initiative}"


def everything(
    app: Flask,
    there: World,
    round_id: int,
    visitors: dict[str, Visitor],
    programs: dict[str, Program],
) -> dict[tuple[str, str], str]:
    """What everybody is told, by whom and where."""
    found = {}
    for path in addresses(app, there, round_id):
        for name, visitor in visitors.items():
            answer = visitor.client.get(path)
            assert answer.status_code < 500, (name, path)
            found[name, path] = neutral(text_of(answer)) + str(answer.headers.get("Location"))
    for name, one in programs.items():
        for path in ("", f"/{round_id}", f"/{round_id}/initiatieven", f"/{round_id}/matches"):
            found[name, f"API {path}"] = one.get(f"/rondes{path}").text
    return found


def different(before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    return [where for where in before if before[where] != after[where]]


def programs_of(app: Flask, session: Session, there: World) -> dict[str, Program]:
    accounts = {"program": there.leader, "program of Arnhem": there.arnhem}
    return {
        name: program(app, session, account=session.get_one(Account, one.account_id))
        for name, one in accounts.items()
    }


def test_nothing_anywhere_depends_on_automatic_pairs_before_pairing_by_hand_is_closed(
    app: Flask, session: Session, there: World, enter: Enter
) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        round_ = round_in(session, RoundState.PAIRING, world=there)
        round_id = round_.id
        ask_beside(session, round_, account_id=None, now=NOW)
        session.commit()
        taken = take_job(session, now=NOW)
        assert taken is not None
        pairs = [(one.id, other.id) for one, other in pairs_in(there)]

        def found(fit: int, *, all_of_them: bool) -> list[FoundPair]:
            return [FoundPair(*pair, fit, ("te_ver",)) for pair in (pairs if all_of_them else pairs[:1])]

        gaps = [{"aim": "served", "value": 5, "bound": 5, "proved": True}]
        finish_job(session, taken, found(900, all_of_them=True), gaps=gaps, stopped=False, now=NOW)
        session.commit()
        visitors = {name: enter(name) for name in NAMES}
        programs = programs_of(app, session, there)
        session.commit()
        before = everything(app, there, round_id, visitors, programs)
        assert len({path for _name, path in before}) >= 40
        assert "Saar Subsidie" in before["lea", f"/rondes/{round_id}/bord"]

        # Another answer altogether.
        put_automatic(session, round_id, found(3, all_of_them=False), NOW)
        job = session.get_one(RoundJob, taken.job_id)
        job.result = {"pairs": [[*pairs[0], 3, ["taal"]]], "gaps": [], "stopped": True}
        session.commit()

        assert different(before, everything(app, there, round_id, visitors, programs)) == []


def test_nothing_anywhere_depends_on_what_another_municipality_gives_while_the_choosing_goes_on(
    app: Flask, session: Session, there: World, enter: Enter
) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        round_id = round_in(session, RoundState.SELECTION, world=there).id
        session.commit()
        visitors = {name: enter(name) for name in NAMES if name != "rheden"}
        programs = programs_of(app, session, there)
        session.commit()
        before = everything(app, there, round_id, visitors, programs)

        for one in session.scalars(select(RoundVote).where(RoundVote.municipality_code == RHEDEN)):
            one.points, one.conflict = (9, False) if one.points == 1 else (0, True)
        session.commit()

        assert different(before, everything(app, there, round_id, visitors, programs)) == []


def test_a_municipality_reads_no_names_of_staff_beside_answers(
    session: Session, there: World, enter: Enter
) -> None:
    match = match_in(session, round_in(session, RoundState.PROPOSING, world=there), there.initiatives[0])
    for party, viewer in ((Party.HOST, there.leader), (Party.EMPLOYER, there.rheden)):
        give_answer(session, match.id, party, True, viewer=viewer, reason="Telefonisch gehoord.")
    session.commit()
    address = f"/matches/{match.id}"

    seen = {}
    for name in ("lea", "arnhem", "rheden"):
        visitor = enter(name)
        visitor.get(address)
        seen[name] = visitor.main

    assert "genoteerd door Lea" in seen["lea"]
    assert "Telefonisch gehoord." in seen["arnhem"]
    assert "Lea" not in seen["arnhem"]
    assert "genoteerd door Ambtenaar Rheden" in seen["rheden"]
    assert "Ambtenaar Rheden" not in seen["arnhem"]


def test_an_employer_learns_whom_to_call_when_all_have_agreed_also_by_the_link(
    session: Session, there: World, settings: Settings, visitor: Visitor
) -> None:
    match = match_in(session, round_in(session, RoundState.PROPOSING, world=there), there.initiatives[0])
    session.commit()
    links = {
        party: "/antwoord/" + token_of(settings.effective_secret_key, match, party, ANSWER)
        for party in (Party.CONSULTANT, Party.EMPLOYER, Party.HOST)
    }

    visitor.get(links[Party.EMPLOYER])
    assert "Saar Subsidie" in visitor.main
    assert "Contactpersoon" not in visitor.main
    visitor.get(links[Party.CONSULTANT])
    assert "Contactpersoon Arnhem" in visitor.main

    for party in links:
        give_answer(session, match.id, party, True, viewer=None)
    session.commit()
    visitor.get(links[Party.EMPLOYER])
    assert "Contactpersoon Arnhem" in visitor.main


def test_the_link_of_a_form_is_all_that_it_takes_and_is_told_to_nobody(
    session: Session, there: World, settings: Settings, visitor: Visitor
) -> None:
    round_ = round_in(session, RoundState.CLOSED, world=there)
    match = match_in(session, round_, there.initiatives[0])
    plan_evaluations(session, match, now=datetime.now(UTC))
    session.commit()
    secret = settings.effective_secret_key
    good, other, answering = (
        EVALUATION_PATH.format(token_of(secret, match, party, purpose))
        for party, purpose in (
            (Party.HOST, Moment.AFTERWARDS.value),
            (Party.EMPLOYER, Moment.AFTERWARDS.value),
            (Party.HOST, ANSWER),
        )
    )
    form = {"goal": "4", "fit": "5", "hours": "meer", "host_hours": "8"}
    for address in (good, other, answering, "/evaluatie/verzonnen"):
        for method in ("get", "post"):
            answer = getattr(visitor.client, method)(address, **({"data": form} if method == "post" else {}))
            assert answer.status_code == (404 if address != good else 200 if method == "get" else 303)
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "noindex" in answer.headers["X-Robots-Tag"]
        assert visitor.client.put(address, data=form).status_code == 405


def test_the_address_of_a_form_about_what_is_anothers_is_not_there(
    session: Session, there: World, enter: Enter
) -> None:
    round_id = round_in(session, RoundState.SEEDING, world=there).id
    session.commit()
    arnhem = enter("arnhem")

    for number, status in ((there.initiatives[0].id, 303), (there.initiatives[2].id, 404), (999_999, 404)):
        path = f"/rondes/{round_id}/samenstellen/{number}"
        assert arnhem.client.get(f"{path}/weg").status_code == status
        assert arnhem.client.get(path).status_code == (200 if status == 303 else 404)


@pytest.mark.parametrize("state", [RoundState.SEEDING, RoundState.SELECTION, RoundState.PROPOSING])
def test_a_municipality_that_left_finds_the_round_no_more(
    app: Flask, session: Session, there: World, enter: Enter, state: RoundState
) -> None:
    round_ = round_in(session, state, world=there)
    session.commit()
    arnhem = enter("arnhem")
    own = program(app, session, account=session.get_one(Account, there.arnhem.account_id))
    session.commit()
    assert arnhem.client.get(f"/rondes/{round_.id}").status_code == 200

    now = datetime.now(UTC)
    town = session.get_one(Municipality, ARNHEM)
    town.participates_until = now.date() - timedelta(days=2)
    municipality_left(session, ARNHEM, now=now)
    session.commit()

    for page in ("", "/samenstellen", "/kiezen", "/samenstellen/toevoegen"):
        assert arnhem.client.get(f"/rondes/{round_.id}{page}").status_code == 404
    assert arnhem.client.get(f"/matches?ronde={round_.id}").status_code == 404
    for path in ("", "/initiatieven", "/matches"):
        assert own.get(f"/rondes/{round_.id}{path}").status_code == 404
    assert own.get("/rondes").json["resultaten"] == []
    arnhem.get("/matches")
    # What it was told of a consultant for itself goes with the match; its own consultants it knows.
    assert "Saar Subsidie" not in arnhem.main
