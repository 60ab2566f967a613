"""The audit log: who may read it, what it says, and how it shows that somebody changed it."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.settings import Settings
from models.store.audit import ACTIONS, KEEP_DAYS, START, check, check_newest, expire, newest_hash, record
from models.store.purge import purge
from models.words import Role
from review.log_words import DEEDS
from tests.review.commands import Run, runs
from tests.review.factories import ARNHEM, make_account, make_lead
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]

TITLE = "Buurttuin aan de Kamperweg"


@pytest.fixture
def officer(sign_in: SignIn) -> Visitor:
    """A privacy officer who is signed in."""
    return sign_in("fg@voorbeeld.example", roles=[Role.PRIVACY_OFFICER])


@pytest.fixture
def run(settings: Settings) -> Run:
    """Runs ``review audit …`` on the folder of the test."""
    return runs(settings.var, "audit")


def entries(
    session: Session, count: int, *, action: str = "note", at: datetime | None = None
) -> list[AuditEntry]:
    """That many entries by nobody, about leads 1, 2, …"""
    made = [record(session, None, action, "lead", number, at=at) for number in range(1, count + 1)]
    session.commit()
    return made


def lines(visitor: Visitor) -> list[str]:
    """The entries on the page, with single spaces."""
    return [" ".join(row.text_content().split()) for row in visitor.page.cssselect(".scout-log__row")]


def test_the_log_tells_the_privacy_officer_who_did_what_without_any_content(
    officer: Visitor, sign_in: SignIn, session: Session
) -> None:
    ada = sign_in()
    lead = make_lead(session, title=TITLE)
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    ada.send(f"/signalen/{lead.id}/afwijzen", reason="overheid")

    officer.get("/logboek?wat=decide")

    (line,) = lines(officer)
    assert "Ada besloot over een signaal" in line
    assert f"signaal {lead.id}" in line
    assert "status: van open naar afgewezen" in line
    assert "soort: afwijzen" in line
    for words in (TITLE, "Kamperweg", "Bewoners"):
        assert words not in officer.answer.text
    assert not officer.page.cssselect('a[href^="/signalen/"]')


def test_the_officer_begins_at_the_log_and_a_manager_can_go_from_it_to_a_lead(
    officer: Visitor, sign_in: SignIn, session: Session
) -> None:
    lead = make_lead(session)
    record(session, None, "note", "lead", lead.id)
    session.commit()

    officer.get("/")
    assert (officer.heading, officer.answer.request.path) == ("Logboek", "/logboek")
    manager = sign_in("b@voorbeeld.example", roles=[Role.ADMIN])
    manager.get("/logboek?wat=note")
    assert manager.page.cssselect(f'a[href="/signalen/{lead.id}"]')


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.PROJECT_LEADER, Role.MUNICIPALITY])
def test_nobody_else_reads_the_log(sign_in: SignIn, session: Session, role: Role) -> None:
    entries(session, 1)
    place = "Arnhem" if role is Role.MUNICIPALITY else ""
    person = sign_in("p@voorbeeld.example", roles=[role], municipality=place)

    for path in ("/logboek", "/logboek.csv"):
        answer = person.client.get(path)
        assert answer.status_code == 403
        assert "notitie" not in answer.text


def test_filters_keep_to_a_person_an_action_and_an_object(officer: Visitor, session: Session) -> None:
    bob = make_account(session, "bob@voorbeeld.example", name="Bob")
    entries(session, 3)
    record(session, bob.id, "assign", "lead", 2, before={"assignee": None}, after={"assignee": bob.id})
    record(
        session,
        None,
        "account_add",
        "account",
        bob.id,
        after={"roles": ["beoordelaar"], "municipality": ARNHEM},
    )
    session.commit()

    officer.get(f"/logboek?wie={bob.id}")
    (line,) = lines(officer)
    assert "toegewezen aan: van niemand naar Bob" in line
    officer.get("/logboek?wie=0&waaraan=lead")
    assert len(lines(officer)) == 3
    officer.get("/logboek?waaraan=lead&nummer=2")
    assert len(lines(officer)) == 2
    officer.get(f"/logboek?waaraan=account&nummer={bob.id}")
    (line,) = lines(officer)
    assert f"account {bob.id} (Bob)" in line
    assert "rollen: beoordelaar" in line
    assert "gemeente: Arnhem" in line
    officer.get("/logboek?wat=export")
    assert "Niets gevonden" in officer.main


@pytest.mark.parametrize(
    "query",
    [
        "wie=x",
        "wie=99999999999999",
        "wat=onzin",
        "waaraan=<b>",
        "nummer=%00",
        "nummer=%D9%A1",
        "na=-1",
        "na=1e9",
    ],
)
def test_nonsense_in_the_address_counts_as_not_asked(officer: Visitor, session: Session, query: str) -> None:
    entries(session, 2)

    answer = officer.get(f"/logboek?{query}")

    assert answer.status_code == 200
    assert len(lines(officer)) >= 2


def test_older_entries_are_a_page_further(officer: Visitor, session: Session) -> None:
    entries(session, 120)
    seen = []
    officer.get("/logboek?wat=note")
    while True:
        seen += lines(officer)
        following = officer.page.cssselect('.utrecht-pagination a[rel="next"]')
        if not following:
            break
        officer.get(following[0].get("href"))

    assert [int(line.split()[-1]) for line in seen] == sorted(
        (int(line.split()[-1]) for line in seen), reverse=True
    )
    assert len(seen) == 120
    officer.get(officer.page.cssselect('.utrecht-pagination a:not([rel="next"])')[0].get("href"))
    assert lines(officer)[0] == seen[0]


def test_the_file_holds_the_same_entries_and_taking_it_is_logged(officer: Visitor, session: Session) -> None:
    record(session, None, "note", "lead", 1, after={"characters": 12})
    record(session, None, "account_add", "account", "=cmd()", after={})
    session.commit()

    answer = officer.client.get("/logboek.csv?wie=0")

    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    found = list(csv.DictReader(answer.text.splitlines()))
    assert [(row["action"], row["object_id"]) for row in found] == [("account_add", "'=cmd()"), ("note", "1")]
    assert json.loads(found[1]["after"]) == {"characters": 12}
    officer.get("/logboek?wat=export")
    (line,) = lines(officer)
    assert "Fg haalde een bestand op" in line


def test_the_page_says_that_the_log_is_whole_and_gives_the_hash_to_keep(
    officer: Visitor, session: Session
) -> None:
    entries(session, 3)

    officer.get("/logboek")

    assert "Het logboek is heel" in officer.main
    assert newest_hash(session) in officer.main


TAMPERING = {
    "changed": """UPDATE audit_entry SET "after" = '{"status": "promoted"}' WHERE id = {second}""",
    "another time": "UPDATE audit_entry SET at = '2020-01-01 00:00:00.000000' WHERE id = {second}",
    "taken out": "DELETE FROM audit_entry WHERE id = {first}",
    "taken off the beginning": "DELETE FROM audit_entry WHERE id <= {first}",
}


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_shows_on_the_page_and_in_the_command(
    officer: Visitor, session: Session, run: Run, how: str
) -> None:
    first, second, *_ = entries(session, 5)
    if how == "taken out":
        first = second
    written_down = newest_hash(session)
    assert run("check", "--hash", written_down).returncode == 0

    session.execute(
        text(TAMPERING[how].replace("{first}", str(first.id)).replace("{second}", str(second.id)))
    )
    session.commit()

    wrong = second.id + (how == "taken out")
    told = run("check")
    assert (told.returncode, told.stdout) == (1, "")
    assert f"entry {wrong} does not follow" in told.stderr
    report = json.loads(run("check", "--json").stdout)
    assert (report["whole"], report["broken"]) == (False, wrong)
    officer.get("/logboek")
    assert "Het logboek is beschadigd" in officer.main
    assert f"Regel {wrong} past niet" in officer.main


def test_what_is_cut_off_at_the_end_shows_by_the_hash_that_was_written_down(
    session: Session, run: Run
) -> None:
    entries(session, 5)
    written_down = newest_hash(session)
    session.execute(text("DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)"))
    session.commit()

    assert run("check").returncode == 0
    told = run("check", "--hash", written_down)
    assert told.returncode == 1
    assert written_down in told.stderr


def test_an_empty_log_is_whole(session: Session, run: Run) -> None:
    told = run("check", "--json")

    assert told.returncode == 0
    assert json.loads(told.stdout) == {
        "whole": True,
        "entries": 0,
        "broken": None,
        "newest": START,
        "gone": [],
    }


def test_the_command_exports_the_log(session: Session, run: Run) -> None:
    record(session, None, "assign", "lead", 7, before={"assignee": None}, after={"assignee": 3})
    session.commit()

    (row,) = json.loads(run("export").stdout)
    assert (row["action"], row["object_id"], row["after"]) == ("assign", "7", {"assignee": 3})
    (line,) = csv.DictReader(run("export", "--format", "csv").stdout.splitlines())
    assert json.loads(line["after"]) == {"assignee": 3}
    assert line["hash"] == newest_hash(session)


@pytest.mark.both_databases
def test_entries_go_after_twelve_months_and_the_rest_stays_a_whole_log(
    session: Session, settings: Settings
) -> None:
    now = datetime.now(UTC)
    old = entries(session, 3, at=now - timedelta(days=KEEP_DAYS, hours=1))
    last, link = old[-1].id, old[-1].hash
    kept = [one.id for one in entries(session, 2, at=now - timedelta(days=KEEP_DAYS - 1))]

    assert purge(session, settings, now=now).audit == 3
    assert purge(session, settings, now=now).audit == 0

    checked = check(session)
    assert (checked.entries, checked.broken) == (3, None)
    found = session.query(AuditEntry).order_by(AuditEntry.id).all()
    assert [one.id for one in found[:2]] == kept
    assert (found[2].action, found[2].object_id) == ("expire", str(last))
    assert found[2].after == {"entries": 3, "hash": link}
    # A year of silence: what went is told by what is left.
    later = now + timedelta(days=KEEP_DAYS + 10)
    assert expire(session, now=later) == 3
    session.commit()
    checked = check(session)
    assert (checked.entries, checked.broken) == (1, None)


@pytest.mark.both_databases
def test_only_what_expired_may_be_missing_at_the_beginning(session: Session) -> None:
    now = datetime.now(UTC)
    entries(session, 2, at=now - timedelta(days=KEEP_DAYS + 5))
    first, *_ = entries(session, 3, at=now)
    expire(session, now=now)
    session.commit()

    session.execute(text("DELETE FROM audit_entry WHERE id = :id"), {"id": first.id})
    session.commit()

    assert check(session).broken == first.id + 1


@pytest.mark.both_databases
def test_the_newest_are_checked_without_reading_all(session: Session) -> None:
    made = entries(session, 8)
    assert check_newest(session, 5).entries == 5
    assert check_newest(session, 5).broken is None

    session.execute(text("UPDATE audit_entry SET action = 'view' WHERE id = :id"), {"id": made[-2].id})
    session.commit()

    assert check_newest(session, 5).broken == made[-2].id
    assert check_newest(session, 1).broken is None


def test_every_action_of_the_log_has_words() -> None:
    assert DEEDS.keys() == ACTIONS.keys()
