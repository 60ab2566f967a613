"""Every table, imported once, so that ``Base.metadata`` is complete."""

from typing import Any

from models.account import Account, AccountRole, RoleRow
from models.audit_entry import AuditEntry
from models.base import Base
from models.decision import Decision
from models.errand import Errand
from models.handed_in import HandedIn, Upload
from models.initiative import Initiative
from models.invitation import Invitation
from models.item import Item
from models.item_features import ItemFeatures
from models.item_section import ItemSection
from models.item_sketch import ItemSketch
from models.item_text import ItemText
from models.lead import Lead
from models.lead_apart import LeadApart
from models.lead_claim import LeadClaim
from models.lead_count import LeadCount
from models.lead_item import LeadItem
from models.lead_move import LeadMove
from models.lead_note import LeadNote
from models.lead_shingles import LeadShingles
from models.municipality import Municipality
from models.passkey import Passkey
from models.place import Place
from models.prediction import Prediction
from models.run import Run
from models.saved_view import SavedView
from models.second_look import SecondLook
from models.sign_in_failure import SignInFailure
from models.source import Source
from models.source_day import SourceDay
from models.suppression import Suppression

__all__ = [
    "Account",
    "AccountRole",
    "AuditEntry",
    "Base",
    "Decision",
    "Errand",
    "HandedIn",
    "Initiative",
    "Invitation",
    "Item",
    "ItemFeatures",
    "ItemSection",
    "ItemSketch",
    "ItemText",
    "Lead",
    "LeadApart",
    "LeadClaim",
    "LeadCount",
    "LeadItem",
    "LeadMove",
    "LeadNote",
    "LeadShingles",
    "Municipality",
    "Passkey",
    "Place",
    "Prediction",
    "RoleRow",
    "Run",
    "SavedView",
    "SecondLook",
    "SignInFailure",
    "Source",
    "SourceDay",
    "Suppression",
    "Upload",
    "in_models",
]


def in_models(name: str | None, kind: str, parents: Any) -> bool:
    """Whether Alembic should look for a table among the models: not the search index (migration 0004)."""
    return not (kind == "table" and name is not None and name.startswith("search_"))
