"""Reviewers as threads: each walks through the queue over HTTP, and writes down what it was told."""

import http.client
import random
import re
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

from sqlalchemy import Engine, func, select

from benchmarks.queue_words import Words
from benchmarks.served import Answer, Reviewer
from models.database import session_factory
from models.lead import Lead
from models.words import DecisionKind, LeadStatus

#: Addresses of leads in the list.
AHEAD = re.compile(r'<template id="volgende" data-from="([^"]+)"')
LEAD_LINK = re.compile(r'href="(/signalen/\d+[^"/]*)"')
#: Part of the leads that one reviewer takes though another has just opened them.
COLLIDE = 0.1
#: Part of the steps that are a search, and after which somebody begins anew from the list.
SEARCH, START_AGAIN = 0.1, 0.1
#: Of so many decisions the first is taken back at once.
TAKE_BACK = 10
#: Last part of the address of a form -> the decision it makes, what is filled in, how often it is chosen.
DECISIONS: dict[str, tuple[DecisionKind, dict[str, str], int]] = {
    "afwijzen": (DecisionKind.REJECT, {"reason": "anders"}, 70),
    "al-bekend": (DecisionKind.KNOWN, {}, 15),
    "uitstellen": (DecisionKind.SNOOZE, {"tot": "nieuws"}, 15),
}


@dataclass
class Report:
    """What happened; all reviewers write into one."""

    #: What was asked for -> milliseconds of each request.
    times: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    #: Account, lead and kind of every decision that the server said was made.
    acknowledged: Counter[tuple[str, int, DecisionKind]] = field(default_factory=Counter)
    #: The same of requests to decide that got no answer at all: made or not, nobody was told.
    unanswered: Counter[tuple[str, int, DecisionKind]] = field(default_factory=Counter)
    #: Numbers of the decisions that the server said were taken back, with the account that asked for it.
    undone: Counter[tuple[str, int]] = field(default_factory=Counter)
    #: Decisions that were refused because somebody else was first.
    told: int = 0
    #: Answers that should not be, in words.
    errors: Counter[str] = field(default_factory=Counter)
    #: Acknowledged and not in the log; in the log more often than acknowledged; histories that do not fit.
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)
    #: Leads that not exactly one of the reviewers got who decided on it at the same moment.
    unfair: list[str] = field(default_factory=list)
    complaints: str = ""
    seconds: float = 0.0
    #: Seconds of processor time, and bytes of memory at the end, of the web process.
    work: float = 0.0
    memory: int = 0

    def all_times(self) -> list[float]:
        """Milliseconds of every request, the shortest first."""
        return sorted(time for times in self.times.values() for time in times)

    def problems(self) -> list[str]:
        """What must never happen."""
        found = [
            *(f"lost: {one}" for one in self.lost),
            *(f"doubled: {one}" for one in self.doubled),
            *(f"history does not fit: {one}" for one in self.misfits),
            *(f"contested: {one}" for one in self.unfair),
            *(f"{count} times {words}" for words, count in self.errors.items()),
        ]
        if self.complaints.strip():
            found.append(f"the server complains: {self.complaints.strip()[-2000:]}")
        return found


class Team:
    """What the reviewers share: leads that were opened lately, words to search for, and the report."""

    def __init__(self, engine: Engine, report: Report) -> None:
        self.report = report
        self.lock = threading.Lock()
        #: Numbers of leads that somebody opened just now.
        self.opened: deque[int] = deque(maxlen=20)
        words = Words(1).all
        self.words = [*words[100:140], *words[-40:]]
        with session_factory(engine, writes=False)() as session:
            self.codes: Sequence[str] = session.scalars(
                select(Lead.municipality_code)
                .where(Lead.status == LeadStatus.OPEN, Lead.municipality_code.is_not(None))
                .group_by(Lead.municipality_code)
                .order_by(func.count().desc())
                .limit(60)
            ).all()

    def note(self, what: str, answer: Answer, expected: Sequence[int]) -> None:
        """Keep how long a request took, and whether its answer is one that should be."""
        with self.lock:
            self.report.times[what].append(answer.seconds * 1000)
            if answer.status not in expected:
                self.report.errors[f"answer {answer.status} to {what}"] += 1

    def miss(self, what: str, error: Exception) -> None:
        """Keep that no answer came."""
        with self.lock:
            self.report.errors[f"no answer to {what}: {type(error).__name__}"] += 1


class Person(threading.Thread):
    """One reviewer at work until the time is over."""

    def __init__(self, browser: Reviewer, team: Team, think: tuple[float, float], until: float) -> None:
        super().__init__(name=browser.email)
        self.browser, self.team, self.think, self.until = browser, team, think, until
        self.random = random.Random(f"person {browser.email}")
        self.decided = 0

    def run(self) -> None:
        """Work; anything unforeseen is an error in the report."""
        try:
            while time.monotonic() < self.until:
                self._stretch()
        except Exception as error:
            with self.team.lock:
                self.team.report.errors[f"{type(error).__name__}: {error}"] += 1

    def _stretch(self) -> None:
        """Choose leads, and walk on from one to the next for a while."""
        asked = {"gemeente": self.random.choice(self.team.codes)} if self.random.random() < 0.5 else {}
        if self.random.random() < SEARCH:
            page = self._get(
                "search", f"/?{urlencode({**asked, 'zoek': self.random.choice(self.team.words)})}"
            )
        else:
            page = self._get("queue", f"/?{urlencode(asked)}")
        if page is None:
            return
        links = sorted(set(LEAD_LINK.findall(page.text)))
        path = unescape(self.random.choice(links)) if links else ""
        while path and time.monotonic() < self.until and self.random.random() > START_AGAIN:
            if self.random.random() < COLLIDE and self.team.opened:
                path = f"/signalen/{self.random.choice(list(self.team.opened))}"
            path = self._lead(path)

    def _lead(self, path: str) -> str:
        """Read a lead and decide; the address of the next one, or nothing."""
        page = self._get("lead", path)
        number = _number(path)
        if page is None or number is None:
            return ""
        self.team.opened.append(number)
        self._ahead(page)
        self._pause()
        answer = self._decide(page, number)
        if answer is None or answer.status != 303:
            return ""
        following = self._get("next lead", answer.location)
        if following is None:
            return ""
        self._ahead(following)
        if self.decided % TAKE_BACK == 0:
            self._take_back(following)
        self.decided += 1
        return answer.location if _number(answer.location) else ""

    def _ahead(self, page: Answer) -> None:
        """Fetch the next lead at once, as the script of the page does."""
        for address in AHEAD.findall(page.text):
            self._get("next lead, in advance", unescape(address), pause=False)

    def _take_back(self, page: Answer) -> None:
        """Undo the decision that the page before told of."""
        forms = {path: form for path, form in page.forms().items() if path.endswith("/ongedaan")}
        if not forms:
            with self.team.lock:
                self.team.report.errors["no form to take the decision back"] += 1
            return
        path, form = next(iter(forms.items()))
        answer = self._send("undo", path, form)
        if answer is None:
            return
        self.team.note("undo", answer, (303,))
        if answer.status == 303:
            with self.team.lock:
                self.team.report.undone[self.browser.email, int(path.split("/")[2])] += 1

    def _decide(self, page: Answer, lead: int) -> Answer | None:
        """Send one of the forms of a lead; somebody else may have been first."""
        word = self.random.choices(list(DECISIONS), [how_often for _, _, how_often in DECISIONS.values()])[0]
        path = f"/signalen/{lead}/{word}"
        form = page.form(path)
        if form is None:
            # Decided on meanwhile by who looked at it too: the page says by whom.
            with self.team.lock:
                self.team.report.told += 1
            return None
        return decide(self.browser, self.team, lead, word, form)

    def _get(self, what: str, path: str, *, pause: bool = True) -> Answer | None:
        if pause:
            self._pause()
        try:
            answer = self.browser.get(path)
        except (OSError, http.client.HTTPException) as error:
            self.team.miss(what, error)
            return None
        self.team.note(what, answer, (200,))
        return answer

    def _send(self, what: str, path: str, form: Mapping[str, str]) -> Answer | None:
        self._pause()
        try:
            return self.browser.post(path, form)
        except (OSError, http.client.HTTPException) as error:
            self.team.miss(what, error)
            return None

    def _pause(self) -> None:
        if self.think[1]:
            time.sleep(self.random.uniform(*self.think))


def decide(browser: Reviewer, team: Team, lead: int, word: str, form: Mapping[str, str]) -> Answer | None:
    """Send the form that makes a decision, and write down what was answered; None = nothing."""
    kind, filled, _ = DECISIONS[word]
    what = (browser.email, lead, kind)
    try:
        answer = browser.post(f"/signalen/{lead}/{word}", {**form, **filled})
    except (OSError, http.client.HTTPException) as error:
        team.miss("decide", error)
        with team.lock:
            team.report.unanswered[what] += 1
        return None
    # 409: somebody else was first; the page says who and what.
    team.note("decide", answer, (303, 409))
    with team.lock:
        if answer.status == 303:
            team.report.acknowledged[what] += 1
        elif answer.status == 409:
            team.report.told += 1
    return answer


def _number(path: str) -> int | None:
    """Number of the lead that an address shows."""
    found = re.match(r"/signalen/(\d+)", path)
    return int(found[1]) if found else None
