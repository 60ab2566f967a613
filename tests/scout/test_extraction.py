"""Work that may never end, in processes that can be killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress

import psutil
import pytest

from scout.drafts import Page
from scout.extraction import ExtractionError, ExtractionPool
from scout.steps.article import extract
from tests.scout.reading import source_of

URL = "https://koerier.example/1"
HTML = (
    b"<html><body><article><p>Bewoners openden zaterdag hun buurttuin in de wijk.</p></article></body></html>"
)


@pytest.fixture
def pool() -> Iterator[ExtractionPool]:
    pool = ExtractionPool(workers=1, seconds=120)
    yield pool
    pool.close()


def workers() -> list[psutil.Process]:
    """The processes of pools that this process started, without multiprocessing's own helper."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


def gone(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_ZOMBIE
    return True


def wait_until(happened: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether something happens in time; polled gently."""
    until = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


# Functions of a module, as only those can be handed to a worker.


def take_memory(size: int) -> int:
    return len(bytearray(size))


def know_modules() -> set[str]:
    return {name.partition(".")[0] for name in sys.modules}


def test_no_process_is_started_before_the_first_task() -> None:
    before = len(workers())
    pool = ExtractionPool()

    assert len(workers()) == before
    pool.close()


def test_an_article_is_extracted_as_it_would_be_here(pool: ExtractionPool) -> None:
    assert pool.submit(HTML, URL).result() == extract(HTML, URL)


def test_the_charset_of_the_header_reaches_the_worker(pool: ExtractionPool) -> None:
    html = "<html><body><p>Żółw w ogrodzie sąsiedzkim</p></body></html>".encode("cp1250")

    assert pool.submit(html, URL, "windows-1250").result().text == "Żółw w ogrodzie sąsiedzkim"


def test_a_page_that_is_too_large_never_reaches_a_worker() -> None:
    pool = ExtractionPool()
    before = len(workers())

    article = pool.submit(b"<p>" + b"x" * 20_000_000, URL).result()

    assert "20.0 MB of HTML, more than 5 MB" in str(article.problem)
    assert len(workers()) == before
    pool.close()


def test_a_list_is_read_with_the_reader_of_its_kind(pool: ExtractionPool) -> None:
    source = source_of("sitemap", "https://koerier.example/sitemap.xml")
    body = b"<urlset><url><loc>https://koerier.example/1</loc></url></urlset>"
    page = Page(asked=source.url, url=source.url, status=200, headers={}, body=body)

    assert [draft.url for draft in pool.read(source, page).result().drafts] == ["https://koerier.example/1"]


def test_a_worker_is_a_fresh_process_without_reactor_and_database(pool: ExtractionPool) -> None:
    assert not {"twisted", "scrapy", "sqlalchemy", "numpy", "spacy"} & pool.run(know_modules).result()


def test_a_task_that_takes_too_long_is_killed_and_the_next_one_runs(pool: ExtractionPool) -> None:
    stuck = pool.run(time.sleep, 600, seconds=0.2)

    with pytest.raises(ExtractionError, match=r"^it took longer than 0\.2 seconds and was cut off$"):
        stuck.result()
    assert pool.submit(HTML, URL).result().problem is None


def test_a_task_that_wants_too_much_memory_is_cut_off(pool: ExtractionPool) -> None:
    with pytest.raises(ExtractionError, match="it needed more than 600 MB of memory"):
        pool.run(take_memory, 1_000_000_000).result()
    assert pool.run(take_memory, 1000).result() == 1000


@pytest.mark.parametrize("how", ["exit", "kill"])
def test_a_worker_that_dies_at_work_fails_its_task_and_is_replaced(pool: ExtractionPool, how: str) -> None:
    died = pool.run(os._exit, 3) if how == "exit" else pool.run(signal.raise_signal, signal.SIGKILL)

    with pytest.raises(ExtractionError, match="its process died"):
        died.result()
    assert pool.submit(HTML, URL).result().problem is None


def test_a_worker_that_dies_between_tasks_does_not_stop_the_pool(pool: ExtractionPool) -> None:
    known = {worker.pid for worker in workers()}
    pool.submit(HTML, URL).result()
    (worker,) = [worker for worker in workers() if worker.pid not in known]

    worker.kill()
    assert wait_until(lambda: gone(worker))

    # The one handed in at that very moment may go with it.
    assert isinstance(pool.run(take_memory, 10).exception(), ExtractionError | None)
    assert pool.run(take_memory, 10).result() == 10


def test_a_task_that_fails_names_the_failure(pool: ExtractionPool) -> None:
    with pytest.raises(ExtractionError, match=r"it failed \(ValueError\)"):
        pool.run(int, "geen getal").result()


def test_what_cannot_be_sent_to_a_worker_fails_too(pool: ExtractionPool) -> None:
    with pytest.raises(ExtractionError, match="it failed"):
        pool.run(lambda: 1).result()


def test_closing_ends_every_task_and_every_worker() -> None:
    known = {worker.pid for worker in workers()}
    pool = ExtractionPool(workers=2)
    futures = [pool.run(time.sleep, 600) for _ in range(6)]
    assert wait_until(lambda: len([worker for worker in workers() if worker.pid not in known]) == 2)
    mine = [worker for worker in workers() if worker.pid not in known]

    pool.close()
    pool.close()

    for future in futures:
        with pytest.raises(ExtractionError):
            future.result(timeout=60)
    assert wait_until(lambda: all(gone(worker) for worker in mine))
    with pytest.raises(ExtractionError, match="closed"):
        pool.submit(HTML, URL).result()


def test_the_thread_that_handed_in_the_first_task_may_end(pool: ExtractionPool) -> None:
    futures: list[Future[None]] = []

    def hand_in() -> None:
        pool.run(time.sleep, 0).result()  # the worker is there
        futures.append(pool.run(time.sleep, 0.5))

    thread = threading.Thread(target=hand_in)
    thread.start()
    thread.join()

    assert futures[0].result() is None


PARENT = """
import re, sys, time
from scout.extraction import ExtractionPool
if __name__ == "__main__":
    pool = ExtractionPool(workers=2, seconds=600)
    pool.run(time.sleep, 0).result()
    if sys.argv[1] == "busy":
        # Hours of work in C code, which no Python thread in the worker can interrupt.
        futures = [pool.run(re.match, "(a+)+$", "a" * 40 + "b") for _ in range(2)]
        time.sleep(1)
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_workers_go_when_their_parent_is_killed(state: str) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, state], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        assert len(family) >= 2

        parent.kill()
        parent.wait()

        assert wait_until(lambda: all(gone(process) for process in family))
