"""Matches on the pages: secret links without an account, both municipalities, and the leader of the round."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.match import Evaluation, Match, MatchAnswer, MatchMail
from models.round import RoundJob
from models.settings import Settings
from models.store.match_mails import note_useless, take
from models.words import MatchState, Moment, Party
from review.app import create_app
from review.match_links import ANSWER, read_token, token_of
from review.match_mail import send_matches_due
from tests.mailbox import Mailbox, parts
from tests.match_world import ALL, NOW, Proposing, proposing
from tests.review.digest_world import mailing
from tests.review.factories import PASSWORD
from tests.review.visitor import Visitor

SECRET = re.compile(r"https://scout\.example(/antwoord/[\w-]+)")


@pytest.fixture
def ready(session: Session) -> Proposing:
    """Five pairs that nobody was asked about."""
    return proposing(session)


@pytest.fixture
def match(session: Session, ready: Proposing) -> Match:
    """The first of them, proposed: Saar of Rheden for the Voedselbos in Arnhem."""
    made = ready.propose(session)[0]
    session.commit()
    return made


@pytest.fixture
def enter(app: Flask) -> Callable[[str], Visitor]:
    """Sign in somebody of the world of rounds: ``enter("lea")``."""

    def go(name: str) -> Visitor:
        visitor = Visitor(app)
        visitor.get("/aanmelden")
        visitor.send("/aanmelden", follow=False, email=f"{name}@rondes.example", password=PASSWORD)
        assert visitor.answer.location is not None
        return visitor

    return go


def link(settings: Settings, match: Match, party: Party, purpose: str = ANSWER) -> str:
    return "/antwoord/" + token_of(settings.effective_secret_key, match, party, purpose)


def test_consultant_employer_and_host_agree_by_the_links_in_their_mails(
    settings: Settings, engine: Engine, session: Session, ready: Proposing, match: Match
) -> None:
    with Mailbox() as mailbox:
        settings = mailing(settings, mailbox)
        send_matches_due(settings, engine, NOW + timedelta(days=1))
        app = create_app(settings, engine=engine)
        of_match = [parts(mail)[0] for mail in mailbox.taken if "Voedselbos" in parts(mail)[0]]
        links = [SECRET.findall(text)[0] for text in of_match]
    assert len(links) == 3

    for address in links:
        visitor = Visitor(app)
        visitor.get(address, base_url="https://scout.example")
        assert visitor.answer.status_code == 200
        assert visitor.answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in visitor.answer.headers["X-Robots-Tag"]
        assert visitor.answer.headers["Cache-Control"] == "no-store"
        assert "Saar Subsidie" in visitor.main
        assert "Voedselbos Presikhaaf" in visitor.main
        assert "8 uur" in visitor.main
        # No cookie, no token, no referrer: the secret is enough.
        answer = app.test_client().post(
            address, data={"answer": "ja"}, base_url="https://scout.example", headers={"Origin": "null"}
        )
        assert answer.status_code == 200
        assert "Bedankt voor uw antwoord" in answer.text

    session.refresh(match)
    session.commit()
    assert match.state is MatchState.AGREED
    assert session.scalars(select(MatchAnswer.account_id)).all() == [None] * 3


def test_looking_changes_nothing_and_a_choice_is_needed(
    visitor: Visitor, settings: Settings, session: Session, match: Match
) -> None:
    address = link(settings, match, Party.CONSULTANT)
    visitor.get(address)
    visitor.get(address)
    assert session.scalar(select(func.count()).select_from(MatchAnswer)) == 0
    session.commit()

    visitor.send(address)
    assert visitor.answer.status_code == 400
    assert "Kies ja of nee." in visitor.main
    visitor.send(address, answer="ja", reason="x" * 501)
    assert visitor.answer.status_code == 400
    assert "hooguit 500 tekens" in visitor.main
    assert session.scalar(select(func.count()).select_from(MatchAnswer)) == 0
    session.commit()


def test_saying_no_ends_it_for_everybody_and_asks_for_mending(
    visitor: Visitor, settings: Settings, session: Session, ready: Proposing, match: Match
) -> None:
    address = link(settings, match, Party.CONSULTANT)
    visitor.get(address)
    visitor.send(address, answer="nee", reason="Te druk dit voorjaar.")
    assert "Wij zoeken een andere oplossing" in visitor.main

    session.refresh(match)
    session.commit()
    assert match.state is MatchState.DECLINED
    assert session.scalar(select(func.count()).select_from(RoundJob)) == 1
    session.commit()
    for party in ALL:
        visitor.get(link(settings, match, party))
        assert visitor.answer.status_code == 410
        assert visitor.heading == "Deze vraag is niet meer open"
        assert "Saar" not in visitor.answer.text
    answer = visitor.client.post(address, data={"answer": "ja"})
    assert answer.status_code == 410


def test_links_that_are_none_open_nothing(
    visitor: Visitor, settings: Settings, session: Session, match: Match
) -> None:
    right = link(settings, match, Party.HOST)
    number, word = right.removeprefix("/antwoord/").split("-")
    for wrong in (
        f"/antwoord/{number}-{'0' * 32}",
        # The word of another party.
        f"/antwoord/{match.id}ca-{word}",
        f"/antwoord/{match.id + 1}oa-{word}",
        f"/antwoord/99999999999oa-{word}",
        link(settings, match, Party.HOST, Moment.START.value),
        link(settings, match, Party.INITIATOR),
        "/antwoord/%00",
    ):
        visitor.get(wrong)
        assert visitor.answer.status_code == 404, wrong
        assert "Voedselbos" not in visitor.answer.text
        assert visitor.client.post(wrong, data={"answer": "ja"}).status_code == 404
    assert session.scalar(select(func.count()).select_from(MatchAnswer)) == 0
    session.commit()


def test_a_link_says_whom_and_what_it_is_for(settings: Settings, session: Session, match: Match) -> None:
    secret = settings.effective_secret_key
    for party in Party:
        for purpose in (ANSWER, *(moment.value for moment in Moment)):
            token = token_of(secret, match, party, purpose)
            found = read_token(session, secret, token)
            assert found is not None
            assert (found.match_id, found.party, found.purpose) == (match.id, party, purpose)
            assert read_token(session, b"another key", token) is None


def test_who_tries_links_too_often_has_to_wait(visitor: Visitor) -> None:
    codes = [visitor.client.get(f"/antwoord/1oa-{number:032x}").status_code for number in range(62)]
    assert codes[:60] == [404] * 60
    assert codes[-1] == 429


def test_the_leader_proposes_from_the_list_of_the_round(
    enter: Callable[[str], Visitor], session: Session, ready: Proposing
) -> None:
    lea = enter("lea")
    lea.get(f"/matches?ronde={ready.round.id}")
    lea.send(f"/matches/voorstellen/{ready.round.id}")
    assert "5 matches zijn voorgesteld." in lea.notices
    assert len(lea.titles) == 5
    assert "Alle koppelingen zijn voorgesteld." in lea.main
    assert session.scalar(select(func.count()).select_from(Match)) == 5
    session.commit()

    rob = enter("rob")
    rob.get(f"/matches?ronde={ready.round.id}")
    assert f"/matches/voorstellen/{ready.round.id}" not in rob.actions
    assert rob.client.post(f"/matches/voorstellen/{ready.round.id}").status_code in (400, 403)


def test_both_municipalities_answer_with_their_account(
    enter: Callable[[str], Visitor], session: Session, match: Match
) -> None:
    address = f"/matches/{match.id}"
    arnhem = enter("arnhem")
    arnhem.get("/matches?stand=wacht")
    assert "Saar Subsidie bij ‘Voedselbos Presikhaaf’" in arnhem.titles
    arnhem.get(address)
    assert "U antwoordt als ontvangende gemeente." in arnhem.main
    assert "leiding@rheden.example" not in arnhem.answer.text
    arnhem.send(f"{address}/antwoord", answer="ja")
    assert "Het antwoord is bewaard." in arnhem.notices

    rheden = enter("rheden")
    rheden.get(address)
    assert "U antwoordt als werkgever." in rheden.main
    assert "Contactpersoon Arnhem" not in rheden.answer.text
    form = rheden.form(f"{address}/antwoord")
    forged = rheden.client.post(
        f"{address}/antwoord", data={**form, "party": Party.CONSULTANT.value, "answer": "ja"}
    )
    assert forged.status_code == 403
    rheden.get(address)
    rheden.send(f"{address}/antwoord", answer="ja")

    ede = enter("ede")
    assert ede.get(address).status_code == 404
    assert enter("fg").get(address).status_code == 403
    session.refresh(match)
    session.commit()
    assert match.state is MatchState.PROPOSED
    assert set(session.scalars(select(MatchAnswer.party))) == {Party.HOST, Party.EMPLOYER}


def test_the_leader_writes_down_an_answer_begins_the_work_and_closes_it(
    enter: Callable[[str], Visitor], session: Session, match: Match
) -> None:
    address = f"/matches/{match.id}"
    lea = enter("lea")
    lea.get(address)
    lea.send(f"{address}/antwoord", party="consultant", answer="ja")
    assert lea.answer.status_code == 400
    assert "Schrijf van wie u dit hoorde, en hoe." in lea.main
    for party in ALL:
        lea.get(address)
        lea.send(f"{address}/antwoord", party=party.value, answer="ja", reason="Belde mij vandaag.")
    assert "iedereen is akkoord" in lea.main
    session.refresh(match)
    session.commit()
    first = match.proposed_at.date() + timedelta(days=1)

    stale = lea.form(f"{address}/inzetten")
    lea.send(f"{address}/inzetten", day="morgen")
    assert lea.answer.status_code == 400
    lea.send(f"{address}/inzetten", day=first.isoformat())
    assert "bezig" in lea.main
    second = lea.client.post(f"{address}/inzetten", data={**stale, "day": first.isoformat()})
    assert second.status_code == 409
    assert session.scalar(select(func.count()).select_from(Evaluation)) == 3
    session.commit()

    match = session.get_one(Match, match.id, populate_existing=True)
    match.deployed_on = date(2026, 1, 5)
    session.commit()
    lea.get(address)
    lea.send(f"{address}/afronden", visit_on="2026-02-02", spent="zes", recommendations="")
    assert lea.answer.status_code == 400
    assert "Schrijf wat de consultant de gemeente aanraadt." in lea.main
    lea.send(f"{address}/afronden", visit_on="2026-02-02", spent="7,5", recommendations="Maak een vast plan.")
    assert "afgerond" in lea.main
    assert "besteed: 7,5 uur" in lea.main
    arnhem = enter("arnhem")
    arnhem.get(address)
    assert "Maak een vast plan." in arnhem.main
    assert arnhem.actions.count(f"{address}/stoppen") == 0


def test_stopping_needs_a_reason_and_is_for_leaders(
    enter: Callable[[str], Visitor], session: Session, match: Match
) -> None:
    address = f"/matches/{match.id}"
    lea = enter("lea")
    lea.get(address)
    form = lea.form(f"{address}/stoppen")
    lea.send(f"{address}/stoppen", why=" ")
    assert lea.answer.status_code == 400
    assert "Schrijf waarom het stopt." in lea.main
    arnhem = enter("arnhem")
    arnhem.get(address)
    own = arnhem.form(f"{address}/antwoord")
    data = {**form, "csrf_token": own["csrf_token"], "why": "Wij willen niet."}
    assert arnhem.client.post(f"{address}/stoppen", data=data).status_code == 403
    lea.get(address)
    lea.send(f"{address}/stoppen", why="De grond is verkocht.")
    assert "De grond is verkocht." in lea.main
    session.refresh(match)
    session.commit()
    assert match.state is MatchState.STOPPED


def test_a_message_that_could_not_be_sent_is_shown_and_sent_again(
    enter: Callable[[str], Visitor], session: Session, match: Match
) -> None:
    mail = session.scalars(select(MatchMail).where(MatchMail.match_id == match.id)).first()
    assert mail is not None
    taken = take(session, mail.id, now=mail.due_at)
    assert taken is not None
    note_useless(session, taken, "recipient 550")
    session.commit()

    lea = enter("lea")
    lea.get(f"/matches/{match.id}")
    assert "De mailserver weigert dit e-mailadres." in lea.main
    lea.send(f"/matches/{match.id}/mail/{mail.id}")
    assert "wordt opnieuw verstuurd" in lea.notices
    session.refresh(mail)
    session.commit()
    assert mail.problem == ""
    assert "Berichten" not in enter("arnhem").get(f"/matches/{match.id}").text


def test_nothing_personal_is_in_the_address_of_a_list(enter: Callable[[str], Visitor], match: Match) -> None:
    lea = enter("lea")
    lea.get("/matches?stand=voorgesteld&gemeente=")
    assert urlsplit(lea.answer.request.url).query == "stand=voorgesteld"
    lea.get("/matches?stand=onzin&ronde=x")
    assert lea.answer.status_code == 200
    lea.get("/matches?ronde=999")
    assert lea.answer.status_code == 404


def test_the_host_municipality_says_when_it_began_and_how_it_ended(
    enter: Callable[[str], Visitor], session: Session, match: Match
) -> None:
    address = f"/matches/{match.id}"
    lea = enter("lea")
    for party in ALL:
        lea.get(address)
        lea.send(f"{address}/antwoord", party=party.value, answer="ja", reason="Belde mij vandaag.")
    arnhem, rheden = enter("arnhem"), enter("rheden")
    arnhem.get(address)
    assert "spreek samen af wanneer het werk begint" in arnhem.main
    session.refresh(match)
    first = (match.proposed_at.date() + timedelta(days=1)).isoformat()
    session.commit()

    # The employer reads who does it, and does not do it itself.
    rheden.get(address)
    assert "De gemeente Arnhem of de projectleider vult die dag in." in rheden.main
    assert rheden.actions.count(f"{address}/inzetten") == 0
    form = rheden.form(f"{address}/antwoord")
    assert rheden.client.post(f"{address}/inzetten", data={**form, "day": first}).status_code == 403
    arnhem.send(f"{address}/inzetten", day=first)

    assert "bezig" in arnhem.main
    assert arnhem.actions.count(f"{address}/afronden") == 1
    assert arnhem.actions.count(f"{address}/stoppen") == 0


def test_when_everybody_said_no_the_round_says_what_to_do(
    enter: Callable[[str], Visitor], session: Session, ready: Proposing
) -> None:
    lea = enter("lea")
    page = f"/rondes/{ready.round.id}"
    lea.get(page)
    assert "5 koppelingen zijn nog niet voorgesteld." in lea.main
    made = ready.propose(session)
    session.commit()
    lea.get(page)
    assert "5 voorstellen wachten op antwoord." in lea.main

    for one in made:
        lea.get(f"/matches/{one.id}")
        lea.send(f"/matches/{one.id}/antwoord", party="consultant", answer="nee", reason="Belde mij.")

    lea.get(page)
    assert "5 initiatieven hebben geen consultant." in lea.main
    assert "De computer zoekt nu wie er nog kan." in lea.main
    assert "Lukt het bij geen enkel initiatief? Stop dan de ronde" in lea.main
    lea.send(f"{page}/verder", why="Niemand kon in deze maanden.", naar="gestopt")
    assert "Niemand kon in deze maanden." in lea.main
