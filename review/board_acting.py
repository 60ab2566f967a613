"""What the forms of the board do: pair, take away, pin, forbid, take the last change back."""

from collections.abc import Callable
from typing import Any

from flask import abort, g, redirect, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models.store.pairing import (
    MOST_MINUTES,
    BrokenRuleError,
    NotInRoundError,
    ReasonNeededError,
    StalePairError,
    mark,
    put_pair,
    set_minutes,
    take_pair,
)
from models.store.round_rules import RoundError, RoundNotAllowedError, RoundNotFoundError, hold_round
from review.actions import written
from review.board import KEPT, Done, Refused, asked_rows, blueprint, board_of, number_asked, page_of
from review.board_look import Board
from review.board_words import refused_words
from review.consultant_words import unknown
from review.database import writing

#: Changes that can be taken back, the newest first; the cookie holds no more.
REMEMBERED = 20


class NothingToUndoError(RoundError):
    """Nothing was done here that can be taken back."""


class NoMinutesError(Exception):
    """What was filled in is no number of minutes."""


def _pair(store: Session, round_id: int) -> Done | None:
    """Put a consultant beside an initiative, perhaps from another one, perhaps with a reason."""
    initiative, consultant, seen = _both()
    moved, reason = number_asked("van"), written(request.form, "reden")
    hold_round(store, g.viewer, round_id)
    if moved is not None and moved != initiative:
        take_pair(store, round_id, moved, viewer=g.viewer, seen=consultant)
    else:
        moved = None
    if reason:
        mark(store, round_id, initiative, consultant, viewer=g.viewer, reason=reason)
    if not put(store, round_id, initiative, consultant, seen):
        return None
    return Done("pair", initiative, seen, consultant, moved, bool(reason))


def put(store: Session, round_id: int, initiative: int, consultant: int, seen: int | None) -> bool:
    """Put a pair after it was looked at, with the round held.

    Raises:
        models.store.round_rules.RoundError: it can't be; nothing was changed.
    """
    board = Board(store, g.viewer, round_id)
    if not board.knows(initiative, consultant):
        raise NotInRoundError("not in this round")
    look = board.look(initiative, consultant)
    pair = board.pairs.get(initiative)
    if pair is not None and pair.consultant_id not in (seen, consultant):
        raise StalePairError(pair.consultant_id)
    if look.hard:
        raise BrokenRuleError(look.hard[0].value)
    if look.soft and not look.reason:
        raise ReasonNeededError("this pair breaks soft rules")
    return put_pair(
        store,
        round_id,
        initiative,
        consultant,
        viewer=g.viewer,
        seen=seen,
        fit=look.fit,
        broken=[rule.value for rule in look.soft],
    )


def _take(store: Session, round_id: int) -> Done | None:
    initiative, _consultant, seen = _both(alone=True)
    if not take_pair(store, round_id, initiative, viewer=g.viewer, seen=seen):
        return None
    return Done("take", initiative, seen, None)


def _pin(store: Session, round_id: int) -> Done | None:
    initiative, consultant, _seen = _both()
    pinned = request.form.get("aan") == "ja"
    if pinned:
        # Only what stands there: who pins, has looked at it.
        hold_round(store, g.viewer, round_id)
        pair = Board(store, g.viewer, round_id).pairs.get(initiative)
        if pair is None or pair.consultant_id != consultant:
            raise StalePairError(pair.consultant_id if pair is not None else None)
    mark(store, round_id, initiative, consultant, viewer=g.viewer, pinned=pinned)
    return Done("pin" if pinned else "unpin", initiative, None, consultant)


def _forbid(store: Session, round_id: int) -> Done | None:
    initiative, consultant, _seen = _both()
    forbidden = request.form.get("aan") == "ja"
    hold_round(store, g.viewer, round_id)
    pair = Board(store, g.viewer, round_id).pairs.get(initiative)
    stood = consultant if pair is not None and pair.consultant_id == consultant else None
    mark(store, round_id, initiative, consultant, viewer=g.viewer, forbidden=forbidden)
    return Done("forbid" if forbidden else "allow", initiative, stood if forbidden else None, consultant)


def _undo(store: Session, round_id: int) -> Done | None:
    """Take the newest change of this visitor back, if it still stands as it was made."""
    done = _kept(round_id)["done"]
    if not done:
        raise NothingToUndoError("nothing to take back")
    # Gone from the list also when it can't be taken back: what lies under it would stay out of reach.
    last = Done(*done.pop())
    session.modified = True
    hold_round(store, g.viewer, round_id)
    _take_back(store, round_id, last)
    return last


def _take_back(store: Session, round_id: int, last: Done) -> None:
    initiative, before, after = last.initiative, last.before, last.after
    if last.deed == "pair":
        assert after is not None
        if not take_pair(store, round_id, initiative, viewer=g.viewer, seen=after):
            raise StalePairError(None)
        if last.reasoned:
            mark(store, round_id, initiative, after, viewer=g.viewer, reason="")
        if before is not None:
            put(store, round_id, initiative, before, None)
        if last.moved_from is not None:
            put(store, round_id, last.moved_from, after, None)
    elif last.deed == "take":
        assert before is not None
        put(store, round_id, initiative, before, None)
    else:
        assert after is not None
        demands: dict[str, dict[str, Any]] = {
            "pin": {"pinned": False},
            "unpin": {"pinned": True},
            "forbid": {"forbidden": False},
            "allow": {"forbidden": True},
        }
        mark(store, round_id, initiative, after, viewer=g.viewer, **demands[last.deed])
        if last.deed == "forbid" and before is not None:
            put(store, round_id, initiative, before, None)


def _minutes(store: Session, round_id: int) -> Done | None:
    text = written(request.form, "minuten")
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= MOST_MINUTES and len(text) < 9):
        raise NoMinutesError(text)
    set_minutes(store, round_id, int(text), viewer=g.viewer)
    return None


#: Last part of the address -> what it does.
ACTS: dict[str, Callable[[Session, int], Done | None]] = {
    "koppelen": _pair,
    "losmaken": _take,
    "vastzetten": _pin,
    "verbieden": _forbid,
    "ongedaan": _undo,
    "minuten": _minutes,
}
ACT = f"any({','.join(ACTS)})"


@blueprint.post(f"/<{ACT}:act>")
def act(round_id: int, act: str) -> Response | tuple[str, int]:
    """Change something on the board and show it again."""
    try:
        with writing() as store:
            done = ACTS[act](store, round_id)
    except RoundNotFoundError:
        abort(404)
    except RoundNotAllowedError as error:
        abort(403, refused_words(error))
    except (RoundError, NoMinutesError) as error:
        refused, status = _refusal(round_id, error)
        return page_of(round_id, refused), status
    if done is not None:
        kept = _kept(round_id)
        kept["tell"] = [act == "ongedaan", *done.plain()]
        if act != "ongedaan":
            kept["done"] = [*kept["done"], done.plain()][-REMEMBERED:]
        session.modified = True
    return redirect(_address(round_id), code=303)


def _refusal(round_id: int, error: Exception) -> tuple[Refused, int]:
    """What the page says, and its status."""
    if isinstance(error, NoMinutesError):
        said = str(_("Vul een heel getal in, van 0 tot en met %(most)s.", most=MOST_MINUTES))
        return _refused(said, minuten=said), 400
    if isinstance(error, ReasonNeededError):
        said = refused_words(error)
        return _refused(said, reden=said), 400
    if isinstance(error, StalePairError):
        return _refused(_stale_words(round_id, error)), 409
    if isinstance(error, NothingToUndoError):
        return _refused(str(_("Er is niets meer om ongedaan te maken."))), 409
    assert isinstance(error, RoundError)
    return _refused(refused_words(error)), 409


@blueprint.get(f"/<{ACT}:act>")
def back(round_id: int, act: str) -> Response:
    """Where a form was refused and the page is asked for again: the board itself."""
    return redirect(url_for(".index", round_id=round_id), code=303)


def _kept(round_id: int) -> dict[str, Any]:
    """What this visitor did on this board; that of another board is forgotten."""
    found: Any = session.get(KEPT)
    if isinstance(found, dict) and found.get("round") == round_id:
        return found
    kept: dict[str, Any] = {"round": round_id, "done": []}
    session[KEPT] = kept
    return kept


def _both(*, alone: bool = False) -> tuple[int, int, int | None]:
    """Initiative, consultant and who was seen beside it, as sent."""
    initiative, consultant, seen = (number_asked(name) for name in ("initiatief", "consultant", "seen"))
    if initiative is None or (consultant is None and not alone):
        raise NotInRoundError("no initiative or no consultant was sent")
    return initiative, consultant or 0, seen


def _address(round_id: int) -> str:
    """The board with the same choice as before."""
    shown, words = asked_rows()
    chosen: dict[str, Any] = {"initiatief": number_asked("bij"), "consultant": number_asked("voor")}
    return url_for(".index", round_id=round_id, **{"toon": shown or None, "zoek": words or None, **chosen})


def _refused(said: str, **problems: str) -> Refused:
    values = {name: written(request.form, name) for name in ("reden", "minuten")}
    return Refused(said, number_asked("initiatief"), number_asked("consultant"), problems, values)


def _stale_words(round_id: int, error: StalePairError) -> str:
    """Somebody else was first: who stands there now."""
    if error.consultant_id is None:
        return str(_("Hier staat intussen niemand meer. Kijk opnieuw en probeer het nog eens."))
    one = board_of(round_id).consultants.get(error.consultant_id)
    name = one.name if one is not None and one.name else unknown()
    return str(_("Hier staat intussen %(name)s. Kijk opnieuw en probeer het nog eens.", name=name))
