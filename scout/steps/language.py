"""Which language a text is in; refused is only what is surely none of ours."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

UNKNOWN = "und"


@dataclass(frozen=True)
class Language:
    """The language of a text."""

    #: ISO 639 code, e.g. ``nl``, ``fy``, ``nds`` or ``de``; ``und`` when nothing can be said.
    code: str
    #: Sure enough to refuse a text for it.
    sure: bool


#: Never refused: the languages of the country and what an identifier takes them for.
#: ``zxx`` and ``und`` are no language at all (lists, figures, names).
WELCOME = frozenset({"nl", "fy", "nds", "li", "zea", "vls", "en", "af", "lb", "pcm", "zxx", UNKNOWN})

#: A text of at most this many characters is never refused.
LONG_ENOUGH = 200
#: Characters of a text that are looked at.
_LOOKED_AT = 4000

#: Small words of our own languages make up at least this part of a text that stays.
_ENOUGH_SMALL_WORDS = 0.10
#: Probability from which the identifier is believed.
_SURE = 0.95


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Small words that one of our languages has for itself: big neighbours don't use them much ("de", "en", "in",
#: "die", "was" are left out), nor, for the smaller ones, does Dutch. The identifier knows no Low Saxon or
#: Limburgish at all.
SMALL_WORDS: dict[str, frozenset[str]] = {
    "nl": _words(
        "het een van op voor met zijn niet aan ook maar bij naar uit wordt worden werd heeft hebben deze "
        "dit om tot nog kan meer geen wel hun ze zij onze ons wij je jullie dat haar waar moet kunnen zal "
        "zich veel weer onder tussen tijdens omdat te daar hoe wat toen uur jaar mensen"
    ),
    "fy": _words(
        "it fan foar mei oan ek nei út wurdt wurde waard hawwe oer troch gjin harren hja dy't wa't dêr yn "
        "wy ús syn binne wiene minsken jier moat soe kinne noch sizze is jûn wol"
    ),
    "nds": _words(
        "veur vuur naor noar doar daor dij dee hebt hef bint bunt oet uut gien gain nait neet nich joar "
        "jaor lu leu luu t n nen olde oale olle disse wodden warken meinsen meensken aal ok mekaar mekoar "
        "mekare wi-j ie kloor zuuk zuukt bie d'r mor goan mien"
    ),
    "li": _words(
        "veur veer weej neet ouch höbbe hebbe haet zeen waor dao get oet euver 'ne nao edere luuj miense "
        "minse zien wae waat mörge ozze vaan now gans"
    ),
    "en": _words(
        "the of and to is that for with on are this be by from have has they will their you not at or it "
        "as who can which our we people there were been"
    ),
}
_ALL_SMALL_WORDS = frozenset().union(*SMALL_WORDS.values())


def detect(text: str, hint: str = "") -> Language:
    """The language of a clean text.

    Args:
        hint: what the source claims, e.g. ``nl-NL``; used only when the text itself does not tell.
    """
    sample = text[:_LOOKED_AT]
    claimed = Language(hint.strip().lower().replace("_", "-").split("-")[0] or UNKNOWN, False)
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|['’][^\W\d_]{1,2}\b", sample.lower())
    if len(words) < 4 and len(sample) < 40:
        return claimed
    if _share(words, _ALL_SMALL_WORDS) >= _ENOUGH_SMALL_WORDS:
        code = max(SMALL_WORDS, key=lambda each: _share(words, SMALL_WORDS[each]))
        return Language(code, len(words) >= 20)
    found, probability = _identifier().classify(sample)
    if probability < _SURE and claimed.code != UNKNOWN:
        return claimed
    return Language(found if probability >= 0.5 else UNKNOWN, probability >= _SURE)


def refused(language: Language, text: str) -> bool:
    """Whether a text is refused for its language: only a long one that is surely in a foreign language."""
    return language.sure and language.code not in WELCOME and len(text) > LONG_ENOUGH


def _share(words: list[str], small: frozenset[str]) -> float:
    return sum(word.replace("’", "'") in small for word in words) / max(len(words), 1)


@cache
def _identifier() -> Any:
    # 70 MB and half a second: loaded only for the first text that its small words do not tell.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
