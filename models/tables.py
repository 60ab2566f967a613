"""Every table, imported once, so that ``Base.metadata`` is complete."""

from models.account import Account, AccountRole, RoleRow
from models.base import Base
from models.decision import Decision
from models.initiative import Initiative
from models.item import Item
from models.item_features import ItemFeatures
from models.item_section import ItemSection
from models.item_sketch import ItemSketch
from models.item_text import ItemText
from models.lead import Lead
from models.lead_apart import LeadApart
from models.lead_item import LeadItem
from models.lead_move import LeadMove
from models.lead_shingles import LeadShingles
from models.municipality import Municipality
from models.place import Place
from models.prediction import Prediction
from models.run import Run
from models.sign_in_failure import SignInFailure
from models.source import Source
from models.suppression import Suppression

__all__ = [
    "Account",
    "AccountRole",
    "Base",
    "Decision",
    "Initiative",
    "Item",
    "ItemFeatures",
    "ItemSection",
    "ItemSketch",
    "ItemText",
    "Lead",
    "LeadApart",
    "LeadItem",
    "LeadMove",
    "LeadShingles",
    "Municipality",
    "Place",
    "Prediction",
    "RoleRow",
    "Run",
    "SignInFailure",
    "Source",
    "Suppression",
]
