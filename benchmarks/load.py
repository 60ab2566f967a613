"""Fifty reviewers at once: is anything lost, doubled or refused, and how long do they wait?

    python -m benchmarks.load                    a queue of its own on SQLite and on PostgreSQL (half an hour)
    python -m benchmarks.load URL [URL …]        on databases that ``benchmarks.queue_data`` filled

Each reviewer is a thread with a connection of its own to a real ``review serve``: reads the queue, opens a
lead, decides, goes on with the next one, searches, takes a decision back. In the promised round everybody
takes 1 to 3 seconds between two requests, which is faster than anybody reads a lead; two harsher rounds,
with 0.2 to 1 second and with none at all, show what happens when more is asked than there is time for. Before
each round all of them decide on the same leads at the same moment. Afterwards the database is asked whether
every decision that was acknowledged is in the log, once, in a history that fits.

Nothing else may decide in the database meanwhile; decisions stay in it. Exit code 1 when something was lost,
doubled or refused in any round, when the server complained, or when 5 of 100 requests of the promised round
took longer than 200 ms.
"""

import argparse
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from itertools import pairwise

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from benchmarks.process_tree import MEGABYTE
from benchmarks.queue import databases
from benchmarks.queue_data import EMAIL, fill
from benchmarks.reviewers import Person, Report, Team, decide
from benchmarks.served import Answer, Reviewer, served
from models.account import Account
from models.audit_entry import AuditEntry
from models.database import engine_for, session_factory
from models.decision import Decision
from models.lead import Lead
from models.store.audit import hash_of
from models.words import DecisionKind, LeadStatus

REVIEWERS, SECONDS = 50, 60
#: How a round is called, the least and most seconds between two requests of one reviewer, and whether its
#: times are promised. Ten minutes for sixty leads is ten seconds a lead.
ROUNDS = (
    ("at work", (1.0, 3.0), True),
    ("in a hurry", (0.2, 1.0), False),
    ("without thinking", (0.0, 0.0), False),
)
#: Milliseconds that 95 of 100 requests may take at most.
PROMISED = 200
#: Leads that all reviewers decide on at the same moment, before the round.
CONTESTED = 5
#: Decisions after which a lead may be decided on once more without any of them being taken back.
PASSING = (DecisionKind.SNOOZE, DecisionKind.SPLIT)


def main() -> int:
    """Let the reviewers loose on each database, and print what happened."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("urls", nargs="*", metavar="URL", help="filled databases; none = make them")
    parser.add_argument("--leads", type=int, default=1_000_000, help="for databases of its own")
    parser.add_argument("--items", type=int, default=3_000_000, help="for databases of its own")
    parser.add_argument("--reviewers", type=int, default=REVIEWERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()
    broken = []
    with databases() if not options.urls else nullcontext(options.urls) as urls:
        for url in urls:
            if not options.urls:
                engine = engine_for(url)
                fill(engine, leads=options.leads, items=options.items, now=datetime.now(UTC))
                engine.dispose()
            for words, think, promised in ROUNDS:
                try:
                    report = run(url, options.reviewers, options.seconds, think)
                except RuntimeError as error:
                    print(f"load: {error}", file=sys.stderr)
                    return 1
                title = f"{url.partition(':')[0]}, {options.reviewers} reviewers, {words}"
                tell(title, report)
                times = report.all_times()
                if promised and times and at(times, 0.95) > PROMISED:
                    broken.append(f"{title}: p95 is {at(times, 0.95):.0f} ms, more than {PROMISED}")
                broken += [f"{title}: {problem}" for problem in report.problems()]
    for promise in broken:
        print(f"BROKEN: {promise}")
    return 1 if broken else 0


def run(url: str, reviewers: int, seconds: float, think: tuple[float, float]) -> Report:
    """Serve the database at ``url``, let reviewers work on it, and check what is in it afterwards.

    Args:
        think: least and most seconds between two requests of one reviewer.

    Raises:
        RuntimeError: the server does not start, or somebody can't sign in.
    """
    report = Report()
    engine = engine_for(url)
    try:
        with session_factory(engine, writes=False)() as session:
            first = session.scalar(select(func.max(Decision.id))) or 0
            logged = session.scalar(select(func.max(AuditEntry.id))) or 0
        with served(url) as server:
            team = Team(engine, report)
            # One after another: hashing a password is slow on purpose.
            people = [Reviewer(server.port, EMAIL.format(number)) for number in range(1, reviewers + 1)]
            for person in people:
                person.sign_in()
            contest(engine, team, people)
            report.times.clear()
            worked = server.work()
            began = time.monotonic()
            threads = [Person(browser, team, think, began + seconds) for browser in people]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            report.seconds = time.monotonic() - began
            report.work = server.work() - worked
            report.memory = server.memory()
            report.complaints = server.complaints()
        with session_factory(engine, writes=False)() as session:
            check(session, report, first, logged)
    finally:
        engine.dispose()
    return report


def contest(engine: Engine, team: Team, people: Sequence[Reviewer]) -> None:
    """All open the same lead and decide on it at the same moment: one gets it, the others are told."""
    with session_factory(engine, writes=False)() as session:
        leads = session.scalars(
            select(Lead.id).where(Lead.status == LeadStatus.OPEN).order_by(Lead.id.desc()).limit(CONTESTED)
        ).all()
    for lead in leads:
        together = threading.Barrier(len(people))
        answers: list[Answer | None] = []

        def compete(
            browser: Reviewer,
            lead: int = lead,
            together: threading.Barrier = together,
            answers: list[Answer | None] = answers,
        ) -> None:
            form = browser.get(f"/signalen/{lead}").form(f"/signalen/{lead}/afwijzen") or {}
            together.wait(60)
            answers.append(decide(browser, team, lead, "afwijzen", form))

        threads = [threading.Thread(target=compete, args=(browser,)) for browser in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        got = Counter(answer.status if answer else 0 for answer in answers)
        if got != {303: 1, 409: len(people) - 1} and len(people) > 1:
            team.report.unfair.append(f"lead {lead} was answered with {dict(got)}")


def check(session: Session, report: Report, first: int, logged: int) -> None:
    """Compare what was acknowledged with what is in the database.

    Args:
        first, logged: highest numbers of decisions and of the audit log before it began.
    """
    emails = dict(session.execute(select(Account.id, Account.email)).all())
    rows = session.scalars(select(Decision).where(Decision.id > first).order_by(Decision.id)).all()
    made = Counter((emails[row.account_id], row.lead_id, row.kind) for row in rows)
    for what, count in (report.acknowledged - made).items():
        report.lost.append(f"{count} × {what}")
    undoing = {(emails[row.account_id], row.undoes_id) for row in rows if row.kind is DecisionKind.UNDO}
    newest = {row.lead_id: row.id for row in rows}
    of_lead = {row.id: row.lead_id for row in rows}
    for by, number in report.undone:
        # One that was no longer the last on its lead could not be taken back: the page said so.
        if (by, number) not in undoing and newest[of_lead[number]] == number:
            report.lost.append(f"undo of {number} by {by}")
    of_people = Counter({what: count for what, count in made.items() if what[2] is not DecisionKind.UNDO})
    for what, count in (of_people - report.acknowledged - report.unanswered).items():
        report.doubled.append(f"{count} × {what}")
    check_histories(session, report, rows)
    check_log(session, report, rows, logged)


def check_histories(session: Session, report: Report, rows: Sequence[Decision]) -> None:
    """Each decision starts where the one before it ended, and at most one of them stands."""
    taken_back = {row.undoes_id for row in rows}
    histories: defaultdict[int, list[Decision]] = defaultdict(list)
    for row in rows:
        histories[row.lead_id].append(row)
    leads = dict(session.execute(select(Lead.id, Lead.status).where(Lead.id.in_(sorted(histories)))).all())
    for lead, history in histories.items():
        for before, after in pairwise(history):
            if after.old_status is not before.new_status:
                report.misfits.append(f"lead {lead}: decision {after.id} does not follow from {before.id}")
        if leads[lead] is not history[-1].new_status:
            report.misfits.append(f"lead {lead} is {leads[lead]}, its last decision says otherwise")
        standing = [
            row.id
            for row in history
            if row.kind not in (DecisionKind.UNDO, *PASSING) and row.id not in taken_back
        ]
        if len(standing) > 1:
            report.doubled.append(f"lead {lead} has the standing decisions {standing}")


def check_log(session: Session, report: Report, rows: Sequence[Decision], logged: int) -> None:
    """The audit log tells of each decision once, and its chain holds."""
    told: Counter[int] = Counter()
    previous = session.scalar(select(AuditEntry.hash).where(AuditEntry.id == logged))
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.id > logged).order_by(AuditEntry.id)):
        follows = previous is None or entry.previous_hash == previous
        if not follows or entry.hash != hash_of(entry):
            report.misfits.append(f"entry {entry.id} of the audit log does not follow from the one before")
        previous = entry.hash
        # A share that ends with a decision on its lead tells of it too.
        if entry.object_kind == "lead" and "decision" in entry.after:
            told[entry.after["decision"]] += 1
    if told != Counter(row.id for row in rows):
        report.misfits.append("the audit log does not tell of each decision once")


def at(times: Sequence[float], part: float) -> float:
    """The time that ``part`` of the sorted ``times`` stay below."""
    return times[min(len(times) - 1, int(part * len(times)))]


def tell(title: str, report: Report) -> None:
    """Print the table."""
    print(f"\n{title}\n{'':16}{'requests':>9}{'p50':>8}{'p95':>8}{'max':>8} ms")
    rows = {**dict(sorted(report.times.items())), "all": report.all_times()}
    for what, times in rows.items():
        if times:
            kept = sorted(times)
            print(f"{what:16}{len(kept):9}{at(kept, 0.5):8.0f}{at(kept, 0.95):8.0f}{kept[-1]:8.0f}")
    number = len(rows["all"])
    print(
        f"{number / report.seconds:.0f} requests/s; {report.acknowledged.total()} decisions and "
        f"{report.undone.total()} undone acknowledged; {report.told} told that somebody else was first; "
        f"lost {len(report.lost)}, doubled {len(report.doubled)}, misfits {len(report.misfits)}, "
        f"errors {report.errors.total()}"
    )
    print(
        f"web process: {report.memory / MEGABYTE:.0f} MB, "
        f"{1000 * report.work / max(1, number):.1f} ms of processor time a request"
    )


if __name__ == "__main__":
    sys.exit(main())
