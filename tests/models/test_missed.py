"""Estimates of missed initiatives: held against worlds in which the truth is known."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from scipy.stats import chi2, nbinom
from sqlalchemy.orm import Session

from models.lead import Lead
from models.missed import FEW, Basis, Draw, Missed, estimates
from models.store.missed import missed
from models.store.status import overview
from models.store.viewer import OPERATOR, Viewer
from models.words import LeadStatus, Role

ARNHEM, RHEDEN = "GM0202", "GM0275"
NOW = datetime(2026, 10, 1, tzinfo=UTC)


def draws(chance: float, hits: int, others: int, unread: int = 0) -> list[Draw]:
    outcomes: list[bool | None] = [*[True] * hits, *[False] * others, *[None] * unread]
    return [Draw(chance, outcome) for outcome in outcomes]


def of(sample: Sequence[Draw], found: int = 0) -> Missed:
    """The estimate for one municipality on its own."""
    return estimates({"x": sample}, {"x": found})[0]["x"]


@pytest.mark.parametrize("hits", [0, 1, 2, 7])
def test_with_one_chance_for_all_the_interval_is_the_exact_one_for_rare_events(hits: int) -> None:
    one = of(draws(0.1, hits, 200 - hits))

    assert one.estimate == pytest.approx(10 * hits)
    low = chi2.ppf(0.05, 2 * hits) / 2 if hits else 0.0
    assert one.low == pytest.approx(hits + 9 * low)
    assert one.high == pytest.approx(hits + 9 * chi2.ppf(0.95, 2 * hits + 2) / 2)


def test_no_find_at_all_still_leaves_room() -> None:
    assert of(draws(0.5, 0, 100)).between == (0, 3)
    assert of(draws(0.02, 0, 100)).between == (0, 147)


def test_when_everything_was_looked_at_nothing_is_estimated() -> None:
    one = of(draws(1.0, 3, 60), found=9)

    assert (one.estimate, one.between) == (3, (3, 3))
    assert one.share_found == (0.75, 0.75, 0.75)


def test_draws_that_nobody_looked_at_are_taken_to_be_like_the_others() -> None:
    read, half_read = of(draws(0.1, 2, 98)), of(draws(0.1, 2, 98, unread=100))

    assert half_read.estimate == pytest.approx(2 * read.estimate)
    assert half_read.high > read.high
    assert (half_read.drawn, half_read.looked_at) == (200, 100)


def test_there_is_never_more_than_was_not_looked_at() -> None:
    assert of(draws(0.9, 40, 0)).high <= 40 / 0.9 + 1e-9


def test_too_few_draws_say_nothing_and_few_borrow_from_the_network() -> None:
    by, whole = estimates(
        {"alone": draws(0.1, 0, FEW - 1), "none": [], "unread": draws(0.1, 0, 0, 50)}, {"none": 4}
    )
    assert {one.basis for one in (*by.values(), whole)} == {Basis.NONE}
    assert by["none"].share_found is None

    by, whole = estimates(
        {"few": draws(0.1, 0, 10), "many": draws(0.1, 10, 490), "none": []}, {"many": 90, "few": 9}
    )
    assert (by["few"].basis, by["many"].basis, by["none"].basis) == (Basis.NETWORK, Basis.OWN, Basis.NONE)
    assert whole.basis is Basis.OWN
    # 30 draws at 10 and a half in 510, and 10 of its own without a find, over 90 that nobody saw.
    shape = 30 * 10.5 / 510
    assert by["few"].high == nbinom.ppf(0.95, shape, 40 / 130)
    assert by["few"].estimate == pytest.approx(shape / 40 * 90)
    best, lowest, highest = by["few"].share_found or (0, 0, 0)
    assert lowest < best < highest


def test_a_network_without_any_find_gives_a_low_rate_and_not_none() -> None:
    by, _ = estimates({"few": draws(0.05, 0, 5), "many": draws(0.05, 0, 300)}, {})

    assert 0 < by["few"].estimate < 1
    assert by["few"].between == (0, 1)


def world(
    dice: random.Random, parts: Sequence[tuple[int, float, float]], read: float = 1.0
) -> tuple[int, list[Draw]]:
    """How many initiatives there truly are, and what was drawn.

    Args:
        parts: number of items, their rate of initiatives, their chance of being drawn.
    """
    truth, drawn = 0, []
    for items, rate, chance in parts:
        for _ in range(items):
            initiative = dice.random() < rate
            truth += initiative
            if dice.random() < chance:
                drawn.append(Draw(chance, initiative if dice.random() < read else None))
    return truth, drawn


@pytest.mark.parametrize(
    ("parts", "read"),
    [
        pytest.param([(1000, 0.004, 0.08)], 1.0, id="rare"),
        pytest.param([(200, 0.05, 0.5)], 1.0, id="half drawn"),
        pytest.param([(800, 0.002, 0.04), (100, 0.06, 0.4)], 1.0, id="two chances"),
        pytest.param([(800, 0.002, 0.08), (100, 0.06, 0.4)], 0.6, id="not all read"),
    ],
)
def test_in_at_least_90_of_100_worlds_the_truth_lies_in_the_interval(
    parts: list[tuple[int, float, float]], read: float
) -> None:
    dice = random.Random(20261001)
    inside, off, worlds = 0, 0.0, 300

    for _ in range(worlds):
        truth, drawn = world(dice, parts, read)
        one = of(drawn)
        low, high = one.between
        inside += low <= truth <= high
        off += one.estimate - truth

    # 300 worlds: 0.90 less two standard errors.
    assert inside / worlds >= 0.90 - 0.035
    # On average it neither over- nor underestimates by more than chance does.
    assert abs(off / worlds) < 1.5


def test_borrowing_holds_also_when_municipalities_differ() -> None:
    dice = random.Random(20261002)
    inside = number = 0

    for _ in range(12):
        truths, drawn = {}, {}
        for place in range(20):
            rate = 0.01 * dice.gammavariate(1, 1)  # as different as chance makes them
            truths[str(place)], drawn[str(place)] = world(dice, [(dice.randint(100, 600), rate, 0.04)])
        for name, one in estimates(drawn, {})[0].items():
            if one.basis is Basis.NETWORK:
                low, high = one.between
                inside += low <= truths[name] <= high
                number += 1

    assert number > 150
    assert inside / number >= 0.90 - 0.04


# ---- From the database ----------------------------------------------------------------------------


def add(
    session: Session, code: str | None, status: LeadStatus, number: int, drawn: float | None, days: int = 5
) -> None:
    at = NOW - timedelta(days=days)
    for _ in range(number):
        session.add(
            Lead(
                status=status,
                title="",
                municipality_code=code,
                score=0.05 if drawn else 0.9,
                drawn=drawn,
                opened_at=at,
                extended_at=at,
                decided_at=None if status in (LeadStatus.OPEN, LeadStatus.EXPIRED) else at,
            )
        )
    session.flush()


@pytest.mark.both_databases
def test_decisions_on_draws_become_estimates_for_the_period(session: Session) -> None:
    add(session, ARNHEM, LeadStatus.REJECTED, 47, 0.1)
    add(session, ARNHEM, LeadStatus.PROMOTED, 2, 0.1)
    add(session, ARNHEM, LeadStatus.KNOWN, 1, 0.1)
    add(session, ARNHEM, LeadStatus.OPEN, 25, 0.1)
    add(session, ARNHEM, LeadStatus.EXPIRED, 25, 0.1)
    add(session, ARNHEM, LeadStatus.PROMOTED, 30, None)
    add(session, ARNHEM, LeadStatus.KNOWN, 10, None)
    add(session, ARNHEM, LeadStatus.REJECTED, 99, None)
    add(session, ARNHEM, LeadStatus.PROMOTED, 5, 0.1, days=91)
    add(session, RHEDEN, LeadStatus.REJECTED, 4, 0.1)
    session.commit()

    report = missed(session, OPERATOR, since=NOW - timedelta(days=90), now=NOW)

    arnhem = report.by_flow[ARNHEM]
    assert (arnhem.drawn, arnhem.looked_at, arnhem.hits, arnhem.found) == (100, 50, 3, 40)
    assert arnhem.estimate == pytest.approx(3 * 20)
    assert arnhem.share_found is not None
    assert arnhem.share_found[0] == pytest.approx(0.4)
    assert report.by_flow[RHEDEN].basis is Basis.NETWORK
    assert report.whole is not None
    assert report.whole.looked_at == 54

    status = overview(session, now=NOW)["missed"]
    assert status["days"] == 90
    assert (status["low"], status["high"]) == report.whole.between
    assert status["found_by_draw"] == 3


def test_a_municipality_gets_its_own_estimate_only(session: Session) -> None:
    add(session, ARNHEM, LeadStatus.REJECTED, 40, 0.1)
    add(session, RHEDEN, LeadStatus.REJECTED, 40, 0.1)
    session.commit()
    rheden = Viewer(account_id=1, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=RHEDEN)

    report = missed(session, rheden, since=NOW - timedelta(days=90), now=NOW)

    assert set(report.by_flow) == {RHEDEN}
    assert report.whole is None


def test_without_draws_status_says_that_nothing_can_be_estimated(session: Session) -> None:
    status = overview(session, now=NOW)["missed"]

    assert (status["drawn"], status["estimate"], status["share_found"]) == (0, None, None)
