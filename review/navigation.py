"""The main menu: which pages there are, for whoever may open them."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l

from review.access import ACCESS, admits, current_viewer
from review.matches import waiting_for_me
from review.sharing import waiting_for_answer

#: First page of each part -> its name, and the blueprints of all its pages.
PARTS: dict[str, tuple[Any, frozenset[str]]] = {
    "queue.index": (_l("Signalen"), frozenset({"queue", "leads", "bulk", "views", "choices", "offering"})),
    "register.index": (
        _l("Register"),
        frozenset(
            {
                "register",
                "register_acting",
                "register_archive",
                "register_foreign",
                "register_form",
                "register_map",
            }
        ),
    ),
    "sharing.index": (_l("Delingen"), frozenset({"sharing"})),
    "rounds.index": (
        _l("Rondes"),
        frozenset(
            {
                "rounds",
                "round_form",
                "round_seeding",
                "round_hosting",
                "round_people",
                "round_choice",
                "board",
                "board_acting",
                "automatic",
                "comparison",
                "matches",
                "matches_acting",
                "lessons",
                "consultants",
                "consultant_files",
                "consultant_form",
                "network",
            }
        ),
    ),
    "handing_in.index": (_l("Inbrengen"), frozenset({"handing_in"})),
    "second_look.index": (_l("Tweede blik"), frozenset({"second_look"})),
    "figures.index": (_l("Cijfers"), frozenset({"figures", "reports", "report_profiles"})),
    "sources.index": (
        _l("Bronnen"),
        frozenset({"sources", "sources_acting", "sources_adding", "sources_opml"}),
    ),
    "channels.index": (
        _l("Kanalen"),
        frozenset({"channels", "feeds", "webhooks", "webhooks_acting", "clients"}),
    ),
    "logbook.index": (_l("Logboek"), frozenset({"logbook"})),
    "accounts.index": (_l("Accounts"), frozenset({"accounts", "invitations"})),
}
#: Parts that stand together under one name, where the first of them would stand: there is no room for all in
#: one line. Who may open only one of them sees that one by itself.
MANAGING = frozenset({"sources.index", "channels.index", "logbook.index", "accounts.index"})
MANAGING_NAME = _l("Beheer")
#: First page of a part -> how much waits there for whoever is signed in.
WAITING = {"sharing.index": waiting_for_answer, "rounds.index": waiting_for_me}


@dataclass(frozen=True)
class Entry:
    """One link of the menu, or a name with links under it."""

    words: Any
    #: Empty where there are links under it.
    address: str
    #: Value of ``aria-current``: this very page, or another one of this part; empty = elsewhere.
    here: str
    under: tuple["Entry", ...] = ()
    #: How much there waits for this visitor.
    waiting: int = 0


def menu() -> list[Entry]:
    """The parts that this visitor may open."""
    viewer = current_viewer()
    parts = {
        endpoint: Entry(
            words,
            url_for(endpoint),
            "page" if request.endpoint == endpoint else "true" if request.blueprint in pages else "",
            waiting=WAITING[endpoint]() if endpoint in WAITING else 0,
        )
        for endpoint, (words, pages) in PARTS.items()
        if endpoint in current_app.view_functions and viewer is not None and admits(ACCESS[endpoint], viewer)
    }
    under = tuple(entry for endpoint, entry in parts.items() if endpoint in MANAGING)
    if len(under) < 2:
        return list(parts.values())
    managing = Entry(MANAGING_NAME, "", "true" if any(entry.here for entry in under) else "", under)
    # By what they are, not by what they say: comparing entries would translate all their words.
    return [
        managing if entry is under[0] else entry
        for endpoint, entry in parts.items()
        if endpoint not in MANAGING or entry is under[0]
    ]


def use_menu(app: Flask) -> None:
    """Give templates of ``app`` the menu."""
    app.jinja_env.globals["menu"] = menu
