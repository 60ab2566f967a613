"""Keys: which key does what, and everybody's own choice of them.

Single keys can be changed, and switched off altogether, for whoever is in their way: somebody who
speaks to the computer, say (WCAG 2.1.4).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from werkzeug.wrappers import Response

from models.store.preferences import set_preference
from review.database import writing

blueprint = Blueprint("keys", __name__)


@dataclass(frozen=True)
class Key:
    """One thing that can be done with a key."""

    #: The key, unless somebody chose another one.
    usual: str
    #: What it does, for the list of keys.
    does: Any
    #: Only for who decides on leads.
    decides: bool = False


#: Name of what a key does, as ``static/keys.js`` knows it -> the key. Digits are not here: in an opened
#: form they choose a reason or a date.
KEYS: dict[str, Key] = {
    "next": Key("j", _l("volgende signaal")),
    "previous": Key("k", _l("vorige signaal")),
    "promote": Key("p", _l("opnemen in het register"), decides=True),
    "reject": Key("r", _l("afwijzen; kies daarna een reden met een cijfer"), decides=True),
    "known": Key("b", _l("al bekend"), decides=True),
    "snooze": Key("s", _l("uitstellen; kies daarna met een cijfer tot wanneer"), decides=True),
    "merge": Key("m", _l("samenvoegen; kies daarna met een cijfer waarmee"), decides=True),
    "assign": Key("a", _l("aan mij toewijzen"), decides=True),
    "note": Key("c", _l("notitie schrijven"), decides=True),
    "undo": Key("u", _l("laatste besluit ongedaan maken"), decides=True),
    "source": Key("o", _l("bron openen in een nieuw tabblad")),
    "search": Key("/", _l("zoeken")),
    "help": Key("?", _l("deze lijst met toetsen")),
}

#: Most characters of a field: one key, with room to say that two are too many.
FIELD_LIMIT = 10


@dataclass(frozen=True)
class Bound:
    """The keys of one person."""

    on: bool = True
    #: Name of what it does -> key; an empty key = none.
    keys: dict[str, str] = field(default_factory=lambda: {name: key.usual for name, key in KEYS.items()})


def bound(kept: Any) -> Bound:
    """The keys of somebody who chose these; whatever can't be read counts as not chosen.

    Args:
        kept: ``{"on": bool, "own": {name: key}}``, as it is kept, or None.
    """
    if not isinstance(kept, dict):
        return Bound()
    own = kept.get("own")
    chosen = {name: key for name, key in own.items() if name in KEYS} if isinstance(own, dict) else {}
    keys = {name: str(chosen.get(name, key.usual)) for name, key in KEYS.items()}
    return Bound(on=kept.get("on") is not False, keys=Bound().keys if problems_of(keys) else keys)


def problems_of(keys: Mapping[str, str]) -> dict[str, Any]:
    """Name -> why its key can't be taken; empty when all can.

    Args:
        keys: name -> key; an empty key is fine, for not everything needs one.
    """
    problems: dict[str, Any] = {}
    users: dict[str, str] = {}
    for name, key in keys.items():
        if not key:
            continue
        if len(key) > 1 or not key.isprintable() or key.isspace():
            problems[name] = _l("Kies één letter of teken.")
        elif key.isdigit() or key == "-":
            problems[name] = _l("Kies geen cijfer of streepje: die kiezen een reden of een datum.")
        elif key.lower() in users:
            problems[name] = _l(
                "De toets ‘%(key)s’ staat ook bij ‘%(other)s’.", key=key, other=KEYS[users[key.lower()]].does
            )
        else:
            users[key.lower()] = name
    return problems


@blueprint.get("/toetsen")
def index() -> str:
    """Own keys."""
    return _page(own_keys(), {})


@blueprint.post("/toetsen")
def save() -> Response | tuple[str, int]:
    """Keep own keys, or go back to the usual ones."""
    if "terug" in request.form:
        with writing() as session:
            set_preference(session, g.viewer.account_id, "keys", None)
        flash(_("De toetsen zijn weer zoals ze waren."), "ok")
        return redirect(url_for(".index"), code=303)
    asked = Bound(
        on=request.form.get("aan") == "ja",
        keys={
            name: request.form.get(f"toets-{name}", key.usual).strip()[:FIELD_LIMIT]
            for name, key in offered().items()
        },
    )
    problems = problems_of({**own_keys().keys, **asked.keys})
    if problems:
        return _page(asked, problems), 400
    own = {name: key.lower() for name, key in asked.keys.items() if key.lower() != KEYS[name].usual}
    with writing() as session:
        set_preference(session, g.viewer.account_id, "keys", {"on": asked.on, "own": own})
    flash(_("Uw toetsen zijn bewaard.") if asked.on else _("De sneltoetsen zijn uitgezet."), "ok")
    return redirect(url_for(".index"), code=303)


def _page(shown: Bound, problems: dict[str, Any]) -> str:
    return render_template("keys.html", shown=shown, offered=offered(), problems=problems)


def offered() -> dict[str, Key]:
    """What the keys of this visitor can do."""
    return {name: key for name, key in KEYS.items() if g.viewer.decides or not key.decides}


def own_keys() -> Bound:
    """The keys of whoever is signed in."""
    return bound((current_user.preferences or {}).get("keys"))


def keys_in_force() -> dict[str, str]:
    """Name of what it does -> key, for this visitor's pages; empty when keys are switched off."""
    if "viewer" not in g or not g.viewer.reads:
        return {}
    if "keys" not in g:
        # Once a request: every button of a page asks.
        mine = own_keys()
        g.keys = {name: key for name in offered() if (key := mine.keys[name])} if mine.on else {}
    found: dict[str, str] = g.keys
    return found


def use_keys(app: Flask) -> None:
    """Give templates of ``app`` what they need to tell scripts and people about keys."""
    app.jinja_env.globals.update(KEYS=KEYS, keys_in_force=keys_in_force)
