"""Rows of a queue as it may look after a year: leads, their items, estimates and decisions, drawn by seed.

Nothing here is about a real text or person. Municipalities, places and themes are the product's own.
Proportions stand in the constants; all are our own choice (2026-11-22) of what a full queue may look like.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

from benchmarks.queue_words import Words, spread
from models.audit_entry import AuditEntry
from models.store.audit import START, hash_of
from models.words import DecisionKind, LeadStatus, Phase, Verdict

Row = tuple[Any, ...]
Batch = dict[str, list[Row]]

#: Table -> its columns in the order of the rows made here; columns left out have a default.
COLUMNS = {
    table: names.split()
    for table, names in {
        "item": "id source_key url_key external_key url title language published_at published_raw "
        "published_confidence first_seen_at last_seen_at entry_hash content_hash flagged_hash grouped_hash",
        "prediction": "id item_id model_version content_hash score flagged theme theme_score drawn "
        "municipality_code place_key snippet evidence made_at",
        "lead": "id status title snippet municipality_code place_key theme initiative_name drawn score "
        "precedence opened_at extended_at decided_at snoozed_until assignee_id merged_into_id version",
        "lead_item": "lead_id item_id added_at why",
        "initiative": "id name summary municipality_code place_key theme question link contact expertise "
        "hours phase lead_id created_by_id created_at updated_at",
        "decision": "id lead_id kind old_status new_status account_id reason note undoes_id initiative_id "
        "other_lead_id made_at",
        "audit_entry": "id at account_id action object_kind object_id before after previous_hash hash",
        "second_look": "id decision_id lead_id drawn_at account_id verdict reason answered_at",
    }.items()
}

#: Days that leads wait before they go (``models.store.purge``), and over which all are spread at most.
WAITING_DAYS, LONGEST_DAYS = 30, 400
#: Part of the leads of the last days that still wait.
STILL_OPEN = 0.9
#: What became of the others, with weights.
FATES = {
    LeadStatus.REJECTED: 55,
    LeadStatus.EXPIRED: 23,
    LeadStatus.PROMOTED: 9,
    LeadStatus.KNOWN: 6,
    LeadStatus.MERGED: 3,
    LeadStatus.SNOOZED: 3,
    LeadStatus.WITHDRAWN: 1,
}
KINDS = {
    LeadStatus.REJECTED: DecisionKind.REJECT,
    LeadStatus.PROMOTED: DecisionKind.PROMOTE,
    LeadStatus.KNOWN: DecisionKind.KNOWN,
    LeadStatus.MERGED: DecisionKind.MERGE,
    LeadStatus.SNOOZED: DecisionKind.SNOOZE,
}
#: Decisions that are taken back and taken again, and those drawn for a second look.
TAKEN_BACK, LOOKED_TWICE = 0.01, 0.05
#: Leads without municipality, and those of a municipality that name a place in it.
NOWHERE, WITH_PLACE = 0.05, 0.7
#: Leads by the number of their items, with weights; the tail is one that every paper writes about.
ITEMS = {1: 640, 2: 190, 3: 80, 4: 40, 6: 25, 10: 15, 20: 8, 60: 2}
MODEL = "measuring"


@dataclass(frozen=True)
class World:
    """What rows refer to."""

    #: CBS code -> inhabitants.
    municipalities: Mapping[str, int]
    #: CBS code -> key and name of its places.
    places: Mapping[str, Sequence[tuple[str, str]]]
    themes: Sequence[str]
    #: Slugs of reasons to reject, and names of evidence.
    reasons: Sequence[str]
    evidence: Sequence[str]
    #: Keys, and hosts of their addresses.
    sources: Sequence[str]
    #: Numbers of the accounts that decide.
    accounts: Sequence[int]


@dataclass(frozen=True)
class About:
    """What a lead and its items are about."""

    code: str | None
    place_key: str | None
    #: Name of the place; empty = none.
    place: str
    theme: str | None
    title: str


class Queue:
    """Makes all rows, in order of time; the same for the same arguments."""

    def __init__(
        self, world: World, *, leads: int, items: int, open_share: float, seed: int, now: datetime
    ) -> None:
        """Get ready.

        Args:
            open_share: part of the leads that wait, 0.0 to 0.9.
            now: aware; the newest lead is opened then.
        """
        self.world, self.leads, self.items, self.now = world, leads, items, now
        #: Fewer days when more of the leads must be younger than the term.
        self.days = min(LONGEST_DAYS, WAITING_DAYS * STILL_OPEN / open_share)
        self.recent_open = open_share * self.days / WAITING_DAYS
        self.random = random.Random(f"queue {seed}")
        self.words = Words(seed)
        self.numbers: defaultdict[str, int] = defaultdict(int)
        self.hash = START
        self.batch: Batch = {}
        self._codes = list(world.municipalities)
        self._inhabitants = list(accumulate(world.municipalities.values()))
        self._sources = spread(len(world.sources), 0.8)
        self._places = {code: spread(len(places), 0.7) for code, places in world.places.items()}
        self._accounts = spread(len(world.accounts), 0.5)
        self._themes = spread(len(world.themes), 0.6)
        self._evidence = spread(len(world.evidence), 0.7)
        self._fates, self._fate_weights = list(FATES), list(accumulate(FATES.values()))
        self._counts, self._count_weights = list(ITEMS), list(accumulate(ITEMS.values()))

    def batches(self, size: int = 5000) -> Iterator[Batch]:
        """Table -> rows, for so many leads at a time."""
        in_leads = 0
        for number in range(1, self.leads + 1):
            if (number - 1) % size == 0:
                self.batch = {table: [] for table in COLUMNS}
            # Items in no lead come in between, so that the numbers of items grow with the time.
            room = self.items - self.numbers["item"] - (self.leads - number)
            in_leads += self._lead(number, room)
            behind = round(self.items * number / self.leads) - self.numbers["item"]
            for _ in range(max(0, behind)):
                self._loose_item(number)
            if number % size == 0 or number == self.leads:
                yield self.batch

    def _lead(self, number: int, room: int) -> int:
        """One lead with all that hangs on it; the number of its items."""
        draw, world = self.random, self.world
        age = timedelta(days=self.days * (1 - number / (self.leads + 1)))
        opened = self.now - age
        code = self._municipality()
        place_key, place = self._place(code)
        theme = draw.choices(world.themes, cum_weights=self._themes)[0] if draw.random() > 0.03 else None
        drawn = 0.02 if draw.random() < 0.05 else None
        score = round(draw.random() * 0.1 if drawn else 0.2 + 0.8 * draw.betavariate(1.4, 1.6), 6)
        title, snippet = self.words.title(place), self.words.snippet()
        about = About(code, place_key, place, theme, title)
        name = self.words.name() if draw.random() < 0.3 else ""
        status = self._status(age, number)
        made = self._decisions(number, status, opened, about)
        root = made.merged_into or number
        count = min(draw.choices(self._counts, cum_weights=self._count_weights)[0], max(1, room))
        at = text_of(opened)
        for place_in_lead in range(count):
            item = self._item(number, at, title if place_in_lead == 0 else self.words.title(place))
            evidence = snippet if place_in_lead == 0 else self.words.snippet()
            self._estimate(item, at, max(0.0, score - place_in_lead / 100), about, evidence)
            self._add("lead_item", root, item, at, "first" if place_in_lead == 0 else "names")
        waits = status in (LeadStatus.OPEN, LeadStatus.SNOOZED)
        self._add(
            "lead",
            number,
            status.value,
            title,
            snippet,
            code,
            place_key,
            theme,
            name,
            drawn,
            score,
            0 if status is LeadStatus.OPEN else -draw.randrange(1, 1000),
            at,
            at,
            made.at and text_of(made.at),
            text_of(self.now + timedelta(days=draw.uniform(1, 60))) if status is LeadStatus.SNOOZED else None,
            self._somebody() if waits and draw.random() < 0.03 else None,
            made.merged_into,
            1 + made.count,
        )
        return count

    def _status(self, age: timedelta, number: int) -> LeadStatus:
        young = age.days < WAITING_DAYS
        if young and self.random.random() < self.recent_open:
            return LeadStatus.OPEN
        status = self.random.choices(self._fates, cum_weights=self._fate_weights)[0]
        too_late = status is LeadStatus.SNOOZED and age.days > 60
        if too_late or (status is LeadStatus.EXPIRED and young):
            return LeadStatus.REJECTED
        return LeadStatus.REJECTED if status is LeadStatus.MERGED and number < 100 else status

    def _decisions(self, lead: int, status: LeadStatus, opened: datetime, about: About) -> SimpleNamespace:
        """What was decided on a lead; when it was last, how often, and into which lead it was merged."""
        made = SimpleNamespace(at=None, count=0, merged_into=None)
        kind = KINDS.get(status)
        if kind is None:
            return made
        draw = self.random
        at = min(opened + timedelta(days=draw.expovariate(1 / 2)), self.now - timedelta(minutes=1))
        if draw.random() < TAKEN_BACK:
            by = self._somebody()
            there, back = (LeadStatus.OPEN, LeadStatus.KNOWN), (LeadStatus.KNOWN, LeadStatus.OPEN)
            wrong = self._decide(lead, DecisionKind.KNOWN, there, by=by, at=at, undone=True)
            self._decide(lead, DecisionKind.UNDO, back, by=by, at=at, undoes=wrong, undone=True)
            made.count += 2
        by = self._somebody()
        entry = other = None
        if kind is DecisionKind.PROMOTE:
            entry = self._entry(lead, by, at, about)
        elif kind is DecisionKind.MERGE:
            other = made.merged_into = lead - draw.randrange(1, 99)
        reason = draw.choice(self.world.reasons) if kind is DecisionKind.REJECT else ""
        self._decide(
            lead, kind, (LeadStatus.OPEN, status), by=by, at=at, reason=reason, entry=entry, other=other
        )
        made.at, made.count = at, made.count + 1
        return made

    def _decide(
        self,
        lead: int,
        kind: DecisionKind,
        change: tuple[LeadStatus, LeadStatus],
        *,
        by: int,
        at: datetime,
        reason: str = "",
        undoes: int | None = None,
        entry: int | None = None,
        other: int | None = None,
        undone: bool = False,
    ) -> int:
        number, (old, new) = self.numbers["decision"] + 1, change
        when = text_of(at)
        values = (lead, kind.value, old.value, new.value, by, reason, "", undoes, entry, other, when)
        self._add("decision", self._next("decision"), *values)
        after = {"status": new.value, "decision": number, "kind": kind.value}
        for word, value in (("undoes", undoes), ("initiative", entry), ("other_lead", other)):
            if value:
                after[word] = value
        action = "undo" if kind is DecisionKind.UNDO else "decide"
        before = {"status": old.value}
        entry_told = {
            "at": at,
            "account_id": by,
            "action": action,
            "object_kind": "lead",
            "object_id": str(lead),
        }
        previous = self.hash
        self.hash = hash_of(AuditEntry(**entry_told, before=before, after=after, previous_hash=previous))
        told = (when, by, action, "lead", str(lead), json.dumps(before), json.dumps(after))
        self._add("audit_entry", self._next("audit_entry"), *told, previous, self.hash)
        judged = kind in (DecisionKind.PROMOTE, DecisionKind.REJECT, DecisionKind.KNOWN) and not undone
        if judged and self.random.random() < LOOKED_TWICE:
            self._second_look(number, lead, kind, by, at)
        return number

    def _second_look(self, decision: int, lead: int, kind: DecisionKind, first: int, at: datetime) -> None:
        """Nearly always answered, and nearly always in the same way."""
        draw = self.random
        answer: Row = (None, None, "", None)
        answered = at + timedelta(days=draw.expovariate(1))
        if answered < self.now:
            same = draw.random() < 0.88
            verdict = Verdict.NO_INITIATIVE if (kind is DecisionKind.REJECT) is same else Verdict.INITIATIVE
            reason = draw.choice(self.world.reasons) if verdict is Verdict.NO_INITIATIVE else ""
            by = self._somebody()
            while by == first and len(self.world.accounts) > 1:
                by = self._somebody()
            answer = (by, verdict.value, reason, text_of(answered))
        self._add("second_look", self._next("second_look"), decision, lead, text_of(at), *answer)

    def _entry(self, lead: int, by: int, at: datetime, about: About) -> int:
        number, when = self._next("initiative"), text_of(at)
        hours = self.random.choice((None, 8, 16, 40))
        expertise = json.dumps(self.random.sample(["subsidie", "recht", "communicatie"], k=1))
        summary = f"{self.words.snippet()} {self.words.snippet()}"
        words = (summary, about.code or self._codes[0], about.place_key, about.theme)
        rest = ("Wie denkt mee?", f"https://bericht.example/{lead}", "", expertise, hours)
        phase = self.random.choice(list(Phase)).value
        self._add("initiative", number, about.title, *words, *rest, phase, lead, by, when, when)
        return number

    def _item(self, lead: int, at: str, title: str) -> int:
        """One item; grouped when ``lead`` is not 0."""
        number = self._next("item")
        source = self.random.choices(self.world.sources, cum_weights=self._sources)[0]
        # Growing keys fill the unique index from one side, which is ten times as fast as from all.
        key = f"{number:08x}{self.random.getrandbits(96):024x}"
        values = (key, key[::-1], f"https://{source}.example/nieuws/{key[8:16]}", title, "nl", at, "", 0.9)
        grouped = key if lead else None
        self._add("item", number, source, *values, at, at, key, key, key, grouped)
        return number

    def _loose_item(self, number: int) -> None:
        """An item that was not flagged: nine in ten of what comes in, were they all kept."""
        at = text_of(self.now - timedelta(days=self.days * (1 - number / (self.leads + 1))))
        item = self._item(0, at, self.words.title(""))
        score = round(self.random.random() * 0.2, 6)
        self._estimate(item, at, score, About(self._municipality(), None, "", None, ""), "")

    def _estimate(self, item: int, at: str, score: float, about: About, snippet: str) -> None:
        """What the model said of an item; nothing is marked in one without snippet."""
        marked = []
        if snippet:
            begin = snippet.find(" ") + 1
            names = self.random.choices(self.world.evidence, cum_weights=self._evidence, k=2)
            end = snippet.find(" ", snippet.find(" ", begin) + 1)
            marked = [
                {"reason": names[0], "start": begin, "end": max(end, begin + 1), "weight": 1.4},
                {"reason": names[1], "start": None, "end": None, "weight": 0.5},
            ]
        key = self.batch["item"][-1][2]
        theme_score = 0.8 if about.theme else 0.0
        told = (MODEL, key, score, bool(snippet), about.theme, theme_score, None, about.code, about.place_key)
        self._add("prediction", item, item, *told, snippet, json.dumps(marked), at)

    def _municipality(self) -> str | None:
        if self.random.random() < NOWHERE:
            return None
        return self.random.choices(self._codes, cum_weights=self._inhabitants)[0]

    def _place(self, code: str | None) -> tuple[str | None, str]:
        """Key and name of a place in a municipality, or nothing."""
        if code is None or self.random.random() > WITH_PLACE:
            return None, ""
        return self.random.choices(self.world.places[code], cum_weights=self._places[code])[0]

    def _somebody(self) -> int:
        return self.random.choices(self.world.accounts, cum_weights=self._accounts)[0]

    def _next(self, table: str) -> int:
        self.numbers[table] += 1
        return self.numbers[table]

    def _add(self, table: str, *row: Any) -> None:
        self.batch[table].append(row)


def text_of(at: datetime) -> str:
    """A time as both databases read it: SQLite keeps it so, PostgreSQL reads it in its zone, set to UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
