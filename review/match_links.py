"""Secret links about a match: whoever has one speaks for one party, without an account.

A link is worked out from the match, its salt, the party and what the link is for, under the secret key of the
product; it is kept nowhere. What it is for is part of it: the link of an answer opens no evaluation.
"""

import hmac
import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.keys import keyed_hash
from models.match import Match
from models.words import Moment, Party

#: What a link can be for: answering a proposal, or the evaluation of one moment.
ANSWER = "antwoord"
#: One letter each in a link, which has to fit on a line of a mail.
PARTIES = {Party.CONSULTANT: "c", Party.EMPLOYER: "w", Party.HOST: "o", Party.INITIATOR: "i"}
PURPOSES = {ANSWER: "a", Moment.START.value: "s", Moment.AFTERWARDS.value: "n", Moment.HALF_YEAR.value: "h"}
SHAPE = re.compile(r"([1-9]\d{0,9})([cwoi])([asnh])-([0-9a-f]{32})")
#: Highest number that the database takes.
HIGHEST = 2_147_483_647


@dataclass(frozen=True)
class MatchLink:
    """Whom and what a link is for."""

    match_id: int
    party: Party
    #: :data:`ANSWER` or the value of a :class:`~models.words.Moment`.
    purpose: str


def token_of(secret: bytes, match: Match, party: Party, purpose: str) -> str:
    """The last part of a link: 36 characters or a few more.

    Args:
        purpose: :data:`ANSWER` or the value of a :class:`~models.words.Moment`.
    """
    return (
        f"{match.id}{PARTIES[party]}{PURPOSES[purpose]}-{_word(secret, match.id, match.salt, party, purpose)}"
    )


def read_token(session: Session, secret: bytes, token: str) -> MatchLink | None:
    """What a link is for; None = it is none of ours.

    Whether it still opens something (the match may have ended) is for the caller to say; so is refusing a
    purpose that is not its own.
    """
    shape = SHAPE.fullmatch(token)
    if shape is None or int(shape[1]) > HIGHEST:
        return None
    match_id = int(shape[1])
    party = next(party for party, letter in PARTIES.items() if letter == shape[2])
    purpose = next(purpose for purpose, letter in PURPOSES.items() if letter == shape[3])
    match = session.get(Match, match_id)
    # A word is compared also when there is nothing to compare it with, so that time tells nothing.
    right = _word(secret, match_id, match.salt if match is not None else "", party, purpose)
    same = hmac.compare_digest(right, shape[4])
    return MatchLink(match_id, party, purpose) if match is not None and same else None


def _word(secret: bytes, match_id: int, salt: str, party: Party, purpose: str) -> str:
    return keyed_hash(secret, "match link", str(match_id), salt, party.value, purpose)
