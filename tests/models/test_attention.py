"""Whose turn it is: fair to every municipality, likely leads first, and the same when worked out twice."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.attention import (
    ELSEWHERE,
    FULL_COST,
    NOWHERE,
    Kind,
    Shares,
    Waiting,
    fair_shares,
    flow_of,
    mixed,
    starts,
    turns,
)
from models.database import session_factory
from models.lead import Lead
from models.municipality import Municipality
from models.settings import Settings
from models.store.attention import arrange, attention
from models.store.viewer import OPERATOR, Viewer
from models.words import LeadStatus, Role

ARNHEM, RHEDEN, NIJMEGEN = "GM0202", "GM0275", "GM0268"
NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
KINDS = {Kind.LIKELY: 7.0, Kind.UNCERTAIN: 2.0, Kind.DRAWN: 1.0}
SHARES = Shares(guaranteed=0.25, kinds=KINDS)

LIKELY = [Waiting(number, 0.9) for number in range(100)]
UNCERTAIN = [Waiting(100 + number, 0.5) for number in range(100)]
DRAWN = [Waiting(200 + number, 0.01, drawn=True) for number in range(100)]


# ---- Without a database ---------------------------------------------------------------------------


def test_of_ten_places_seven_are_likely_two_uncertain_and_one_drawn() -> None:
    order = mixed([*DRAWN, *UNCERTAIN, *LIKELY], {}, KINDS)

    for start in (0, 10, 40):
        kinds = Counter(lead.kind for lead in order[start : start + 10])
        assert kinds == {Kind.LIKELY: 7, Kind.UNCERTAIN: 2, Kind.DRAWN: 1}
    assert order[0].kind is Kind.LIKELY


def test_likely_leads_go_by_score_uncertain_by_doubt_and_drawn_ones_as_they_came() -> None:
    leads = [
        Waiting(1, 0.75),
        Waiting(2, 0.95),
        Waiting(3, 0.66),
        Waiting(4, 0.52),
        Waiting(5, 0.30),
        Waiting(6, 0.01, drawn=True),
        Waiting(7, 0.09, drawn=True),
    ]

    order = [lead.id for lead in mixed(leads, {}, KINDS)]

    assert [number for number in order if number < 3] == [2, 1]
    assert [number for number in order if 3 <= number < 6] == [4, 3, 5]
    assert [number for number in order if number > 5] == [6, 7]


def test_a_drawn_lead_gets_its_place_also_when_likely_ones_keep_coming() -> None:
    # Every day ten new likely leads, of which seven are decided on.
    decided: Counter[Kind] = Counter()
    waiting, number = [Waiting(0, 0.02, drawn=True)], 1
    day = 0
    while not decided[Kind.DRAWN] and day < 5:
        day += 1
        waiting += [Waiting(number + more, 0.95) for more in range(10)]
        number += 10
        for lead in mixed(waiting, decided, KINDS)[:7]:
            waiting.remove(lead)
            decided[lead.kind] += 1

    assert decided[Kind.DRAWN] == 1
    assert day <= 2


def test_a_kind_of_which_nothing_came_for_long_makes_up_for_one_place_only() -> None:
    order = mixed([*LIKELY, *DRAWN], {Kind.LIKELY: 700, Kind.UNCERTAIN: 200}, KINDS)

    assert order[0].kind is Kind.DRAWN
    assert Counter(lead.kind for lead in order[:10])[Kind.DRAWN] == 2


leads_of_flows = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=15),
    min_size=2,
)


@given(leads_of_flows, st.floats(0.01, 1))
@trying(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_municipality_ever_gets_less_than_its_guaranteed_part(
    flows: dict[str, list[tuple[float, bool]]], guaranteed: float
) -> None:
    queue, orders = [], {}
    for flow, leads in flows.items():
        waiting = [Waiting(number, score, drawn) for number, (score, drawn) in enumerate(leads)]
        orders[flow] = [lead.id for lead in mixed(waiting, {}, KINDS)]
        found = turns(mixed(waiting, {}, KINDS), 0, guaranteed)
        queue += [(turn, flow, number) for number, turn in found.items()]
    queue.sort()

    for flow, order in orders.items():
        mine = [place for place, (_, owner, _) in enumerate(queue) if owner == flow]
        assert [queue[place][2] for place in mine] == order
        for rank, place in enumerate(mine, start=1):
            # In the time in which one gets its places at full cost, others get theirs at the least cost.
            least = max(1, round(FULL_COST * guaranteed))
            assert place - rank < (len(flows) - 1) * (rank * FULL_COST // least + 1)


def test_the_likeliest_lead_of_all_stands_first_and_each_village_comes_up_soon() -> None:
    city = turns(mixed(LIKELY, {}, KINDS), 0, 0.25)
    villages = [turns([Waiting(0, 0.6)], 0, 0.25) for _ in range(5)]

    before = sum(turn < villages[0][0] for turn in city.values())

    assert min(city.values()) < villages[0][0]
    assert before == 1


def test_who_had_nothing_waiting_begins_with_those_that_wait_longest() -> None:
    begin = starts({"busy": 5000, "slow": 4000}, {"busy": 0, "slow": 0, "new": 0, "ahead": 7000})

    assert begin == {"busy": 5000, "slow": 4000, "new": 4000, "ahead": 7000}
    assert starts({}, {"a": 3000, "b": 9000}) == {"a": 9000, "b": 9000}


@pytest.mark.parametrize(
    ("demand", "places", "fair"),
    [
        pytest.param({"city": 900, "village": 30}, 100, {"city": 70, "village": 30}, id="no more than asked"),
        pytest.param({"city": 900, "village": 90}, 100, {"city": 50, "village": 50}, id="equal parts"),
        pytest.param({"city": 5, "village": 0}, 100, {"city": 5, "village": 0}, id="all were looked at"),
        pytest.param({}, 100, {}, id="nobody"),
    ],
)
def test_the_fair_share(demand: dict[str, int], places: int, fair: dict[str, float]) -> None:
    assert fair_shares(demand, places) == fair


def test_leads_without_a_participating_municipality_share_one_part() -> None:
    assert flow_of(None, {ARNHEM}) == NOWHERE
    assert flow_of(ARNHEM, {ARNHEM}) == ARNHEM
    assert flow_of(RHEDEN, {ARNHEM}) == ELSEWHERE
    assert flow_of(RHEDEN, frozenset()) == RHEDEN


# ---- With a database ------------------------------------------------------------------------------

Arrange = Callable[[], int]


@pytest.fixture
def put_in_order(engine: Engine) -> Arrange:
    """Works the order out; gives how many leads moved."""
    read, write = session_factory(engine, writes=False), session_factory(engine)
    return lambda: arrange(read, write, SHARES, now=NOW)


def open_leads(session: Session, municipality: str | None, *scores: float, **fields: Any) -> list[Lead]:
    leads = [
        Lead(
            title=f"{municipality} {score}",
            municipality_code=municipality,
            score=score,
            opened_at=NOW - timedelta(days=2),
            extended_at=NOW,
            **fields,
        )
        for score in scores
    ]
    session.add_all(leads)
    session.commit()
    return leads


def queue(session: Session) -> list[Lead]:
    """Open leads as the queue shows them."""
    session.expire_all()
    found = session.scalars(
        select(Lead)
        .where(Lead.status == LeadStatus.OPEN)
        .order_by(Lead.precedence.desc(), Lead.score.desc(), Lead.id.desc())
    ).all()
    session.commit()
    return list(found)


def decide(session: Session, lead: Lead, status: LeadStatus = LeadStatus.REJECTED) -> None:
    lead.status, lead.decided_at = status, NOW
    session.commit()


@pytest.mark.both_databases
def test_worked_out_twice_nothing_moves_and_nobody_looking_at_a_lead_is_disturbed(
    session: Session, put_in_order: Arrange
) -> None:
    open_leads(session, ARNHEM, 0.95, 0.9, 0.6)
    open_leads(session, RHEDEN, 0.8)
    open_leads(session, None, 0.7)

    assert put_in_order() == 5
    places = {lead.id: lead.precedence for lead in queue(session)}
    assert put_in_order() == 0
    assert {lead.id: lead.precedence for lead in queue(session)} == places
    assert all(place < 0 for place in places.values())
    assert all(lead.version == 1 for lead in queue(session))


def test_killed_half_way_it_ends_as_though_undisturbed(
    session: Session, engine: Engine, put_in_order: Arrange
) -> None:
    for code in (ARNHEM, NIJMEGEN, RHEDEN, None):
        open_leads(session, code, 0.95, 0.9, 0.6, 0.3)
    write = session_factory(engine)
    calls = iter(range(2))

    def dying() -> Session:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return write()

    with pytest.raises(KeyboardInterrupt):
        arrange(session_factory(engine, writes=False), dying, SHARES, now=NOW)  # type: ignore[arg-type]
    assert sum(lead.precedence < 0 for lead in queue(session)) == 8
    put_in_order()
    after_kill = {lead.id: lead.precedence for lead in queue(session)}
    for lead in queue(session):
        lead.precedence = 0
    session.commit()
    put_in_order()

    assert {lead.id: lead.precedence for lead in queue(session)} == after_kill


def test_deciding_in_order_leaves_everybody_where_they_are(session: Session, put_in_order: Arrange) -> None:
    open_leads(session, ARNHEM, *(0.99 - number / 100 for number in range(40)))
    open_leads(session, RHEDEN, *(0.95 - number / 50 for number in range(10)))
    open_leads(session, RHEDEN, 0.01, 0.01, drawn=0.02)
    put_in_order()
    order = [lead.id for lead in queue(session)]

    for done in range(1, 15):
        decide(session, queue(session)[0])
        put_in_order()
        assert [lead.id for lead in queue(session)] == order[done:]


def test_a_village_is_not_starved_by_a_city_that_brings_more_than_can_be_read(
    session: Session, put_in_order: Arrange
) -> None:
    villages = session.scalars(select(Municipality.code).where(Municipality.code > NIJMEGEN).limit(5)).all()
    left_by_score = 0
    for _ in range(8):
        open_leads(session, ARNHEM, *(0.9 + number / 1000 for number in range(60)))
        for code in villages:
            open_leads(session, code, 0.55)
        put_in_order()
        # Twenty decisions a day.
        for lead in queue(session)[:20]:
            decide(session, lead)
        best = sorted(queue(session), key=lambda lead: -lead.score)[:20]
        left_by_score += sum(lead.municipality_code in villages for lead in best)

    waiting = Counter(lead.municipality_code for lead in queue(session))

    assert [code for code in villages if waiting[code] > 1] == []
    assert waiting[ARNHEM] > 300
    assert left_by_score == 0  # by score alone the villages would not have come up at all


def test_new_leads_stand_in_front_best_first_until_the_order_is_worked_out(
    session: Session, put_in_order: Arrange
) -> None:
    open_leads(session, ARNHEM, 0.99, 0.98)
    put_in_order()
    open_leads(session, RHEDEN, 0.6, 0.7)

    assert [lead.score for lead in queue(session)] == [0.7, 0.6, 0.99, 0.98]
    put_in_order()
    assert [lead.score for lead in queue(session)] == [0.99, 0.7, 0.98, 0.6]


def test_a_better_lead_passes_those_of_its_own_municipality_and_takes_nothing_from_others(
    session: Session, put_in_order: Arrange
) -> None:
    open_leads(session, ARNHEM, *[0.8] * 20)
    (village,) = open_leads(session, RHEDEN, 0.8)
    put_in_order()
    place = queue(session).index(village)

    open_leads(session, ARNHEM, *[0.99] * 20)
    put_in_order()

    assert [lead.score for lead in queue(session)[:2]] == [0.99, 0.8]
    assert queue(session).index(village) <= place + 1


def test_the_stage_that_opens_leads_works_the_order_out(session: Session, settings: Settings) -> None:
    open_leads(session, ARNHEM, 0.9)

    from scout.group.stage import group

    group(settings)

    assert [lead.precedence < 0 for lead in queue(session)] == [True]


def test_attention_is_counted_for_each_municipality_that_takes_part_and_for_the_rest_together(
    session: Session,
) -> None:
    for code in (ARNHEM, RHEDEN):
        session.get_one(Municipality, code).participates_from = date(2026, 1, 1)
    session.get_one(Municipality, NIJMEGEN).participates_from = date(2026, 12, 1)
    for lead in open_leads(session, ARNHEM, 0.9, 0.9, 0.9):
        decide(session, lead)
    decide(session, open_leads(session, NIJMEGEN, 0.9)[0], LeadStatus.PROMOTED)
    open_leads(session, ARNHEM, 0.9)
    open_leads(session, RHEDEN, 0.9)

    rows = attention(session, OPERATOR, since=NOW - timedelta(days=30), now=NOW)

    assert [(row.flow, row.waiting, row.decided, row.promoted) for row in rows] == [
        (ARNHEM, 1, 3, 0),
        (RHEDEN, 1, 0, 0),
        (ELSEWHERE, 0, 1, 1),
        (NOWHERE, 0, 0, 0),
    ]
    assert [row.share for row in rows] == [0.75, 0, 0.25, 0]
    assert [row.fair for row in rows] == [0.5, 0.25, 0.25, 0]
    assert rows[0].oldest_at == NOW - timedelta(days=2)

    nijmegen = Viewer(account_id=1, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=NIJMEGEN)
    (own,) = attention(session, nijmegen, since=NOW - timedelta(days=30), now=NOW)
    assert (own.flow, own.name, own.decided) == (NIJMEGEN, "Nijmegen", 1)
