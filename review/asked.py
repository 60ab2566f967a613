"""What addresses and forms ask for, read with care: anything unexpected counts as not asked."""

import re

from flask import request

from models.store.leads import Cursor, Order

#: Largest number that a page asks a database for.
NUMBER = "int(max=2147483647)"
#: Place in the mixed order (left out: 0), score and number of a lead.
CURSOR = re.compile(
    r"(?:(-?\d{1,10})~)?([01](?:\.\d{1,20}(?:e-\d{1,3})?)?|\d(?:\.\d{1,20})?e-\d{1,3})~(\d{1,10})"
)
MUNICIPALITY = re.compile(r"GM\d{4}")


def municipality_asked() -> str | None:
    """CBS code in the address or the form, if it is one."""
    code = request.values.get("gemeente", "")
    return code if MUNICIPALITY.fullmatch(code) else None


def order_asked() -> Order:
    """The order in the address or the form; mixed unless another one is asked for."""
    return Order.SCORE if request.values.get("volgorde") == Order.SCORE else Order.MIXED


def order_shown() -> str | None:
    """The order as addresses carry it: nothing for the mixed one."""
    return order_asked().value if order_asked() is not Order.MIXED else None


def cursor_of(text: str) -> Cursor | None:
    """A place in the list as ``review.shown`` writes it into addresses; None when it is none."""
    match = CURSOR.fullmatch(text)
    return Cursor(float(match[2]), int(match[3]), int(match[1] or 0)) if match else None
