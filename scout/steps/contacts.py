"""E-mail addresses and telephone numbers, out of texts. Pure."""

import re

EMAIL = "een e-mailadres"
PHONE = "een telefoonnummer"

_EMAIL = re.compile(r"(?:mailto:)?(?<![\w.+@-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w@])")
#: Dutch numbers, ten digits with a zero before them or with the country's code, and international ones.
_PHONE = re.compile(
    # Neither a day nor a number of the chamber of commerce.
    r"(?<!kvk )(?<!kvk: )(?<!kvk-nummer )(?<!kvk-nummer: )(?<!kvk nummer )"
    r"(?!\(?\d\d?([-/.])\d\d?\1(?:19|20)\d\d(?!\d))"
    r"(?:(?<![\w./=-])(?:(?:\+|00)31[ .-]?(?:\(0\))?[ .-]?|\(?0(?=[1-9]))"
    r"[1-9]?\d?(?:[ .()/-]{0,3}\d){7,8}(?!\w)"
    r"|(?<![\w./=-])\+[1-9]\d{0,2}(?:[ .()-]{0,2}\d){7,11}(?!\w))",
    re.IGNORECASE,
)


def without_contacts(text: str) -> str:
    """Plain text with a neutral word in the place of each e-mail address and telephone number."""
    return _PHONE.sub(PHONE, _EMAIL.sub(EMAIL, text))
