"""Variable parts of addresses: each as strict as its regular expression, so that all else is 404."""

from typing import Any

from werkzeug.routing import BaseConverter, IntegerConverter, Map

#: Largest number of anything: what both databases take.
LARGEST = 2147483647


class NumberConverter(IntegerConverter):
    """Number of a thing: 1 to :data:`LARGEST`.

    By the expression alone: a number that was refused only after it fitted would make an address of another
    method fit, and the answer 405.
    """

    regex = (
        "[1-9][0-9]{0,8}|1[0-9]{9}|20[0-9]{8}|21[0-3][0-9]{7}|214[0-6][0-9]{6}|2147[0-3][0-9]{5}"
        "|21474[0-7][0-9]{4}|214748[0-2][0-9]{3}|2147483[0-5][0-9]{2}|21474836[0-3][0-9]|214748364[0-7]"
    )

    def __init__(self, map: Map, **more: Any) -> None:
        super().__init__(map, min=1, max=LARGEST, **more)


class CodeConverter(BaseConverter):
    """CBS code of a municipality."""

    regex = "GM[0-9]{4}"


class KeyConverter(BaseConverter):
    """Key of a source."""

    regex = "[a-z0-9]+(?:-[a-z0-9]+)*"


#: Name in rules -> what reads it.
CONVERTERS: dict[str, type[BaseConverter]] = {
    "nummer": NumberConverter,
    "gemeente": CodeConverter,
    "bron": KeyConverter,
}
