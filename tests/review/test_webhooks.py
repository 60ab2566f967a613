"""The pages of webhooks: adding, trying, stopping, a new secret, what was sent, and sending it once more."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from standardwebhooks import Webhook as Verifier

from models.audit_entry import AuditEntry
from models.settings import Settings
from models.store.deliveries import TERM
from models.store.webhooks import add_webhook
from models.webhook import Webhook
from models.words import DeliveryState, Role
from review.delivering import deliver_due
from tests.models.channel_world import START, events_of, found, keeper, make_share, states
from tests.review.conftest import SignIn
from tests.review.factories import ARNHEM, RHEDEN
from tests.review.receiver import Receiver
from tests.review.visitor import Visitor

WAITING, DELIVERED, GIVEN_UP = DeliveryState.WAITING, DeliveryState.DELIVERED, DeliveryState.GIVEN_UP
LIST = "/kanalen/webhooks"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def clerk(sign_in: SignIn) -> Visitor:
    """Somebody of Arnhem."""
    return sign_in("gemeente@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")


@pytest.fixture
def leader(sign_in: SignIn) -> Visitor:
    """The project leader."""
    return sign_in("leider@voorbeeld.example", roles=[Role.PROJECT_LEADER])


def added(visitor: Visitor, url: str, name: str = "Zaaksysteem") -> str:
    """Add a webhook on the page; gives its secret, as shown once."""
    visitor.get(LIST)
    visitor.send(f"{LIST}/toevoegen", name=name, ontvanger=url)
    return str(visitor.page.get_element_by_id("geheim").text_content().strip())


def deliver(app: Flask, at: datetime) -> None:
    """Send what is due."""
    deliver_due(app.extensions["scout"].settings, app.extensions["scout_engine"], at)


def test_a_municipality_adds_a_webhook_tries_it_and_hears_of_what_happens(
    app: Flask, clerk: Visitor, session: Session, receiver: Receiver
) -> None:
    secret = added(clerk, receiver.url("/haak?sleutel=diepgeheim"))
    assert secret.startswith("whsec_")
    assert secret not in found(session, select(Webhook.secret))[0]

    clerk.get(f"{LIST}/1")
    clerk.send(f"{LIST}/1/proef")
    assert "Het proefbericht is aangekomen" in clerk.notices
    (got,) = receiver.got
    Verifier(secret).verify(got.body, got.headers)
    assert got.path == "/haak?sleutel=diepgeheim"

    events_of(session, make_share(session), start=datetime.now(UTC))
    session.commit()
    deliver(app, datetime.now(UTC))
    clerk.get(f"{LIST}/1")
    assert "Deling gewijzigd" in clerk.main
    assert "Aangekomen" in clerk.main
    for path in (LIST, f"{LIST}/1"):
        clerk.get(path)
        assert "diepgeheim" not in clerk.answer.text
        assert secret not in clerk.answer.text
        assert "/haak" in clerk.main
    log = str(found(session, select(AuditEntry.after)))
    assert "diepgeheim" not in log
    assert "127.0.0.1" not in log


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "Dit is geen adres"),
        ("geen adres", "Dit is geen adres"),
        ("https://naam:woord@ontvanger.example/", "Dit is geen adres"),
        ("http://localhost/haak", "besloten netwerk"),
        ("https://169.254.169.254/latest", "besloten netwerk"),
        ("https://[::1]/haak", "besloten netwerk"),
        ("https://ontvanger.example:8443/haak", "poort"),
    ],
)
def test_an_address_that_can_not_be_sent_to_is_refused_and_nothing_that_was_typed_is_lost(
    settings: Settings, app: Flask, clerk: Visitor, session: Session, url: str, words: str
) -> None:
    guarded = settings.model_copy(update={"allow_private_addresses": False})
    app.extensions["scout"] = type(app.extensions["scout"])(
        guarded, app.extensions["scout"].labels, app.extensions["scout"].secret
    )
    clerk.get(LIST)

    answer = clerk.send(f"{LIST}/toevoegen", name="Zaaksysteem", ontvanger=url)

    assert answer.status_code == 400
    assert words in clerk.main
    sent = clerk.form(f"{LIST}/toevoegen")
    assert (sent["name"], sent["ontvanger"]) == ("Zaaksysteem", url)
    assert found(session, select(Webhook.id)) == []


def test_a_trial_that_fails_says_why(clerk: Visitor, receiver: Receiver) -> None:
    added(clerk, receiver.url())
    for status, words in ((500, "status 500"), (302, "verwees door")):
        receiver.says(status)
        clerk.get(f"{LIST}/1")
        clerk.send(f"{LIST}/1/proef")
        assert "niet aangekomen" in clerk.notices
        assert words in clerk.notices


def test_what_was_given_up_is_seen_and_sent_once_more(
    app: Flask, clerk: Visitor, session: Session, receiver: Receiver
) -> None:
    added(clerk, receiver.url())
    receiver.says(503)
    uids = [one.uid for one in events_of(session, make_share(session), 3)]
    session.commit()
    now = datetime.now(UTC)
    deliver(app, now)
    for _number in range(3):
        deliver(app, now + TERM + timedelta(hours=1))
    assert states(session, 1) == [GIVEN_UP] * 3

    clerk.get(f"{LIST}/1?stand=opgegeven")
    assert "De ontvanger antwoordde met status 503." in clerk.main
    assert "opgegeven (3)" in clerk.main
    receiver.says(200)
    receiver.got.clear()
    deliveries = [action for action in clerk.actions if "/berichten/" in action]
    clerk.send(deliveries[-1])
    assert "1 bericht wordt opnieuw verstuurd." in clerk.notices
    deliver(app, datetime.now(UTC))
    assert receiver.ids == uids[:1]

    clerk.get(f"{LIST}/1")
    clerk.send(f"{LIST}/1/opnieuw")
    assert "2 berichten worden opnieuw verstuurd." in clerk.notices
    deliver(app, datetime.now(UTC))
    assert receiver.ids == uids
    assert states(session, 1) == [DELIVERED] * 3


def test_a_period_is_sent_once_more_by_the_days_of_amsterdam(
    app: Flask, clerk: Visitor, session: Session, receiver: Receiver
) -> None:
    share = make_share(session)
    # 23:30 and 00:30 in Amsterdam, in winter.
    before = events_of(session, share, start=datetime(2026, 11, 22, 22, 30, tzinfo=UTC))[0].uid
    after = events_of(session, share, start=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))[0].uid
    session.commit()
    added(clerk, receiver.url())

    for day, uid in (("2026-11-23", after), ("2026-11-22", before)):
        clerk.get(f"{LIST}/1")
        form = {"csrf_token": clerk.form(f"{LIST}/1/proef")["csrf_token"], "wat": "periode"}
        clerk.client.post(f"{LIST}/1/opnieuw", data={**form, "van": day, "tot": day})
        deliver(app, datetime.now(UTC))
        assert receiver.ids[-1] == uid
    assert len(receiver.ids) == 2

    for van, tot, words in (
        ("", "2026-11-23", "Kies een dag"),
        ("2026-11-24", "2026-11-23", "voor de eerste dag"),
        ("gisteren", "9999-12-31", "Kies een dag"),
    ):
        answer = clerk.client.post(f"{LIST}/1/opnieuw", data={**form, "van": van, "tot": tot})
        assert answer.status_code == 400
        assert words in answer.text


def test_stopping_resuming_a_new_secret_and_removing(
    app: Flask, clerk: Visitor, session: Session, receiver: Receiver
) -> None:
    first = added(clerk, receiver.url())
    clerk.get(f"{LIST}/1")
    clerk.send(f"{LIST}/1/stoppen")
    assert "gestopt" in clerk.main
    events_of(session, make_share(session))
    session.commit()
    deliver(app, datetime.now(UTC))
    assert receiver.got == []

    clerk.send(f"{LIST}/1/nieuw-geheim")
    second = clerk.page.get_element_by_id("geheim").text_content().strip()
    clerk.get(f"{LIST}/1")
    clerk.send(f"{LIST}/1/hervatten")
    deliver(app, datetime.now(UTC))
    (got,) = receiver.got
    assert first != second
    for secret in (first, second):
        Verifier(secret).verify(got.body, got.headers)

    clerk.send(f"{LIST}/1/weghalen")
    assert "is weggehaald" in clerk.notices
    assert clerk.get(f"{LIST}/1").status_code == 404
    done = found(session, select(AuditEntry.after).where(AuditEntry.object_kind == "webhook"))
    assert [one["done"] for one in done] == ["added", "paused", "new secret", "resumed", "removed"]


def test_whose_webhooks_one_sees(
    app: Flask, clerk: Visitor, leader: Visitor, sign_in: SignIn, session: Session
) -> None:
    secret = app.extensions["scout"].secret
    for code, name in ((RHEDEN, "Van Rheden"), (None, "Van het netwerk"), (ARNHEM, "Van Arnhem")):
        add_webhook(
            session,
            secret,
            viewer=keeper(session),
            municipality_code=code,
            url="https://a.example/",
            name=name,
            now=START,
        )
    session.commit()

    clerk.get(f"{LIST}?gemeente={RHEDEN}")
    assert "Van Arnhem" in clerk.main
    assert "Rheden" not in clerk.main
    assert "netwerk" not in clerk.main
    clerk.get(f"{LIST}/3")
    token = clerk.form(f"{LIST}/3/proef")["csrf_token"]
    for number in (1, 2, 99):
        assert clerk.get(f"{LIST}/{number}").status_code == 404
        for deed in (
            "proef",
            "stoppen",
            "hervatten",
            "weghalen",
            "nieuw-geheim",
            "opnieuw",
            "berichten/1/opnieuw",
        ):
            answer = clerk.client.post(f"{LIST}/{number}/{deed}", data={"csrf_token": token})
            assert answer.status_code == 404, deed
    for wanted in (RHEDEN, "netwerk"):
        clerk.get(LIST)
        clerk.send(f"{LIST}/toevoegen", name="Stiekem", ontvanger="http://127.0.0.1/", gemeente=wanted)
    codes = found(session, select(Webhook.municipality_code).where(Webhook.name == "Stiekem"))
    assert codes == [ARNHEM, ARNHEM]

    leader.get(LIST)
    assert "Het hele netwerk (1)" in leader.main
    leader.get(f"{LIST}?gemeente=netwerk")
    assert "Van het netwerk" in leader.main
    leader.get(f"{LIST}?gemeente={RHEDEN}")
    assert "Van Rheden" in leader.main
    assert sign_in("bob@voorbeeld.example").get(LIST).status_code == 403
