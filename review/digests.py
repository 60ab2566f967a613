"""Sending the digests that are due: to municipalities, and to the network's own staff.

Each mail is taken by whoever sends it, made, handed to the mail server, and noted, one after the other, each
step in a transaction of its own (``models.store.digest_mails``). Two processes never send the same one. Who
is killed between the server's "taken" and the note (milliseconds) sends it once more, ten minutes later at
the earliest, under the same Message-ID: that is the one moment that can't be closed.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.database import session_factory
from models.labels import load_labels
from models.municipality import Municipality
from models.settings import Settings
from models.store.digest_content import municipality_news
from models.store.digest_mails import Claimed, claim, give_back, settle_empty, settle_failed, settle_sent
from models.store.digest_readers import at_work
from models.store.digest_staff import staff_news
from models.store.digests import unsubscribe_word
from review.digest_texts import Digest, Writer
from review.mail_out import MailError, MailServer, message_to
from review.mail_pages import MailPages, base_address, mail_host
from review.mail_round import Clock, Problems

log = logging.getLogger(__name__)

#: Why no digests are sent at all.
NO_SERVER = "no mail server is set (SCOUT_MAIL_OUT), so no digests are sent"
NO_ADDRESS = (
    "no public address is set (SCOUT_PUBLIC_URL), so no digests are sent: links in them would lead nowhere"
)


@dataclass
class Sent(Problems):
    """What came of one round."""

    #: Mails that the server took, that had nothing to tell, and that could not be sent now.
    sent: int = 0
    empty: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Post(Clock):
    """All that is needed to send digests."""

    settings: Settings
    engine: Engine
    writer: Writer
    pages: MailPages
    server: MailServer


def send_due(settings: Settings, engine: Engine, now: datetime, *, timeout: float | None = None) -> Sent:
    """Send what is due at ``now``; may be called at any time, by several processes at once.

    Args:
        timeout: seconds that the mail server may take to answer each step; None = the usual.
    """
    done = Sent()
    post = _post(settings, engine, now, done, timeout)
    if post is None:
        return done
    with post.server:
        for subscription_id in _numbers(engine, now):
            # Twice at most: one that could not be sent before, and the one that is due today.
            while (taken := _take(post, subscription_id)) is not None:
                if not _send(post, taken, done):
                    return done
    return done


def look(settings: Settings, engine: Engine, now: datetime) -> Sent:
    """What :func:`send_due` would do now, as far as is known without sending; nothing is changed."""
    done = Sent()
    if _post(settings, engine, now, done, None) is None:
        return done
    with session_factory(engine)() as session:
        for subscription_id in session.scalars(at_work(now.date())).all():
            taken = claim(session, subscription_id, now=now, host="localhost")
            if taken is not None:
                empty = _news(session, taken, now)[0]
                done.empty += empty
                done.sent += not empty
        session.rollback()
    return done


def _post(
    settings: Settings, engine: Engine, now: datetime, done: Sent, timeout: float | None
) -> Post | None:
    base = base_address(settings)
    if not settings.mail_out:
        done.note(NO_SERVER)
        return None
    if base is None:
        done.note(NO_ADDRESS)
        return None
    server = MailServer(settings) if timeout is None else MailServer(settings, timeout=timeout)
    return Post(
        settings,
        engine,
        Writer(base, load_labels(settings)),
        MailPages(),
        server,
        began=(now, time.monotonic()),
    )


def _numbers(engine: Engine, now: datetime) -> list[int]:
    with session_factory(engine, writes=False)() as session:
        return list(session.scalars(at_work(now.date())))


def _take(post: Post, subscription_id: int) -> Claimed | None:
    with session_factory(post.engine)() as session:
        taken = claim(session, subscription_id, now=post.now(), host=mail_host(post.settings))
        session.commit()
        return taken


def _send(post: Post, taken: Claimed, done: Sent) -> bool:
    """Make and send one mail, and note what came of it; False = the server takes no mail at all."""

    def settle(how: Callable[[Session], None]) -> None:
        with session_factory(post.engine)() as session:
            how(session)
            session.commit()

    with session_factory(post.engine, writes=False)() as session:
        message = _message(post, session, taken)
    if message is None:
        settle(lambda session: settle_empty(session, taken))
        done.empty += 1
        return True
    try:
        post.server.connect()
    except MailError as error:
        problem = error.word
        settle(lambda session: give_back(session, taken, problem))
        _failed(done, error)
        return False
    try:
        post.server.send(message)
    except MailError as error:
        problem, lasting = error.word, error.lasting
        settle(lambda session: settle_failed(session, taken, problem, now=post.now(), lasting=lasting))
        _failed(done, error)
        return not error.of_server
    settle(lambda session: settle_sent(session, taken, at=utc_now()))
    done.sent += 1
    return True


def _failed(done: Sent, error: MailError) -> None:
    done.failed += 1
    done.note(str(error))
    log.warning("a digest was not sent: %s", error)


def _message(post: Post, session: Session, taken: Claimed) -> EmailMessage | None:
    """The mail in words; None = there is nothing to tell."""
    empty, words = _news(session, taken, post.now())
    if empty:
        return None
    word = unsubscribe_word(post.settings.effective_secret_key, taken.subscription_id, taken.salt)
    with post.pages.language(taken.language):
        digest = words(post.writer, word)
        text, html = post.pages.text_and_html("digest", digest=digest, language=taken.language)
    return message_to(
        post.settings,
        taken.email,
        digest.subject,
        text,
        html,
        message_id=taken.message_id,
        language=taken.language,
        unsubscribe=post.writer.stop_address(taken, word),
    )


def _news(session: Session, taken: Claimed, now: datetime) -> tuple[bool, Callable[[Writer, str], Digest]]:
    """Whether there is nothing to tell, and how to put it in words."""
    if taken.municipality_code is None:
        told = staff_news(
            session,
            after=taken.after_event_id,
            through=taken.through_event_id,
            since=taken.since,
            now=now,
        )
        return told.empty, lambda writer, word: writer.for_staff(told, taken, word)
    code = taken.municipality_code
    name = session.scalar(select(Municipality.name).where(Municipality.code == code)) or code
    news = municipality_news(session, code, after=taken.after_event_id, through=taken.through_event_id)
    return news.empty, lambda writer, word: writer.for_municipality(news, name, taken, word)
