"""What every writer and reader of matches shares: errors, who speaks for whom, and what can be done when."""

from collections.abc import Mapping
from enum import StrEnum

from models.store.viewer import Viewer
from models.words import MatchState, Party, RoundState

#: Whose word a proposal waits for.
ASKED = (Party.CONSULTANT, Party.EMPLOYER, Party.HOST)
#: States in which the pair of a match is taken: nobody else is proposed for the initiative.
LIVE = frozenset({MatchState.PROPOSED, MatchState.AGREED, MatchState.DEPLOYED, MatchState.FINISHED})
#: States in which a match goes on.
OPEN = LIVE - {MatchState.FINISHED}
#: States in which a party may answer, or think better of it.
ANSWERED_IN = frozenset({MatchState.PROPOSED, MatchState.AGREED})
#: States of a round in which its matches are worked on.
ROUND_STATES = (RoundState.PROPOSING, RoundState.DEPLOYED)

#: Kinds of messages of this part; their words: ``review.match_mail.KINDS``.
REQUEST, REMINDER, AGREED, BEGUN, STOPPED = "verzoek", "herinnering", "akkoord", "begonnen", "gestopt"

#: Most characters of a reason, and of the recommendations.
REASON_LIMIT, RECOMMENDATIONS_LIMIT = 500, 5000
#: Most half hours that can have been spent.
MOST_SPENT = 4000


class MatchAct(StrEnum):
    """What can be done with one match by who leads rounds, and some of it by the host municipality."""

    DEPLOY = "inzetten"
    FINISH = "afronden"
    STOP = "stoppen"


#: What the host municipality does too: it knows when the work began and how it ended.
HOST_ACTS = frozenset({MatchAct.DEPLOY, MatchAct.FINISH})
#: What can be done in which state.
ACTS: dict[MatchAct, frozenset[MatchState]] = {
    MatchAct.DEPLOY: frozenset({MatchState.AGREED}),
    MatchAct.FINISH: frozenset({MatchState.DEPLOYED}),
    MatchAct.STOP: OPEN,
}


class MatchError(Exception):
    """A match can't be changed so; nothing was."""


class MatchNotFoundError(MatchError):
    """No match with this number that this viewer may see."""


class MatchNotAllowedError(MatchError):
    """This account may not do this with this match."""


class MatchStateError(MatchError):
    """Not in the state that the match, or its round, is in now."""

    def __init__(self, message: str, state: MatchState) -> None:
        super().__init__(message)
        self.state = state


class StaleMatchError(MatchError):
    """Somebody else changed the match since it was shown."""

    def __init__(self, version: int) -> None:
        super().__init__("the match has changed since it was shown")
        #: The version that it has now.
        self.version = version


class InvalidMatchError(MatchError):
    """Fields that can't be taken: name of the field -> a word for what is wrong.

    Words: ``empty``, ``long``, ``early``, ``late``, ``bounds``.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {word}" for name, word in problems.items()))
        self.problems = dict(problems)


def speaks_for(viewer: Viewer, *, host_code: str, employer_code: str) -> frozenset[Party]:
    """For which parties this viewer may answer.

    A municipality answers as host of its own initiative, and as employer of its own consultant; the
    consultant answers by the own link. Who leads rounds may write down what any of them said.
    """
    if viewer.leads_rounds:
        return frozenset(ASKED)
    if not viewer.answers:
        return frozenset()
    sides = {Party.HOST: host_code, Party.EMPLOYER: employer_code}
    return frozenset(party for party, code in sides.items() if code == viewer.municipality_code)


def may_act(viewer: Viewer, act: MatchAct, *, host_code: str) -> bool:
    """Whether this viewer may do this with a match of the host municipality ``host_code``."""
    hosts = viewer.answers and viewer.municipality_code == host_code
    return viewer.leads_rounds or (hosts and act in HOST_ACTS)
