"""The route matrix: what an answer may be and may tell, and what may change."""

import hashlib
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from itertools import zip_longest
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_plus
from weakref import WeakKeyDictionary

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from models.base import Base
from review import report_pdf
from review.access import ACCESS, Who, admits
from tests.review.matrix import FIELDS, NOT_THERE, VALUES, Matrix
from tests.review.matrix_heard import Heard, HeardHeaders
from tests.review.matrix_people import SHARED, World
from tests.review.visitor import Visitor


def told(app: Flask, answer: TestResponse) -> str:
    """All that an answer says, also in its headers and in the cookie that will come back as a message."""
    words = [text_of(answer), *(f"{name}: {value}" for name, value in answer.headers)]
    for cookie in answer.headers.getlist("Set-Cookie"):
        serializer = SecureCookieSessionInterface().get_signing_serializer(app)
        name, _, value = cookie.partition(";")[0].partition("=")
        if serializer is not None and name == app.config["SESSION_COOKIE_NAME"] and value:
            words.append(json.dumps(serializer.loads(value), default=str, ensure_ascii=False))
    return unquote_plus(html.unescape("\n".join(words))).lower()


def text_of(answer: TestResponse) -> str:
    """The body; of a workbook what stands in its parts, and of other files the bytes as they are."""
    body = answer.get_data()
    if not body.startswith(b"PK"):
        return body.decode(errors="backslashreplace")
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return "\n".join(parts.read(name).decode() for name in sorted(parts.namelist()))


def tell_what_goes_into_pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer with what a PDF is made of instead: its letters can't be read back, and making it takes long."""
    made = SimpleNamespace(
        run=lambda *_arguments, input, **_more: SimpleNamespace(returncode=0, stdout=b"%PDF-" + input),
        TimeoutExpired=report_pdf.subprocess.TimeoutExpired,
    )
    monkeypatch.setattr(report_pdf, "subprocess", made)


#: In the log they are so many that one of them may well hold the digits that are looked for.
HASH = re.compile(r"\b[0-9a-f]{64}\b")


def check_told(matrix: Matrix, key: str, answer: TestResponse, endpoint: str) -> None:
    """Nothing of what this one may not see is in the answer."""
    said = HASH.sub("", told(matrix.app, answer))
    for word in matrix.forbidden(key, endpoint):
        matrix.expect(word not in said, f"{key} is told {word!r} by {shown(answer)}")


def shown(answer: TestResponse) -> str:
    """A request and its answer, in short."""
    return f"{answer.request.method} {answer.request.full_path.rstrip('?')}: {answer.status}"


def leads_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 303 and answer.headers["Location"].split("?")[0] == "/aanmelden"


#: Routes whose answer depends on more than role and object -> what they may answer.
SPECIAL: dict[str, set[int]] = {
    # No token was set.
    "metrics.metrics": {404},
}


def as_if_absent(matrix: Matrix, key: str, answer: TestResponse) -> bool:
    """Whether a number that does not exist gets the very same redirect."""
    visitor, path = matrix.visitors[key], answer.request.path
    nowhere = re.sub(r"\d+", str(NOT_THERE), path, count=1)
    data = {**FIELDS, "csrf_token": token_of(visitor)} if answer.request.method == "POST" else None
    absent = visitor.client.open(nowhere, method=answer.request.method, data=data)
    number = re.search(r"\d+", path)
    leads_to = absent.headers.get("Location", "").replace(str(NOT_THERE), number[0] if number else "")
    return absent.status_code == answer.status_code and leads_to == answer.headers["Location"]


#: Forms of a match, which the employer sees too, for the host only.
HOST_ONLY = {"matches.begin", "matches.close"}
#: Routes that end at the sign-in page for whoever may open them: they sign out, or are a step of signing in.
GOES_OUT = {"account.sign_out_everywhere"}


def check_status(matrix: Matrix, key: str, rule: Rule, owners: list[Any], answer: TestResponse) -> None:
    """The status is what the table says."""
    viewer, who, status = matrix.viewer(key), ACCESS[rule.endpoint], answer.status_code
    fine = status < 500
    if rule.endpoint in SPECIAL:
        fine = status in SPECIAL[rule.endpoint]
    elif viewer is None and who is not Who.OPEN:
        fine = leads_to_sign_in(answer)
    elif not admits(who, viewer):
        fine = status == 403
        if rule.endpoint == "queue.index" and viewer is not None and viewer.audits:
            fine = (status, answer.headers.get("Location")) == (303, "/logboek")
    elif all(matrix.owns(key, owner) for owner in owners):
        refused = status == 403 and not (rule.endpoint in HOST_ONLY and SHARED in owners)
        refused = refused or (status == 400 and "sessie is verlopen" in answer.text)
        fine = fine and status != 401 and not refused
        fine = fine and (not leads_to_sign_in(answer) or rule.endpoint in GOES_OUT)
    elif status == 303:
        fine = as_if_absent(matrix, key, answer)
        following = matrix.visitors[key].client.get(answer.headers["Location"])
        check_told(matrix, key, following, rule.endpoint)
    else:
        fine = status == 404
    why = f" {matrix.failures.pop()}" if matrix.failures else ""
    matrix.expect(fine, f"{key} ({who}): {shown(answer)}{why}")


def heard(method: str, endpoint: str) -> set[str]:
    """Parameters that an endpoint has asked for so far."""
    return {name for way, where, name in Heard.names if (way, where) == (method, endpoint)}


def knows_fragments(method: str, endpoint: str) -> bool:
    """Whether an endpoint has asked for headers of scripts so far; to others a script is like anybody."""
    return (method, endpoint) in HeardHeaders.fragments


def some(addresses: Iterator[tuple[str, list[Any]]]) -> list[tuple[str, list[Any]]]:
    """A few addresses of a route: one for each owner."""
    found: dict[str, tuple[str, list[Any]]] = {}
    for path, owners in addresses:
        found.setdefault(repr(owners), (path, owners))
    return list(found.values())


#: What a session holds of its token, and the token that a form sends.
_tokens: WeakKeyDictionary[Visitor, tuple[str, str]] = WeakKeyDictionary()


def token_of(visitor: Visitor) -> str:
    """A valid token for forms of this visitor; read from a page once for each session."""
    kept = _tokens.get(visitor)
    if kept is not None and kept[0] == _session_of(visitor).get("csrf_token"):
        return kept[1]
    page = visitor.client.get("/aanmelden").text
    if 'name="csrf_token"' not in page:
        page = visitor.client.get("/toegankelijkheid").text
    match = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert match is not None
    _tokens[visitor] = _session_of(visitor)["csrf_token"], match[1]
    return match[1]


def _session_of(visitor: Visitor) -> dict[str, Any]:
    """What stands in the cookie of a session."""
    cookie = visitor.client.get_cookie(visitor.app.config["SESSION_COOKIE_NAME"])
    serializer = SecureCookieSessionInterface().get_signing_serializer(visitor.app)
    return serializer.loads(cookie.value) if cookie and serializer else {}


def fingerprint(engine: Engine) -> dict[str, str]:
    """What stands in each table, in short; geography never changes."""
    found = {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name in ("municipality", "place"):
                continue
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def content_of(engine: Engine, world: World, key: str) -> dict[str, str]:
    """What stands in the tables that is not of this municipality, nor of its officer."""
    own = {
        "lead": ("id", world.leads.get(key, [])),
        "decision": ("lead_id", world.leads.get(key, [])),
        "lead_note": ("lead_id", world.leads.get(key, [])),
        # Also what it adds itself.
        "initiative": ("municipality_code", [key]),
        "share": ("municipality_code", [key]),
        "feed_address": ("municipality_code", [key]),
        "webhook": ("municipality_code", [key]),
        "digest_subscription": ("municipality_code", [key]),
        "report_made": ("municipality_code", [key]),
        "consultant": ("municipality_code", [key]),
        # Lessons are written by staff only.
        "lesson": ("id", []),
        "evaluation": ("id", []),
        "round_vote": ("municipality_code", [key]),
        "round_initiative": ("initiative_id", world.initiatives.get(key, [])),
        "round_consultant": ("consultant_id", world.consultants.get(key, [])),
        # Its initiatives and consultants may leave the rounds that it is in, and their pairs go with them.
        "round_pair": ("round_id", world.rounds.get(SHARED, [])),
        "match": ("id", [*world.matches.get(key, []), *world.matches.get(SHARED, [])]),
        "round_mark": ("round_id", world.rounds.get(SHARED, [])),
        "round_job": ("id", []),
        "round": ("id", []),
        "consultant_import": ("account_id", [world.accounts[key]]),
        "delivery": ("webhook_id", world.webhooks.get(key, [])),
        "saved_view": ("account_id", [world.accounts[key]]),
        "account": ("id", [world.accounts[key]]),
    }
    found = {}
    with engine.connect() as connection:
        for name, (column, numbers) in own.items():
            table = Base.metadata.tables[name]
            query = select(table).where(table.c[column].not_in(numbers)).order_by(*table.primary_key.columns)
            found[name] = repr(connection.execute(query).all())
    return found


def own_addresses(matrix: Matrix, key: str) -> Iterator[str]:
    """Every address that shows this one something, with every choice that can be made there."""
    client = matrix.visitors[key].client
    for rule in matrix.rules("GET"):
        who = ACCESS[rule.endpoint]
        if who is Who.OPEN or not admits(who, matrix.viewer(key)):
            continue
        for path, owners in matrix.addresses(rule):
            if not all(matrix.owns(key, owner) for owner in owners):
                continue
            # Read to its end: a file that is sent piece by piece keeps a connection until then.
            client.get(path, buffered=True)
            yield path
            # Not the language: the choice stays for the pages after it.
            for name in sorted(heard("GET", rule.endpoint) & VALUES.keys() - {"taal"}):
                yield from (f"{path}?{name}={value}" for value in matrix.values[name])


def neutral(page: str) -> str:
    """A page without what differs each time."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)


def difference(before: str, after: str) -> str:
    """The first line that differs, before and after."""
    pairs = zip_longest(before.splitlines(), after.splitlines(), fillvalue="")
    return next((f"{one.strip()!r} became {two.strip()!r}" for one, two in pairs if one != two), "")
