"""Of which municipality a page of channels is: a municipality's own, or the one that staff chose."""

import re
from dataclasses import dataclass

from flask import g, request
from sqlalchemy import func, select

from models.municipality import Municipality
from review.asked import CONTROLS, MUNICIPALITY
from review.database import db

#: In addresses and forms: the network's own, of all municipalities together.
NETWORK = "netwerk"


@dataclass(frozen=True)
class Choice:
    """What was chosen; neither when nothing was, or nothing that there is."""

    #: CBS code.
    code: str | None = None
    network: bool = False

    @property
    def asked(self) -> str:
        """As addresses carry it; empty = nothing was chosen."""
        return NETWORK if self.network else self.code or ""

    @property
    def made(self) -> bool:
        """Whether anything was chosen."""
        return self.network or self.code is not None


def choice(*, with_network: bool = False) -> Choice:
    """The municipality that this request is about: a municipality has no choice.

    Args:
        with_network: the network itself can be chosen too.
    """
    if not g.viewer.keeps_sources:
        return Choice(code=g.viewer.municipality_code)
    wanted = request.values.get("gemeente", "")
    if wanted == NETWORK and with_network:
        return Choice(network=True)
    if not MUNICIPALITY.fullmatch(wanted) or db.session.get(Municipality, wanted) is None:
        return Choice()
    return Choice(code=wanted)


def all_municipalities() -> list[tuple[str, str]]:
    """Code and name of every municipality, by name."""
    rows = db.session.execute(
        select(Municipality.code, Municipality.name).order_by(func.lower(Municipality.name))
    )
    return [(row[0], row[1]) for row in rows]


def line_sent(name: str) -> str:
    """A line that a form sent, without outer space and stray characters."""
    return re.sub(r" +", " ", CONTROLS.sub(" ", request.form.get(name, ""))).strip()
