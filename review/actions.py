"""What a reviewer can do with a lead: one visible table from word to function."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from models.base import ZONE, utc_now
from models.decision import Decision
from models.store.casework import add_note, assign, assignable, snooze
from models.store.claims import take
from models.store.initiatives import InitiativeDraft
from models.store.leads_hand import merge_leads, split_lead
from models.store.viewer import Viewer
from review.deciding import know_lead, place_key_of, promote_lead, reject_lead

Form = MultiDict[str, str]
#: Does it, and gives the decision that it made; or, when it made none, one sentence to say (may be empty).
Action = Callable[[Session, int, Viewer, Form], "Decision | str"]

#: Characters that no text needs and that databases refuse: all controls but tab and line end.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
#: Number of a lead as people type it: alone, or in its address.
LEAD_NUMBER = re.compile(r"(?:.*/signalen/|#)?(\d{1,9})(?:[/?#].*)?", re.ASCII)
#: Number and version of a lead as a form carries them.
LEAD_AND_VERSION = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)


class NoOtherLeadError(Exception):
    """A merge without a lead to merge with."""


class UnseenLeadError(Exception):
    """A lead to merge with was named by its number; it must be shown before the two are merged."""

    def __init__(self, lead_id: int) -> None:
        super().__init__(f"lead {lead_id} was not shown yet")
        self.lead_id = lead_id


def promote(session: Session, lead_id: int, viewer: Viewer, form: Form) -> Decision:
    """Make a register entry of a lead; raises what :func:`models.store.decisions.decide` raises.

    Raises:
        LooksKnownError: and the form does not say that these entries were seen.
    """
    return promote_lead(
        session,
        lead_id,
        draft_of(session, lead_id, form),
        viewer=viewer,
        version=_version(form),
        seen=numbers(form.get("gezien", "").split()),
    )


def reject(session: Session, lead_id: int, viewer: Viewer, form: Form) -> Decision:
    """Say that a lead is no citizen initiative, and why."""
    return reject_lead(
        session,
        lead_id,
        viewer=viewer,
        version=_version(form),
        reason=written(form, "reason"),
        note=written(form, "note"),
    )


def known(session: Session, lead_id: int, viewer: Viewer, form: Form) -> Decision:
    """Say that a lead is a true initiative, but was known already: by an entry of the register, perhaps."""
    return know_lead(
        session,
        lead_id,
        viewer=viewer,
        version=_version(form),
        initiative_id=number(form.get("entry", "")),
        note=written(form, "note"),
    )


def put_off(session: Session, lead_id: int, viewer: Viewer, form: Form) -> Decision:
    """Put a lead away until a day, or until something new appears."""
    until, on_news = until_asked(form, utc_now().astimezone(ZONE).date())
    return snooze(
        session,
        lead_id,
        viewer=viewer,
        version=_version(form),
        until=until,
        on_news=on_news,
        note=written(form, "note"),
    )


def merge(session: Session, lead_id: int, viewer: Viewer, form: Form) -> Decision:
    """Say that a lead is about the same as another one, which was shown beside it.

    Raises:
        NoOtherLeadError: none was chosen.
        UnseenLeadError: it was named by its number or address, and not shown yet.
    """
    typed = LEAD_NUMBER.fullmatch(written(form, "nummer"))
    chosen = LEAD_AND_VERSION.fullmatch(form.get("met", ""))
    if typed is not None and (chosen is None or chosen[1] != typed[1]):
        raise UnseenLeadError(int(typed[1]))
    if chosen is None:
        raise NoOtherLeadError("choose a lead to merge with")
    return merge_leads(
        session,
        lead_id,
        int(chosen[1]),
        viewer=viewer,
        version=_version(form),
        into_version=int(chosen[2]),
        note=written(form, "note"),
    )


def split(session: Session, lead_id: int, viewer: Viewer, form: Form) -> Decision:
    """Say that some items of a lead are about something else."""
    items = numbers(form.getlist("bericht"))
    return split_lead(
        session, lead_id, items, viewer=viewer, version=_version(form), note=written(form, "note")
    ).decision


def hand_over(session: Session, lead_id: int, viewer: Viewer, form: Form) -> str:
    """Give a lead to oneself, to a colleague, or to nobody."""
    wanted = form.get("aan", "")
    assignee = viewer.account_id if wanted == "mij" else number(wanted)
    if wanted not in ("mij", "niemand") and assignee is None:
        assignee = 0  # nobody has that number, so it is refused
    assign(session, lead_id, viewer=viewer, assignee_id=None if wanted == "niemand" else assignee)
    if wanted == "niemand":
        return str(_("Niemand heeft dit signaal nu in handen."))
    if assignee == viewer.account_id:
        return str(_("U hebt dit signaal nu in handen."))
    name = dict(assignable(session)).get(assignee or 0, "")
    return str(_("%(name)s heeft dit signaal nu in handen.", name=name))


def write_note(session: Session, lead_id: int, viewer: Viewer, form: Form) -> str:
    """Write a note for colleagues."""
    add_note(session, lead_id, viewer=viewer, text=written(form, "text"))
    return str(_("Uw notitie is bewaard."))


def look(session: Session, lead_id: int, viewer: Viewer, form: Form) -> str:
    """Say that one has a lead in front of oneself, still."""
    other = take(session, viewer, lead_id)
    return str(_("%(name)s kijkt al naar dit signaal.", name=other.by)) if other is not None else ""


@dataclass(frozen=True)
class Act:
    """One thing that can be done with a lead."""

    do: Action
    #: Afterwards the next lead is shown; else the same one again.
    leads_on: bool = False


#: Last part of the address that a form is sent to -> what it does. Undoing goes by decision, not
#: by lead: see ``review.acting.undo_decision``.
ACTIONS: dict[str, Act] = {
    "opnemen": Act(promote, leads_on=True),
    "afwijzen": Act(reject, leads_on=True),
    "al-bekend": Act(known, leads_on=True),
    "uitstellen": Act(put_off, leads_on=True),
    "samenvoegen": Act(merge, leads_on=True),
    "splitsen": Act(split),
    "toewijzen": Act(hand_over),
    "notitie": Act(write_note),
    "oppakken": Act(look),
}

#: An action as part of an address: any other word there makes an address that does not exist.
ACTION = "any(" + ", ".join(f"'{name}'" for name in ACTIONS) + ")"


def draft_of(session: Session, lead_id: int, form: Form) -> InitiativeDraft:
    """What was written about an initiative, not yet checked."""
    code = written(form, "municipality_code")
    place = written(form, "place_key")
    return InitiativeDraft(
        name=written(form, "name"),
        summary=written(form, "summary"),
        municipality_code=code,
        # A name that is no place is passed on as it is: no key looks like it, so it is refused.
        place_key=place_key_of(session, lead_id, code, place) or place or None,
        theme=written(form, "theme") or None,
        question=written(form, "question"),
        link=written(form, "link"),
        contact=written(form, "contact"),
        expertise=tuple(form.getlist("expertise")),
        hours=_hours(written(form, "hours")),
    )


def until_asked(form: Mapping[str, str], today: date) -> tuple[date | None, bool]:
    """Until which day a lead is put away, and whether it comes back as soon as something new appears.

    Neither of the two = nothing was chosen that can be read.
    """
    asked = form.get("tot", "")
    days = snooze_days(today)
    if asked == "nieuws":
        return None, True
    if asked in days:
        return days[asked], "eerder" in form
    try:
        return date.fromisoformat(form.get("datum", "")) if asked == "datum" else None, "eerder" in form
    except ValueError:
        return None, False


def snooze_days(today: date) -> dict[str, date]:
    """The days that can be chosen by a word: tomorrow, and the first Monday after that."""
    tomorrow = today + timedelta(days=1)
    return {"morgen": tomorrow, "week": tomorrow + timedelta(days=7 - tomorrow.weekday())}


def written(form: Mapping[str, str], name: str) -> str:
    """A field as typed, without outer space, stray control characters and foreign line ends."""
    return CONTROLS.sub("", form.get(name, "").replace("\r\n", "\n").replace("\r", "\n")).strip()


def numbers(texts: list[str]) -> set[int]:
    """What is a number among these."""
    return {found for text in texts if (found := number(text)) is not None}


def number(text: str) -> int | None:
    """A whole number of at most nine plain digits, as typed; None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _hours(text: str) -> int | None:
    """None = not estimated; 0, which is refused, = no whole number."""
    return None if not text else number(text) or 0


def _version(form: Form) -> int:
    return number(form.get("version", "")) or 0
