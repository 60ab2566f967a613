"""The board: a project leader puts consultants beside initiatives, and sees at once how that does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, abort, g, jsonify, render_template, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from models.store.pairing import REASON
from models.store.pairing_rules import WORKED_ON
from models.store.round_rules import RoundNotFoundError
from models.words import RoundState
from review.asked import NUMBER, SEARCH_LIMIT
from review.board_look import CONFLICT, DESPITE, NOBODY, PAIRED, Board, Load, Look, Row, order_of
from review.consultant_words import hours_words, unknown
from review.database import db
from review.round_explained import fit_words
from review.round_todo import after_board

blueprint = Blueprint("board", __name__, url_prefix=f"/rondes/<{NUMBER}:round_id>/bord")

#: Which initiatives are shown -> its name.
SHOWN: dict[str, Any] = {
    "": _l("Alle"),
    "zonder": _l("Zonder consultant"),
    "met": _l("Met consultant"),
    "let-op": _l("Let op"),
    "vast": _l("Vastgezet"),
}
#: State of a row -> what it says.
STATES: dict[str, Any] = {
    NOBODY: _l("nog niemand"),
    PAIRED: _l("gekoppeld"),
    DESPITE: _l("gekoppeld ondanks"),
    CONFLICT: _l("kan niet zo"),
}
#: Key -> what it does while the board has the focus: ``static/board.js`` listens to these.
KEYS: dict[str, Any] = {
    "↑ ↓": _l("vorige of volgende op het bord"),
    "→": _l("van een initiatief naar zijn consultants"),
    "←": _l("terug naar het initiatief"),
    "n": _l("volgende initiatief zonder consultant"),
    "l": _l("consultant losmaken van dit initiatief"),
    "v": _l("koppeling vastzetten, of niet meer"),
    "x": _l("koppeling verbieden, of weer toestaan"),
}
#: Where the session keeps what this visitor did on a board: ``{"round", "done": [[...]], "tell": [...]}``.
KEPT = "board"


@dataclass(frozen=True)
class Done:
    """One change on the board, as the session keeps it: numbers and words of our own, no names."""

    #: ``pair``, ``take``, ``pin``, ``unpin``, ``forbid`` or ``allow``.
    deed: str
    initiative: int
    #: The consultant who stood there before, and the one whom it is about.
    before: int | None
    after: int | None
    #: The initiative where the consultant stood before.
    moved_from: int | None = None
    #: A reason was written for it.
    reasoned: bool = False

    def plain(self) -> list[Any]:
        """As the session keeps it."""
        return [self.deed, self.initiative, self.before, self.after, self.moved_from, self.reasoned]


@dataclass(frozen=True)
class Refused:
    """A form that could not be carried out: the page is shown again with what was filled in."""

    words: str
    initiative: int | None = None
    consultant: int | None = None
    #: Field -> what is wrong with it.
    problems: Mapping[str, str] = field(default_factory=dict)
    #: What was filled in.
    values: Mapping[str, str] = field(default_factory=dict)


@blueprint.get("")
def index(round_id: int) -> str:
    """The board, with an initiative or a consultant chosen or neither."""
    return page_of(round_id)


@blueprint.get(f"/passend/<{NUMBER}:consultant_id>")
def fits(round_id: int, consultant_id: int) -> Response:
    """How a consultant would do beside each initiative, for whoever drags: number -> fit, order, words."""
    board = board_of(round_id)
    if consultant_id not in {one.id for one in board.loads}:
        abort(404)
    return jsonify({str(row.id): tried(board, row, consultant_id) for row in board.rows})


def tried(board: Board, row: Row, consultant_id: int) -> dict[str, Any]:
    """How a consultant would do beside the initiative of a row, in words."""
    look = board.look(row.id, consultant_id)
    order = order_of(look)
    words = [_("past %(fit)s", fit=fit_words(look.fit))]
    if order == 2:
        words = [_("kan niet: %(why)s", why=", ".join(look.hard_words))]
    elif look.soft:
        words.append(", ".join(look.soft_words))
    if row.match_id is not None:
        order, words = 2, [_("er is al een voorstel gedaan")]
    elif row.look is not None and row.look.pinned:
        order, words = 2, [_("staat vast")]
    return {"fit": look.fit, "order": order, "words": "; ".join(str(one) for one in words)}


def board_of(round_id: int) -> Board:
    """The board of a round; 404 when there is no such round."""
    try:
        return Board(db.session, g.viewer, round_id)
    except RoundNotFoundError:
        abort(404)


def page_of(round_id: int, refused: Refused | None = None) -> str:
    """The page that the address or the form asks for."""
    board = board_of(round_id)
    if board.round.state in (RoundState.SEEDING, RoundState.SELECTION) or not board.round.snapshot_hash:
        return render_template("board_none.html", round=board.round)
    rows = {row.id: row for row in board.rows}
    loads = {load.id: load for load in board.loads}
    initiative, consultant = _chosen(rows, loads, refused)
    shown, words = asked_rows()
    kept = [row for row in board.rows if _fits_choice(row, shown, words)]
    if consultant:
        kept.sort(key=lambda row: _place_of(board, row, consultant))
    told, last = told_and_last(board)
    return render_template(
        "board.html",
        round=board.round,
        board=board,
        rows=kept,
        # The chosen one stays in sight, whatever is asked for.
        chosen=rows.get(initiative) if initiative else None,
        candidates=_grouped(board.candidates(initiative)) if initiative else None,
        consultant=loads.get(consultant) if consultant else None,
        loads=sorted(board.loads, key=lambda one: (not one.available, -min(one.places, 1), -one.left)),
        names={number: one.name or unknown() for number, one in board.consultants.items()},
        titles={number: one.name for number, one in board.initiatives.items()},
        tried=lambda row: tried(board, row, consultant or 0),
        counts=_counts(board),
        following=board.next_without(initiative),
        after=after_board(board.round, without=_counts(board)[NOBODY]),
        writes=g.viewer.leads_rounds and board.round.state in WORKED_ON,
        counting=g.viewer.leads_rounds and board.round.state in (RoundState.PAIRING, RoundState.COMPARING),
        place={name: text for name, text in (("toon", shown), ("zoek", words)) if text},
        shown=shown,
        words=words,
        refused=refused,
        told=told,
        last=last,
        more_keys=KEYS,
        SHOWN=SHOWN,
        STATES=STATES,
        REASON=REASON,
        SEARCH_LIMIT=SEARCH_LIMIT,
        fit_words=fit_words,
        hours_words=hours_words,
        unknown=unknown,
    )


def asked_rows() -> tuple[str, str]:
    """Which rows are asked for: a key of :data:`SHOWN`, and words that their names hold."""
    shown = request.values.get("toon", "")
    return shown if shown in SHOWN else "", " ".join(request.values.get("zoek", "").split())[:SEARCH_LIMIT]


def number_asked(name: str) -> int | None:
    """A number in the address or the form; None = there is none."""
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def told_and_last(board: Board) -> tuple[str, Done | None]:
    """What was just done here, in a sentence that is told once; and the change that can be taken back."""
    kept = session.get(KEPT) or {}
    if kept.get("round") != board.round.id:
        return "", None
    tell = kept.pop("tell", None)
    session.modified = session.modified or tell is not None
    done = kept.get("done") or []
    said = sentence(board, Done(*tell[1:]), undone=tell[0]) if tell else ""
    return said, Done(*done[-1]) if done and g.viewer.leads_rounds else None


def sentence(board: Board, done: Done, *, undone: bool = False) -> str:
    """What was done, in one sentence with names."""
    title = board.initiatives[done.initiative].name if done.initiative in board.initiatives else "?"

    def name(number: int | None) -> str:
        one = board.consultants.get(number or 0)
        return one.name if one is not None and one.name else unknown()

    values = {"name": name(done.after), "title": title, "before": name(done.before)}
    if undone:
        return str(_("Ongedaan gemaakt: %(what)s", what=sentence(board, done)))
    if done.deed == "pair" and done.before is not None:
        return str(_("%(name)s staat nu bij ‘%(title)s’, in plaats van %(before)s.", **values))
    said = {
        "pair": _("%(name)s staat nu bij ‘%(title)s’.", **values),
        "take": _("%(before)s staat niet meer bij ‘%(title)s’.", **values),
        "pin": _("%(name)s staat vast bij ‘%(title)s’.", **values),
        "unpin": _("%(name)s staat niet meer vast bij ‘%(title)s’.", **values),
        "forbid": _("%(name)s mag niet bij ‘%(title)s’.", **values),
        "allow": _("%(name)s mag weer bij ‘%(title)s’.", **values),
    }
    return str(said[done.deed])


def _chosen(
    rows: Mapping[int, Row], loads: Mapping[int, Load], refused: Refused | None
) -> tuple[int | None, int | None]:
    """The initiative or the consultant that is chosen; never both."""
    initiative = refused.initiative if refused and refused.initiative else number_asked("bij")
    if request.method == "GET":
        initiative = number_asked("initiatief")
    if initiative in rows:
        return initiative, None
    consultant = number_asked("consultant" if request.method == "GET" else "voor")
    return None, consultant if consultant in loads else None


def _fits_choice(row: Row, shown: str, words: str) -> bool:
    wanted = {
        "": True,
        "zonder": row.state == NOBODY,
        "met": row.state != NOBODY,
        "let-op": row.state in (DESPITE, CONFLICT),
        "vast": row.match_id is not None or (row.look is not None and row.look.pinned),
    }[shown]
    one = row.initiative
    text = " ".join(
        (one.name, one.municipality, one.place or "", row.consultant.name if row.consultant else "")
    )
    return wanted and all(word in text.casefold() for word in words.casefold().split())


def _place_of(board: Board, row: Row, consultant_id: int) -> tuple[bool, int, int]:
    """Where a row stands when a consultant is chosen: what that one has, then where it fits best."""
    if row.consultant is not None and row.consultant.consultant_id == consultant_id:
        return (False, 0, 0)
    found = tried(board, row, consultant_id)
    return (True, found["order"], -found["fit"])


def _grouped(found: list[tuple[Load, Look]]) -> list[list[tuple[Load, Look]]]:
    """Who may, who may with a written reason, who can't."""
    return [[one for one in found if order_of(one[1]) == order] for order in range(3)]


def _counts(board: Board) -> dict[str, int]:
    """Numbers above the board: rows by state, and half hours used and offered."""
    counts = dict.fromkeys(STATES, 0)
    for row in board.rows:
        counts[row.state] += 1
    counts["rows"] = len(board.rows)
    counts["offered"] = sum(load.half_hours for load in board.loads if load.available)
    counts["used"] = sum(load.half_hours - load.left for load in board.loads)
    return counts
