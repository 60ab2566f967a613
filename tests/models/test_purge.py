"""Retention: what goes when, what stays, and that stopping half-way loses nothing."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.database import forget_deleted
from models.digest import DigestSubscription
from models.settings import Settings
from models.shingles import shingle_hashes, unpack
from models.store.purge import purge
from models.store.status import overview
from models.tables import Item, ItemText, Lead, LeadItem, LeadShingles, Prediction, Run, Source
from models.words import LeadStatus, SourceKind

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CANARY = "In de schuur achter de kerk repareren zeven buren elke zaterdag kapotte fietsen voor het dorp."
numbers = count(1)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def make_source(session: Session) -> None:
    if session.get(Source, "koerier") is None:
        session.add(
            Source(
                key="koerier", title="K", kind=SourceKind.FEED, url="http://k.example/", every_seconds=3600
            )
        )
        session.flush()


def make_item(session: Session, *, age: float) -> Item:
    make_source(session)
    number = next(numbers)
    item = Item(
        source_key="koerier",
        url_key=f"u{number}",
        external_key=f"e{number}",
        url=f"http://k.example/{number}",
        title="Fietsen maken",
        first_seen_at=days_ago(age),
        last_seen_at=days_ago(0),
        entry_hash="e",
        content_hash="c",
        flagged_hash="c",
    )
    session.add(item)
    session.flush()
    session.add(ItemText(item_id=item.id, text=CANARY))
    session.add(
        Prediction(
            item_id=item.id,
            model_version="m1",
            content_hash="c",
            score=0.8,
            flagged=True,
            theme="circulair",
            snippet=CANARY[:150],
            evidence=[{"reason": "buren", "start": 0, "end": 4, "weight": 1.0}],
            made_at=days_ago(age),
        )
    )
    return item


def make_lead(
    session: Session, status: LeadStatus, *, opened: float, decided: float | None = None
) -> tuple[Lead, Item]:
    item = make_item(session, age=opened)
    lead = Lead(
        status=status,
        title="Fietsen maken",
        snippet=CANARY[:150],
        municipality_code="GM0202",
        theme="circulair",
        score=0.8,
        opened_at=days_ago(opened),
        extended_at=days_ago(opened),
        decided_at=None if decided is None else days_ago(decided),
    )
    session.add(lead)
    session.flush()
    session.add(LeadItem(lead_id=lead.id, item_id=item.id, added_at=days_ago(opened)))
    session.commit()
    return lead, item


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("status", "opened", "decided", "goes", "becomes"),
    [
        pytest.param(LeadStatus.OPEN, 29.9, None, False, LeadStatus.OPEN, id="unreviewed, within its term"),
        pytest.param(LeadStatus.OPEN, 30, None, True, LeadStatus.EXPIRED, id="unreviewed, past its term"),
        pytest.param(LeadStatus.OPEN, 40, 1, False, LeadStatus.OPEN, id="reopened yesterday"),
        pytest.param(LeadStatus.REJECTED, 20, 6.9, False, LeadStatus.REJECTED, id="rejected six days ago"),
        pytest.param(LeadStatus.REJECTED, 20, 7, True, LeadStatus.REJECTED, id="rejected a week ago"),
        pytest.param(LeadStatus.SNOOZED, 89, 80, False, LeadStatus.SNOOZED, id="snoozed"),
        pytest.param(LeadStatus.SNOOZED, 90, 80, True, LeadStatus.EXPIRED, id="snoozed for too long"),
        pytest.param(LeadStatus.KNOWN, 40, 30, True, LeadStatus.KNOWN, id="known already"),
        pytest.param(LeadStatus.PROMOTED, 400, 399, False, LeadStatus.PROMOTED, id="promoted stays"),
        pytest.param(LeadStatus.WITHDRAWN, 1, 0, True, LeadStatus.WITHDRAWN, id="gone at the source"),
    ],
)
def test_a_lead_goes_at_the_end_of_its_term(
    session: Session,
    settings: Settings,
    status: LeadStatus,
    opened: float,
    decided: float | None,
    goes: bool,
    becomes: LeadStatus,
) -> None:
    lead, item = make_lead(session, status, opened=opened, decided=decided)

    purge(session, settings, now=NOW)
    session.expire_all()

    assert lead.status == becomes
    assert (lead.title == "") == (lead.snippet == "") == (lead.purged_at == NOW) == goes
    assert (lead.municipality_code, lead.theme, lead.score) == ("GM0202", "circulair", 0.8)
    assert (item.url == "") == (item.title == "") == goes
    assert item.content_hash == "c"
    (prediction,) = session.scalars(select(Prediction)).all()
    assert (prediction.snippet == "") == (prediction.evidence == []) == goes
    assert prediction.score == 0.8


@pytest.mark.both_databases
def test_an_item_of_a_living_lead_stays_when_another_lead_of_it_goes(
    session: Session, settings: Settings
) -> None:
    old, item = make_lead(session, LeadStatus.REJECTED, opened=20, decided=10)
    living, _ = make_lead(session, LeadStatus.OPEN, opened=2)
    session.add(LeadItem(lead_id=living.id, item_id=item.id, added_at=days_ago(2)))
    session.commit()

    purge(session, settings, now=NOW)
    session.expire_all()

    assert old.purged_at is not None
    assert item.purged_at is None
    assert item.title == "Fietsen maken"


@pytest.mark.both_databases
def test_texts_go_after_their_term_and_leave_enough_to_refuse_copying(
    session: Session, settings: Settings
) -> None:
    lead, item = make_lead(session, LeadStatus.PROMOTED, opened=30, decided=20)
    make_lead(session, LeadStatus.PROMOTED, opened=29, decided=20)

    report = purge(session, settings, now=NOW)

    assert report.texts == 1
    assert session.get(ItemText, item.id) is None
    kept = session.get_one(LeadShingles, lead.id)
    assert unpack(kept.hashes) == shingle_hashes(settings.effective_secret_key, CANARY)
    assert item.title == "Fietsen maken"


def test_an_item_that_led_nowhere_goes_after_thirty_days(session: Session, settings: Settings) -> None:
    old = make_item(session, age=31)
    young = make_item(session, age=29)
    session.commit()

    assert purge(session, settings, now=NOW).items == 1
    session.expire_all()

    assert (old.title, old.purged_at) == ("", NOW)
    assert young.title == "Fietsen maken"


@pytest.mark.both_databases
def test_an_item_that_joined_a_lead_already_gone_goes_after_its_own_term(
    session: Session, settings: Settings
) -> None:
    lead, _ = make_lead(session, LeadStatus.REJECTED, opened=60, decided=50)
    purge(session, settings, now=NOW)
    late, later = make_item(session, age=31), make_item(session, age=29)
    session.add_all(
        LeadItem(lead_id=lead.id, item_id=item.id, added_at=days_ago(29)) for item in (late, later)
    )
    session.commit()

    assert purge(session, settings, now=NOW).items == 1
    session.expire_all()

    assert (late.title, later.title) == ("", "Fietsen maken")


def test_nothing_of_a_purged_text_is_left_in_the_files(
    session: Session, engine: Engine, settings: Settings
) -> None:
    make_lead(session, LeadStatus.OPEN, opened=31)

    purge(session, settings, now=NOW)
    session.close()
    forget_deleted(engine)

    for file in settings.var.iterdir():
        assert b"achter de kerk" not in file.read_bytes(), file


def test_purging_again_changes_nothing(session: Session, settings: Settings) -> None:
    make_lead(session, LeadStatus.OPEN, opened=31)
    make_lead(session, LeadStatus.PROMOTED, opened=31, decided=3)
    session.add(Run(batch="b", source_key="koerier", started_at=days_ago(366), outcomes={}))
    session.commit()

    first = purge(session, settings, now=NOW).as_dict()
    second = purge(session, settings, now=NOW).as_dict()

    assert first == {"texts": 1, "items": 0, "leads": 1, "runs": 1, "audit": 0}
    assert set(second.values()) == {0}


def test_the_overview_counts_what_is_there(session: Session) -> None:
    make_lead(session, LeadStatus.OPEN, opened=1)
    make_lead(session, LeadStatus.REJECTED, opened=2, decided=1)
    source = session.get_one(Source, "koerier")
    source.terms_checked = NOW.date()
    source.last_visit_at = days_ago(0)
    source.consecutive_failures = 2
    session.add(
        Run(
            batch="b",
            source_key="koerier",
            started_at=days_ago(0),
            finished_at=NOW,
            outcomes={"new": 2},
            problem="koerier.example did not answer within 30 s",
        )
    )
    session.commit()

    report = overview(session, now=NOW)

    assert report["sources"] == {"failing": 1}
    assert report["leads"] == {"open": 1, "rejected": 1}
    assert report["items"] == {"all": 2, "living": 2, "to_flag": 0}
    assert report["last_run"]["failed"] == 1
    assert report["last_run"]["items"]["new"] == 2


@pytest.mark.both_databases
def test_addresses_that_get_no_digest_any_more_go_after_a_year(session: Session, settings: Settings) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def digest(email: str, stopped_days_ago: int | None) -> DigestSubscription:
        row = DigestSubscription(
            municipality_code="GM0202",
            email=email,
            created_at=now - timedelta(days=500),
            salt="x",
            stopped_at=None if stopped_days_ago is None else now - timedelta(days=stopped_days_ago),
        )
        session.add(row)
        return row

    going, lately, at_work = (
        digest("a@a.example", 366),
        digest("b@a.example", 300),
        digest("c@a.example", None),
    )
    also_going = digest("d@a.example", 400)
    session.commit()

    for _ in range(2):
        purge(session, settings, now=now)

    session.expire_all()
    assert [row.email for row in (lately, at_work)] == ["b@a.example", "c@a.example"]
    assert [row.email for row in (going, also_going)] == [str(going.id), str(also_going.id)]
