"""Deletions at the source: what is asked when, what goes with the second answer, and what stays."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.base import Base
from models.database import forget_deleted, session_factory
from models.settings import Settings
from models.shingles import shingle_hashes, unpack
from models.store.audit import audit_page
from models.store.gone import (
    ASK_OTHERS,
    ASK_WAITING,
    CONFIRM,
    due_items,
    due_sources,
    note_gone,
    note_there,
    note_unknown,
    withdraw,
)
from models.store.predictions import Estimate, save_estimates
from models.store.purge import purge
from models.store.search import refresh_lead
from models.suppression import Suppression
from models.tables import (
    Account,
    Decision,
    Initiative,
    Item,
    ItemFeatures,
    ItemSketch,
    ItemText,
    Lead,
    LeadItem,
    LeadMove,
    LeadNote,
    LeadShingles,
    Prediction,
    Source,
)
from models.words import DecisionKind, LeadStatus, SourceKind

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CANARY = "Zeven buren repareren elke zaterdag zwanenfietsen in de schuur achter de kerk van het dorp."
numbers = count(1)


def make_item(
    session: Session, *, title: str = "Zwanenfietsen maken", score: float = 0.8, **more: Any
) -> Item:
    if session.get(Source, "koerier") is None:
        session.add(
            Source(
                key="koerier", title="K", kind=SourceKind.FEED, url="http://k.example/", every_seconds=3600
            )
        )
        session.flush()
    number = next(numbers)
    columns: dict[str, Any] = {
        "source_key": "koerier",
        "url_key": f"u{number}",
        "external_key": f"e{number}",
        "url": f"http://k.example/{number}",
        "title": title,
        "first_seen_at": NOW,
        "last_seen_at": NOW,
        "entry_hash": "e",
        "content_hash": "c",
        "flagged_hash": "c",
        "native_id": str(number),
        "account_key": "a",
        **more,
    }
    item = Item(**columns)
    session.add(item)
    session.flush()
    session.add_all(
        [
            ItemText(item_id=item.id, text=CANARY),
            ItemFeatures(item_id=item.id, space="s", features=b"f"),
            ItemSketch(
                item_id=item.id, at=NOW, minhash=b"", shingles=b"", terms=b"", weights=b"", names={"1": 2.0}
            ),
            Prediction(
                item_id=item.id,
                model_version="m1",
                content_hash="c",
                score=score,
                flagged=True,
                theme="circulair",
                municipality_code="GM0202",
                initiative_name=f"De {title}",
                snippet=f"{title}: {CANARY[:60]}",
                evidence=[{"reason": "buren", "start": 0, "end": 4, "weight": 1.0}],
                made_at=NOW,
            ),
        ]
    )
    session.flush()
    return item


def make_lead(session: Session, *items: Item, status: LeadStatus = LeadStatus.OPEN) -> Lead:
    """A lead that is told in the words of the first item."""
    best = items[0]
    lead = Lead(
        status=status,
        title=best.title,
        snippet=f"{best.title}: {CANARY[:60]}",
        initiative_name=f"De {best.title}",
        municipality_code="GM0202",
        theme="circulair",
        score=0.8,
        opened_at=NOW,
        extended_at=NOW,
        decided_at=None if status is LeadStatus.OPEN else NOW,
    )
    session.add(lead)
    session.flush()
    session.add_all(LeadItem(lead_id=lead.id, item_id=item.id, added_at=NOW) for item in items)
    session.flush()
    refresh_lead(session, lead.id)
    session.commit()
    return lead


def account(session: Session) -> Account:
    found = Account(email="a@example.nl", fs_uniquifier="u", password="x", active=True, created_at=NOW)
    session.add(found)
    session.flush()
    return found


def words_in_index(engine: Engine, lead_id: int) -> str:
    """What the search index keeps of a lead, as text."""
    column = "words" if engine.dialect.name == "sqlite" else "vector"
    with engine.connect() as connection:
        sql = f"SELECT {column} FROM search_lead WHERE lead_id = {lead_id}"
        return str(connection.exec_driver_sql(sql).scalar())


def take_out(session: Session, settings: Settings, *items: Item) -> None:
    withdraw(session, [item.id for item in items], settings, NOW)
    session.commit()
    session.expire_all()


@pytest.mark.parametrize(
    ("status", "asked", "due"),
    [
        pytest.param(LeadStatus.OPEN, ASK_WAITING, True, id="of an open lead, not asked for a day"),
        pytest.param(LeadStatus.OPEN, ASK_WAITING - timedelta(hours=1), False, id="of an open lead, asked"),
        pytest.param(LeadStatus.SNOOZED, ASK_WAITING, True, id="of a snoozed lead"),
        pytest.param(LeadStatus.PROMOTED, timedelta(days=6), False, id="of a promoted lead, after six days"),
        pytest.param(LeadStatus.PROMOTED, ASK_OTHERS, True, id="of a promoted lead, after a week"),
        pytest.param(LeadStatus.REJECTED, timedelta(days=6), False, id="of a rejected lead"),
        pytest.param(None, timedelta(days=6), False, id="of no lead, after six days"),
        pytest.param(None, ASK_OTHERS, True, id="of no lead, after a week"),
    ],
)
def test_an_item_is_asked_about_as_often_as_it_is_shown(
    session: Session, status: LeadStatus | None, asked: timedelta, due: bool
) -> None:
    item = make_item(session, first_seen_at=NOW - timedelta(days=20), checked_at=NOW - asked)
    if status is not None:
        make_lead(session, item, status=status)

    assert (due_sources(session, NOW) == {"koerier"}) == due
    assert [one.id for one in due_items(session, "koerier", NOW, 10)] == [item.id] * due


def test_what_was_gathered_today_needs_no_question_yet(session: Session) -> None:
    make_lead(session, make_item(session))

    assert due_sources(session, NOW + ASK_WAITING - timedelta(minutes=1)) == set()
    assert due_sources(session, NOW + ASK_WAITING) == {"koerier"}


@pytest.mark.parametrize(
    "change",
    [{"kind": SourceKind.HANDIN}, {"enabled": False}, {"paused": "by somebody"}, {"removed_at": NOW}],
    ids=["handed in", "switched off", "paused", "removed"],
)
def test_some_sources_are_never_asked(session: Session, change: dict[str, Any]) -> None:
    make_lead(session, make_item(session))
    source = session.get_one(Source, "koerier")
    for name, value in change.items():
        setattr(source, name, value)
    session.commit()

    assert due_sources(session, NOW + ASK_OTHERS) == set()


def test_what_matters_most_and_was_asked_about_longest_ago_comes_first(session: Session) -> None:
    old = NOW - timedelta(days=20)
    plain = make_item(session, first_seen_at=old)
    promoted = make_item(session, first_seen_at=old)
    make_lead(session, promoted, status=LeadStatus.PROMOTED)
    later = make_item(session, first_seen_at=old, checked_at=NOW - timedelta(days=2))
    sooner = make_item(session, first_seen_at=old, checked_at=NOW - timedelta(days=3))
    make_lead(session, later, sooner)
    gone = make_item(session, first_seen_at=old, checked_at=NOW - CONFIRM, gone_at=NOW - CONFIRM)

    order = [item.id for item in due_items(session, "koerier", NOW, 10)]

    assert order == [gone.id, sooner.id, later.id, promoted.id, plain.id]
    assert [item.id for item in due_items(session, "koerier", NOW, 2)] == order[:2]


def test_only_the_second_answer_an_hour_later_counts(session: Session) -> None:
    item = make_item(session)

    assert note_gone(session, [item.id], NOW) == []
    assert note_gone(session, [item.id], NOW + CONFIRM - timedelta(minutes=1)) == []
    assert due_sources(session, NOW + CONFIRM - timedelta(minutes=1)) == set()
    assert due_sources(session, NOW + CONFIRM) == {"koerier"}
    note_unknown(session, [item.id], NOW + CONFIRM)
    assert due_sources(session, NOW + CONFIRM) == set()
    assert note_gone(session, [item.id], NOW + 2 * CONFIRM) == [item.id]


def test_an_item_that_is_there_again_begins_anew(session: Session) -> None:
    item = make_item(session)
    note_gone(session, [item.id], NOW)

    note_there(session, [item.id], NOW + CONFIRM)

    assert note_gone(session, [item.id], NOW + 2 * CONFIRM) == []
    session.refresh(item)
    assert item.gone_at == NOW + 2 * CONFIRM


def test_all_words_go_at_once_and_never_come_back(
    session: Session, engine: Engine, settings: Settings
) -> None:
    item = make_item(session)
    url_key, external_key = item.url_key, item.external_key
    lead = make_lead(session, item)
    assert "zwan" in words_in_index(engine, lead.id)
    session.add(LeadNote(lead_id=lead.id, account_id=account(session).id, text="gebeld", made_at=NOW))
    session.commit()

    take_out(session, settings, item)

    assert (lead.status, lead.source_gone_at, lead.purged_at) == (LeadStatus.WITHDRAWN, NOW, NOW)
    assert (lead.title, lead.snippet, lead.initiative_name) == ("", "", "")
    assert (item.title, item.url, item.native_id, item.account_key, item.purged_at) == ("", "", "", None, NOW)
    (prediction,) = session.scalars(select(Prediction)).all()
    assert (prediction.snippet, prediction.evidence, prediction.initiative_name) == ("", [], "")
    for table in (ItemText, ItemFeatures, ItemSketch):
        assert session.scalars(select(table)).all() == []
    assert session.scalars(select(LeadNote.text)).all() == [""]
    assert "zwan" not in words_in_index(engine, lead.id)
    kept = {row.key: (row.kind, row.why) for row in session.scalars(select(Suppression))}
    why = "deleted at the source"
    assert kept == {url_key: ("url", why), external_key: ("item", why)}
    # For statistics and merges.
    assert (lead.municipality_code, lead.theme, lead.score) == ("GM0202", "circulair", 0.8)


def test_nothing_of_it_is_left_anywhere(session: Session, engine: Engine, settings: Settings) -> None:
    item = make_item(session)
    make_lead(session, item)

    take_out(session, settings, item)
    session.close()
    forget_deleted(engine)

    with engine.connect() as connection:
        rows = [str(connection.execute(select(table)).all()) for table in Base.metadata.sorted_tables]
    assert "wanenfiets" not in "".join(rows)
    # Of an SQLite file also what is no longer in its tables.
    database = b"".join(path.read_bytes() for path in settings.var.glob("scout.db*"))
    assert b"wanenfiets" not in database


def test_the_log_tells_that_it_went_but_not_what(session: Session, settings: Settings) -> None:
    in_lead, alone = make_item(session), make_item(session)
    lead = make_lead(session, in_lead)

    take_out(session, settings, in_lead, alone)

    entries, _ = audit_page(session, action="withdraw")
    assert {(row.object_kind, row.object_id) for row in entries} == {
        ("lead", str(lead.id)),
        ("source", "koerier"),
    }
    assert all("wanen" not in str((row.before, row.after)) for row in entries)
    of_lead = next(row for row in entries if row.object_kind == "lead")
    assert of_lead.before == {"status": "open", "items": 1}
    assert of_lead.after == {"status": "withdrawn", "why": "deleted at the source", "items": 0}


def test_a_lead_goes_on_with_its_best_remaining_item(
    session: Session, engine: Engine, settings: Settings
) -> None:
    gone = make_item(session, title="Kunstlicht in de straat", score=0.9)
    worse = make_item(session, title="Repaircafé open", score=0.5)
    best = make_item(session, title="Fietsen voor iedereen", score=0.7)
    lead = make_lead(session, gone, worse, best)
    assert "kunstlicht" in words_in_index(engine, lead.id)

    take_out(session, settings, gone)

    assert (lead.status, lead.purged_at, lead.source_gone_at) == (LeadStatus.OPEN, None, NOW)
    assert (lead.title, lead.score) == ("Fietsen voor iedereen", 0.7)
    assert lead.snippet.startswith("Fietsen voor iedereen: ")
    assert "kunstlicht" not in words_in_index(engine, lead.id)
    assert best.title == "Fietsen voor iedereen"


@pytest.mark.parametrize("status", [LeadStatus.REJECTED, LeadStatus.KNOWN])
def test_what_somebody_decided_stays_decided(
    session: Session, settings: Settings, status: LeadStatus
) -> None:
    item = make_item(session)
    lead = make_lead(session, item, status=status)

    take_out(session, settings, item)

    assert (lead.status, lead.title, lead.purged_at) == (status, "", NOW)


def promoted(session: Session, *items: Item) -> tuple[Lead, Initiative]:
    lead = make_lead(session, *items, status=LeadStatus.PROMOTED)
    entry = Initiative(
        name="Fietsenmakers",
        summary="In eigen woorden.",
        municipality_code="GM0202",
        link=items[0].url,
        lead_id=lead.id,
        created_by_id=account(session).id,
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(entry)
    session.commit()
    return lead, entry


def test_the_register_keeps_the_words_of_staff(session: Session, settings: Settings) -> None:
    item = make_item(session)
    lead, entry = promoted(session, item)

    take_out(session, settings, item)

    assert (lead.status, lead.source_gone_at, lead.title) == (LeadStatus.PROMOTED, NOW, "")
    assert (entry.name, entry.summary, entry.link) == ("Fietsenmakers", "In eigen woorden.", "")
    # Enough to refuse copying it into the register after all.
    kept = session.get_one(LeadShingles, lead.id)
    assert unpack(kept.hashes) == shingle_hashes(settings.effective_secret_key, CANARY)


def test_a_promoted_lead_is_told_by_another_item_and_keeps_what_was_decided(
    session: Session, settings: Settings
) -> None:
    gone, left = make_item(session, score=0.9), make_item(session, title="Repaircafé", score=0.3)
    lead, _ = promoted(session, gone, left)

    take_out(session, settings, gone)

    assert (lead.title, lead.score, lead.status) == ("Repaircafé", 0.8, LeadStatus.PROMOTED)


def test_a_promotion_undone_after_all_went_leaves_nothing_in_the_queue(
    session: Session, settings: Settings
) -> None:
    item = make_item(session)
    lead, _ = promoted(session, item)
    take_out(session, settings, item)
    lead.status = LeadStatus.OPEN
    session.commit()

    purge(session, settings, now=NOW)
    session.expire_all()

    assert (lead.status, lead.purged_at) == (LeadStatus.WITHDRAWN, NOW)


def test_a_lead_that_was_merged_away_loses_the_words_too(session: Session, settings: Settings) -> None:
    gone, left = make_item(session), make_item(session, title="Repaircafé")
    into = make_lead(session, left)
    merged = make_lead(session, gone)
    decision = Decision(
        lead_id=merged.id,
        account_id=account(session).id,
        kind=DecisionKind.MERGE,
        old_status=LeadStatus.OPEN,
        new_status=LeadStatus.MERGED,
        other_lead_id=into.id,
        made_at=NOW,
    )
    session.add(decision)
    session.flush()
    session.add(LeadMove(decision_id=decision.id, item_id=gone.id, added_at=NOW, section_ids=[]))
    merged.status, merged.merged_into_id = LeadStatus.MERGED, into.id
    session.get_one(LeadItem, (merged.id, gone.id)).lead_id = into.id
    session.commit()

    take_out(session, settings, gone)

    assert (merged.status, merged.title, merged.snippet) == (LeadStatus.MERGED, "", "")
    assert (into.status, into.title, into.source_gone_at) == (LeadStatus.OPEN, "Repaircafé", NOW)


def test_an_id_that_a_feed_gives_to_all_its_entries_keeps_nobody_out(
    session: Session, settings: Settings
) -> None:
    gone, other = make_item(session, external_key="same"), make_item(session, external_key="same")
    session.commit()

    take_out(session, settings, gone)

    assert set(session.scalars(select(Suppression.key))) == {gone.url_key}
    assert other.title == "Zwanenfietsen maken"


def test_taking_out_twice_does_nothing_more(session: Session, settings: Settings) -> None:
    item = make_item(session)
    lead = make_lead(session, item)
    take_out(session, settings, item)
    version = lead.version

    take_out(session, settings, item)

    assert lead.version == version
    assert len(audit_page(session, action="withdraw")[0]) == 1


def test_half_a_withdrawal_is_none(engine: Engine, session: Session, settings: Settings) -> None:
    item = make_item(session)
    lead = make_lead(session, item)

    with session_factory(engine)() as other:
        withdraw(other, [item.id], settings, NOW)  # killed before it commits

    session.expire_all()
    assert (lead.title, item.title) == ("Zwanenfietsen maken",) * 2
    assert session.scalars(select(Suppression)).all() == []


def test_what_an_item_said_before_it_was_edited_is_kept_nowhere(session: Session) -> None:
    item = make_item(session)
    item.content_hash = "d"
    session.flush()

    save_estimates(
        session,
        [Estimate(item.id, "d", 0.6, True, snippet="Nu anders")],
        model_version="m1",
        made_at=NOW,
    )
    session.commit()
    session.expire_all()

    told = session.scalars(select(Prediction).order_by(Prediction.id)).all()
    assert [(one.snippet, one.evidence) for one in told] == [("", []), ("Nu anders", [])]
