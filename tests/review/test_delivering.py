"""Sending events to real receivers on loopback: signed, in order, exactly once per id after any failure."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from models.database import session_factory
from models.settings import Settings
from models.store.deliveries import LEASE, take_up
from models.store.deliveries_list import backlog, delivery_page
from models.store.deliveries_ready import lay_ready
from models.store.events import tell
from models.store.webhooks import Stopped, add_webhook, get_webhook
from models.words import DeliveryState, EventKind
from review import outgoing
from review.delivering import Delivered, deliver_due, send_trial, wait_asked
from tests.models.channel_world import START, events_of, keeper, make_initiative, make_share, states
from tests.review.factories import ARNHEM
from tests.review.receiver import Answer, Got, Receiver

WAITING, DELIVERED, GIVEN_UP = DeliveryState.WAITING, DeliveryState.DELIVERED, DeliveryState.GIVEN_UP

Deliver = Callable[..., Delivered]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def deliver(settings: Settings, engine: Engine) -> Deliver:
    """Sends what is due so many seconds after the beginning."""
    return lambda seconds=0.0: deliver_due(settings, engine, START + timedelta(seconds=seconds))


def hook(
    session: Session, settings: Settings, url: str, municipality: str | None = ARNHEM
) -> tuple[int, str]:
    """A webhook and its secret."""
    row, secret = add_webhook(
        session,
        settings.effective_secret_key,
        viewer=keeper(session),
        municipality_code=municipality,
        url=url,
        name="Zaaksysteem",
        now=START,
    )
    session.commit()
    return row.id, secret


def test_the_message_is_a_signed_cloud_event_that_holds_no_text(
    settings: Settings, engine: Engine, session: Session, receiver: Receiver
) -> None:
    settings = settings.model_copy(update={"public_url": "https://scout.voorbeeld.example"})
    _number, secret = hook(session, settings, receiver.url())
    entry = make_initiative(session, "Buurttuin de Kwartelstaart")
    event = tell(session, EventKind.INITIATIVE_ENTERED, municipality_code=ARNHEM, initiative=entry, at=START)
    session.commit()

    with time_machine.travel(START, tick=False):
        deliver_due(settings, engine, START)
        (got,) = receiver.got
        told = Verifier(secret).verify(got.body, got.headers)

    assert got.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert got.id == event.uid == str(UUID(event.uid))
    link = f"https://scout.voorbeeld.example/api/v1/initiatieven/{entry.id}"
    assert told == {
        "specversion": "1.0",
        "id": event.uid,
        "source": "urn:nld:participatienetwerk:scout",
        "type": "nl.participatienetwerk.initiatief.opgenomen",
        "subject": f"initiatieven/{entry.id}",
        "time": "2026-11-23T09:00:00.000000Z",
        "datacontenttype": "application/json",
        "dataref": link,
        "data": {"id": entry.id, "gemeente": ARNHEM, "link": link},
    }
    with time_machine.travel(START, tick=False), pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(got.body.replace(b"opgenomen", b"vervallen"), got.headers)


def test_a_receiver_that_fails_for_an_hour_gets_everything_once_and_in_order(
    settings: Settings, session: Session, receiver: Receiver, deliver: Deliver
) -> None:
    number, secret = hook(session, settings, receiver.url())
    share = make_share(session)
    expected = [one.uid for one in events_of(session, share, 40)]
    session.commit()

    # It fails in every way there is, for an hour, while more happens.
    ways: list[Answer] = [(500, {}, b""), (302, {"Location": "/"}, b""), (429, {"Retry-After": "30"}, b"")]
    receiver.answer = lambda got: ways[len(receiver.got) % len(ways)]
    for minute in range(61):
        expected += [one.uid for one in events_of(session, share, start=START + timedelta(minutes=minute))]
        session.commit()
        deliver(minute * 60)
    assert set(states(session, number)) == {WAITING}
    assert 3 <= len(receiver.got) <= 12, "tried again, but not all the time"
    assert set(receiver.ids) == {expected[0]}

    # Afterwards it is fine.
    receiver.got.clear()
    receiver.says(200)
    for minute in range(61, 200):
        deliver(minute * 60)

    assert states(session, number) == [DELIVERED] * len(expected)
    assert receiver.ids == expected
    for got in receiver.got:
        with time_machine.travel(datetime.fromtimestamp(int(got.headers["webhook-timestamp"]))):  # noqa: DTZ006
            Verifier(secret).verify(got.body, got.headers)


def test_an_answer_that_was_lost_means_the_same_id_again(
    settings: Settings,
    session: Session,
    receiver: Receiver,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.3)
    number, _secret = hook(session, settings, receiver.url())
    first, second = (one.uid for one in events_of(session, make_share(session), 2))
    session.commit()

    def too_late(got: Got) -> Answer:
        if len(receiver.got) == 1:
            receiver.closing.wait(1)
        return (200, {}, b"")

    receiver.answer = too_late
    deliver()
    assert states(session, number) == [WAITING, WAITING]
    deliver(10)

    assert receiver.ids == [first, first, second]
    assert states(session, number) == [DELIVERED, DELIVERED]


def test_several_workers_at_once_send_everything_once(
    settings: Settings, engine: Engine, session: Session, receiver: Receiver
) -> None:
    hooks = [hook(session, settings, receiver.url(f"/haak/{number}"))[0] for number in range(5)]
    expected = [one.uid for one in events_of(session, make_share(session), 12)]
    session.commit()

    workers = [threading.Thread(target=deliver_due, args=(settings, engine, START)) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    deliver_due(settings, engine, START + timedelta(seconds=1))

    for number, webhook in enumerate(hooks):
        came = [one.id for one in receiver.got if one.path == f"/haak/{number}"]
        assert came == expected
        assert set(states(session, webhook)) == {DELIVERED}


def test_a_worker_that_was_killed_in_the_middle_loses_nothing(
    settings: Settings, engine: Engine, session: Session, receiver: Receiver, deliver: Deliver
) -> None:
    hook(session, settings, receiver.url())
    expected = [one.uid for one in events_of(session, make_share(session), 2)]
    session.commit()
    with session_factory(engine)() as killed:
        lay_ready(killed, now=START)
        killed.commit()
        take_up(killed, now=START, limit=1)
        killed.commit()

    deliver(5)
    assert receiver.ids == []
    deliver(LEASE.total_seconds() + 1)
    assert receiver.ids == expected


def test_a_receiver_that_answers_nothing_holds_up_no_other(
    settings: Settings,
    session: Session,
    receiver: Receiver,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 1.0)
    asleep, _secret = hook(session, settings, receiver.url("/slaapt"))
    awake, _secret = hook(session, settings, receiver.url("/wakker"))
    events_of(session, make_share(session), 3)
    session.commit()

    def answer(got: Got) -> Answer:
        if got.path == "/slaapt":
            # As long as the other has not got all of it.
            receiver.wait_for(4, 5)
            receiver.closing.wait(2)
        return (200, {}, b"")

    receiver.answer = answer
    deliver()

    assert [one.path for one in receiver.got].count("/wakker") == 3
    assert states(session, awake) == [DELIVERED] * 3
    assert states(session, asleep) == [WAITING] * 3


def test_gone_stops_the_webhook(
    settings: Settings, session: Session, receiver: Receiver, deliver: Deliver
) -> None:
    number, _secret = hook(session, settings, receiver.url())
    events_of(session, make_share(session), 2)
    session.commit()
    receiver.says(410)

    deliver()
    deliver(100_000)

    assert len(receiver.got) == 1
    row = get_webhook(session, number, viewer=keeper(session))
    assert row.stopped_why == Stopped.GONE
    assert row.stopped_at is not None


def test_who_never_takes_anything_is_given_up_after_three_days(
    settings: Settings, session: Session, receiver: Receiver, deliver: Deliver
) -> None:
    number, _secret = hook(session, settings, receiver.url())
    events_of(session, make_share(session))
    session.commit()
    receiver.says(500)

    for hour in range(80):
        deliver(hour * 3700)

    assert states(session, number) == [GIVEN_UP]
    ((row,), _following) = delivery_page(session, keeper(session), number)
    assert (row.last_status, row.last_problem, row.attempts) == (500, "status", len(receiver.got))
    assert backlog(session).given_up == 1
    session.rollback()
    count = len(receiver.got)
    deliver(100 * 3700)
    assert len(receiver.got) == count


def test_with_another_secret_key_nothing_is_sent_unsigned(
    settings: Settings, engine: Engine, session: Session, receiver: Receiver
) -> None:
    number, _secret = hook(session, settings, receiver.url())
    events_of(session, make_share(session))
    session.commit()
    # The key is worked out once and kept, so a copy of the settings would still have the old one.
    other = Settings.model_validate({**settings.model_dump(), "secret_key": "another one"})

    deliver_due(other, engine, START)

    assert receiver.got == []
    assert get_webhook(session, number, viewer=keeper(session)).stopped_why == Stopped.UNREADABLE


def test_a_receiver_inside_is_not_connected_to_by_default(
    settings: Settings, engine: Engine, session: Session, receiver: Receiver
) -> None:
    number, _secret = hook(session, settings, receiver.url())
    events_of(session, make_share(session))
    session.commit()

    deliver_due(settings.model_copy(update={"allow_private_addresses": False}), engine, START)

    assert receiver.got == []
    ((row,), _following) = delivery_page(session, keeper(session), number)
    assert row.last_problem == outgoing.Problem.NOT_PUBLIC


def test_a_trial_tells_of_nothing_and_is_signed_as_the_rest(
    settings: Settings, session: Session, receiver: Receiver
) -> None:
    from models.store.webhooks import find_webhook

    number, secret = hook(session, settings, receiver.url())
    row = find_webhook(session, number, viewer=keeper(session))

    with time_machine.travel(START, tick=False):
        assert send_trial(settings, row.url, row.secret, now=START).status == 204
        (got,) = receiver.got
        told = Verifier(secret).verify(got.body, got.headers)

    assert (told["type"], told["subject"], told["data"]) == ("nl.participatienetwerk.proef", "proef", {})
    assert json.loads(got.body)["id"] == got.id


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Mon, 23 Nov 2026 09:10:00 GMT", 600),
        ("Mon, 23 Nov 2026 08:00:00 GMT", 0),
        ("", None),
        ("straks", None),
        ("-5", None),
        ("9" * 400, 999_999_999),
    ],
)
def test_how_long_a_receiver_asks_to_wait(text: str, seconds: float | None) -> None:
    asked = wait_asked(text, now=START)

    assert (asked.total_seconds() if asked is not None else None) == seconds
