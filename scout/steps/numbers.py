"""Numbers of one person, and ways to reach one, out of any text before it is stored. Pure."""

import re

from scout.steps.contacts import without_contacts

ACCOUNT = "een rekeningnummer"
CITIZEN = "een burgerservicenummer"
PLATE = "een kenteken"

_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
#: Nine digits, together or in threes or as 1234.56.789; whether they are a citizen's is worked out.
_NINE = re.compile(
    r"(?<![\w.,+/-])(?:\d{9}|\d{3}([ .])\d{3}\1\d{3}|\d{4}([ .])\d{2}\2\d{3})(?![\w/-]|[.,]\d)"
)
#: What stands right before a number of something else; one in eleven of those passes the check too.
_OF_SOMETHING_ELSE = re.compile(
    r"(?:kvk|rsin|btw|isbn|anbi|fiscaal|kamer van koophandel|€|euro)[\w./ -]{0,24}[: ]*$", re.IGNORECASE
)
#: Parts of Dutch number plates: hyphens between them wherever they are written, and since 1978 no vowels.
_SIGNS = {"x": "[B-DF-HJ-NP-TV-XZ]", "9": "[0-9]"}
_FORMS = """
    xx-99-99 99-99-xx 99-xx-99 xx-99-xx xx-xx-99 99-xx-xx 99-xxx-9 9-xxx-99 xx-999-x x-999-xx xxx-99-x
    x-99-xxx 9-xx-999 999-xx-9
"""
_PLATE = re.compile(
    r"(?<![\w-])(?:"
    + "|".join("".join(_SIGNS.get(sign, sign) for sign in form) for form in _FORMS.split())
    + r")(?![\w-])"
)


def without_numbers(text: str) -> str:
    """Plain text with neutral words for e-mail addresses and for numbers of telephones, bank accounts (that
    pass their check), citizens (likewise) and number plates. Doing it again changes nothing."""
    found = _ACCOUNT.sub(_account, text)
    found = _NINE.sub(_citizen, found)
    return without_contacts(_PLATE.sub(PLATE, found))


def _account(match: re.Match[str]) -> str:
    compact = match[0].replace(" ", "")
    digits = "".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])
    return ACCOUNT if int(digits) % 97 == 1 else match[0]


def _citizen(match: re.Match[str]) -> str:
    digits = [int(sign) for sign in match[0] if sign.isdigit()]
    total = sum(weight * digit for weight, digit in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=True))
    before = match.string[max(match.start() - 48, 0) : match.start()]
    return match[0] if total % 11 or not any(digits) or _OF_SOMETHING_ELSE.search(before) else CITIZEN
