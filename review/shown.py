"""Filters and functions for templates: times, scores, names, marked passages."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, get_flashed_messages, request, session, url_for
from flask_babel import format_date, format_datetime, format_decimal, format_timedelta
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup, escape

from models.base import utc_now
from models.geo import municipalities
from models.store.decisions import NOTE_LIMIT
from models.store.initiatives import HOURS, LIMITS, is_address
from models.store.leads import Cursor, LeadRow, LogEntry, decision_log, get_lead
from models.words import DecisionKind, LeadStatus
from review import evidence, texts
from review.database import db
from review.language import CHOICE, LANGUAGES, chosen_language

#: Kind of message about several leads at once; the list itself shows these (``review.bulk``).
TOGETHER = "together"
#: Where the session keeps that number.
LAST = "last_decision"
#: Seconds in a quarter of an hour.
QUARTER = 900
#: Likelihood of a theme from which on the page of a lead says that it is likely.
SURE_OF_THEME = 0.8


def use_filters(app: Flask) -> None:
    """Give templates of ``app`` the filters and functions of this module."""
    app.jinja_env.filters.update(
        moment=lambda value: _moment(value, chosen_language()),
        day=lambda value: format_date(value, "d MMMM yyyy"),
        iso=lambda value: value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ago=ago,
        waits=waits,
        # Never "1,00": an estimate is not a certainty.
        score=lambda value: _score(round(min(value, 0.99), 2), chosen_language()),
        number=number,
        two=lambda value: format_decimal(value, "0.00"),
        likelihood=texts.likelihood,
        status=lambda value: texts.STATUSES[value],
        phase=lambda value: texts.PHASES[value],
        deed=lambda value: texts.DEEDS[value],
        alike=lambda value: texts.ALIKE[value],
        woken=lambda value: texts.WOKEN[value],
        weekday=lambda value: format_date(value, "EEEE d MMMM"),
        minutes_ago=minutes_ago,
        expertise=lambda value: labels("expertise").get(value, value),
        theme=lambda value: labels("themes").get(value, value),
        reason=lambda value: labels("reasons").get(value, value),
        sentence=lambda text: text[:1].upper() + text[1:],
        address=lambda url: url if is_address(url) else None,
        host=lambda url: url.split("/")[2].removeprefix("www.") if is_address(url) else "",
        cursor=lambda place: place if isinstance(place, int) else cursor_in_address(place),
        municipality=lambda code: names().get(code, code),
        marked=lambda lead: evidence.parts(lead.snippet, lead.evidence),
    )
    app.jinja_env.globals.update(
        labels=labels,
        reasons_of=reasons_of,
        heading_of=heading_of,
        options_of=options_of,
        suggestions_of=suggestions_of,
        SURE_OF_THEME=SURE_OF_THEME,
        notices=notices,
        other_languages=other_languages,
        signed_in=signed_in,
        last_decision=last_decision,
        language=chosen_language,
        FIELDS=texts.FIELDS,
        LIMITS={**LIMITS, "note": NOTE_LIMIT, "reason": NOTE_LIMIT, "text": NOTE_LIMIT},
        HOURS=HOURS,
        LeadStatus=LeadStatus,
        DecisionKind=DecisionKind,
    )


def number(value: float, language: str = "") -> str:
    """A number as a language writes it; empty = the visitor's (who has many of them asks for that once)."""
    return _number(value, language or chosen_language())


@lru_cache(maxsize=10_000)
def _number(value: float, language: str) -> str:
    # A list of municipalities has some 300 numbers, and each takes as long as a line of the list.
    return str(format_decimal(value))


def options_of(pairs: Iterable[tuple[Any, Any]], chosen: Any = "") -> Markup:
    """The options of a select: values with their words; ``chosen`` is the value that is selected."""
    listed = _options(tuple((str(value), str(words)) for value, words in pairs))
    found = f'<option value="{escape(chosen)}"' if chosen else ""
    return Markup(str(listed).replace(f"{found}>", f"{found} selected>", 1)) if found else listed  # noqa: S704


def suggestions_of(names: Iterable[str]) -> Markup:
    """The options of a list that a field suggests."""
    return _suggestions(tuple(names))


# Kept, for all municipalities or all places of one are longer than the rest of a page together.
@lru_cache(maxsize=64)
def _options(pairs: tuple[tuple[str, str], ...]) -> Markup:
    one = Markup('<option value="{}">{}</option>\n')
    return Markup("").join(one.format(*pair) for pair in pairs)


@lru_cache(maxsize=400)
def _suggestions(names: tuple[str, ...]) -> Markup:
    one = Markup('<option value="{}"></option>')
    return Markup("").join(one.format(name) for name in names)


def cursor_in_address(place: Cursor) -> str:
    """A place in the queue as addresses carry it."""
    return f"{place.precedence}~{place.score!r}~{place.lead_id}"


def labels(part: str) -> dict[str, str]:
    """Slug -> name of ``themes``, ``reasons``, ``expertise`` or ``evidence`` in the visitor's language."""
    kept = g.setdefault("labels", {})
    if part not in kept:
        kept[part] = texts.localised(current_app.extensions["scout"].labels, part)
    found: dict[str, str] = kept[part]
    return found


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """CBS code -> name of each municipality."""
    return {one.code: one.name for one in municipalities()}


def ago(value: datetime | None) -> str:
    """How long ago, in words: ``zojuist``, ``5 uur geleden``, ``12 dagen geleden``; later on in weeks."""
    if value is None:
        return ""
    quarters = _quarters(value)
    # Clocks differ a little; and nothing is "in 0 hours".
    return str(_("zojuist")) if quarters in (-1, 0) else _age(quarters, chosen_language(), ago=True)


def waits(value: datetime) -> str:
    """How long something waits since then, in words: ``15 minuten``, ``5 uur``, ``12 dagen``."""
    return _age(max(_quarters(value), 1), chosen_language(), ago=False)


def _quarters(value: datetime) -> int:
    # To a quarter of an hour, so that the words for it need not be made anew for every lead of a list.
    return int((utc_now() - value).total_seconds() // QUARTER)


@lru_cache(maxsize=20_000)
def _age(quarters: int, language: str, *, ago: bool) -> str:
    age = timedelta(seconds=quarters * QUARTER)
    if age < timedelta(hours=20):
        return str(format_timedelta(-age, granularity="minute", threshold=1, add_direction=ago))
    return str(format_timedelta(-age, granularity="day", threshold=60 / 7, add_direction=ago))


@lru_cache(maxsize=10_000)
def _moment(value: datetime, language: str) -> str:
    return str(format_datetime(value, "d MMMM yyyy, HH:mm"))


@lru_cache(maxsize=1000)
def _score(value: float, language: str) -> str:
    return str(format_decimal(value, "0.00"))


def minutes_ago(value: datetime) -> str:
    """How long ago, to the minute: ``2 minuten geleden``."""
    age = max(utc_now() - value, timedelta(minutes=1))
    return str(format_timedelta(-age, granularity="minute", threshold=1, add_direction=True))


def heading_of(lead: LeadRow) -> str:
    """Title of a lead, else its first words; empty after purging."""
    if lead.title.strip():
        return lead.title
    words = lead.snippet[: evidence.SNIPPET].split()
    return " ".join(words[:10]) + ("…" if len(words) > 10 else "")


def reasons_of(lead: LeadRow) -> list[evidence.Reason]:
    """Why a lead was flagged, in words of the visitor's language."""
    return evidence.reasons(lead.snippet, lead.evidence, labels("evidence"))


def _done(entry: LogEntry, lead: LeadRow) -> str:
    if entry.kind is DecisionKind.UNDO and lead.status is not LeadStatus.OPEN:
        return str(texts.UNDONE % {"title": heading_of(lead), "status": texts.STATUSES[lead.status]})
    return str(texts.DONE[entry.kind] % {"title": heading_of(lead)})


def last_decision() -> str | None:
    """Number of the visitor's last decision, to take it back; None also when a message offers it."""
    told = any(kind == "decision" for kind, _message in session.get("_flashes", []))
    if "viewer" not in g or not g.viewer.decides or told:
        return None
    return str(session[LAST]) if LAST in session else None


def signed_in() -> Any:
    """The account that is signed in, or None; asks no database on plain pages."""
    if g.get("plain_page"):
        return None
    return current_user if current_user.is_authenticated else None


def other_languages() -> list[tuple[str, str, str]]:
    """Code, name and address of this page in each other language."""
    address, query = request.path, [pair for pair in request.args.items(multi=True) if pair[0] != CHOICE]
    if request.endpoint == "leads.act":
        # The answer to a sent form: its page is that of the lead.
        address, query = url_for("leads.lead", lead_id=(request.view_args or {})["lead_id"]), []
    elif request.endpoint is None or (request.method == "POST" and request.endpoint != "security.login"):
        address, query = url_for("pages.how_it_works"), []
    return [
        (code, name, f"{address}?{urlencode([*query, (CHOICE, code)])}")
        for code, name in LANGUAGES.items()
        if code != chosen_language()
    ]


def notices() -> list[dict[str, Any]]:
    """Messages to show once: ``{"kind", "text", "undo"}``, ``undo`` being a decision's number or None."""
    found = []
    messages: Any = get_flashed_messages(with_categories=True)
    for kind, message in messages:
        if kind == TOGETHER:
            continue
        if kind != "decision":
            # Flask-Security calls good news "success".
            found.append({"kind": "ok" if kind == "success" else kind, "text": message, "undo": None})
        elif "viewer" in g:
            found += _decided(str(message))
    return found


def _decided(message: str) -> list[dict[str, Any]]:
    """What was just decided, told by the log itself, so that cookies hold no content."""
    lead_id, _slash, decision_id = message.partition("/")
    lead = get_lead(db.session, g.viewer, int(lead_id))
    entries: list[LogEntry] = decision_log(db.session, lead.id, decision_id=int(decision_id))
    return [
        {
            "kind": "ok",
            "text": _done(entry, lead),
            "undo": entry.id if entry.kind is not DecisionKind.UNDO and not entry.undone else None,
        }
        for entry in entries
        if entry.kind in texts.DONE
    ]
