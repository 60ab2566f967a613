"""Consultants in the store: who may keep them, what is refused, files of them, and what goes when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.consultant import Consultant, ConsultantImport
from models.database import session_factory
from models.labels import load_labels
from models.store.consultant_drafts import (
    ConsultantDraft,
    ConsultantProblem,
    InvalidConsultantError,
)
from models.store.consultant_import import (
    Imported,
    ImportNotFoundError,
    ImportRow,
    confirm_import,
    import_of,
    rows_of,
    save_import,
)
from models.store.consultants import (
    BLANKED,
    ConsultantNotAllowedError,
    ConsultantNotFoundError,
    StaleConsultantError,
    add_consultant,
    change_consultant,
    remove_consultant,
    set_available,
)
from models.store.consultants_list import consultant_page, get_consultant
from models.store.purge import purge
from models.store.viewer import Viewer
from models.words import Role
from tests.review.factories import ARNHEM, RHEDEN, make_account, place_key, viewer_of

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DRAFT = ConsultantDraft(
    municipality_code=ARNHEM,
    name="Kim Voorbeeld",
    email="Kim@Arnhem.example",
    function="Jurist",
    expertise=("juridisch", "subsidies"),
    themes={"groen": 2, "energie": 0},
    languages=("nl", "fy"),
    experience="Hielp een buurtcoöperatie aan statuten.",
    half_hours=25,
    period_from=date(2027, 1, 1),
    period_until=date(2027, 6, 30),
    most=2,
    radius_km=40,
    employer_name="Teamleider Recht",
    employer_email="recht@arnhem.example",
)


@pytest.fixture
def labels(settings):
    """The words of the product."""
    return load_labels(settings)


@pytest.fixture
def ada(session: Session) -> Viewer:
    """A reviewer."""
    return viewer_of(make_account(session))


def officer(session: Session, town: str, email: str = "cor@voorbeeld.example") -> Viewer:
    return viewer_of(make_account(session, email, name="Cor", roles=[Role.MUNICIPALITY], municipality=town))


def test_a_municipality_keeps_its_own_and_sees_no_others(session, labels, ada):
    cor, rhea = officer(session, "Arnhem"), officer(session, "Rheden", "rhea@voorbeeld.example")
    own = add_consultant(session, DRAFT, viewer=cor, labels=labels, now=NOW)
    other = add_consultant(
        session, replace(DRAFT, municipality_code=RHEDEN), viewer=ada, labels=labels, now=NOW
    )

    row = get_consultant(session, cor, own.id)
    assert (row.email, row.half_hours, row.themes) == ("kim@arnhem.example", 25, {"groen": 2, "energie": 0})
    assert [one.id for one in consultant_page(session, cor).rows] == [own.id]
    assert [one.id for one in consultant_page(session, ada).rows] == [other.id, own.id]
    with pytest.raises(ConsultantNotFoundError):
        get_consultant(session, rhea, own.id)
    with pytest.raises(ConsultantNotFoundError):
        set_available(session, own.id, False, viewer=rhea, version=1)
    with pytest.raises(ConsultantNotAllowedError):
        add_consultant(session, replace(DRAFT, email="x@y.example"), viewer=rhea, labels=labels)


def test_a_privacy_officer_sees_nobody_and_changes_nobody(session, labels, ada):
    watcher = viewer_of(make_account(session, "fg@voorbeeld.example", roles=[Role.PRIVACY_OFFICER]))
    one = add_consultant(session, DRAFT, viewer=ada, labels=labels)

    assert consultant_page(session, watcher).total == 0
    with pytest.raises(ConsultantNotFoundError):
        remove_consultant(session, one.id, viewer=watcher, version=1)
    with pytest.raises(ConsultantNotAllowedError):
        add_consultant(session, replace(DRAFT, email="x@y.example"), viewer=watcher, labels=labels)


def test_all_that_is_wrong_is_told_at_once(session, labels, ada):
    bad = ConsultantDraft(
        municipality_code="GM9999",
        name=" ",
        email="geen adres",
        expertise=("toveren",),
        themes={"groen": -1},
        languages=(),
        half_hours=0,
        period_from=date(2027, 2, 1),
        period_until=date(2027, 1, 1),
        most=0,
        radius_km=-1,
        employer_name="x" * 121,
        employer_email="",
    )
    with pytest.raises(InvalidConsultantError) as caught:
        add_consultant(session, bad, viewer=ada, labels=labels)

    assert caught.value.problems == {
        "municipality_code": ConsultantProblem.UNKNOWN,
        "name": ConsultantProblem.EMPTY,
        "email": ConsultantProblem.NO_EMAIL,
        "expertise": ConsultantProblem.UNKNOWN,
        "themes": ConsultantProblem.OUT_OF_RANGE,
        "languages": ConsultantProblem.EMPTY,
        "half_hours": ConsultantProblem.OUT_OF_RANGE,
        "period_until": ConsultantProblem.BACKWARDS,
        "most": ConsultantProblem.OUT_OF_RANGE,
        "radius_km": ConsultantProblem.OUT_OF_RANGE,
        "employer_name": ConsultantProblem.TOO_LONG,
        "employer_email": ConsultantProblem.EMPTY,
    }


def test_a_place_must_be_in_the_municipality_and_an_address_comes_once(session, labels, ada):
    velp = place_key(session, RHEDEN, "Velp")
    with pytest.raises(InvalidConsultantError) as caught:
        add_consultant(session, replace(DRAFT, place_key=velp), viewer=ada, labels=labels)
    assert caught.value.problems == {"place_key": ConsultantProblem.UNKNOWN}

    first = add_consultant(session, DRAFT, viewer=ada, labels=labels)
    with pytest.raises(InvalidConsultantError) as caught:
        add_consultant(session, replace(DRAFT, email=" KIM@arnhem.EXAMPLE"), viewer=ada, labels=labels)
    assert caught.value.problems == {"email": ConsultantProblem.DOUBLE}

    remove_consultant(session, first.id, viewer=ada, version=1)
    assert add_consultant(session, DRAFT, viewer=ada, labels=labels).id != first.id


def test_the_second_who_changes_is_told_who_was_first_and_what(session, labels, ada):
    cor = officer(session, "Arnhem")
    one = add_consultant(session, DRAFT, viewer=cor, labels=labels)
    draft = replace(DRAFT, half_hours=30, languages=("fy", "nl"))
    change_consultant(session, one.id, draft, viewer=cor, version=1, labels=labels)

    with pytest.raises(StaleConsultantError) as caught:
        set_available(session, one.id, False, viewer=ada, version=1)

    assert (caught.value.version, caught.value.fields) == (2, ["half_hours"])
    assert [row.by for row in caught.value.changes] == ["Cor"]
    moved = replace(DRAFT, municipality_code=RHEDEN)
    with pytest.raises(ConsultantNotAllowedError):
        change_consultant(session, one.id, moved, viewer=ada, version=2, labels=labels)


def test_the_log_has_numbers_and_codes_and_no_names(session, labels, ada):
    one = add_consultant(session, DRAFT, viewer=ada, labels=labels)
    draft = replace(DRAFT, name="Kim Anders", experience="Nieuw.", half_hours=10, period_until=None)
    change_consultant(session, one.id, draft, viewer=ada, version=1, labels=labels)
    change_consultant(session, one.id, draft, viewer=ada, version=2, labels=labels)
    set_available(session, one.id, False, viewer=ada, version=2)
    remove_consultant(session, one.id, viewer=ada, version=3)

    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "consultant")).all()
    assert [(entry.before, entry.after) for entry in entries] == [
        ({}, {"done": "added", "municipality": ARNHEM, "hours": 12.5}),
        (
            {"hours": 12.5, "until": "2027-06-30"},
            {"fields": ["name", "experience", "half_hours", "period_until"], "hours": 5.0, "until": None},
        ),
        ({"available": True}, {"fields": ["available"], "available": False}),
        ({}, {"done": "removed"}),
    ]


def test_who_is_taken_out_is_gone_by_name_at_once(session, labels, ada):
    one = add_consultant(session, DRAFT, viewer=ada, labels=labels)
    remove_consultant(session, one.id, viewer=ada, version=1)
    session.commit()

    row = session.get_one(Consultant, one.id)
    assert {getattr(row, name) for name in BLANKED} == {""}
    assert (row.half_hours, row.available, row.removed_at is not None) == (25, False, True)
    assert consultant_page(session, ada).total == 0
    with pytest.raises(ConsultantNotFoundError):
        get_consultant(session, ada, one.id)


def test_the_list_keeps_to_what_was_chosen(session, labels, ada):
    for number, (expertise, theme, start, end) in enumerate(
        [
            ("juridisch", "groen", date(2027, 1, 1), date(2027, 3, 31)),
            ("subsidies", "energie", date(2027, 4, 1), None),
            ("juridisch", "energie", None, date(2026, 12, 31)),
        ]
    ):
        draft = replace(
            DRAFT,
            email=f"k{number}@arnhem.example",
            name=f"K{number}",
            expertise=(expertise,),
            themes={theme: 1},
            period_from=start,
            period_until=end,
            available=number != 1,
        )
        add_consultant(session, draft, viewer=ada, labels=labels)

    def found(**conditions):
        return {one.name for one in consultant_page(session, ada, **conditions).rows}

    assert found(expertise="juridisch") == {"K0", "K2"}
    assert found(theme="energie") == {"K1", "K2"}
    assert found(available=True) == {"K0", "K2"}
    assert found(begin=date(2027, 3, 31)) == {"K0", "K1"}
    assert found(end=date(2026, 12, 31)) == {"K2"}
    assert found(begin=date(2027, 2, 1), end=date(2027, 2, 28)) == {"K0"}
    assert found(municipality_code=RHEDEN) == set()
    first = consultant_page(session, ada, limit=2)
    assert [one.name for one in consultant_page(session, ada, after=first.after).rows] == ["K0"]


def test_a_year_after_the_period_the_names_go_by_themselves(session, settings, labels, ada):
    until = date(2027, 6, 30)
    ended = add_consultant(session, DRAFT, viewer=ada, labels=labels, now=NOW)
    open_end = replace(DRAFT, email="open@arnhem.example", period_until=None)
    changed = add_consultant(session, open_end, viewer=ada, labels=labels, now=NOW)
    session.commit()

    purge(session, settings, now=datetime(2027, 11, 21, 12, tzinfo=UTC))
    assert consultant_page(session, ada).total == 2
    purge(session, settings, now=datetime(2027, 11, 23, 12, tzinfo=UTC))
    assert [one.id for one in consultant_page(session, ada).rows] == [ended.id]
    last = datetime(2028, 6, 29, 12, tzinfo=UTC)
    assert last.date() - until == timedelta(days=365)
    purge(session, settings, now=last)
    assert consultant_page(session, ada).total == 1
    purge(session, settings, now=last + timedelta(days=1))

    assert consultant_page(session, ada).total == 0
    session.expire_all()
    assert {session.get_one(Consultant, one.id).email for one in (ended, changed)} == {""}
    told = session.scalars(select(AuditEntry.after).where(AuditEntry.account_id.is_(None))).all()
    assert told.count({"done": "past its term"}) == 2


def kept_file(session, viewer, *drafts, **more):
    rows = [ImportRow(number, draft, **more) for number, draft in enumerate(drafts, start=2)]
    return save_import(session, account_id=viewer.account_id, name="a.csv", rows=rows, mistakes=[], now=NOW)


def test_a_file_is_taken_over_once_and_forgets_its_rows(session, labels, ada):
    two = replace(DRAFT, email="two@arnhem.example", period_from=None)
    kept = kept_file(session, ada, DRAFT, two)
    assert [row.draft for row in rows_of(kept)] == [DRAFT, two]

    done = [confirm_import(session, kept.id, viewer=ada, labels=labels, now=NOW) for _turn in range(2)]
    session.commit()

    assert done == [Imported(2, 0), Imported(0, 0)]
    assert consultant_page(session, ada).total == 2
    session.expire_all()
    assert import_of(session, ada.account_id, kept.id).rows == []


def test_a_file_that_was_half_taken_over_when_it_stopped_leaves_nothing_and_can_be_taken_again(
    session, engine, labels, ada, monkeypatch
):
    kept = kept_file(session, ada, DRAFT, replace(DRAFT, email="two@arnhem.example"))
    session.commit()
    from models.store import consultant_import as module

    add, calls = module.add_consultant, []

    def dies(*args, **more):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return add(*args, **more)

    monkeypatch.setattr(module, "add_consultant", dies)
    with pytest.raises(KeyboardInterrupt), session_factory(engine)() as other:
        confirm_import(other, kept.id, viewer=ada, labels=labels, now=NOW)
    monkeypatch.undo()
    assert consultant_page(session, ada).total == 0
    session.rollback()

    assert confirm_import(session, kept.id, viewer=ada, labels=labels, now=NOW) == Imported(2, 0)


def test_rows_that_somebody_else_was_first_with_are_left_out(session, labels, ada):
    one = add_consultant(session, DRAFT, viewer=ada, labels=labels)
    new = replace(DRAFT, email="two@arnhem.example")
    kept = save_import(
        session,
        account_id=ada.account_id,
        name="a.csv",
        rows=[
            ImportRow(2, replace(DRAFT, half_hours=50), one.id, 1, ("half_hours",)),
            ImportRow(3, new),
            ImportRow(4, replace(DRAFT, email="three@arnhem.example")),
        ],
        mistakes=[],
        now=NOW,
    )
    set_available(session, one.id, False, viewer=ada, version=1)
    add_consultant(session, new, viewer=ada, labels=labels)

    assert confirm_import(session, kept.id, viewer=ada, labels=labels, now=NOW) == Imported(1, 0, (2, 3))
    assert get_consultant(session, ada, one.id).half_hours == 25


def test_a_file_is_there_for_whoever_sent_it_and_for_a_day(session, settings, labels, ada):
    cor = officer(session, "Arnhem")
    kept = kept_file(session, ada, DRAFT)
    session.commit()

    with pytest.raises(ImportNotFoundError):
        confirm_import(session, kept.id, viewer=cor, labels=labels, now=NOW)
    purge(session, settings, now=NOW + timedelta(hours=23))
    assert session.scalar(select(ConsultantImport.id)) == kept.id
    purge(session, settings, now=NOW + timedelta(hours=24))
    assert session.scalar(select(ConsultantImport.id)) is None
