"""What came of deciding on several leads together, told on the next page.

The cookie that carries it there holds numbers and codes only; the words come from the database.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, g, get_flashed_messages
from flask_babel import format_date, format_datetime, ngettext
from flask_babel import gettext as _
from sqlalchemy import func, select

from models.account import Account
from models.base import ZONE, utc_now
from models.decision import Decision
from models.lead import Lead
from models.store.bulk import BulkOutcome
from models.store.casework import SnoozeDateError
from models.store.deciding import AlreadyDecidedError, AlreadyUndoneError, StaleLeadError
from models.store.leads import LeadNotFoundError
from models.words import DecisionKind
from review.choices import person_name
from review.database import db
from review.shown import TOGETHER, heading_of
from review.texts import DEEDS, STATUSES

#: Giving leads to somebody is no decision on them; the word for it in forms and here.
ASSIGN = "toewijzen"
#: Refused leads that are named one by one; the rest is a number, for it all has to fit in a cookie.
TOLD = 25


@dataclass(frozen=True)
class Refused:
    """One lead that stayed as it was."""

    id: int
    #: None = there is no such lead for this viewer; empty after purging.
    heading: str | None
    why: str


def tell(outcome: BulkOutcome, told: dict[str, Any]) -> None:
    """Have the next page say it. The cookie holds numbers and codes only; words come from the database."""
    refused = [(lead_id, _code(error)) for lead_id, error in outcome.refused]
    told = {
        **told,
        "done": len(outcome.done),
        "refused": refused[:TOLD],
        "more": max(0, len(refused) - TOLD),
    }
    flash(json.dumps(told), TOGETHER)


def _code(error: Exception) -> str:
    """Why a lead was refused, for the cookie."""
    if isinstance(error, SnoozeDateError):
        return error.latest.isoformat()
    for kind, code in (
        (LeadNotFoundError, "gone"),
        (AlreadyDecidedError, "decided"),
        (StaleLeadError, "changed"),
        (AlreadyUndoneError, "undone"),
    ):
        if isinstance(error, kind):
            return code
    return "moved"


def bulk_notices() -> list[dict[str, Any]]:
    """What was done with several leads just before this page, once."""
    return [
        _notice(json.loads(str(message)))
        for message in get_flashed_messages(category_filter=[TOGETHER])
        if message
    ]


def _notice(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": done_text(told),
        "done": told["done"],
        "batch": told.get("batch"),
        "refused": _refused(told["refused"]),
        "more": told["more"],
    }


def done_text(told: dict[str, Any]) -> Any:
    number, deed = told["done"], told["deed"]
    if not number:
        return _("Er is niets veranderd.")
    if deed == ASSIGN:
        return _assigned_text(number, told["to"])
    words = {
        DecisionKind.REJECT: ngettext("%(num)s signaal afgewezen.", "%(num)s signalen afgewezen.", number),
        DecisionKind.KNOWN: ngettext(
            "%(num)s signaal staat nu bij ‘al bekend’.",
            "%(num)s signalen staan nu bij ‘al bekend’.",
            number,
        ),
        DecisionKind.SNOOZE: ngettext("%(num)s signaal uitgesteld.", "%(num)s signalen uitgesteld.", number),
        DecisionKind.UNDO: ngettext(
            "Het besluit over %(num)s signaal is ongedaan gemaakt.",
            "De besluiten over %(num)s signalen zijn ongedaan gemaakt.",
            number,
        ),
    }
    return words[DecisionKind(deed)]


def _assigned_text(number: int, to: int) -> Any:
    if not to:
        return ngettext(
            "%(num)s signaal is nu aan niemand toegewezen.",
            "%(num)s signalen zijn nu aan niemand toegewezen.",
            number,
        )
    return ngettext(
        "%(num)s signaal toegewezen aan %(name)s.",
        "%(num)s signalen toegewezen aan %(name)s.",
        number,
        name=person_name(to) or "",
    )


def _refused(codes: list[tuple[int, str]]) -> list[Refused]:
    """The refused leads with why, in words, from two queries for all of them."""
    ids = [lead_id for lead_id, _code in codes]
    leads: dict[int, Any] = {
        row.id: row
        for row in db.session.execute(
            select(Lead.id, Lead.title, Lead.snippet, Lead.status).where(
                Lead.id.in_(ids), g.viewer.scope(Lead.municipality_code)
            )
        )
    }
    newest = select(func.max(Decision.id)).where(Decision.lead_id.in_(list(leads))).group_by(Decision.lead_id)
    last = {
        row.lead_id: row
        for row in db.session.execute(
            select(
                Decision.lead_id,
                Decision.kind,
                Decision.made_at,
                func.coalesce(func.nullif(Account.name, ""), Account.email).label("by"),
            )
            .join(Account, Account.id == Decision.account_id)
            .where(Decision.id.in_(newest))
        )
    }
    return [
        Refused(
            lead_id,
            heading_of(leads[lead_id]) if lead_id in leads else None,
            _why(lead_id, code if lead_id in leads else "gone", leads.get(lead_id), last.get(lead_id)),
        )
        for lead_id, code in codes
    ]


def _why(lead_id: int, code: str, lead: Any, last: Any) -> Any:
    if code == "gone":
        return _("Signaal %(number)s bestaat niet (meer).", number=lead_id)
    if code == "changed":
        return _("dit is intussen veranderd. Bekijk het eerst.")
    if code in ("decided", "undone", "moved") and last is not None:
        return _(
            "%(name)s %(deed)s (%(moment)s).",
            name=last.by,
            deed=DEEDS[last.kind],
            moment=format_datetime(last.made_at, "d MMMM yyyy, HH:mm"),
        )
    if code in ("decided", "undone", "moved"):
        return _("de status is nu ‘%(status)s’.", status=STATUSES[lead.status])
    latest = date.fromisoformat(code)
    if latest <= today():
        return _("dit kan niet verder worden uitgesteld: de bewaartermijn is bijna om.")
    return _(
        "dit kan hooguit tot %(day)s worden uitgesteld, vanwege de bewaartermijn.",
        day=format_date(latest, "d MMMM yyyy"),
    )


def today() -> date:
    """The day that it is where the reviewers are."""
    return utc_now().astimezone(ZONE).date()
