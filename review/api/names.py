"""The words of the API for the words in the code, and back: Dutch, in camelCase.

They are part of the contract: never translated, and never changed once used.
"""

from enum import StrEnum
from typing import TypeVar

from models.store.handed_in_list import Became
from models.store.leads_list import Order
from models.store.round_seeding import Refusal
from models.words import (
    Answer,
    Channel,
    DecisionKind,
    Ending,
    Informed,
    LeadStatus,
    MatchState,
    Outcome,
    Party,
    Phase,
    RoundState,
    SelectionMethod,
    ShareStatus,
)

Word = TypeVar("Word", bound=StrEnum)

LEAD_STATUSES: dict[LeadStatus, str] = {
    LeadStatus.OPEN: "open",
    LeadStatus.SNOOZED: "uitgesteld",
    LeadStatus.PROMOTED: "opgenomen",
    LeadStatus.REJECTED: "afgewezen",
    LeadStatus.KNOWN: "alBekend",
    LeadStatus.MERGED: "samengevoegd",
    LeadStatus.WITHDRAWN: "ingetrokken",
    LeadStatus.EXPIRED: "verlopen",
}

ORDERS: dict[Order, str] = {
    Order.MIXED: "gemengd",
    Order.SCORE: "score",
    Order.NEWEST: "nieuwste",
}

DECISIONS: dict[DecisionKind, str] = {
    DecisionKind.PROMOTE: "opnemen",
    DecisionKind.REJECT: "afwijzen",
    DecisionKind.KNOWN: "alBekend",
    DecisionKind.SNOOZE: "uitstellen",
    DecisionKind.MERGE: "samenvoegen",
    DecisionKind.SPLIT: "splitsen",
    DecisionKind.UNDO: "terugdraaien",
}

PHASES: dict[Phase, str] = {
    Phase.SIGNALLED: "gesignaleerd",
    Phase.IN_CONTACT: "inContact",
    Phase.GUIDED: "begeleid",
    Phase.FINISHED: "afgerond",
    Phase.STOPPED: "gestopt",
}

INFORMED: dict[Informed, str] = {
    Informed.TO_DO: "nogTeDoen",
    Informed.DONE: "gedaan",
    Informed.NOT_NEEDED: "nietNodig",
}

SHARE_STATUSES: dict[ShareStatus, str] = {
    ShareStatus.OFFERED: "aangeboden",
    ShareStatus.SEEN: "gezien",
    ShareStatus.ANSWERED: "beantwoord",
    ShareStatus.IN_CONTACT: "inContact",
    ShareStatus.CLOSED: "gesloten",
    ShareStatus.LAPSED: "verlopen",
    ShareStatus.WITHDRAWN: "ingetrokken",
}

ANSWERS: dict[Answer, str] = {
    Answer.TAKEN_UP: "opgepakt",
    Answer.KNOWN: "alBekend",
    Answer.NOT_OURS: "nietVanOns",
    Answer.NO_INITIATIVE: "geenInitiatief",
    Answer.LATER: "later",
}

ENDINGS: dict[Ending, str] = {
    Ending.HELPED: "geholpen",
    Ending.MATCHING: "naarRonde",
    Ending.ON_ITS_OWN: "zelfstandig",
    Ending.NO_CONTACT: "geenContact",
    Ending.STOPPED: "gestopt",
}

CHANNELS: dict[Channel, str] = {
    Channel.FORM: "formulier",
    Channel.UPLOAD: "bestand",
    Channel.EMAIL: "email",
    Channel.API: "api",
}

BECAME: dict[Became, str] = {
    Became.WAITING: "wacht",
    Became.LEAD: "signaal",
    Became.TAKEN: "verwerkt",
    Became.KNOWN: "alBekend",
    Became.REFUSED: "nietVerwerkt",
}

#: Why something that was handed in is not looked at further.
REFUSALS: dict[Outcome, str] = {
    Outcome.NO_TEXT: "teWeinigTekst",
    Outcome.NO_LINK: "geenGeldigAdres",
    Outcome.LANGUAGE: "nietNederlands",
    Outcome.TOO_OLD: "teOud",
    Outcome.SUPPRESSED: "bezwaar",
    Outcome.ERROR: "fout",
}

ROUND_STATES: dict[RoundState, str] = {
    RoundState.SEEDING: "samenstellen",
    RoundState.SELECTION: "kiezen",
    RoundState.PAIRING: "koppelen",
    RoundState.COMPARING: "vergelijken",
    RoundState.PROPOSING: "voorstellen",
    RoundState.DEPLOYED: "uitvoeren",
    RoundState.CLOSED: "afgesloten",
    RoundState.CANCELLED: "gestopt",
}

METHODS: dict[SelectionMethod, str] = {
    SelectionMethod.POINTS: "punten",
    SelectionMethod.APPROVAL: "instemming",
}

MATCH_STATES: dict[MatchState, str] = {
    MatchState.PROPOSED: "voorgesteld",
    MatchState.AGREED: "akkoord",
    MatchState.DECLINED: "afgewezen",
    MatchState.DEPLOYED: "ingezet",
    MatchState.FINISHED: "afgerond",
    MatchState.STOPPED: "gestopt",
}

#: Those whose word counts for a match.
PARTIES: dict[Party, str] = {
    Party.CONSULTANT: "consultant",
    Party.EMPLOYER: "werkgever",
    Party.HOST: "ontvanger",
}

#: Why an initiative was not put into a round.
NOT_PUT_IN: dict[Refusal, str] = {
    Refusal.GONE: "weg",
    Refusal.NO_PART: "doetNietMee",
}


def meaning(words: dict[Word, str], text: str) -> Word:
    """What a word of the API stands for; it is one of ``words``."""
    return next(key for key, word in words.items() if word == text)
