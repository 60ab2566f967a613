"""Advice after a decline or when somebody left: what would change on the board, and taking that over."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from matching.snapshot import of_text
from models.store.pairing import locked_pairs, pairs_of, put_pair, take_pair
from models.store.round_jobs_list import newest_answer
from models.store.rounds import RoundError, consultants_of, hold_round, initiatives_of
from models.store.viewer import Viewer
from models.words import JobPurpose, PairingKind
from review.round_explained import fit_words, named, rules_words


class AdviceGoneError(RoundError):
    """There is no such advice any more."""


@dataclass(frozen=True)
class Change:
    """One initiative that would get another consultant, or one at last, or none."""

    initiative_id: int
    #: None = nobody.
    now_id: int | None
    then_id: int | None
    #: Of the new pair: 0 to 1000, and the soft rules that it breaks.
    fit: int
    broken: tuple[str, ...]
    #: In words.
    name: str
    now: str
    then: str
    fit_words: str
    despite: str


@dataclass(frozen=True)
class Advice:
    """What would change on the board."""

    job_id: int
    done_at: datetime
    changes: tuple[Change, ...]
    #: Names of the initiatives for which it found nobody.
    without: tuple[str, ...]

    @property
    def stand(self) -> str:
        """A short hash of what would change: another one when the board or the advice is another by now."""
        told = [(one.initiative_id, one.now_id, one.then_id) for one in self.changes]
        return hashlib.sha256(json.dumps([self.job_id, told]).encode()).hexdigest()[:16]


def advice_of(session: Session, viewer: Viewer, round_id: int) -> Advice | None:
    """The newest advice as it differs from the board now; None = there is none, or none that can be read.

    Pairs of which a proposal was made stay as they are, whatever the advice says.

    Raises:
        models.store.rounds.RoundNotFoundError: no such round, or not for this viewer.
    """
    answer = newest_answer(session, viewer, round_id, JobPurpose.MENDING)
    if answer is None:
        return None
    then: Mapping[int, tuple[int, int, list[str]]] = {
        initiative: (consultant, fit, broken)
        for initiative, consultant, fit, broken in answer.result["pairs"]
    }
    now = {pair.initiative_id: pair.consultant_id for pair in pairs_of(session, round_id, PairingKind.FINAL)}
    locked = locked_pairs(session, round_id)
    try:
        asked = {one.key for one in of_text(answer.problem).initiatives}
    except ValueError:
        # Another version of the product asked for it: ask anew.
        return None
    people = {
        str(one.consultant_id): one.name
        for one in consultants_of(session, viewer, round_id)
        if one.out_at is None
    }
    changes, without = [], []
    for initiative in initiatives_of(session, viewer, round_id):
        number = initiative.initiative_id
        there = initiative.selected and initiative.out_at is None
        # Of an initiative that came later the advice knows nothing, so it stays as it is.
        if number in locked or not there or str(number) not in asked:
            continue
        new, fit, broken = then.get(number, (None, 0, []))
        if new is not None and str(new) not in people:
            continue
        if new is None:
            without.append(initiative.name)
        if new == now.get(number):
            continue
        changes.append(
            Change(
                number,
                now.get(number),
                new,
                fit,
                tuple(broken),
                initiative.name,
                _who(people, now.get(number)),
                _who(people, new),
                fit_words(fit) if new is not None else "",
                rules_words(broken),
            )
        )
    return Advice(answer.job_id, answer.done_at, tuple(changes), tuple(without))


def _who(people: Mapping[str, str], consultant_id: int | None) -> str:
    return "" if consultant_id is None else named(people, str(consultant_id))


def take_advice(session: Session, viewer: Viewer, round_id: int, stand: str, *, now: datetime) -> int:
    """Let the board be as the newest advice says; all of it, or nothing. The caller commits.

    Args:
        stand: :attr:`Advice.stand` as it was shown, so that nobody undoes unseen what others did since.

    Returns:
        How many initiatives changed.

    Raises:
        AdviceGoneError: another advice came meanwhile, none is left, or the board was changed.
        models.store.rounds.RoundError: the board has changed so that it can't be.
    """
    hold_round(session, viewer, round_id)
    advice = advice_of(session, viewer, round_id)
    if advice is None or stand != advice.stand:
        raise AdviceGoneError("there is no such advice any more")
    # First all that goes, so that there is room for what comes.
    for one in advice.changes:
        if one.now_id is not None:
            take_pair(session, round_id, one.initiative_id, viewer=viewer, seen=one.now_id, now=now)
    for one in advice.changes:
        if one.then_id is not None:
            put_pair(
                session,
                round_id,
                one.initiative_id,
                one.then_id,
                viewer=viewer,
                seen=None,
                fit=one.fit,
                broken=one.broken,
                now=now,
            )
    return len(advice.changes)
