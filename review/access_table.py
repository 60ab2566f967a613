"""The published table of roles and pages, ``docs/access.md``: ``python -m review.access``."""

import re
import tempfile
from pathlib import Path

from flask import Flask

from models.settings import load_settings
from models.store.viewer import Viewer
from models.words import Role
from review.access import ACCESS, Who, admits

TARGET = Path(__file__).resolve().parent.parent / "docs" / "access.md"

#: Role -> heading of its column; None = without an account.
COLUMNS = {
    None: "zonder account",
    Role.REVIEWER: "beoordelaar",
    Role.MUNICIPALITY: "gemeente",
    Role.PROJECT_LEADER: "projectleider",
    Role.ADMIN: "beheerder",
    Role.PRIVACY_OFFICER: "functionaris",
}

INTRODUCTION = """\
# Wie mag wat

Elk adres van de website, en welke rol er mag komen. Gemaakt uit de code met `python -m review.access`; een
test faalt als deze tabel en de code verschillen. Een andere test vraagt als elke rol elk adres op, met
gegevens van de eigen en van een andere gemeente, en kijkt of niemand te veel ziet
(`tests/review/test_route_matrix.py`).

- **ja**: deze rol mag dit.
- **eigen**: alleen wat van de eigen gemeente is, en van het register van andere gemeenten wat is goedgekeurd
  om te laten zien. De rest bestaat voor deze rol niet: het antwoord is 404, en geen lijst, aantal, filter of
  zoekvraag verraadt het.
- **token**: alleen voor een programma met een token van de API; wat het mag, zegt dat token
  ([api.md](api.md)). Aangemeld zijn telt daar niet.
- **–**: mag niet. Wie is aangemeld krijgt 403 met uitleg; wie niet is aangemeld gaat naar de aanmeldpagina.

Iemand met meer rollen mag wat elk van die rollen mag. De functionaris gegevensbescherming ziet het logboek,
zonder inhoud van signalen, en begint daar. `/metrics` bestaat alleen als er een token is ingesteld, en
antwoordt alleen wie dat token stuurt. Feeds, uitnodigingen en afmelden van e-mail hebben een geheim woord in
het adres: zonder dat woord is er niets.
"""


#: Addresses where a municipality finds its own only.
OWN = frozenset(
    {
        Who.READERS,
        Who.REGISTER_KEEPERS,
        Who.ANSWERERS,
        Who.CHANNEL_KEEPERS,
        Who.CONSULTANT_KEEPERS,
        Who.ROUND_SEEDERS,
    }
)
#: The municipality that the account of a municipality is of; which one makes no difference here.
ANY_CODE = "GM0202"


def table(app: Flask) -> str:
    """The document, from the routes of ``app`` and :data:`review.access.ACCESS`."""
    lines = [
        INTRODUCTION,
        "| adres | manier | " + " | ".join(COLUMNS.values()) + " |",
        "|---|---|" + "---|" * len(COLUMNS),
    ]
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        methods = " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        # <int(max=2147483647):lead_id> -> <lead_id>
        address = re.sub(r"<[^<>]*:(\w+)>", r"<\1>", rule.rule)
        cells = " | ".join(_cell(ACCESS[rule.endpoint], role) for role in COLUMNS)
        lines.append(f"| `{address}` | {methods} | {cells} |")
    return "\n".join(lines) + "\n"


def _cell(who: Who, role: Role | None) -> str:
    if who is Who.PROGRAMS:
        return "token"
    viewer = None
    if role is not None:
        # Other roles have no municipality: with one, they would not see more.
        code = ANY_CODE if role is Role.MUNICIPALITY else None
        viewer = Viewer(account_id=1, name="", roles=frozenset({role}), municipality_code=code)
    if not admits(who, viewer):
        return "–"
    return "eigen" if role is Role.MUNICIPALITY and who in OWN else "ja"


def main() -> None:
    """Write the document."""
    from review.app import create_app

    with tempfile.TemporaryDirectory() as folder:
        # Whatever the environment says: nothing of a real installation is touched.
        own = {
            "var": Path(folder),
            "database_url": "",
            "secret_key": "only for this table",
            "production": False,
        }
        app = create_app(load_settings().model_copy(update=own))
        TARGET.write_text(table(app), "utf-8")
        app.extensions["scout_engine"].dispose()
