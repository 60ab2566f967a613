"""Sending to webhooks what is due: several at once, and writing down what became of each try."""

import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.database import session_factory
from models.sealing import SealError
from models.settings import Settings
from models.store.deliveries import Claim, delivered, failed, has_work, stop_by_itself, take_up
from models.store.deliveries_ready import lay_ready
from models.store.webhooks import Stopped, signing_secrets
from review.event_messages import event_message, headers_of, trial_message
from review.outgoing import OutgoingError, Reply, post

log = logging.getLogger(__name__)

#: Deliveries under way at the same time, each to another webhook.
SENDERS = 8
#: Seconds after which a call takes up nothing more; the next call goes on.
LONGEST = 60.0
#: Seconds between looks for more while something is under way.
LOOK = 0.5
#: Answer by which a receiver says that it is gone for good.
GONE = 410


@dataclass
class Delivered:
    """What became of the deliveries of one call."""

    made: int = 0
    delivered: int = 0
    failed: int = 0


def deliver_due(
    settings: Settings, engine: Engine, now: datetime, stop: threading.Event | None = None
) -> Delivered:
    """Send all that is due, to each webhook in order and to several at once; others may do so beside it.

    Args:
        now: the moment at which this call begins, aware; it moves on while the call lasts.
        stop: when set, nothing more is taken up, and what is under way is left to whoever comes next.
    """
    begun = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - begun)

    told = Delivered()
    done: queue.SimpleQueue[bool] = queue.SimpleQueue()
    under_way = 0
    while stop is None or not stop.is_set():
        if under_way < SENDERS and time.monotonic() - begun < LONGEST:
            made, claims = _take_up(engine, clock(), SENDERS - under_way)
            told.made += made
            for claim in claims:
                # Threads of their own, which end with the process: stopping must not wait for a receiver.
                threading.Thread(
                    target=_work, args=(settings, engine, claim, clock, done), name="deliver", daemon=True
                ).start()
            under_way += len(claims)
        if not under_way:
            break
        try:
            if done.get(timeout=LOOK):
                told.delivered += 1
            else:
                told.failed += 1
            under_way -= 1
        except queue.Empty:
            continue
    return told


def send_trial(settings: Settings, url: str, sealed: str, *, now: datetime) -> Reply:
    """Send a message that tells of nothing, at once.

    Raises:
        OutgoingError: there is no answer.
        SealError: the secret of the webhook can't be read.
    """
    words = signing_secrets(settings.effective_secret_key, sealed, now=now)
    uid = str(uuid4())
    body = trial_message(settings, uid=uid, at=now)
    return post(url, body, headers_of(uid, body, words, now=now), settings)


def _take_up(engine: Engine, now: datetime, limit: int) -> tuple[int, list[Claim]]:
    # Looking first costs no lock: most of the time there is nothing.
    with session_factory(engine, writes=False)() as session:
        if not has_work(session, now=now):
            return 0, []
    with session_factory(engine)() as session:
        made = lay_ready(session, now=now)
        # Made visible before it is taken up, for both lock the same rows.
        session.commit()
        claims = take_up(session, now=now, limit=limit)
        session.commit()
    return made, claims


def _work(
    settings: Settings,
    engine: Engine,
    claim: Claim,
    clock: Callable[[], datetime],
    done: "queue.SimpleQueue[bool]",
) -> None:
    fine = False
    try:
        fine = _attempt(settings, engine, claim, clock)
    except Exception as error:
        # The database went away, say: the delivery is taken up again when its time is over.
        log.error("a delivery was not finished: %s", type(error).__name__)
    finally:
        done.put(fine)


def _attempt(settings: Settings, engine: Engine, claim: Claim, clock: Callable[[], datetime]) -> bool:
    """Send one delivery and write down what became of it; gives whether it arrived."""
    secret = settings.effective_secret_key
    try:
        words = signing_secrets(secret, claim.secret, now=clock())
    except SealError:
        _write(engine, lambda session: stop_by_itself(session, claim, now=clock(), why=Stopped.UNREADABLE))
        return False
    body = event_message(
        settings,
        uid=claim.uid,
        kind=claim.kind,
        at=claim.at,
        municipality_code=claim.municipality_code,
        share_id=claim.share_id,
        initiative_id=claim.initiative_id,
    )
    try:
        reply = post(claim.url, body, headers_of(claim.uid, body, words, now=clock()), settings)
    except OutgoingError as error:
        problem = error.problem.value
        _write(
            engine,
            lambda session: failed(session, claim, now=clock(), problem=problem, jitter=_jitter()),
        )
        return False
    if 200 <= reply.status < 300:
        _write(engine, lambda session: delivered(session, claim, reply.status, now=clock()))
        return True
    if reply.status == GONE:
        _write(
            engine,
            lambda session: stop_by_itself(session, claim, now=clock(), why=Stopped.GONE, status=GONE),
        )
        return False
    _write(
        engine,
        lambda session: failed(
            session,
            claim,
            now=clock(),
            problem="status",
            status=reply.status,
            wait=wait_asked(reply.retry_after, now=clock()),
            jitter=_jitter(),
        ),
    )
    return False


def wait_asked(text: str, *, now: datetime) -> timedelta | None:
    """What a header Retry-After asks for, in seconds or until a date; None = nothing that can be read."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return max(timedelta(0), until - now)


def _write(engine: Engine, change: Callable[[Session], None]) -> None:
    with session_factory(engine)() as session:
        change(session)
        session.commit()


def _jitter() -> float:
    return secrets.randbelow(2001) / 1000 - 1
