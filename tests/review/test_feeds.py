"""Feeds: the secret address, what a feed reader sees of it, and what nobody sees."""

import re
from datetime import timedelta
from io import BytesIO

import feedparser
import pytest
import time_machine
from flask import Flask
from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.feed_address import FeedAddress
from models.initiative import Initiative
from models.settings import Settings
from models.share import Share
from models.store.events import tell
from models.store.feed_addresses import make_feed
from models.store.feed_entries import PAGE_SIZE
from models.words import EventKind, Role, ShareStatus
from review import feed_atom
from review.app import create_app
from tests.models.channel_world import START, events_of, found, keeper, make_initiative, make_share
from tests.review.conftest import SignIn
from tests.review.factories import ARNHEM, RHEDEN
from tests.review.visitor import Visitor

ATOM = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}


def address(app: Flask, session: Session, municipality: str = ARNHEM) -> str:
    """Path of a new feed."""
    secret = app.extensions["scout"].secret
    _row, token = make_feed(
        session, secret, viewer=keeper(session), municipality_code=municipality, name="Lezer", now=START
    )
    session.commit()
    return f"/feeds/{token}"


def entered(session: Session, name: str, municipality: str = ARNHEM, minute: int = 0) -> Initiative:
    """An entry of the register that is told of."""
    entry = make_initiative(session, name, municipality)
    at = START + timedelta(minutes=minute)
    tell(session, EventKind.INITIATIVE_ENTERED, municipality_code=municipality, initiative=entry, at=at)
    session.commit()
    return entry


def test_a_municipality_makes_an_address_reads_it_and_revokes_it(
    sign_in: SignIn, session: Session, visitor: Visitor
) -> None:
    make_share(session, title="Buurttuin aan de Kamperweg")
    clerk = sign_in("gemeente@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    share = session.scalars(select(Share)).one()
    events_of(session, share)
    session.commit()
    number = share.id

    clerk.get("/kanalen/feeds")
    clerk.send("/kanalen/feeds/maken", name="Feedlezer van het wijkteam")
    link = clerk.page.get_element_by_id("link").text_content().strip()
    path = re.sub(r"^https?://[^/]+", "", link)

    feed = feedparser.parse(BytesIO(visitor.client.get(path).data))
    assert (feed.version, feed.bozo) == ("atom10", False)
    (entry,) = feed.entries
    assert entry.title == "Buurttuin aan de Kamperweg"
    assert entry.link.endswith(f"/delingen/{number}")
    assert "aangeboden" in entry.summary

    (kept,) = found(session, select(FeedAddress.token_hash))
    assert path.rsplit("/", 1)[1] not in kept
    clerk.get("/kanalen/feeds")
    assert "Feedlezer van het wijkteam" in clerk.main
    assert "laatst gelezen op" in clerk.main
    assert link not in clerk.answer.text

    clerk.send("/kanalen/feeds/1/intrekken")
    assert "ingetrokken" in clerk.notices
    revoked, unknown = visitor.client.get(path), visitor.client.get("/feeds/verzonnen")
    assert revoked.status_code == unknown.status_code == 404
    assert revoked.text == unknown.text.replace("/feeds/verzonnen", path)
    done = session.scalars(select(AuditEntry.after).where(AuditEntry.object_kind == "feed")).all()
    assert [one["done"] for one in done] == ["added", "removed"]


def test_it_is_a_whole_atom_feed_in_order_of_what_happened(
    app: Flask, session: Session, visitor: Visitor
) -> None:
    path = address(app, session)
    first = entered(session, "Eerst & <b>vet</b> \x0b", minute=1)
    entered(session, "Daarna", minute=2)
    at = START + timedelta(minutes=3)
    tell(session, EventKind.INITIATIVE_CHANGED, municipality_code=ARNHEM, initiative=first, at=at)
    session.commit()

    answer = visitor.client.get(path)
    tree = etree.fromstring(answer.data)

    assert answer.content_type == "application/atom+xml; charset=utf-8"
    assert tree.xpath("a:entry/a:title/text()", namespaces=ATOM) == ["Eerst & <b>vet</b>", "Daarna"]
    for name in ("id", "title", "updated", "author/a:name"):
        assert tree.xpath(f"a:{name}/text()", namespaces=ATOM), name
    assert tree.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == [f"http://localhost{path}"]
    for entry in tree.xpath("a:entry", namespaces=ATOM):
        for name in ("id", "title", "updated", "published", "summary"):
            assert len(entry.xpath(f"a:{name}", namespaces=ATOM)) == 1, name
        assert entry.xpath("a:id/text()", namespaces=ATOM)[0].startswith("urn:uuid:")
    assert tree.xpath("a:entry/a:updated/text()", namespaces=ATOM) == [
        "2026-11-23T09:03:00Z",
        "2026-11-23T09:02:00Z",
    ]
    assert tree.xpath("a:updated/text()", namespaces=ATOM) == ["2026-11-23T09:03:00Z"]


def test_what_is_withdrawn_disappears_and_is_told_to_be_deleted(
    app: Flask, session: Session, visitor: Visitor
) -> None:
    path, entry = address(app, session), entered(session, "Buurttuin")
    (known,) = feedparser.parse(visitor.client.get(path).data).entries
    share = make_share(session, title="Ruilkast")
    events_of(session, share)
    entry.withdrawn_at = START
    share.status = ShareStatus.WITHDRAWN
    tell(session, EventKind.INITIATIVE_WITHDRAWN, municipality_code=ARNHEM, initiative=entry, at=START)
    tell(session, EventKind.SHARE_WITHDRAWN, municipality_code=ARNHEM, share=share, at=START)
    session.commit()

    answer = visitor.client.get(path)
    gone = etree.fromstring(answer.data).xpath("at:deleted-entry/@ref", namespaces=ATOM)

    assert feedparser.parse(answer.data).entries == []
    assert known.id in gone
    assert len(gone) == 2
    assert "Buurttuin" not in answer.text
    assert "Ruilkast" not in answer.text


def test_nothing_of_another_municipality_is_in_it(app: Flask, session: Session, visitor: Visitor) -> None:
    path = address(app, session)
    entered(session, "Kwartelstaart", ARNHEM)
    entered(session, "Mosterdvlinder", RHEDEN)
    events_of(session, make_share(session, RHEDEN, title="Mosterdvlinder ook"))
    # One that went to another municipality, and a share of it that was left behind.
    moved = entered(session, "Verhuisd", ARNHEM)
    share = make_share(session, ARNHEM, title="Naam uit de bron")
    share.initiative_id = moved.id
    events_of(session, share)
    moved.municipality_code = RHEDEN
    session.commit()

    told = visitor.client.get(path).text

    assert "Kwartelstaart" in told
    assert "Mosterdvlinder" not in told
    assert "Verhuisd" not in told
    assert "Rheden" not in told


def test_a_long_feed_has_pages_that_leave_nothing_out(app: Flask, session: Session, visitor: Visitor) -> None:
    path = address(app, session)
    expected = [f"Initiatief {number}" for number in range(PAGE_SIZE * 2 + 3)]
    for number, name in enumerate(expected):
        entered(session, name, minute=number)

    titles, following = [], path
    while following:
        feed = feedparser.parse(visitor.client.get(following).data)
        titles += [entry.title for entry in feed.entries]
        following = next((link.href for link in feed.feed.links if link.rel == "next"), "")
        assert len(feed.entries) <= PAGE_SIZE

    assert titles == expected[::-1]
    for odd in ("0", "-1", "x", "9" * 30, "1' OR 1=1"):
        assert visitor.client.get(path, query_string={"voor": odd}).status_code == 200


def test_who_has_the_newest_gets_no_second_copy(app: Flask, session: Session, visitor: Visitor) -> None:
    path = address(app, session)
    entry = entered(session, "Buurttuin")
    first = visitor.client.get(path)
    head = visitor.client.head(path)

    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == first.headers["ETag"]
    assert first.headers["Cache-Control"].startswith("private")
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = visitor.client.get(path, headers=headers)
        assert (again.status_code, again.data) == (304, b"")

    # Also what changes without an event is seen.
    entry.name = "Buurttuin met bijen"
    session.commit()
    changed = visitor.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_it_knows_no_cookies_and_no_languages(app: Flask, session: Session, sign_in: SignIn) -> None:
    path = address(app, session)
    entered(session, "Buurttuin")
    clerk = sign_in("gemeente@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")

    for who in (Visitor(app), clerk):
        answer = who.client.get(f"{path}?taal=en")
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert "gesignaleerd" in answer.text.lower()


def test_the_day_of_reading_is_kept_and_not_the_moment(
    app: Flask, session: Session, visitor: Visitor
) -> None:
    path = address(app, session)
    for hour in (10, 11, 12):
        with time_machine.travel(START.replace(hour=hour), tick=False):
            visitor.client.get(path)
    (read,) = found(session, select(FeedAddress.last_read_at))

    assert read.isoformat() == "2026-11-22T23:00:00+00:00"


def test_who_asks_too_often_is_told_when_to_come_back(
    app: Flask, session: Session, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = address(app, session), address(app, session)
    monkeypatch.setattr(feed_atom, "READINGS", type(feed_atom.READINGS)(2))

    answers = [visitor.client.get(path) for _number in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    assert visitor.client.get(other).status_code == 200


def test_addresses_are_those_of_the_website_and_ids_stay_when_it_moves(
    settings: Settings, app: Flask, session: Session, visitor: Visitor
) -> None:
    path = address(app, session)
    entered(session, "Buurttuin")
    before = feedparser.parse(visitor.client.get(path).data).entries[0]
    moved = create_app(
        settings.model_copy(update={"public_url": "https://scout.voorbeeld.example"}),
        engine=app.extensions["scout_engine"],
    )

    after = feedparser.parse(moved.test_client().get(path).data)

    assert after.entries[0].id == before.id
    assert after.entries[0].link.startswith("https://scout.voorbeeld.example/register/")
    assert after.feed.links[0].href == f"https://scout.voorbeeld.example{path}"


def test_staff_keeps_feeds_of_any_municipality_and_a_reviewer_of_none(
    sign_in: SignIn, session: Session
) -> None:
    leader = sign_in("leider@voorbeeld.example", roles=[Role.PROJECT_LEADER])
    leader.get("/kanalen/feeds")
    leader.get(f"/kanalen/feeds?gemeente={RHEDEN}")
    leader.send("/kanalen/feeds/maken", name="Voor de raad")
    assert "Rheden" in leader.main
    leader.get("/kanalen/feeds")
    assert "Rheden (1)" in leader.main

    leader.get(f"/kanalen/feeds?gemeente={RHEDEN}")
    assert leader.send("/kanalen/feeds/maken", name="Nog een", gemeente="GM9999").status_code == 400
    assert leader.get(f"/kanalen/feeds?gemeente={RHEDEN}")
    assert leader.send("/kanalen/feeds/maken", name="").status_code == 400
    assert "Schrijf waarvoor het adres is" in leader.main
    assert sign_in("bob@voorbeeld.example").get("/kanalen/feeds").status_code == 403

    (number,) = found(session, select(FeedAddress.id))
    clerk = sign_in("gemeente@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    clerk.get("/kanalen/feeds")
    assert "Voor de raad" not in clerk.main
    token = clerk.form("/kanalen/feeds/maken")["csrf_token"]
    revoked = clerk.client.post(f"/kanalen/feeds/{number}/intrekken", data={"csrf_token": token})
    assert revoked.status_code == 404
    clerk.get("/kanalen/feeds")
    clerk.send("/kanalen/feeds/maken", name="Eigen", gemeente=RHEDEN)
    assert session.scalars(select(FeedAddress.municipality_code).order_by(FeedAddress.id)).all() == [
        RHEDEN,
        ARNHEM,
    ]
