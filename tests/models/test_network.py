"""The network: bounds, money, what each sees of it, and two who set the days of one municipality."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from models.municipality import Municipality
from models.settings import SettingsError, load_settings
from models.store.municipalities import set_participation
from models.store.network import (
    BackwardsDaysError,
    NetworkNotAllowedError,
    StaleParticipationError,
    change_participation,
    contribution,
    export_network,
    network,
)
from models.store.viewer import Viewer
from models.words import Role
from tests.review.factories import ARNHEM, NIJMEGEN, RHEDEN, make_account, viewer_of

both = pytest.mark.both_databases

FIRST, LAST, DAY = date(2026, 1, 1), date(2026, 12, 31), date(2026, 11, 22)


@pytest.fixture
def leader(session: Session) -> Viewer:
    """A project leader."""
    return viewer_of(make_account(session, "pl@voorbeeld.example", name="Lea", roles=[Role.PROJECT_LEADER]))


def with_inhabitants(session: Session, **counts: int) -> None:
    for code, count in counts.items():
        session.get_one(Municipality, code).inhabitants = count


@pytest.mark.parametrize(
    ("inhabitants", "rate", "euro"),
    [
        (3, "0.30", "0.90"),
        (1, "0.125", "0.13"),
        (1, "0.135", "0.14"),
        (164096, "0.30", "49228.80"),
        (0, "1", "0.00"),
    ],
)
def test_a_contribution_is_to_the_cent_with_half_cents_up(inhabitants, rate, euro):
    assert str(contribution(inhabitants, Decimal(rate))) == euro


@both
def test_only_who_takes_part_on_the_day_counts_and_the_total_is_that_of_the_list(session, settings, leader):
    with_inhabitants(session, GM0202=101, GM0275=202, GM0268=5000)
    set_participation(session, ARNHEM, FIRST)
    set_participation(session, RHEDEN, FIRST, LAST)
    set_participation(session, NIJMEGEN, date(2027, 1, 1))
    settings = settings.model_copy(
        update={"contribution_per_inhabitant": Decimal("0.125"), "network_budget": Decimal(100)}
    )

    today = network(session, leader, settings, day=DAY)
    assert [one.code for one in today.members] == [ARNHEM, RHEDEN]
    assert [one.code for one in today.others] == [NIJMEGEN]
    assert (today.count, today.inhabitants) == (2, 303)
    # 12.625 and 25.25: each to the cent first.
    assert [str(one.contribution) for one in today.members] == ["12.63", "25.25"]
    assert (str(today.contribution), str(today.beyond)) == ("37.88", "-62.12")
    later = network(session, leader, settings, day=date(2027, 1, 1))
    assert [one.code for one in later.members] == [ARNHEM, NIJMEGEN]
    assert later.inhabitants == 5101


@both
@pytest.mark.parametrize(
    ("least", "most", "together", "met"),
    [(2, 2, 300, (True, True, True)), (3, 3, 301, (False, True, False)), (1, 1, 0, (True, False, True))],
)
def test_each_bound_is_met_from_its_very_number_on(session, settings, leader, least, most, together, met):
    with_inhabitants(session, GM0202=100, GM0275=200)
    for code in (ARNHEM, RHEDEN):
        set_participation(session, code, FIRST)
    settings = settings.model_copy(
        update={"network_least": least, "network_most": most, "network_inhabitants": together}
    )

    found = network(session, leader, settings, day=DAY)

    assert (found.enough, found.not_too_many, found.enough_inhabitants) == met


@both
def test_a_municipality_sees_names_and_days_its_own_amount_and_the_totals(session, settings, leader):
    with_inhabitants(session, GM0202=100, GM0275=200)
    for code in (ARNHEM, RHEDEN):
        set_participation(session, code, FIRST)
    officer = viewer_of(
        make_account(session, "a@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    )
    watcher = viewer_of(make_account(session, "fg@voorbeeld.example", roles=[Role.PRIVACY_OFFICER]))

    found = network(session, officer, settings, day=DAY)
    assert [(one.name, one.start, one.contribution) for one in found.members] == [
        ("Arnhem", FIRST, Decimal("30.00")),
        ("Rheden", FIRST, None),
    ]
    assert found.contribution == Decimal("90.00")
    assert [row["inhabitants"] for row in export_network(found)] == [100, None]
    nothing = network(session, watcher, settings, day=DAY)
    assert (nothing.members, nothing.count, nothing.contribution) == ((), 0, Decimal(0))


@both
def test_the_second_of_two_is_told_who_set_which_days(session, leader):
    change_participation(session, ARNHEM, FIRST, None, viewer=leader, seen=(None, None), day=DAY)

    with pytest.raises(StaleParticipationError) as caught:
        change_participation(session, ARNHEM, DAY, None, viewer=leader, seen=(None, None), day=DAY)
    assert (caught.value.start, caught.value.end, caught.value.by) == (FIRST, None, "Lea")
    # The same again, as by a second click, is fine.
    change_participation(session, ARNHEM, FIRST, None, viewer=leader, seen=(None, None), day=DAY)
    change_participation(session, ARNHEM, FIRST, LAST, viewer=leader, seen=(FIRST, None), day=DAY)
    assert session.get_one(Municipality, ARNHEM).participates_until == LAST


@both
def test_only_leaders_set_days_and_not_backwards(session, leader):
    reviewer = viewer_of(make_account(session))
    with pytest.raises(NetworkNotAllowedError):
        change_participation(session, ARNHEM, FIRST, None, viewer=reviewer, seen=(None, None), day=DAY)
    for start, end in ((LAST, FIRST), (None, LAST)):
        with pytest.raises(BackwardsDaysError):
            change_participation(session, ARNHEM, start, end, viewer=leader, seen=(None, None), day=DAY)
    assert session.get_one(Municipality, ARNHEM).participates_from is None


def test_settings_of_the_network_are_read_as_written(tmp_path):
    (tmp_path / "settings.toml").write_text("contribution_per_inhabitant = 0.35\nnetwork_budget = 250000\n")
    found = load_settings(config=tmp_path)
    assert (found.contribution_per_inhabitant, found.network_budget) == (Decimal("0.35"), Decimal(250000))

    (tmp_path / "settings.toml").write_text("network_least = 21\n")
    with pytest.raises(SettingsError, match="network_least must not be more than network_most"):
        load_settings(config=tmp_path)
