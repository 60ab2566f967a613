"""Which municipalities take part: setting it, and that it is told in the audit log."""

from datetime import date

import pytest
from sqlalchemy import select

from models.audit_entry import AuditEntry
from models.store.attention import participating
from models.store.municipalities import ParticipationError, participations, set_participation

pytestmark = pytest.mark.both_databases

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize("name", ["GM0202", "gm0202", "Arnhem", " arnhem "])
def test_a_municipality_takes_part_from_its_first_day_to_its_last(session, name):
    set_participation(session, name, FIRST, LAST)
    session.commit()

    takes_part = {
        day: "GM0202" in participating(session, day)
        for day in (date(2025, 12, 31), FIRST, LAST, date(2027, 1, 1))
    }
    assert list(takes_part.values()) == [False, True, True, False]


def test_a_name_with_accents_is_found_however_it_is_written(session):
    found = set_participation(session, "SÚDWEST-FRYSLÂN", FIRST)

    assert (found.name, found.end) == ("Súdwest-Fryslân", None)


def test_the_list_tells_who_takes_part_now_by_name(session):
    for name, start, end in (("Utrecht", FIRST, None), ("Arnhem", FIRST, LAST), ("Zwolle", LAST, None)):
        set_participation(session, name, start, end)

    assert [(one.name, one.now) for one in participations(session, today=date(2026, 11, 21))] == [
        ("Arnhem", True),
        ("Utrecht", True),
        ("Zwolle", False),
    ]


def test_each_change_is_in_the_log_and_none_is_not(session):
    set_participation(session, "Arnhem", FIRST)
    set_participation(session, "Arnhem", FIRST)
    set_participation(session, "Arnhem", None)
    session.commit()

    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.object_id, entry.before, entry.after) for entry in entries] == [
        ("GM0202", {"from": None, "until": None}, {"from": "2026-01-01", "until": None}),
        ("GM0202", {"from": "2026-01-01", "until": None}, {"from": None, "until": None}),
    ]
    assert participations(session) == []


@pytest.mark.parametrize(
    ("name", "start", "end", "said"),
    [
        pytest.param("Atlantis", FIRST, None, "no municipality 'Atlantis'", id="unknown"),
        pytest.param("Arnhem", LAST, FIRST, "before the first", id="the wrong way round"),
        pytest.param("Arnhem", None, LAST, "before the first", id="an end without a beginning"),
    ],
)
def test_what_can_not_be_is_refused(session, name, start, end, said):
    with pytest.raises(ParticipationError, match=said):
        set_participation(session, name, start, end)
