"""All that goes out to a municipality, by every channel: nothing of another one, nothing of staff among
themselves, no names of people where nobody is signed in, and no number that depends on others."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.account import Account
from models.event import Event
from models.initiative import Initiative
from models.lead import Lead
from models.settings import Settings
from models.share import Share
from models.store.search import refresh
from models.words import ShareStatus
from tests.mailbox import Mailbox
from tests.review import matrix_people, matrix_world
from tests.review.all_channels import TOWNS, UNWATCHED, Channels
from tests.review.api_client import program
from tests.review.digest_world import THURSDAY, mailing
from tests.review.factories import ARNHEM, RHEDEN
from tests.review.matrix import signed_in
from tests.review.matrix_checks import tell_what_goes_into_pdfs
from tests.review.matrix_people import (
    CANARY,
    INVITED,
    MAILBOX,
    PEOPLE,
    SEARCHED,
    SOURCE_CANARY,
    STAFF_CANARY,
)
from tests.review.receiver import Receiver


@pytest.fixture(autouse=True)
def pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFs that can be read."""
    tell_what_goes_into_pdfs(monkeypatch)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Takes webhooks of everybody."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Takes mail to everybody."""
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    """Settings with that mail server, for programs that ask very often."""
    return mailing(settings, mailbox).model_copy(update={"api_rate": 1_000_000})


@pytest.fixture
def channels(
    app: Flask, settings: Settings, engine: Engine, session: Session, receiver: Receiver, mailbox: Mailbox
) -> Iterator[Channels]:
    """Both municipalities with all channels and nothing else; the clock stands still."""
    with time_machine.travel(THURSDAY, tick=False):
        world = matrix_people.build_people(session, app.extensions["scout"].secret)
        session.commit()
        found = Channels(app, settings, engine, session, world, receiver, mailbox)
        for code in TOWNS:
            found.open_for(code)
        session.commit()
        found.officers = signed_in(app, world, TOWNS).visitors
        yield found


@pytest.fixture
def filled(channels: Channels) -> Channels:
    """Both have all there can be, and each lets the other see one initiative."""
    channels.fill(ARNHEM, RHEDEN, None)
    matrix_world.entangle(channels.session, channels.world)
    refresh(channels.session)
    channels.session.commit()
    return channels


def not_for(code: str) -> set[str]:
    """Words that a municipality is told by no channel."""
    (other,) = set(TOWNS) - {code}
    words = {table[one] for table in (CANARY, SEARCHED, SOURCE_CANARY) for one in (other, None)}
    return words | {STAFF_CANARY, PEOPLE["staff"], PEOPLE[other], MAILBOX, INVITED}


def numbers_in(text: str, pattern: str) -> set[int]:
    return {int(number) for number in re.findall(pattern, text)}


def own(session: Session, table: type[Any], code: str) -> set[int]:
    """Numbers of all that a municipality has in a table."""
    numbers = set(session.scalars(select(table.id).where(table.municipality_code == code)))
    session.rollback()
    return numbers


@pytest.mark.parametrize("code", TOWNS)
def test_nothing_goes_out_that_is_of_another_of_staff_or_of_people(filled: Channels, code: str) -> None:
    scores = {f"{score:.2f}" for score in filled.session.scalars(select(Lead.score))}
    filled.session.rollback()
    wrong = []
    for name, text in filled.outgoing(code):
        forbidden = not_for(code)
        if name in UNWATCHED:
            forbidden |= {PEOPLE[code], "score"} | scores | {one.replace(".", ",") for one in scores}
        wrong += [f"{name} tells {word}" for word in sorted(forbidden) if word in text.lower()]
        of_its_own = re.fullmatch(r"/uitvoer/(?!netwerk)\w+\.\w+\?", name)
        if name in ("feed", "digest") or of_its_own:
            assert CANARY[code] in text, name

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("code", TOWNS)
def test_every_channel_names_the_very_things_of_its_municipality(filled: Channels, code: str) -> None:
    session = filled.session
    shares, entries = own(session, Share, code), own(session, Initiative, code)
    told_of = own_events(session, code)

    feed, digest = filled.feed(code), filled.digest(code)
    assert numbers_in(feed, r'href="https://scout.example/delingen/(\d+)"') <= shares
    assert numbers_in(feed, r'href="https://scout.example/register/(\d+)"') <= entries
    assert numbers_in(digest, r"/delingen/(\d+)") <= shares
    assert numbers_in(digest, r"/register/(\d+)") <= entries
    messages = [json.loads(body) for body in filled.messages(code)]
    assert sorted(one["id"] for one in messages) == sorted(told_of)
    assert {one["data"]["gemeente"] for one in messages} == {code}
    assert {row["id"] for row in filled.rows(code, "delingen")} == shares
    assert {row["id"] for row in filled.rows(code, "register")} == entries
    statuses = ("open", "snoozed", "promoted", "rejected", "known", "merged", "withdrawn", "expired")
    leads = [row for status in statuses for row in filled.rows(code, "signalen", f"status={status}")]
    assert {row["id"] for row in leads} == own(session, Lead, code)
    for path, numbers in (("/delingen", shares), ("/initiatieven", entries)):
        found = filled.programs[code].get(f"{path}?limiet=100").json
        assert {row["id"] for row in found["resultaten"]} == numbers
    changes = filled.programs[code].get("/initiatieven?gewijzigdNa=0&limiet=100").json["resultaten"]
    assert {row["id"] for row in changes} <= entries


def own_events(session: Session, code: str) -> list[str]:
    """Ids of what happened in a municipality."""
    found = list(session.scalars(select(Event.uid).where(Event.municipality_code == code)))
    session.rollback()
    return found


def test_numbers_count_what_one_may_see(filled: Channels) -> None:
    session, officer = filled.session, filled.officers[ARNHEM]
    entries, shares = own(session, Initiative, ARNHEM), own(session, Share, ARNHEM)

    officer.get("/register/kaart?gebied=nederland")
    counts = {
        row.get("data-code"): int(row.get("data-count")) for row in officer.page.cssselect("tr[data-count]")
    }
    assert counts == {ARNHEM: len(entries), RHEDEN: 1}
    officer.get(f"/register/kaart?gemeente={RHEDEN}")
    rows = officer.page.cssselect("tr[data-count]")
    assert [(row.get("data-name"), row.get("data-count")) for row in rows] == [("Plaats niet genoemd", "1")]

    taken = csv.DictReader(io.StringIO(officer.client.get("/uitvoer/delingen.csv").text))
    assert len(list(taken)) == len(shares)
    waits = select(func.count()).where(
        Share.municipality_code == ARNHEM, Share.status.in_([ShareStatus.OFFERED, ShareStatus.SEEN])
    )
    officer.get("/register")
    (badge,) = officer.page.cssselect(".scout-nav__count")
    assert badge.text_content().split()[0] == str(session.scalar(waits))


def test_of_others_six_things_are_shown_of_what_was_approved(filled: Channels) -> None:
    asked = filled.programs[ARNHEM].get("/initiatieven?beperkt=true").json["resultaten"]

    (entry,) = asked
    assert entry.keys() == {
        "id", "beperkt", "vervallen", "naam", "gemeente", "plaats", "thema", "fase", "link", "_links"
    }  # fmt: skip
    officer = filled.officers[ARNHEM]
    officer.get("/register/elders")
    assert officer.titles == ["Repaircafé uit de matrix"]
    officer.get(f"/register/{entry['id']}/elders")
    assert "Repaircafé uit de matrix" in officer.main
    assert officer.client.get(f"/register/{entry['id']}").status_code == 404


def test_whether_others_have_anything_changes_no_byte_of_what_goes_out(channels: Channels) -> None:
    channels.fill(ARNHEM)
    alone = dict(channels.outgoing(ARNHEM))
    assert all(CANARY[ARNHEM] in alone[name] for name in ("feed", "digest"))
    assert len(alone["webhook"].splitlines()) > 5

    channels.fill(RHEDEN, None)

    together = dict(channels.outgoing(ARNHEM))
    assert [name for name in alone if together[name] != alone[name]] == []
    assert CANARY[RHEDEN] in channels.digest(RHEDEN)


def test_who_of_the_network_answered_for_a_municipality_is_not_told_to_it(filled: Channels) -> None:
    """A program that staff made for a municipality answers in the name of whoever made it."""
    session = filled.session
    leader = session.get_one(Account, filled.world.accounts["projectleider"])
    helper = program(filled.app, session, account=leader, municipality=ARNHEM)
    share_id = filled.world.shares[ARNHEM][0]

    version = helper.get(f"/delingen/{share_id}").json["versie"]
    body = {"antwoord": "opgepakt", "versie": version}
    answered = helper.post(f"/delingen/{share_id}/antwoorden", json=body)
    assert answered.status_code == 200, answered.text
    assert answered.json["antwoordDoor"] is None

    late = filled.programs[ARNHEM].post(
        f"/delingen/{share_id}/antwoorden", json={**body, "antwoord": "alBekend"}
    )
    assert late.status_code == 409
    officer = filled.officers[ARNHEM]
    page = officer.client.get(f"/delingen/{share_id}").text
    for text in (answered.text, late.text, page):
        assert PEOPLE["staff"] not in text.lower()
        assert MAILBOX not in text.lower()
    network = program(filled.app, session, account=leader)
    assert network.get(f"/delingen/{share_id}").json["antwoordDoor"] == leader.name


def test_what_a_program_of_staff_hands_in_for_a_municipality_can_be_followed(filled: Channels) -> None:
    leader = filled.session.get_one(Account, filled.world.accounts["projectleider"])
    helper = program(filled.app, filled.session, account=leader, municipality=ARNHEM)

    made = helper.post("/berichten", json={"samenvatting": "Buren beginnen een buurtmoestuin."})

    assert made.status_code == 201, made.text
    path = f"/berichten/{made.json['id']}"
    assert helper.get(path).json["gemeente"] == ARNHEM
    assert filled.programs[RHEDEN].get(path).status_code == 404


def test_an_entry_that_came_from_another_municipality_tells_nothing_of_its_lead(filled: Channels) -> None:
    session = filled.session
    entry = session.get_one(Initiative, filled.world.initiatives[RHEDEN][0])
    lead_id = entry.lead_id
    entry.municipality_code = ARNHEM
    number = entry.id
    share = Share(
        municipality_code=ARNHEM,
        initiative_id=number,
        offered_by_id=filled.world.accounts["projectleider"],
        offered_at=THURSDAY + timedelta(hours=1),
    )
    session.add(share)
    session.commit()

    (row,) = [row for row in filled.rows(ARNHEM, "register") if row["id"] == number]
    assert row["lead"] is None
    (given,) = [row for row in filled.rows(ARNHEM, "delingen") if row["initiative"] == number]
    assert given["lead"] is None
    told_by_api = filled.programs[ARNHEM].get(f"/initiatieven/{number}").json
    assert told_by_api["signaalId"] is None
    assert "signaal" not in told_by_api["_links"]
    page = filled.officers[ARNHEM].client.get(f"/register/{number}").text
    assert f"/signalen/{lead_id}" not in page
    assert SOURCE_CANARY[RHEDEN] not in page
