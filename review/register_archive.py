"""One entry of the register as a record to keep in an archive, with who decided what and when."""

import json
from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from typing import Any

from flask import Blueprint, Response, g, render_template

from models.base import utc_now
from models.store.audit import record
from models.store.initiatives import InitiativeRow, get_initiative
from models.store.leads import LogEntry
from models.store.register_history import HistoryRow, InitiativeNoteRow, history, notes
from review.asked import NUMBER
from review.database import db, writing
from review.register import decisions_of, lines_of
from review.register_words import fields_of, who
from review.shown import names

blueprint = Blueprint("register_archive", __name__, url_prefix="/register")

#: What the record is of, for who reads it in ten years.
KIND = "initiatief in het register van het Participatienetwerk"
#: Who keeps the entry while it is in the register.
MAKER = "Participatienetwerk Scout"


@blueprint.get(f"/<{NUMBER}:initiative_id>/archief")
def page(initiative_id: int) -> str:
    """The record as a page, to be printed."""
    entry = get_initiative(db.session, g.viewer, initiative_id)
    return render_template(
        "initiative_archive.html",
        entry=entry,
        lines=lines_of(decisions_of(entry), history(db.session, g.viewer, entry.id)),
        notes=notes(db.session, g.viewer, entry.id),
        made_at=utc_now(),
        kind=KIND,
        fields_of=fields_of,
        who=who,
    )


@blueprint.get(f"/<{NUMBER}:initiative_id>/archief.json")
def file(initiative_id: int) -> Response:
    """The same as a file; that somebody took it is logged."""
    entry = get_initiative(db.session, g.viewer, initiative_id)
    content = record_of(
        entry,
        decisions_of(entry),
        history(db.session, g.viewer, entry.id),
        notes(db.session, g.viewer, entry.id),
        made_at=utc_now(),
    )
    with writing() as session:
        after = {"format": "json", "initiative": entry.id}
        record(session, g.viewer.account_id, "export", "initiative", entry.id, after=after)
    return Response(
        json.dumps(content, ensure_ascii=False, indent=2, default=_plain) + "\n",
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="initiatief-{entry.id}.json"'},
    )


def record_of(
    entry: InitiativeRow,
    decisions: list[LogEntry],
    changes: list[HistoryRow],
    written: list[InitiativeNoteRow],
    *,
    made_at: datetime,
) -> dict[str, Any]:
    """The entry with its metadata, in Dutch words, as the standard for metadata of governments asks for."""
    return {
        "soort": KIND,
        "identificatie": entry.id,
        "naam": entry.name,
        "archiefvormer": MAKER,
        "gemeente": {"code": entry.municipality_code, "naam": entry.municipality},
        "plaats": entry.place,
        "opgenomen": {"op": entry.created_at, "door": entry.by, "uitSignaal": entry.lead_id},
        "gewijzigd": entry.updated_at,
        "vervallen": entry.withdrawn_at,
        "versie": entry.version,
        "uitgevoerd": made_at,
        "inhoud": {
            "samenvatting": entry.summary,
            "thema": entry.theme,
            "fase": entry.phase,
            "vraag": entry.question,
            "kennis": entry.expertise,
            "uren": entry.hours,
            "contact": entry.contact,
            "link": entry.link,
            "links": entry.links,
            "teZienVoorAndereGemeentenSinds": entry.approved_at,
            "organisatieGeinformeerd": entry.informed,
            "organisatieGeinformeerdOp": entry.informed_on,
        },
        "besluiten": [
            {
                "op": one.made_at,
                "door": one.by,
                "soort": one.kind,
                "van": one.old_status,
                "naar": one.new_status,
                "reden": one.reason,
                "toelichting": one.note,
                "ongedaanGemaakt": one.undone,
            }
            for one in decisions
        ],
        "wijzigingen": [
            {"op": one.at, "door": who(one.by, one.by_itself), "velden": one.fields} for one in changes
        ],
        "notities": [
            {
                "op": one.at,
                "door": one.by,
                "gemeente": names().get(one.municipality_code or ""),
                "tekst": one.text,
                "ookVoorGemeente": one.shared,
            }
            for one in written
        ],
    }


def _plain(value: Any) -> Any:
    """What JSON does not know by itself."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else asdict(value)
