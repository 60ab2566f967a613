"""Doing what pages ask of the scout: a look behind an address, or a visit. One errand a process."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.base import utc_now
from models.commands import CannotFinishError
from models.database import open_engine, session_factory
from models.settings import Settings
from models.source import Source
from models.store.errands import errand_of, finish, forget_old, still_at_it, take_next
from models.words import ErrandKind
from scout.stages import begin, only_one_run, run_stage

#: Seconds between two signs of life of an errand that takes long.
SIGN_OF_LIFE = 60.0
#: Errands done before a run goes on with its own work.
MOST_BEFORE_RUN = 20


def do_errand(settings: Settings, errand_id: int, say: Callable[[str], None]) -> None:
    """Do one errand that was taken up, and note what came of it; one that is done stays as it is.

    A look starts Scrapy's reactor, so only one can be done in a process.

    Raises:
        CannotFinishError: there is no such errand, or it could not be done; then that is noted as well.
    """
    engine = open_engine(settings)
    try:
        with session_factory(engine, writes=False)() as session:
            errand = errand_of(session, errand_id)
        if errand is None:
            raise CannotFinishError(f"there is no errand {errand_id}")
        if errand.done_at is not None:
            return
        with _signs_of_life(engine, errand_id):
            try:
                if errand.kind is ErrandKind.PROBE:
                    result, problem = _look(settings, engine, errand.url)
                else:
                    result, problem = _visit(settings, errand.source_key or "", say)
            except CannotFinishError as error:
                _note(engine, errand_id, {}, str(error), url=_server_of(errand.url))
                raise
        told = result["address"] if result.get("refusal") else None
        _note(engine, errand_id, result, problem, url=told)
    finally:
        engine.dispose()


def _look(settings: Settings, engine: Engine, url: str) -> tuple[dict[str, Any], str | None]:
    from scout.discover import discover

    with session_factory(engine, writes=False)() as session:
        taken, waits = known_of_sources(session)
    found = discover(settings, url, taken=taken, waits=waits)
    return found.as_dict(), found.refusal.why if found.refusal else None


def known_of_sources(session: Session) -> tuple[set[str], list[tuple[str, datetime]]]:
    """What a look has to know: keys that are taken, and (address, until when its server wants rest)."""
    waiting = select(Source.url, Source.retry_after_until).where(Source.retry_after_until > utc_now())
    waits = [(url, until) for url, until in session.execute(waiting) if until is not None]
    return set(session.scalars(select(Source.key))), waits


def _visit(settings: Settings, key: str, say: Callable[[str], None]) -> tuple[dict[str, Any], str | None]:
    with only_one_run(settings, say) as lock:
        gathered = run_stage("gather", "--source", key, "--now", lock=lock)
        flagged = run_stage("flag", lock=lock)
        grouped = run_stage("group", lock=lock)
    problems = [entry["problem"] for entry in gathered["problems"] if entry["source"] == key]
    result = {
        "sources": gathered["sources"],
        "items": gathered["items"],
        "flagged": flagged["flagged"],
        "leads": {"opened": grouped["opened"], "extended": grouped["extended"]},
    }
    return result, problems[0] if problems else None


def _note(
    engine: Engine, errand_id: int, result: dict[str, Any], problem: str | None, url: str | None = None
) -> None:
    with session_factory(engine)() as session:
        finish(session, errand_id, result=result, problem=problem, now=utc_now(), url=url)
        session.commit()


@contextmanager
def _signs_of_life(engine: Engine, errand_id: int) -> Iterator[None]:
    """Keep others from taking the errand up while we wait for another run, or for a slow server."""
    over = threading.Event()

    def tell() -> None:
        while not over.wait(SIGN_OF_LIFE):
            # One that fails does not matter, the next one comes in time.
            with suppress(DBAPIError), session_factory(engine)() as session:
                still_at_it(session, errand_id, utc_now())
                session.commit()

    threading.Thread(target=tell, daemon=True, name="signs of life").start()
    try:
        yield
    finally:
        over.set()


def do_waiting(settings: Settings, say: Callable[[str], None]) -> int:
    """Do the errands that wait, each in a process of its own; returns how many were taken up.

    One that can't be done is noted as such and does not keep the others from being done.
    """
    engine = open_engine(settings)
    done = 0
    try:
        with session_factory(engine)() as session:
            forget_old(session, utc_now())
            session.commit()
        while done < MOST_BEFORE_RUN:
            with session_factory(engine)() as session:
                errand = take_next(session, utc_now())
                session.commit()
            if errand is None:
                break
            done += 1
            code = begin("errand", str(errand.id)).wait()
            if code:
                note_broken(engine, errand.id, code, say)
    finally:
        engine.dispose()
    return done


def note_broken(engine: Engine, errand_id: int, code: int, say: Callable[[str], None]) -> None:
    """Note that the process of an errand ended badly, unless it said why itself."""
    how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
    say(f"errand {errand_id} could not be done ({how})")
    with session_factory(engine, writes=False)() as session:
        errand = errand_of(session, errand_id)
    why = f"the scout could not do this ({how}): see its log, and ask again"
    _note(engine, errand_id, {}, why, url=_server_of(errand.url) if errand else None)


def _server_of(url: str) -> str:
    """All that is kept of an address that nobody looked behind: the rest may name a person."""
    with suppress(ValueError):
        host = urlsplit(url if "://" in url else f"https://{url}").hostname
        return f"https://{host}/" if host else ""
    return ""
