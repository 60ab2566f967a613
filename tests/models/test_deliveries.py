"""Deliveries in the database: in order, by one worker at a time, tried again, given up, sent once more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.database import session_factory
from models.settings import Settings
from models.store.channels import MOST, NotYourChannelError, TooManyChannelsError
from models.store.deliveries import (
    LEASE,
    LONGEST_WAIT,
    STEPS,
    TERM,
    Claim,
    delivered,
    failed,
    has_work,
    next_try,
    stop_by_itself,
    take_up,
)
from models.store.deliveries_list import backlog, delivery_page
from models.store.deliveries_ready import lay_ready, replay
from models.store.events import KEEP_DAYS, forget_events
from models.store.viewer import Viewer
from models.store.webhooks import (
    OVERLAP,
    Stopped,
    WebhookNotFoundError,
    add_webhook,
    find_webhook,
    get_webhook,
    remove_webhook,
    renew_secret,
    resume_webhook,
    signing_secrets,
    stop_webhook,
    webhook_rows,
)
from models.words import DeliveryState
from tests.models.channel_world import START, events_of, keeper, make_share, officer, states
from tests.review.factories import ARNHEM, RHEDEN

WAITING, DELIVERED, GIVEN_UP = DeliveryState.WAITING, DeliveryState.DELIVERED, DeliveryState.GIVEN_UP

pytestmark = pytest.mark.both_databases


@pytest.fixture
def secret(settings: Settings) -> bytes:
    """The secret key."""
    return settings.effective_secret_key


def hook(
    session: Session, secret: bytes, municipality: str | None = ARNHEM, name: str = "Zaaksysteem"
) -> int:
    """A webhook."""
    row, _secret = add_webhook(
        session,
        secret,
        viewer=keeper(session),
        municipality_code=municipality,
        url="https://ontvanger.example/haak?sleutel=geheim",
        name=name,
        now=START,
    )
    return row.id


def laid(session: Session, seconds: float = 0) -> None:
    """Make ready what happened."""
    lay_ready(session, now=START + timedelta(seconds=seconds))
    session.commit()


def taken(session: Session, seconds: float = 0, limit: int = 10) -> list[Claim]:
    """What a worker takes up."""
    claims = take_up(session, now=START + timedelta(seconds=seconds), limit=limit)
    session.commit()
    return claims


def test_each_webhook_gets_what_happened_in_its_municipality_since_it_was_added(
    session: Session, secret: bytes
) -> None:
    arnhem, rheden = make_share(session, ARNHEM), make_share(session, RHEDEN)
    events_of(session, arnhem)
    own, of_all = hook(session, secret), hook(session, secret, None)
    session.commit()
    assert not has_work(session, now=START)

    events_of(session, arnhem, 2)
    events_of(session, rheden)
    session.commit()
    assert has_work(session, now=START)
    laid(session)
    laid(session)

    assert states(session, own) == [WAITING] * 2
    assert states(session, of_all) == [WAITING] * 3


def test_the_first_that_waits_holds_up_the_rest_of_its_webhook_and_nobody_else(
    session: Session, secret: bytes
) -> None:
    share = make_share(session)
    broken, fine = hook(session, secret, name="stuk"), hook(session, secret, name="goed")
    first, second = events_of(session, share, 2)
    session.commit()
    laid(session)

    claims = {claim.webhook_id: claim for claim in taken(session)}
    assert {claim.uid for claim in claims.values()} == {first.uid}
    failed(session, claims[broken], now=START, problem="status", status=500)
    delivered(session, claims[fine], 204, now=START)
    session.commit()

    assert [(claim.webhook_id, claim.uid) for claim in taken(session, 1)] == [(fine, second.uid)]
    assert [(claim.webhook_id, claim.uid) for claim in taken(session, 5)] == [(broken, first.uid)]


def test_of_many_workers_one_gets_a_delivery(engine: Engine, session: Session, secret: bytes) -> None:
    share = make_share(session)
    hooks = [hook(session, secret, name=f"haak {number}") for number in range(6)]
    events_of(session, share)
    session.commit()

    def work(_number: int) -> list[int]:
        mine: list[int] = []
        with session_factory(engine)() as own:
            while has_work(own, now=START):
                lay_ready(own, now=START)
                own.commit()
                mine += [claim.delivery_id for claim in take_up(own, now=START, limit=3)]
                own.commit()
        return mine

    with ThreadPoolExecutor(8) as pool:
        found = [number for numbers in pool.map(work, range(16)) for number in numbers]

    assert len(found) == len(set(found)) == len(hooks)


def test_a_delivery_of_a_worker_that_died_is_taken_up_by_another_under_the_same_id(
    session: Session, secret: bytes
) -> None:
    webhook = hook(session, secret)
    events_of(session, make_share(session))
    session.commit()
    laid(session)
    (dead,) = taken(session)

    assert taken(session, LEASE.total_seconds() - 1) == []
    (living,) = taken(session, LEASE.total_seconds())
    assert living.uid == dead.uid

    # The dead one was only slow: what it says no longer counts, unless it is that the receiver has it.
    failed(session, dead, now=START, problem="timeout")
    session.commit()
    assert taken(session, LEASE.total_seconds() + 1) == []
    delivered(session, dead, 200, now=START)
    session.commit()
    failed(session, living, now=START, problem="timeout")
    session.commit()
    assert states(session, webhook) == [DELIVERED]


def test_after_three_days_of_failing_it_is_given_up_and_the_next_has_its_turn(
    session: Session, secret: bytes
) -> None:
    webhook = hook(session, secret)
    _first, second = events_of(session, make_share(session), 2)
    session.commit()
    laid(session)
    late = TERM.total_seconds()
    (claim,) = taken(session)
    failed(session, claim, now=START + TERM - timedelta(seconds=1), problem="connection")
    session.commit()
    assert states(session, webhook) == [WAITING, WAITING]

    (claim,) = taken(session, late + 10)
    failed(session, claim, now=START + TERM, problem="connection")
    session.commit()

    assert states(session, webhook) == [GIVEN_UP, WAITING]
    assert backlog(session).given_up == 1
    assert [one.uid for one in taken(session, late + 10)] == [second.uid]


def test_what_was_given_up_can_be_sent_once_more_from_the_start(session: Session, secret: bytes) -> None:
    webhook = hook(session, secret)
    events_of(session, make_share(session), 2)
    session.commit()
    laid(session)
    for _number in range(2):
        (claim,) = taken(session, TERM.total_seconds())
        failed(session, claim, now=START + TERM, problem="connection")
        session.commit()
    assert states(session, webhook) == [GIVEN_UP, GIVEN_UP]

    later = START + TERM + timedelta(days=1)
    row = find_webhook(session, webhook, viewer=keeper(session), lock=True)
    assert replay(session, row, now=later) == 2
    session.commit()

    (claim,) = take_up(session, now=later, limit=5)
    failed(session, claim, now=later, problem="connection")
    session.commit()
    deliveries, _following = delivery_page(session, keeper(session), webhook)
    assert [(one.state, one.attempts) for one in deliveries] == [(WAITING, 0), (WAITING, 1)]


def test_a_period_is_sent_once_more_also_what_the_webhook_is_too_new_for(
    session: Session, secret: bytes
) -> None:
    share = make_share(session)
    events_of(session, share, 3, start=START - timedelta(days=2), every=24 * 3600)
    events_of(session, make_share(session, RHEDEN), start=START - timedelta(days=2))
    webhook = hook(session, secret)
    session.commit()

    row = find_webhook(session, webhook, viewer=keeper(session), lock=True)
    period = (START - timedelta(days=2), START)
    assert replay(session, row, now=START, period=period) == 2
    session.commit()

    assert states(session, webhook) == [WAITING, WAITING]


def test_what_is_on_its_way_is_not_sent_once_more(session: Session, secret: bytes) -> None:
    webhook = hook(session, secret)
    events_of(session, make_share(session))
    session.commit()
    laid(session)
    (claim,) = taken(session)

    row = find_webhook(session, webhook, viewer=keeper(session), lock=True)
    again = START + timedelta(seconds=1)
    assert replay(session, row, now=again, delivery_ids=[claim.delivery_id]) == 0
    delivered(session, claim, 200, now=again)
    session.commit()
    assert replay(session, row, now=again, delivery_ids=[claim.delivery_id]) == 1


def test_a_stopped_webhook_gets_nothing_until_it_is_resumed_and_then_all(
    session: Session, secret: bytes
) -> None:
    webhook, viewer, share = hook(session, secret), keeper(session), make_share(session)
    events_of(session, share)
    session.commit()
    laid(session)
    stop_webhook(session, webhook, viewer=viewer, now=START)
    events_of(session, share)
    session.commit()
    laid(session)
    assert taken(session, 10) == []
    assert not has_work(session, now=START + timedelta(days=5))
    assert backlog(session).waiting == 0

    # Long after: the term begins anew.
    after = timedelta(days=5)
    resume_webhook(session, webhook, viewer=viewer, now=START + after)
    session.commit()
    laid(session, after.total_seconds())
    (claim,) = taken(session, after.total_seconds())
    failed(session, claim, now=START + after, problem="connection")
    session.commit()

    assert states(session, webhook) == [WAITING, WAITING]
    assert backlog(session).oldest == START + after


def test_a_receiver_that_is_gone_stops_its_webhook_and_loses_nothing(session: Session, secret: bytes) -> None:
    webhook, viewer = hook(session, secret), keeper(session)
    events_of(session, make_share(session))
    session.commit()
    laid(session)
    (claim,) = taken(session)
    stop_by_itself(session, claim, now=START, why=Stopped.GONE, status=410)
    session.commit()

    assert get_webhook(session, webhook, viewer=viewer).stopped_why == Stopped.GONE
    assert taken(session, 100_000) == []
    resume_webhook(session, webhook, viewer=viewer, now=START)
    session.commit()
    assert len(taken(session)) == 1


def test_a_removed_webhook_keeps_neither_address_nor_secret(session: Session, secret: bytes) -> None:
    webhook, viewer = hook(session, secret), keeper(session)
    remove_webhook(session, webhook, viewer=viewer, now=START)
    events_of(session, make_share(session))
    session.commit()
    laid(session)

    assert states(session, webhook) == []
    assert webhook_rows(session, viewer, ARNHEM) == []
    with pytest.raises(WebhookNotFoundError):
        get_webhook(session, webhook, viewer=viewer)


def test_the_former_secret_signs_for_another_day(session: Session, secret: bytes) -> None:
    viewer = keeper(session)
    row, first = add_webhook(
        session, secret, viewer=viewer, municipality_code=None, url="https://a.example/", now=START
    )
    second = renew_secret(session, secret, row.id, viewer=viewer, now=START)
    sealed = find_webhook(session, row.id, viewer=viewer).secret

    assert first not in sealed
    assert signing_secrets(secret, sealed, now=START) == [second, first]
    assert signing_secrets(secret, sealed, now=START + OVERLAP) == [second]


def test_events_go_after_a_year_with_their_deliveries(session: Session, secret: bytes) -> None:
    webhook = hook(session, secret)
    events_of(session, make_share(session), 2, every=24 * 3600)
    session.commit()
    laid(session)

    assert forget_events(session, now=START + timedelta(days=KEEP_DAYS)) == 1
    assert states(session, webhook) == [WAITING]


def test_whose_webhooks_somebody_keeps(session: Session, secret: bytes) -> None:
    own, network = hook(session, secret), hook(session, secret, None)
    arnhem, rheden = officer(session, ARNHEM), officer(session, RHEDEN)
    events_of(session, make_share(session))
    session.commit()
    laid(session)

    assert get_webhook(session, own, viewer=arnhem).shown == "ontvanger.example/haak"
    for viewer, number in ((rheden, own), (arnhem, network), (rheden, network)):
        with pytest.raises(WebhookNotFoundError):
            get_webhook(session, number, viewer=viewer)
        assert delivery_page(session, viewer, number) == ([], None)
    for viewer, code in ((arnhem, RHEDEN), (arnhem, None), (keeper(session), "GM9999")):
        with pytest.raises(NotYourChannelError):
            add(session, secret, viewer, code)


def test_somebody_who_reviews_too_keeps_no_more_than_the_own_municipality(
    session: Session, secret: bytes
) -> None:
    from dataclasses import replace

    from models.words import Role

    hook(session, secret, RHEDEN)
    both = replace(officer(session, ARNHEM), roles=frozenset({Role.MUNICIPALITY, Role.REVIEWER}))

    assert webhook_rows(session, both, RHEDEN) == []


def test_there_is_an_end_to_how_many(session: Session, secret: bytes) -> None:
    viewer = officer(session)
    for _number in range(MOST):
        add(session, secret, viewer, ARNHEM)
    with pytest.raises(TooManyChannelsError):
        add(session, secret, viewer, ARNHEM)


def add(session: Session, secret: bytes, viewer: Viewer, code: str | None) -> None:
    """Add a webhook."""
    add_webhook(session, secret, viewer=viewer, municipality_code=code, url="https://a.example/", now=START)


@pytest.mark.parametrize(
    ("attempts", "asked", "seconds"),
    [
        pytest.param(1, None, 5, id="the first failure"),
        pytest.param(4, None, 300, id="the fourth"),
        pytest.param(7, None, 3600, id="the last of the steps"),
        pytest.param(40, None, 3600, id="hourly from then on"),
        pytest.param(1, timedelta(minutes=10), 600, id="the receiver asks for more"),
        pytest.param(7, timedelta(seconds=1), 3600, id="the receiver asks for less"),
        pytest.param(1, timedelta(days=9), LONGEST_WAIT.total_seconds(), id="the receiver asks for ever"),
    ],
)
def test_when_it_is_tried_again(
    database: str, attempts: int, asked: timedelta | None, seconds: float
) -> None:
    assert next_try(attempts, now=START, since=START, wait=asked) == START + timedelta(seconds=seconds)


def test_not_all_are_tried_again_at_the_same_moment(database: str) -> None:
    early = next_try(1, now=START, since=START, jitter=-1)
    late = next_try(1, now=START, since=START, jitter=1)

    assert (early, late) == (START + STEPS[0] * 0.9, START + STEPS[0] * 1.1)
