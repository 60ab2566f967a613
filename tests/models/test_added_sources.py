"""Sources added on a page: added, changed, paused, resumed, removed, visited; each change is in the log."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from models.source import Source
from models.source_definition import SourceDefinition, Terms, columns, definition_of_row
from models.store.added_sources import (
    DefinedInFileError,
    KeyTakenError,
    SourceNotFoundError,
    add_source,
    added_sources,
    change_source,
    pause,
    remove_source,
    resume,
    visit_soon,
)
from models.store.audit import audit_page
from models.store.errands import take_next
from models.store.sources import sync_sources
from models.words import SourceKind
from tests.review.factories import make_account

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
TERMS = Terms(url="https://k.example/v", checked=date(2026, 11, 20), basis="6(1)(e) AVG", purpose="vinden")
KRANT = SourceDefinition(
    key="krant",
    title="Dorpskrant",
    kind=SourceKind.SITE,
    url="https://krant.example/",
    every_seconds=7200,
    expect_min=1,
    expect_max=30,
    municipality_code="GM0202",
    terms=TERMS,
    options={"article": r"^/nieuws/\d+"},
)


@pytest.fixture
def ada(session):
    return make_account(session).id


def deeds(session) -> list[str]:
    """What the log holds about sources, oldest first."""
    return [row.after["done"] for row in reversed(audit_page(session, object_kind="source")[0])]


def in_file(session, definition=KRANT):
    sync_sources(session, [columns(replace(definition, defined_in="sources/a.toml"))], now=NOW)
    session.commit()


def test_an_added_source_is_what_was_given_and_the_log_says_who(session, ada):
    row = add_source(session, replace(KRANT, defined_in="x"), account_id=ada, now=NOW)
    session.commit()

    assert definition_of_row(session.get_one(Source, "krant")) == KRANT
    assert (row.added_by_id, row.added_at, row.defined_in) == (ada, NOW, "")
    assert added_sources(session) == [KRANT]
    (entry,) = audit_page(session, action="source")[0]
    assert (entry.account_id, entry.object_id, entry.at) == (ada, "krant", NOW)
    assert entry.after == {
        "done": "added",
        "kind": "site",
        "every": 7200,
        "municipality": "GM0202",
        "enabled": True,
        "terms_checked": "2026-11-20",
    }


@pytest.mark.parametrize("where", ["file", "page"])
def test_a_key_is_used_once(session, ada, where):
    if where == "file":
        in_file(session)
    else:
        add_source(session, KRANT, account_id=ada, now=NOW)

    with pytest.raises(KeyTakenError, match=r"sources/a\.toml" if where == "file" else "that was added"):
        add_source(session, replace(KRANT, title="Ander"), account_id=ada, now=NOW)
    assert session.get_one(Source, "krant").title == "Dorpskrant"


def test_following_the_files_leaves_added_sources_alone(session, ada):
    add_source(session, KRANT, account_id=ada, now=NOW)

    assert sync_sources(session, [], now=LATER) == {}
    assert session.get_one(Source, "krant").removed_at is None


def test_a_change_forgets_what_no_longer_holds(session, ada):
    row = add_source(session, KRANT, account_id=ada, now=NOW)
    row.cursor, row.validators, row.next_visit_at = {"newest": "7"}, {"a": {}}, LATER
    row.terms_hash = "v:1"

    change_source(session, "krant", replace(KRANT, title="Bode"), account_id=ada, now=NOW)
    assert (row.title, row.cursor) == ("Bode", {"newest": "7"}), "only its name is another"
    moved = replace(
        KRANT, key="iets-anders", url="https://bode.example/", terms=replace(TERMS, url="https://b/v")
    )
    change_source(session, "krant", moved, account_id=ada, now=NOW)
    session.commit()

    row = session.get_one(Source, "krant")
    assert (row.url, row.cursor, row.validators, row.next_visit_at) == ("https://bode.example/", {}, {}, None)
    assert row.terms_hash is None
    assert deeds(session) == ["added", "changed", "changed"]


def test_a_removed_source_keeps_its_row_and_its_key_can_be_used_again(session, ada):
    add_source(session, KRANT, account_id=ada, now=NOW)
    pause(session, "krant", "te druk", account_id=ada, now=NOW)
    remove_source(session, "krant", account_id=ada, now=LATER)

    assert (session.get_one(Source, "krant").removed_at, added_sources(session)) == (LATER, [])
    with pytest.raises(SourceNotFoundError):
        remove_source(session, "krant", account_id=ada, now=LATER)
    row = add_source(session, replace(KRANT, title="Terug"), account_id=ada, now=LATER)
    assert (row.title, row.removed_at, row.paused, row.paused_by_id) == ("Terug", None, None, None)
    assert deeds(session) == ["added", "paused", "removed", "added"]


def test_what_a_file_defines_is_changed_there_but_paused_and_visited_here(session, ada):
    in_file(session)

    for change in (
        lambda: change_source(session, "krant", KRANT, account_id=ada, now=NOW),
        lambda: remove_source(session, "krant", account_id=ada, now=NOW),
    ):
        with pytest.raises(DefinedInFileError, match=r"'krant' stands in sources/a\.toml"):
            change()
    pause(session, "krant", "", account_id=ada, now=NOW)
    row = session.get_one(Source, "krant")
    assert (row.paused, row.paused_at, row.paused_by_id) == ("by hand", NOW, ada)
    errand = visit_soon(session, "krant", account_id=ada, now=NOW)
    assert take_next(session, NOW).id == errand.id
    assert visit_soon(session, "krant", account_id=ada, now=NOW).id == errand.id


@pytest.mark.parametrize("account", [True, False], ids=["on a page", "by a command"])
def test_only_a_person_ends_the_pause_of_a_person(session, ada, account):
    in_file(session)
    pause(session, "krant", "op verzoek", account_id=ada if account else None, now=NOW)
    reviewed = replace(KRANT, terms=replace(TERMS, checked=LATER.date()), defined_in="sources/a.toml")

    sync_sources(session, [columns(reviewed)], now=LATER)
    assert session.get_one(Source, "krant").paused == "op verzoek"
    row = resume(session, "krant", account_id=ada, now=LATER)

    assert (row.paused, row.paused_at, row.paused_by_id, row.next_visit_at) == (None, None, None, None)


def test_resuming_after_changed_terms_takes_the_terms_as_they_are_now(session, ada):
    row = add_source(session, KRANT, account_id=ada, now=NOW)
    row.terms_hash, row.paused, row.paused_at = "v:old", "its terms page changed", NOW

    resume(session, "krant", account_id=ada, now=LATER)
    resume(session, "krant", account_id=ada, now=LATER)

    assert (row.terms_hash, row.paused) == (None, None)
    assert deeds(session) == ["added", "resumed"], "the second time there was nothing to end"


@pytest.mark.parametrize("kind", [SourceKind.HANDIN, SourceKind.FEED])
def test_what_is_handed_in_is_no_source_to_visit(session, ada, kind):
    add_source(session, replace(KRANT, kind=kind, options={}), account_id=ada, now=NOW)

    assert [one.kind for one in added_sources(session)] == ([kind] if kind is SourceKind.FEED else [])


def test_a_source_that_is_not_there_is_named(session, ada):
    for change in (
        lambda: pause(session, "weg", "", account_id=ada, now=NOW),
        lambda: resume(session, "weg", account_id=ada, now=NOW),
        lambda: visit_soon(session, "weg", account_id=ada, now=NOW),
    ):
        with pytest.raises(SourceNotFoundError, match="'weg'"):
            change()
