"""Figures that are kept: made once, for as long as they hold, and never for another."""

import contextlib
from collections.abc import Callable
from threading import Event, Thread

from review.kept import Kept


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def maker(made: list[str], name: str) -> Callable[[], str]:
    def make() -> str:
        made.append(name)
        return name

    return make


def test_an_answer_is_made_once_until_it_is_too_old() -> None:
    clock = Clock()
    made: list[str] = []
    kept = Kept(60, clock=clock)

    first, at = kept.get("a", maker(made, "one"))
    clock.now += 59
    assert kept.get("a", maker(made, "two")) == ("one", at)
    clock.now += 1
    second, later = kept.get("a", maker(made, "three"))

    assert (first, second, made) == ("one", "three", ["one", "three"])
    assert later >= at


def test_keys_are_kept_apart_and_what_was_asked_for_longest_ago_goes() -> None:
    made: list[str] = []
    kept = Kept(60, most=2, clock=Clock())

    for key in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(key, maker(made, key))[0] == key

    assert made == ["a", "b", "c", "b"]


def test_an_answer_that_fails_is_not_kept() -> None:
    kept = Kept(60, clock=Clock())

    def fail() -> None:
        raise ValueError("no")

    with contextlib.suppress(ValueError):
        kept.get("a", fail)
    assert kept.get("a", lambda: 1)[0] == 1


def test_who_asks_at_the_same_time_waits_for_the_answer_of_the_first() -> None:
    kept, begun, go_on, found, made = Kept(60), Event(), Event(), [], []

    def slow() -> str:
        made.append("slow")
        begun.set()
        go_on.wait(10)
        return "slow"

    threads = [Thread(target=lambda: found.append(kept.get("a", slow)[0])) for _ in range(3)]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(10)

    assert (found, made) == (["slow"] * 3, ["slow"])
