"""Uitvoer: what a list shows as a file, sent row by row, whatever its size."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, render_template, request
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.base import ZONE, utc_now
from models.store.audit import record
from models.store.consultants_list import consultant_page, export_consultants
from models.store.exports import export_leads
from models.store.exports_chosen import (
    LEADS_MOST,
    chosen_leads,
    count_entries,
    count_shares,
    export_entries,
    export_shares,
)
from models.store.network import export_network, network
from review.asked import context, filter_asked, municipality_asked, order_asked
from review.chips import chips
from review.consultants import chosen_words, consultants_asked
from review.database import db, sent_in_parts, writing
from review.export_formats import csv_parts, json_parts, write_xlsx
from review.exporting import (
    CONSULTANT_COLUMNS,
    INITIATIVE_COLUMNS,
    LEAD_COLUMNS,
    NETWORK_COLUMNS,
    SHARE_COLUMNS,
)
from review.network import day_shown
from review.register_asked import entries_asked
from review.sharing import STANDS
from review.shown import names

blueprint = Blueprint("exports", __name__, url_prefix="/uitvoer")

#: Rows of a workbook at most: it has to be made whole before the first byte can be sent. The format itself
#: holds some ten times as many; making this many takes half a minute (2026-11-22, one core).
XLSX_MOST = 100_000
#: Bytes of a file that are sent at a time.
PART = 64 * 1024

#: Form of a file -> its name on screen, and the type that it is sent as.
FORMS: dict[str, tuple[Any, str]] = {
    "csv": (_l("CSV, voor elk programma met tabellen"), "text/csv"),
    "xlsx": (
        _l("XLSX, voor Excel en LibreOffice"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "json": (_l("JSON, voor andere programma’s"), "application/json"),
}


@dataclass(frozen=True)
class Choice:
    """What one list shows, ready to be counted and written."""

    columns: tuple[str, ...]
    count: int
    #: More than there can be in one file.
    too_many: bool
    #: Makes the rows; called once.
    rows: Callable[[], Iterator[dict[str, Any]]]
    #: As addresses carry it, and in words.
    chosen: dict[str, str]
    words: Sequence[str]


#: Word in the address of the shares -> the same in words, as that page has them.
STAND_WORDS = {
    "wacht": _l("wacht op antwoord"),
    "te-laat": _l("herinnerd, nog geen antwoord"),
    "geen-antwoord": _l("geen antwoord"),
    "beantwoord": _l("beantwoord"),
    "in-contact": _l("in contact"),
    "afgesloten": _l("afgesloten"),
    "ingetrokken": _l("ingetrokken"),
}


def _leads() -> Choice:
    chosen = context()
    numbers = chosen_leads(db.session, g.viewer, filter_asked(), order_asked())
    return Choice(
        columns=LEAD_COLUMNS,
        count=len(numbers),
        too_many=len(numbers) > LEADS_MOST,
        rows=lambda: export_leads(db.session, g.viewer, numbers=numbers),
        chosen=chosen,
        words=[chip.words for chip in chips("queue.index", chosen)],
    )


def _entries() -> Choice:
    asked = entries_asked()
    return Choice(
        columns=INITIATIVE_COLUMNS,
        count=count_entries(db.session, g.viewer, **asked.conditions),
        too_many=False,
        rows=lambda: export_entries(db.session, g.viewer, **asked.conditions),
        chosen=asked.chosen,
        words=[chip.words for chip in chips("register.index", asked.chosen)],
    )


def _shares() -> Choice:
    stand, code = request.args.get("stand", ""), municipality_asked() if g.viewer.decides else None
    conditions = {**STANDS.get(stand, {}), "municipality_code": code}
    chosen = {"stand": stand} if stand in STANDS else {}
    if code is not None:
        chosen["gemeente"] = code
    return Choice(
        columns=SHARE_COLUMNS,
        count=count_shares(db.session, g.viewer, **conditions),
        too_many=False,
        rows=lambda: export_shares(db.session, g.viewer, **conditions),
        chosen=chosen,
        words=[
            *([str(STAND_WORDS.get(stand, stand))] if stand in STANDS else []),
            *([names().get(code, code)] if code else []),
        ],
    )


def _consultants() -> Choice:
    asked = consultants_asked()
    return Choice(
        columns=CONSULTANT_COLUMNS,
        count=consultant_page(db.session, g.viewer, **asked.conditions, limit=1).total,
        too_many=False,
        rows=lambda: export_consultants(db.session, g.viewer, **asked.conditions),
        chosen=asked.chosen,
        words=chosen_words(asked.chosen),
    )


def _network() -> Choice:
    day = day_shown()
    found = network(db.session, g.viewer, current_app.extensions["scout"].settings, day=day)
    other = day != utc_now().astimezone(ZONE).date()
    rows = export_network(found)
    return Choice(
        columns=NETWORK_COLUMNS,
        count=len(rows),
        too_many=False,
        rows=lambda: iter(rows),
        chosen={"op": day.isoformat()} if other else {},
        words=[str(_("stand op %(day)s", day=format_date(day, "d MMMM yyyy")))] if other else [],
    )


#: Word in addresses -> name on screen, the list where one chooses, and what reads the choice.
LISTS: dict[str, tuple[Any, str, Callable[[], Choice]]] = {
    "signalen": (_l("Signalen"), "queue.index", _leads),
    "register": (_l("Register"), "register.index", _entries),
    "delingen": (_l("Delingen"), "sharing.index", _shares),
    "consultants": (_l("Consultants"), "consultants.index", _consultants),
    "netwerk": (_l("Netwerk"), "network.index", _network),
}
LIST = f"any({', '.join(LISTS)})"


@blueprint.get("")
def index() -> str:
    """What there is to take out, in all."""
    with_counts = [(word, name, read().count) for word, (name, _page, read) in LISTS.items()]
    return render_template("exports.html", lists=with_counts, LEADS_MOST=LEADS_MOST)


@blueprint.get(f"/<{LIST}:what>")
def one(what: str) -> str:
    """How much the choice of one list is, before it is taken out, and in which forms."""
    name, page, read = LISTS[what]
    return render_template(
        "export.html",
        what=what,
        name=name,
        page=page,
        choice=read(),
        forms=FORMS,
        XLSX_MOST=XLSX_MOST,
        LEADS_MOST=LEADS_MOST,
    )


@blueprint.get(f"/<{LIST}:what>.<any({', '.join(FORMS)}):form>")
def file(what: str, form: str) -> Response:
    """The choice of one list as a file; that somebody took it, and how much, is logged before it is sent."""
    choice = LISTS[what][2]()
    if choice.too_many or (form == "xlsx" and choice.count > XLSX_MOST):
        abort(413)
    name = f"{what}-{utc_now().astimezone(ZONE):%Y-%m-%d}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if request.method == "HEAD":
        # Whoever only asks what it would be takes nothing.
        return Response(mimetype=FORMS[form][1], headers=headers)
    with writing() as session:
        told = {"format": form, "entries": choice.count}
        record(session, g.viewer.account_id, "export", OBJECTS[what], "", after=told)
    return Response(
        sent_in_parts(lambda: WRITERS[form](choice)),
        mimetype=FORMS[form][1],
        headers=headers,
    )


#: Word in addresses -> kind of object in the audit log.
OBJECTS = {
    "signalen": "lead",
    "register": "initiative",
    "delingen": "share",
    "consultants": "consultant",
    "netwerk": "municipality",
}


def _csv(choice: Choice) -> Iterator[str]:
    return csv_parts(choice.columns, choice.rows())


def _json(choice: Choice) -> Iterator[str]:
    return json_parts(choice.rows())


def _workbook(choice: Choice) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        path = Path(folder) / "export.xlsx"
        write_xlsx(choice.columns, choice.rows(), path)
        with path.open("rb") as made:
            while part := made.read(PART):
                yield part


WRITERS: dict[str, Callable[[Choice], Iterator[Any]]] = {"csv": _csv, "xlsx": _workbook, "json": _json}
