"""Every route × every role × what is theirs and what is not: nobody sees, counts or changes too much.

The routes come from the application itself, the rights from ``review.access.ACCESS``. A route or a parameter
that nobody has told the matrix about makes a test fail, so that none can be forgotten: teach it in
``ARGUMENTS``, ``VALUES`` or ``FIELDS`` of ``tests/review/matrix.py``.
"""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.settings import Settings
from models.store.search import refresh
from review.access import ACCESS, Who, admits
from review.app import create_app
from review.choices import forget_kept
from tests.review import matrix_world
from tests.review.factories import ARNHEM, RHEDEN
from tests.review.matrix import FIELDS, NOBODY, NOT_THERE, OFFICERS, VALUES, Matrix, signed_in, started
from tests.review.matrix_checks import (
    check_status,
    check_told,
    content_of,
    difference,
    fingerprint,
    heard,
    knows_fragments,
    neutral,
    own_addresses,
    shown,
    some,
    tell_what_goes_into_pdfs,
    text_of,
    token_of,
)
from tests.review.matrix_heard import HeardRequest
from tests.review.matrix_people import CANARY, SEARCHED

#: What else addresses ask for beside each parameter.
EXTRA: list[dict[str, str]] = [{}, {"gemeente": RHEDEN, "status": "merged"}]
#: Forms behind a secret address, which stands in for the token; without the right one there is no page.
SECRET_ADDRESS = frozenset({"unsubscribing.end", "answers.answer", "evaluations.send"})


@pytest.fixture(autouse=True)
def pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFs that can be read."""
    tell_what_goes_into_pdfs(monkeypatch)


@pytest.fixture
def matrix(app: Flask, session: Session) -> Matrix:
    """Everybody signed in, and both municipalities filled."""
    matrix = started(app, session)
    for code in (ARNHEM, RHEDEN, None):
        matrix_world.build_municipality(session, matrix.world, code)
    matrix_world.entangle(session, matrix.world)
    refresh(session)
    session.commit()
    # Signing in showed an empty queue, and what it offers to choose from was kept.
    forget_kept()
    return matrix


def test_it_is_heard_who_asks_whether_a_script_wants_a_fragment() -> None:
    app = Flask("heard")
    app.request_class = HeardRequest
    app.add_url_rule("/get", "got", lambda: request.headers.get("HX-Request", ""))
    app.add_url_rule("/in", "sought", lambda: str("HX-Request" in request.headers))
    app.add_url_rule("/not", "unasked", lambda: request.headers.get("Accept", ""))
    for path in ("/get", "/in", "/not"):
        app.test_client().get(path)

    heard_of = [knows_fragments("GET", endpoint) for endpoint in ("got", "sought", "unasked")]

    assert heard_of == [True, True, False]


def test_every_page_answers_every_role_as_the_table_says_and_tells_nobody_too_much(matrix: Matrix) -> None:
    for rule in matrix.rules("GET"):
        for path, owners in matrix.addresses(rule):
            for key, visitor in matrix.visitors.items():
                for headers in ({}, {"HX-Request": "true"}):
                    if headers and not knows_fragments("GET", rule.endpoint):
                        continue
                    answer = visitor.client.get(path, headers=headers)
                    check_status(matrix, key, rule, owners, answer)
                    check_told(matrix, key, answer, rule.endpoint)
    matrix.done()


def test_heads_of_pages_are_answered_alike_without_the_page(matrix: Matrix) -> None:
    for rule in matrix.rules("HEAD"):
        for path, owners in some(matrix.addresses(rule)):
            for key, visitor in matrix.visitors.items():
                answer = visitor.client.head(path)
                check_status(matrix, key, rule, owners, answer)
                check_told(matrix, key, answer, rule.endpoint)
                matrix.expect(not answer.data, f"content with {shown(answer)}")
    matrix.done()


def test_what_is_not_there_looks_the_same_as_what_is_of_another(matrix: Matrix) -> None:
    for rule in matrix.rules("GET"):
        owned = {"lead_id", "initiative_id", "share_id", "consultant_id"} & set(rule.arguments)
        if not owned or ACCESS[rule.endpoint] is Who.OPEN:
            continue
        for path, owners in matrix.addresses(rule):
            for key in OFFICERS:
                if all(matrix.owns(key, owner) for owner in owners):
                    continue
                client = matrix.visitors[key].client
                nowhere = re.sub(r"\d+", str(NOT_THERE), path, count=1)
                foreign, absent = client.get(path), client.get(nowhere)
                matrix.expect(foreign.status_code == absent.status_code, f"{key}: {shown(foreign)}")
                same = [
                    neutral(answer.text.replace(str(NOT_THERE), path.split("/")[2]))
                    for answer in (foreign, absent)
                ]
                matrix.expect(same[0] == same[1], f"{key} can tell that there is {path}")
    matrix.done()


def test_no_parameter_tells_anybody_too_much(matrix: Matrix) -> None:
    for rule in matrix.rules("GET"):
        for key in (*OFFICERS, "functionaris", "beoordelaar"):
            visitor = matrix.visitors[key]
            if not admits(ACCESS[rule.endpoint], matrix.viewer(key)):
                continue
            for path, owners in some(matrix.addresses(rule)):
                if not all(matrix.owns(key, owner) for owner in owners):
                    continue
                visitor.client.get(path, buffered=True)
                listened = heard("GET", rule.endpoint)
                extras = [extra for extra in EXTRA if not extra or extra.keys() & listened]
                for name in sorted(listened):
                    matrix.expect(name in VALUES, f"teach the matrix the parameter {name} ({rule.endpoint})")
                    for value in matrix.values.get(name, []):
                        for extra in extras if key in OFFICERS else EXTRA[:1]:
                            answer = visitor.client.get(path, query_string={**extra, name: value})
                            matrix.expect(answer.status_code < 500, f"{key}: {shown(answer)}")
                            check_told(matrix, key, answer, rule.endpoint)
    matrix.done()


def test_forms_of_others_are_refused_and_change_nothing(matrix: Matrix, engine: Engine) -> None:
    before = fingerprint(engine)
    for rule in matrix.rules("POST"):
        who = ACCESS[rule.endpoint]
        for key, visitor in matrix.visitors.items():
            if admits(who, matrix.viewer(key)):
                continue
            token = token_of(visitor)
            for path, owners in matrix.addresses(rule):
                answer = visitor.client.post(path, data={**FIELDS, "csrf_token": token})
                check_status(matrix, key, rule, owners, answer)
                check_told(matrix, key, answer, rule.endpoint)
    matrix.done()
    assert fingerprint(engine) == before


def test_forms_without_a_token_are_refused_everywhere_and_change_nothing(
    matrix: Matrix, engine: Engine
) -> None:
    before = fingerprint(engine)
    for rule in matrix.rules("POST"):
        for key in ("beheerder", NOBODY):
            visitor = matrix.visitors[key]
            for path, _owners in some(matrix.addresses(rule)):
                for data in (FIELDS, {**FIELDS, "csrf_token": "verzonnen"}):
                    answer = visitor.client.post(path, data=data, headers={"Origin": "https://evil.example"})
                    fine = answer.status_code == 400 and "sessie is verlopen" in answer.text
                    # The secret in the address is the token: see SECRET_ADDRESS.
                    fine = fine or (rule.endpoint in SECRET_ADDRESS and answer.status_code == 404)
                    matrix.expect(fine, f"{key}, without a token: {shown(answer)}")
    matrix.done()
    assert fingerprint(engine) == before


def test_other_methods_are_refused(matrix: Matrix, engine: Engine) -> None:
    before = fingerprint(engine)
    visitor = matrix.visitors["beheerder"]
    for rule in matrix.app.url_map.iter_rules():
        if ACCESS[rule.endpoint] is Who.PROGRAMS:
            continue
        path, _owners = next(matrix.addresses(rule))
        taken = {
            method
            for other in matrix.app.url_map.iter_rules()
            if other.rule == rule.rule
            for method in other.methods or ()
        }
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"} - taken:
            for headers in ({}, {"X-HTTP-Method-Override": "POST"}):
                answer = visitor.client.open(path, method=method, headers=headers)
                matrix.expect(answer.status_code in (400, 405), shown(answer))
        options = matrix.visitors[NOBODY].client.options(path)
        matrix.expect(options.status_code in (200, 204) and not options.data, shown(options))
    matrix.done()
    assert fingerprint(engine) == before


def test_what_a_municipality_sends_changes_nothing_of_another_and_tells_it_nothing(
    matrix: Matrix, engine: Engine
) -> None:
    for key in OFFICERS:
        visitor = matrix.visitors[key]
        before = content_of(engine, matrix.world, key)
        for rule in matrix.rules("POST"):
            if ACCESS[rule.endpoint] is Who.OPEN or not admits(ACCESS[rule.endpoint], matrix.viewer(key)):
                continue
            for path, owners in matrix.addresses(rule):
                matrix.enter(key)
                answer = visitor.client.post(path, data={**FIELDS, "csrf_token": token_of(visitor)})
                check_status(matrix, key, rule, owners, answer)
                check_told(matrix, key, answer, rule.endpoint)
                if answer.status_code in (302, 303):
                    check_told(matrix, key, visitor.client.get(answer.headers["Location"]), rule.endpoint)
        assert content_of(engine, matrix.world, key) == before
    matrix.done()


def test_staff_is_let_through_to_every_form_of_theirs(matrix: Matrix) -> None:
    for key in ("beoordelaar", "projectleider", "beheerder"):
        visitor = matrix.visitors[key]
        for rule in matrix.rules("POST"):
            if rule.endpoint.startswith("security.") or not admits(ACCESS[rule.endpoint], matrix.viewer(key)):
                continue
            for path, owners in some(matrix.addresses(rule)):
                matrix.enter(key)
                answer = visitor.client.post(path, data={**FIELDS, "csrf_token": token_of(visitor)})
                check_status(matrix, key, rule, owners, answer)
                check_told(matrix, key, answer, rule.endpoint)
    matrix.done()


def test_a_municipality_sees_the_very_same_pages_whether_others_are_there_or_not(
    app: Flask, settings: Settings, engine: Engine, session: Session
) -> None:
    """So no count, option list, figure or order depends on what is not theirs."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        matrix = started(app, session)
        matrix_world.build_municipality(session, matrix.world, ARNHEM)
        matrix_world.source_of(session, None)
        refresh(session)
        session.commit()
        # Signing in showed an empty queue, and what it offers to choose from was kept.
        forget_kept()
        paths = list(own_addresses(matrix, ARNHEM))
        client = matrix.visitors[ARNHEM].client
        alone = [neutral(text_of(client.get(path))) for path in paths]
        for path in ("/", f"/?zoek={SEARCHED[ARNHEM]}", f"/register?zoek={SEARCHED[ARNHEM]}"):
            assert CANARY[ARNHEM] in alone[paths.index(path)], path

        for code in (RHEDEN, None):
            matrix_world.build_municipality(session, matrix.world, code)
        refresh(session)
        session.commit()
        # Another process, which has kept nothing.
        forget_kept()
        later = signed_in(create_app(settings, engine=engine), matrix.world, [ARNHEM])

        for path, before in zip(paths, alone, strict=True):
            after = neutral(text_of(later.visitors[ARNHEM].client.get(path)))
            matrix.expect(after == before, f"others show in {path}: {difference(before, after)}")
    matrix.done()
