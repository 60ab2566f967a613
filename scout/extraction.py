"""Work that may never end, in processes that can be killed: extraction of articles, reading of large lists.

The workers are fresh processes (no reactor, no database), start with the first task, and go when their parent
goes, however it goes.
"""

import ctypes
import importlib
import logging
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

from scout.steps import article
from scout.steps.article import Article

if TYPE_CHECKING:  # a worker that only extracts does without these
    from models.source_definition import SourceDefinition
    from scout.drafts import Page, Reading

#: Bytes from which a list is read by a worker: up to here the slowest hostile feed tried took 1.3 s
#: (300 KB of nested elements, 2026-11-21), a normal one of 134 KB 0.04 s.
LARGE_LIST = 300_000
#: Bytes of address space that a worker may have; without work it has 75 MB. A page of 5 MB with a normal
#: article in it took 145 MB, one of 4.7 MB that is all paragraphs 560 MB (2026-11-21).
MEMORY_LIMIT = 600_000_000
#: Tasks after which a worker is replaced: the libraries keep caches.
TASKS_FOR_EACH_WORKER = 500

_PR_SET_PDEATHSIG = 1
_GZIP = b"\x1f\x8b"


class ExtractionError(Exception):
    """A task did not end well; the message says why, in one clear sentence."""


def belongs_in_pool(page: "Page") -> bool:
    """Whether a list should be read by a worker: it is large, or packed and may become so."""
    return len(page.body) > LARGE_LIST or page.body.startswith(_GZIP)


class ExtractionPool:
    """A few processes for work that must be cut off when it takes too long.

    Every future given out ends, with a result or with :class:`ExtractionError`. Callbacks of a future run
    in a thread of the pool.

    Args:
        workers: processes at most; each takes some 60 to 200 MB while it works.
        seconds: a task that runs longer is killed, with its process.
    """

    def __init__(self, *, workers: int = 2, seconds: float = 20.0) -> None:
        self._workers, self._seconds = workers, seconds
        self._processes: _Processes | None = None
        self._closed = False
        self._lock = threading.Lock()

    def submit(self, html: bytes, url: str, charset_hint: str = "") -> "Future[Article]":
        """Extract the article of a page; see :func:`scout.steps.article.extract`."""
        if len(html) > article.LARGEST_PAGE:  # not worth carrying it to a worker
            done: Future[Article] = Future()
            done.set_result(article.extract(html, url, charset_hint))
            return done
        return self.run(article.extract, html, url, charset_hint)

    def read(self, source: "SourceDefinition", page: "Page") -> "Future[Reading]":
        """Read a list page with the reader of the source's kind."""
        return self.run(_read, source, page)

    def run(self, function: Callable[..., Any], *args: Any, seconds: float | None = None) -> "Future[Any]":
        """Run a function of a module, which must be picklable like its arguments and its result."""
        limit = seconds or self._seconds
        for _ in range(2):
            with self._lock:
                if self._closed:
                    break
                processes = self._processes = self._processes or _Processes(self._workers)
                try:
                    return processes.schedule(function, args, limit)
                except RuntimeError:  # a worker died between two tasks and broke the pool: make a new one
                    self._processes = None
            processes.stop()
        future: Future[Any] = Future()
        future.set_exception(ExtractionError("there are no processes for it: they are closed or don't start"))
        return future

    def close(self) -> None:
        """Stop at once; unfinished tasks end with an error. May be called again."""
        with self._lock:
            self._closed = True
            processes, self._processes = self._processes, None
        if processes is not None:
            processes.stop()


class _Processes:
    """A pool of processes, started by a thread that lives as long as they do.

    Linux ends a worker with the *thread* that started it, and who hands in the first task may be gone soon.
    """

    def __init__(self, workers: int) -> None:
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=TASKS_FOR_EACH_WORKER,
            initializer=_prepare_worker,
            initargs=(os.getpid(),),
            # Fresh interpreters: a forked one would share the reactor's sockets and locks.
            context=multiprocessing.get_context("spawn"),
        )
        self._unfinished: set[Future[Any]] = set()
        self._started, self._over = threading.Event(), threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="extraction", daemon=True)
        self._keeper.start()
        self._started.wait()

    def _keep(self) -> None:
        with suppress(RuntimeError):  # the first task will meet it again
            self._pool.active  # noqa: B018 - asking starts the processes
        self._started.set()
        self._over.wait()

    def schedule(self, function: Callable[..., Any], args: tuple[Any, ...], limit: float) -> "Future[Any]":
        """Hand in a task.

        Raises:
            RuntimeError: the pool is broken.
        """
        task = self._pool.schedule(function, args=args, timeout=limit)
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        self._unfinished.add(future)
        task.add_done_callback(lambda done: self._hand_over(done, future, limit))
        return future

    def stop(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        self._give_up("it was stopped before it was done")
        self._over.set()
        self._keeper.join()

    def _hand_over(self, done: "Future[Any]", future: "Future[Any]", limit: float) -> None:
        self._unfinished.discard(future)
        try:
            result = done.result()
        except BaseException as error:  # also CancelledError, which is none of Exception
            _end(future, error=_sentence(error, limit))
            if isinstance(error, BrokenProcessPool):  # says nothing of tasks that still wait in line
                self._give_up("its process died")
        else:
            _end(future, result=result)

    def _give_up(self, why: str) -> None:
        for future in list(self._unfinished):
            self._unfinished.discard(future)
            _end(future, error=why)


def _end(future: "Future[Any]", *, result: Any = None, error: str = "") -> None:
    with suppress(InvalidStateError):  # ended meanwhile
        if error:
            future.set_exception(ExtractionError(error))
        else:
            future.set_result(result)


def _sentence(error: BaseException, limit: float) -> str:
    if isinstance(error, TimeoutError):
        return f"it took longer than {limit:g} seconds and was cut off"
    if isinstance(error, MemoryError):
        return f"it needed more than {MEMORY_LIMIT // 10**6} MB of memory and was cut off"
    if isinstance(error, ProcessExpired | BrokenProcessPool):
        return "its process died"
    return f"it failed ({type(error).__name__})"


# -- inside a worker -----------------------------------------------------------------------------


def _prepare_worker(parent: int) -> None:
    """Limit a worker's memory, and bind its life to its parent's."""
    if sys.platform == "linux":
        # Also a worker that is busy in C code goes when the parent is killed.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was gone before
            os._exit(1)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    # A broken page is not a reason for lines on the screen; its outcome is counted.
    logging.disable(logging.CRITICAL)
    # trafilatura would load numpy with an identifier of languages, for something that is not asked of it.
    sys.modules["py3langid"] = None  # type: ignore[assignment]
    importlib.import_module("trafilatura")
    del sys.modules["py3langid"]


def _read(source: "SourceDefinition", page: "Page") -> "Reading":
    kinds = importlib.import_module("scout.kinds").KINDS
    reading: Reading = kinds[source.kind].read(source, page)
    return reading
