"""The database as the crawl uses it: short transactions in a thread of their own.

While one waits for another writer, the network goes on.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.database import session_factory

T = TypeVar("T")


class Storage:
    """One thread, one transaction at a time."""

    def __init__(self, engine: Engine) -> None:
        self._writing = session_factory(engine)
        self._reading = session_factory(engine, writes=False)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storage")

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` and commit; all of it or, after an exception, nothing."""

        def transaction() -> T:
            with self._writing() as session:
                result = work(session)
                session.commit()
                return result

        return await self._run(transaction)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run ``work``, which changes nothing."""

        def reading() -> T:
            with self._reading() as session:
                return work(session)

        return await self._run(reading)

    async def _run(self, work: Callable[[], T]) -> T:
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        # A visit that is called off no longer asks how its transaction ended.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        # Only waited for: what has begun is finished, also when the visit it belongs to is called off.
        await asyncio.wait([future])
        return future.result()

    def close(self) -> None:
        """Wait for the last transaction."""
        self._thread.shutdown()
