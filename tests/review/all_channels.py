"""Every channel of two municipalities, and all that reaches one of them by it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from lxml import etree
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from models.account import Account
from models.digest import DigestMail
from models.settings import Settings
from models.store.digests import subscribe
from models.store.feed_addresses import make_feed
from models.store.search import refresh
from models.store.viewer import Viewer
from models.store.webhooks import add_webhook
from models.words import Rhythm
from review.delivering import deliver_due
from review.digests import send_due
from review.exports import FORMS, LISTS
from tests.mailbox import Mailbox, parts
from tests.review import matrix_world
from tests.review.api_client import Program, program
from tests.review.digest_world import DAY, THURSDAY
from tests.review.factories import ARNHEM, RHEDEN, viewer_of
from tests.review.matrix_checks import text_of, told
from tests.review.matrix_people import (
    SEARCHED,
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
#: The same report as a page and as files; of the whole network there is none for municipalities.
REPORTS = (
    "/rapport",
    "/rapport?periode=jaar",
    "/rapport?gemeente=GM0275",
    "/rapport.csv",
    "/rapport.xlsx",
    "/rapport.pdf",
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
        for path in REPORTS:
            yield path, text_of(client.get(path))
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
