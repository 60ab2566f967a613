"""All that goes out to a municipality, by every channel: nothing of another one, nothing of staff among
themselves, no names of people where nobody is signed in, and no number that depends on others."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from lxml import etree
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from models.account import Account
from models.digest import DigestMail
from models.event import Event
from models.initiative import Initiative
from models.lead import Lead
from models.settings import Settings
from models.share import Share
from models.store.digests import subscribe
from models.store.feed_addresses import make_feed
from models.store.search import refresh
from models.store.viewer import Viewer
from models.store.webhooks import add_webhook
from models.words import Rhythm, ShareStatus
from review.delivering import deliver_due
from review.digests import send_due
from review.exports import FORMS, LISTS
from tests.mailbox import Mailbox, parts
from tests.review import matrix_people, matrix_world
from tests.review.api_client import Program, program
from tests.review.digest_world import DAY, THURSDAY, mailing
from tests.review.factories import ARNHEM, RHEDEN, viewer_of
from tests.review.matrix import signed_in
from tests.review.matrix_checks import text_of, told
from tests.review.matrix_people import (
    CANARY,
    INVITED,
    MAILBOX,
    PEOPLE,
    SEARCHED,
    SOURCE_CANARY,
    STAFF_CANARY,
    World,
)
from tests.review.receiver import Receiver
from tests.review.visitor import Visitor

TOWNS = (ARNHEM, RHEDEN)
ATOM = {"a": "http://www.w3.org/2005/Atom"}
#: Pages with numbers, and what others let others see.
PAGES = (
    "/register/kaart",
    "/register/kaart?gebied=nederland",
    f"/register/kaart?gemeente={ARNHEM}",
    f"/register/kaart?gemeente={RHEDEN}",
    "/register/elders",
    f"/register/elders?van={RHEDEN}",
    f"/register/elders?zoek={SEARCHED[RHEDEN]}",
    "/uitvoer",
    "/delingen",
    "/register",
    "/cijfers",
    "/kanalen",
)
#: Choices with which lists are taken out.
CHOICES = (
    "",
    f"gemeente={RHEDEN}",
    "status=rejected",
    "status=merged",
    "bron=bron-gm0275",
    "goedgekeurd=ja",
    "stand=beantwoord",
)
API = (
    "/signalen?limiet=100",
    "/signalen?status=opgenomen",
    f"/signalen?gemeente={RHEDEN}",
    "/initiatieven?limiet=100",
    "/initiatieven?gewijzigdNa=0&limiet=100",
    "/initiatieven?beperkt=true",
    "/delingen?limiet=100",
)
#: Channels that nobody signs in for, where a person may read who was not meant to.
UNWATCHED = ("feed", "webhook", "digest")


@dataclass
class Channels:
    """Every channel of two municipalities, made before there was anything to tell."""

    app: Flask
    settings: Settings
    engine: Engine
    session: Session
    world: World
    receiver: Receiver
    mailbox: Mailbox
    feeds: dict[str, str] = field(default_factory=dict)
    mails: dict[str, int] = field(default_factory=dict)
    officers: dict[str, Visitor] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)

    def viewer(self, key: str) -> Viewer:
        """One of the accounts."""
        return viewer_of(self.session.get_one(Account, self.world.accounts[key]))

    def open_for(self, code: str) -> None:
        """Give a municipality one of each."""
        secret = self.settings.effective_secret_key
        leader, officer = self.viewer("projectleider"), self.viewer(code)
        of_it: dict[str, Any] = {"municipality_code": code, "now": THURSDAY}
        token = make_feed(self.session, secret, viewer=officer, name="Lezer", **of_it)[1]
        self.feeds[code] = f"/feeds/{token}"
        add_webhook(self.session, secret, viewer=leader, url=self.receiver.url(f"/{code}"), **of_it)
        address = f"post@{code.lower()}.example"
        self.mails[code] = subscribe(self.session, address, viewer=leader, rhythm=Rhythm.DAILY, **of_it)
        account = self.session.get_one(Account, self.world.accounts[code])
        self.programs[code] = program(self.app, self.session, account=account)

    def fill(self, *codes: str | None) -> None:
        """Let these have all there can be."""
        for code in codes:
            matrix_world.build_municipality(self.session, self.world, code)
        refresh(self.session)
        self.session.commit()

    def outgoing(self, code: str) -> Iterator[tuple[str, str]]:
        """All that reaches a municipality now, by name."""
        yield "feed", self.feed(code)
        yield "webhook", "\n".join(self.messages(code))
        yield "digest", self.digest(code)
        client = self.officers[code].client
        for what in LISTS:
            for form in FORMS:
                for choice in CHOICES:
                    path = f"/uitvoer/{what}.{form}?{choice}"
                    answer = client.get(path)
                    assert answer.status_code == 200, path
                    yield path, text_of(answer)
        for path in PAGES:
            yield path, told(self.app, client.get(path)).replace(SEARCHED[RHEDEN], "")
        for path in API:
            yield f"api {path}", self.programs[code].get(path).text

    def feed(self, code: str) -> str:
        """All pages of the feed."""
        path, pages = self.feeds[code], []
        while path:
            answer = self.app.test_client().get(path)
            assert answer.status_code == 200
            pages.append(answer.text)
            following = etree.fromstring(answer.data).xpath("a:link[@rel='next']/@href", namespaces=ATOM)
            path = following[0].removeprefix(self.settings.public_url) if following else ""
        return "\n".join(pages)

    def messages(self, code: str) -> list[str]:
        """Bodies that the webhook of a municipality got so far."""
        while deliver_due(self.settings, self.engine, THURSDAY).delivered:
            pass
        return [got.body.decode() for got in self.receiver.got if got.path == f"/{code}"]

    def digest(self, code: str) -> str:
        """The digest of a municipality, as if none had been sent yet."""
        self.session.execute(delete(DigestMail).where(DigestMail.message_id != ""))
        self.session.commit()
        self.mailbox.taken.clear()
        send_due(self.settings, self.engine, THURSDAY + DAY)
        (mail,) = [one for one in self.mailbox.taken if one["To"] == f"post@{code.lower()}.example"]
        return "\n".join((str(mail["Subject"]), *parts(mail)))

    def rows(self, code: str, what: str, choice: str = "") -> list[dict[str, Any]]:
        """A list as its file of JSON holds it."""
        found: list[dict[str, Any]] = json.loads(
            self.officers[code].client.get(f"/uitvoer/{what}.json?{choice}").data
        )
        return found


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
