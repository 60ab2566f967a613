"""The route matrix: what to ask for, in whose name, and what each may be told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, got_request_exception
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, Rule

import models.tables
from models.store.accounts import disable_account
from models.store.viewer import Viewer
from models.words import LeadStatus, Role
from review.access import ACCESS, Who
from review.actions import ACTIONS
from tests.review import matrix_people
from tests.review.factories import ARNHEM, PASSWORD, RHEDEN
from tests.review.matrix_heard import HeardRequest
from tests.review.matrix_people import (
    CANARY,
    HIDDEN,
    INVITED,
    PEOPLE,
    SEARCHED,
    SOURCE_CANARY,
    STAFF_CANARY,
    World,
    email_of,
)
from tests.review.visitor import Visitor

assert models.tables

#: Whoever asks: nobody, an account of each role, and one that was closed while it was signed in.
NOBODY, CLOSED = "niemand", "gesloten"
ROLES = {
    NOBODY: None,
    "beoordelaar": Role.REVIEWER,
    ARNHEM: Role.MUNICIPALITY,
    RHEDEN: Role.MUNICIPALITY,
    "projectleider": Role.PROJECT_LEADER,
    "beheerder": Role.ADMIN,
    "functionaris": Role.PRIVACY_OFFICER,
    CLOSED: None,
}
OFFICERS = (ARNHEM, RHEDEN)

#: Argument of a route -> all values to try, each with whose it is: a CBS code, None (leads without
#: municipality), an account, or ANYBODY.
ANYBODY = "*"
NOT_THERE = 999_999


def _by_code(numbers: dict[str | None, list[Any]]) -> list[tuple[Any, Any]]:
    return [(number, code) for code, group in numbers.items() for number in group]


ARGUMENTS: dict[str, Any] = {
    "lead_id": lambda world: _by_code(world.leads),
    "initiative_id": lambda world: _by_code(world.initiatives),
    "decision_id": lambda world: _by_code(world.decisions),
    "batch": lambda world: _by_code(world.batches),
    "look_id": lambda world: _by_code(world.looks),
    "view_id": lambda world: [(number, key) for key, group in world.views.items() for number in group],
    "action": lambda world: [(name, ANYBODY) for name in ACTIONS],
    "filename": lambda world: [("scout.css", ANYBODY)],
    "subscription_id": lambda world: _by_code(world.subscriptions),
    # Of no subscription.
    "word": lambda world: [("0" * 32, ANYBODY)],
    "what": lambda world: [
        (name, ANYBODY) for name in ("signalen", "register", "delingen", "consultants", "netwerk")
    ],
    "form": lambda world: [(name, ANYBODY) for name in ("csv", "json")],
    "code": lambda world: [(code, code) for code in (ARNHEM, RHEDEN)],
    "account_id": lambda world: [(number, ANYBODY) for number in world.accounts.values()],
    "key": lambda world: [(key, ANYBODY) for key in (*world.sources, "geen-bron")],
    "errand_id": lambda world: [(number, ANYBODY) for number in world.errands],
    "upload_id": lambda world: [(number, key) for key, group in world.uploads.items() for number in group],
    "invitation_id": lambda world: [(number, ANYBODY) for number in world.invitations],
    "share_id": lambda world: _by_code(world.shares),
    "feed_id": lambda world: _by_code(world.feeds),
    "consultant_id": lambda world: _by_code(world.consultants),
    "lesson_id": lambda world: [(number, ANYBODY) for number in world.lessons],
    "import_id": lambda world: [(number, key) for key, group in world.imports.items() for number in group],
    "round_id": lambda world: _by_code(world.rounds),
    "match_id": lambda world: _by_code(world.matches),
    # Of no message.
    "mail_id": lambda world: [(NOT_THERE, ANYBODY)],
    "webhook_id": lambda world: _by_code(world.webhooks),
    "client_id": lambda world: _by_code(world.clients),
    "delivery_id": lambda world: _by_code(world.deliveries),
    # Of an invitation, or of a step that was never begun.
    "token": lambda world: [(world.token, ANYBODY), ("verzonnen", ANYBODY)],
}

#: Parameters of addresses -> values to try. Words that are searched for stand in texts of all municipalities.
VALUES: dict[str, list[str]] = {
    "v": ["1"],
    "show_codes": ["show"],
    "gemeente": [ARNHEM, RHEDEN, "GM9999"],
    "status": [status.value for status in LeadStatus],
    "volgorde": ["score", "oud"],
    "na": ["0~0.99~999999", "-5~0.5~3", "999999"],
    "voor": ["0~0.01~1", "1"],
    "blad": ["1", "2", "999999"],
    "thema": ["groen", "energie"],
    "score": ["1", "5"],
    "leeftijd": ["1", "30"],
    "bron": ["bron-gm0202", "bron-gm0275", "bron-zonder"],
    "toegewezen": ["mij", "niemand", "2"],
    "alles": ["1"],
    "weken": ["13", "52"],
    "fase": ["gesignaleerd", "gestopt"],
    "doe": ["opnemen", "afwijzen"],
    # Keys of a neighbourhood of each municipality are added: see Matrix.values.
    "buurt": ["geen"],
    "naam": [*SEARCHED.values(), "de"],
    "zoek": [*SEARCHED.values(), "buurttuin", "Klarendal", "Velp"],
    "dagen": ["30", "365"],
    "taal": ["en"],
    "next": ["/signalen/1", "https://evil.example/"],
    "url": ["https://voorbeeld.example/a", "javascript:alert(1)"],
    "title": ["Tuin"],
    "wie": ["0", "1"],
    "wat": ["note", "decide"],
    "waaraan": ["lead"],
    "nummer": ["1", "2"],
    "toestand": ["healthy", "onzin"],
    "soort": ["feed"],
    "pagina": ["2", "0"],
    "bezoek": ["1", "x"],
    "keus": ["1"],
    "kies": ["1", "x"],
    "adres": ["https://voorbeeld.example/"],
    "stand": ["wacht", "klaar", "opgegeven", "te-laat", "in-contact", "lezen", "kiezen", "afgesloten"],
    "van": [ARNHEM, RHEDEN],
    "kennis": ["subsidies", "x"],
    "goedgekeurd": ["ja", "nee"],
    "informeren": ["ja"],
    "sinds": ["2026-01-01", "9999-99-99"],
    "gebied": ["nederland"],
    "consultant": ["1", "x"],
    "initiatief": ["1", "x"],
    "toon": ["zonder", "x"],
    "met": ["1", "x"],
    "bij": ["1", "x"],
    "ronde": ["1", "2", "x"],
    "periode": ["3-weken", "jaar", "sinds"],
    "vanaf": ["2026-01-01", "x"],
    "tot-en-met": ["2026-01-31", "9999-99-99"],
    "beschikbaar": ["ja", "nee", "x"],
    "begin": ["2027-01-01", "9999-99-99"],
    "eind": ["2026-01-01", "x"],
    "op": ["2020-01-01", "2027-06-01", "x"],
}


#: What forms send, in all of them at once; only the names of another form are ignored by each.
FIELDS: dict[str, str] = {
    "version": "1",
    "reason": "overheid",
    "name": "Naam uit de matrix",
    "summary": "In eigen woorden van de matrix geschreven.",
    "note": "",
    # Where nobody listens.
    "ontvanger": "http://127.0.0.1:9/matrix",
    "fase": "begeleid",
    "answer": "opgepakt",
    "ending": "gestopt",
    "informed": "gedaan",
    "rhythm": "dagelijks",
    "scopes": "signalen:lezen",
    "vanaf": "2026-01-01",
    "tot-en-met": "2026-01-31",
    "rijen": "buurtcode;A\nBU02020733;100\nBU02750100;100\n",
    "available": "nee",
    "initiatief": "1",
    "seen": "1",
    "reden": "De matrix wil dit.",
    "aan": "ja",
    "minuten": "5",
    "text": "Een les uit de matrix.",
    "why": "De matrix wil het zo.",
    "recommendations": "Een plan uit de matrix.",
    "spent": "7,5",
    "visit_on": "2026-01-05",
    "day": "2027-01-04",
    "party": "werkgever",
    # Not yet: a proposal waits.
    "naar": "uitvoeren",
    "method": "punten",
    "points": "10",
    "quorum": "50",
    "automatic": "ja",
}


@dataclass
class Matrix:
    """The application, what is in it, and somebody of each role who is signed in."""

    app: Flask
    world: World
    visitors: dict[str, Visitor] = field(default_factory=dict)
    #: All that is wrong, so that one run tells everything.
    problems: list[str] = field(default_factory=list)
    #: Found before: see :meth:`forbidden`.
    words: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    #: What went wrong in the application itself, since it was looked at last.
    failures: list[str] = field(default_factory=list)

    def expect(self, fine: object, problem: str) -> None:
        """Note a problem."""
        if not fine:
            self.problems.append(problem)

    def done(self) -> None:
        """Fail when anything was wrong."""
        count = len(self.problems)
        assert not count, f"{count} problems:\n" + "\n".join(dict.fromkeys(self.problems[:400]))

    def viewer(self, key: str) -> Viewer | None:
        """What this one may see and do; None = not signed in."""
        role = ROLES[key]
        if role is None:
            return None
        code = key if key in OFFICERS else None
        return Viewer(
            account_id=self.world.accounts[key], name=key, roles=frozenset({role}), municipality_code=code
        )

    def enter(self, key: str) -> None:
        """Sign this one in, unless that is still so."""
        visitor = self.visitors[key]
        # Whoever is signed in is sent on from there.
        visitor.answer = visitor.client.get("/aanmelden")
        if visitor.answer.status_code == 200:
            visitor.send("/aanmelden", follow=False, email=email_of(key), password=PASSWORD)
            assert visitor.client.get("/account").status_code == 200, key

    def owns(self, key: str, owner: object) -> bool:
        """Whether something of ``owner`` is there for this one."""
        if key in OFFICERS:
            return owner in (key, ANYBODY)
        return owner not in self.world.accounts or owner in (key, ARNHEM, RHEDEN)

    @property
    def values(self) -> dict[str, list[str]]:
        """Parameter of an address -> values to try."""
        return {**VALUES, "buurt": [*VALUES["buurt"], *self.world.places]}

    def rules(self, method: str) -> list[Rule]:
        """All routes that take this method, but those for programs: see ``test_api_matrix``."""
        return [
            rule
            for rule in self.app.url_map.iter_rules()
            if method in (rule.methods or ()) and ACCESS[rule.endpoint] is not Who.PROGRAMS
        ]

    def addresses(self, rule: Rule) -> Iterator[tuple[str, list[Any]]]:
        """Addresses of a route, with whose the things in it are: one argument varies at a time."""
        choices = {}
        for name in sorted(rule.arguments):
            converter = rule._converters[name]
            if isinstance(converter, AnyConverter):
                choices[name] = [(word, ANYBODY) for word in sorted(converter.items)]
                continue
            assert name in ARGUMENTS, f"teach the matrix about this endpoint: {rule.endpoint} ({name})"
            choices[name] = ARGUMENTS[name](self.world)
        first = {name: values[0] for name, values in choices.items()}
        chosen = [first]
        for name, values in choices.items():
            chosen += [{**first, name: value} for value in values[1:]]
        if "round_id" in choices and len(choices) > 1:
            # A round and what is in it are asked for together.
            chosen += [
                {name: part[name] for name in choices}
                for part in self.world.parts
                if choices.keys() <= part.keys()
            ]
        adapter = self.app.url_map.bind("localhost")
        for one in chosen:
            path = adapter.build(rule.endpoint, {name: value for name, (value, _) in one.items()})
            yield path, [owner for _, owner in one.values()]

    def forbidden(self, key: str, endpoint: str) -> list[str]:
        """Words that no answer of this endpoint to this one may hold."""
        if (key, endpoint) not in self.words:
            self.words[key, endpoint] = self._forbidden(key, endpoint)
        return self.words[key, endpoint]

    def _forbidden(self, key: str, endpoint: str) -> list[str]:
        words: list[str] = [*HIDDEN]
        viewer = self.viewer(key)
        staff = viewer is not None and viewer.decides
        for code, canary in CANARY.items():
            if not staff and key != code:
                words.append(canary)
                # Who may have leads in a source may know of it: of no municipality, that is everybody.
                if endpoint != "pages.how_it_works" and not (code is None and key in OFFICERS):
                    words.append(SOURCE_CANARY[code])
        if not staff:
            words.append(STAFF_CANARY)
        if viewer is None or key in OFFICERS:
            words += [name for owner, name in PEOPLE.items() if owner != key]
        if viewer is None or not (viewer.manages or viewer.audits):
            words += [email_of(other) for other in self.world.accounts if other != key]
            if not endpoint.startswith("invitations."):
                words.append(INVITED)
        words += [
            f"eigen weergave {CANARY.get(other, STAFF_CANARY)} {other}".lower()
            for other in self.world.accounts
            if other != key
        ]
        return words


def started(app: Flask, session: Session) -> Matrix:
    """Everybody signed in, before there is anything."""
    world = matrix_people.build_people(session, app.extensions["scout"].secret)
    session.commit()
    matrix = signed_in(app, world, ROLES)
    disable_account(session, email_of(CLOSED))
    session.commit()
    return matrix


def signed_in(app: Flask, world: World, keys: Iterable[str]) -> Matrix:
    """These are signed in."""
    app.request_class = HeardRequest
    # A failure of our own is one of the answers to look at.
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    matrix = Matrix(app, world)

    @got_request_exception.connect_via(app)
    def note(sender: Flask, exception: Exception, **more: object) -> None:
        matrix.failures.append(repr(exception))

    app.extensions["kept for the matrix"] = note  # signals hold their receivers weakly
    for key in keys:
        matrix.visitors[key] = Visitor(app)
        if key != NOBODY:
            matrix.enter(key)
    return matrix
