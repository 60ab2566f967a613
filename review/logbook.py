"""The audit log as a page and as a file: who did what and when, without any content of leads."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.account import Account
from models.base import utc_now
from models.store.audit import CHUNK, audit_page, check_newest, newest_hash, record
from review import log_words
from review.actions import number
from review.database import db, sent_in_parts, writing
from review.log_rows import as_csv, rows

blueprint = Blueprint("logbook", __name__)

#: Most characters of the number of an object that is asked for.
NUMBER_LIMIT = 40


@dataclass(frozen=True)
class Asked:
    """What the address asks for; None = everything."""

    #: Number of an account; 0 = a command, or the product itself.
    account_id: int | None
    action: str | None
    object_kind: str | None
    object_id: str | None

    def conditions(self) -> dict[str, Any]:
        """As :func:`models.store.audit.audit_page` takes them."""
        return dict(vars(self))

    def address(self) -> dict[str, Any]:
        """As addresses carry them."""
        return {
            "wie": self.account_id,
            "wat": self.action,
            "waaraan": self.object_kind,
            "nummer": self.object_id,
        }


@blueprint.get("/logboek")
def index() -> str:
    """The log, newest first, and whether it is whole."""
    asked = _asked()
    before = number(request.args.get("na", ""))
    entries, following = audit_page(db.session, **asked.conditions(), before=before)
    checked = check_newest(db.session)
    return render_template(
        "logbook.html",
        entries=entries,
        following=following,
        later=before is not None,
        asked=asked,
        checked=checked,
        # All of them, when there are fewer than were to be checked.
        all_checked=checked.entries < CHUNK,
        newest=newest_hash(db.session),
        people=people(db.session),
        words=log_words,
    )


@blueprint.get("/logboek.csv")
def file() -> Response:
    """The same entries as a file of comma-separated values; that somebody took them is logged too."""
    asked = _asked()
    with writing() as session:
        told = {name: value for name, value in asked.conditions().items() if value is not None}
        record(session, g.viewer.account_id, "export", "log", "", after={"format": "csv", **told})
    name = f"logboek-{utc_now():%Y-%m-%d}.csv"
    return Response(
        sent_in_parts(lambda: as_csv(rows(db.session, asked.conditions()))),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def people(session: Session) -> dict[int, str]:
    """Number of each account -> its name, else its e-mail address; by name."""
    shown = func.coalesce(func.nullif(Account.name, ""), Account.email)
    found = session.execute(select(Account.id, shown).order_by(func.lower(shown), Account.id))
    return {row[0]: row[1] for row in found}


def _asked() -> Asked:
    action = request.args.get("wat", "")
    kind = request.args.get("waaraan", "")
    about = request.args.get("nummer", "").strip()[:NUMBER_LIMIT]
    return Asked(
        account_id=number(request.args.get("wie", "")),
        action=action if action in log_words.DEEDS else None,
        object_kind=kind if kind in log_words.OBJECTS else None,
        # Numbers, codes and tokens of our own; a database refuses some other characters.
        object_id=about if about.isascii() and about.isprintable() and about else None,
    )
