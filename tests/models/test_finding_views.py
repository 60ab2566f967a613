"""Saved views: who sees which, what is kept of an address, and what the log says."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.store.viewer import Viewer
from models.store.views import (
    NAME_LIMIT,
    VIEW_LIMIT,
    ViewError,
    ViewProblem,
    clean,
    remove_view,
    save_view,
    views_of,
)
from models.words import Role
from tests.review.factories import make_account, viewer_of

both_databases = pytest.mark.both_databases


@pytest.fixture
def people(session: Session) -> dict[str, Viewer]:
    """Two of staff, one who manages, two of Arnhem, one of Rheden and a privacy officer."""
    made = {}
    for name, role, municipality in (
        ("ada", Role.REVIEWER, ""),
        ("bob", Role.PROJECT_LEADER, ""),
        ("boss", Role.ADMIN, ""),
        ("anke", Role.MUNICIPALITY, "Arnhem"),
        ("arie", Role.MUNICIPALITY, "Arnhem"),
        ("rik", Role.MUNICIPALITY, "Rheden"),
        ("fg", Role.PRIVACY_OFFICER, ""),
    ):
        account = make_account(
            session, f"{name}@voorbeeld.example", name=name, roles=[role], municipality=municipality
        )
        made[name] = viewer_of(account)
    session.commit()
    return made


def names(session: Session, viewer: Viewer) -> list[str]:
    return [row.name for row in views_of(session, viewer)]


@both_databases
def test_own_views_come_first_and_shared_ones_stay_among_colleagues(
    session: Session, people: dict[str, Viewer]
) -> None:
    save_view(session, people["ada"], "Zuid", "gemeente=GM0202&zoek=tuin", shared=False)
    save_view(session, people["ada"], "Alles van Arnhem", "gemeente=GM0202", shared=True)
    save_view(session, people["bob"], "Groen", "thema=groen", shared=False)
    save_view(session, people["anke"], "Onze wijk", "buurt=cbs:WK020204", shared=True)
    session.commit()

    assert names(session, people["ada"]) == ["Alles van Arnhem", "Zuid"]
    assert names(session, people["bob"]) == ["Groen", "Alles van Arnhem"]
    assert names(session, people["arie"]) == ["Onze wijk"]
    assert names(session, people["rik"]) == []
    assert names(session, people["fg"]) == []
    shared = views_of(session, people["bob"])[1]
    assert (shared.query, shared.own, shared.shared, shared.by) == ("gemeente=GM0202", False, True, "ada")


@both_databases
def test_the_same_name_again_replaces_the_view_of_this_account_only(
    session: Session, people: dict[str, Viewer]
) -> None:
    first = save_view(session, people["ada"], "Groen", "thema=groen", shared=True).id
    save_view(session, people["bob"], "Groen", "thema=energie", shared=False)

    again = save_view(session, people["ada"], "  Groen ", "thema=zorg", shared=False)
    session.commit()

    assert again.id == first
    assert [(row.query, row.own) for row in views_of(session, people["bob"])] == [("thema=energie", True)]
    assert [row.query for row in views_of(session, people["ada"])] == ["thema=zorg"]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        pytest.param("?zoek=samen+tuin&gemeente=GM0202", "gemeente=GM0202&zoek=samen+tuin", id="one order"),
        pytest.param("na=1~0.5~7&voor=2&thema=groen", "thema=groen", id="no page"),
        pytest.param("csrf_token=x&next=//evil.example&zoek=a", "zoek=a", id="nothing unknown"),
        pytest.param("zoek=a&zoek=b&thema=", "zoek=a", id="each once, nothing empty"),
        pytest.param("zoek=" + "a" * 500, "zoek=" + "a" * 120, id="not too long"),
        pytest.param("zoek=%ff%00a%0Ab&&;=", "zoek=%EF%BF%BD%00a+b", id="strange characters"),
        pytest.param("", "", id="nothing at all"),
    ],
)
def test_only_what_the_queue_knows_is_kept(query: str, kept: str) -> None:
    assert clean(query) == kept


@both_databases
def test_what_can_not_be_saved(session: Session, people: dict[str, Viewer]) -> None:
    for viewer, name, reason in (
        (people["fg"], "Groen", ViewProblem.NOT_ALLOWED),
        (people["ada"], " \n ", ViewProblem.NO_NAME),
        (people["ada"], "x" * (NAME_LIMIT + 1), ViewProblem.NAME_TOO_LONG),
    ):
        with pytest.raises(ViewError) as refused:
            save_view(session, viewer, name, "thema=groen", shared=False)
        assert refused.value.reason is reason
    for number in range(VIEW_LIMIT):
        save_view(session, people["ada"], f"Weergave {number}", "thema=groen", shared=False)
    with pytest.raises(ViewError) as refused:
        save_view(session, people["ada"], "Nog een", "thema=groen", shared=False)
    assert refused.value.reason is ViewProblem.TOO_MANY
    save_view(session, people["ada"], "Weergave 1", "thema=zorg", shared=False)
    assert len(views_of(session, people["ada"])) == VIEW_LIMIT


@both_databases
def test_only_the_owner_or_who_manages_removes_a_view(session: Session, people: dict[str, Viewer]) -> None:
    shared = save_view(session, people["ada"], "Groen", "thema=groen", shared=True).id
    private = save_view(session, people["ada"], "Zuid", "gemeente=GM0202", shared=False).id
    session.commit()

    for viewer, view in (
        (people["bob"], shared),
        (people["boss"], private),
        (people["anke"], shared),
        (people["ada"], 99),
    ):
        with pytest.raises(ViewError) as refused:
            remove_view(session, viewer, view)
        assert refused.value.reason is ViewProblem.NOT_YOURS
    remove_view(session, people["boss"], shared)
    remove_view(session, people["ada"], private)

    assert names(session, people["ada"]) == []


@both_databases
def test_the_log_tells_of_views_without_what_was_typed(session: Session, people: dict[str, Viewer]) -> None:
    view = save_view(session, people["ada"], "Geheim", "zoek=kanarie&thema=groen", shared=False)
    save_view(session, people["ada"], "Geheim", "thema=groen", shared=True)
    remove_view(session, people["ada"], view.id)
    session.commit()

    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "view").order_by(AuditEntry.id)
    ).all()

    assert [(entry.before, entry.after) for entry in entries] == [
        ({}, {"shared": False, "filters": "thema,zoek"}),
        ({"shared": False, "filters": "thema,zoek"}, {"shared": True, "filters": "thema"}),
        ({"shared": True, "filters": "thema"}, {}),
    ]
    assert all(entry.account_id == people["ada"].account_id for entry in entries)
