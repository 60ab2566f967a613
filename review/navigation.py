"""The main menu: which pages there are, for whoever may open them."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l

from review.access import ACCESS, admits, current_viewer

#: First page of each part -> its name, and the blueprints of all its pages.
PARTS: dict[str, tuple[Any, frozenset[str]]] = {
    "queue.index": (_l("Signalen"), frozenset({"queue", "leads", "bulk", "views", "choices"})),
    "register.index": (_l("Register"), frozenset({"register"})),
    "second_look.index": (_l("Tweede blik"), frozenset({"second_look"})),
    "figures.index": (_l("Cijfers"), frozenset({"figures"})),
    "logbook.index": (_l("Logboek"), frozenset({"logbook"})),
    "accounts.index": (_l("Accounts"), frozenset({"accounts", "invitations"})),
}


@dataclass(frozen=True)
class Entry:
    """One link of the menu."""

    words: Any
    address: str
    #: Value of ``aria-current``: this very page, or another one of this part; empty = elsewhere.
    here: str


def menu() -> list[Entry]:
    """The parts that this visitor may open."""
    viewer = current_viewer()
    return [
        Entry(
            words,
            url_for(endpoint),
            "page" if request.endpoint == endpoint else "true" if request.blueprint in pages else "",
        )
        for endpoint, (words, pages) in PARTS.items()
        if endpoint in current_app.view_functions and viewer is not None and admits(ACCESS[endpoint], viewer)
    ]


def use_menu(app: Flask) -> None:
    """Give templates of ``app`` the menu."""
    app.jinja_env.globals["menu"] = menu
