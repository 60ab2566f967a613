"""Every table, imported once, so that ``Base.metadata`` is complete."""

from typing import Any

from models.account import Account, AccountRole, RoleRow
from models.api_client import ApiClient, ApiToken
from models.audit_entry import AuditEntry
from models.base import Base
from models.consultant import Consultant, ConsultantImport
from models.decision import Decision
from models.digest import DigestMail, DigestSubscription
from models.errand import Errand
from models.event import Event
from models.feed_address import FeedAddress
from models.handed_in import HandedIn, Upload
from models.initiative import Initiative
from models.initiative_change import InitiativeChange, InitiativeNote
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
from models.match import Evaluation, Lesson, Match, MatchAnswer, MatchMail
from models.municipality import Municipality
from models.passkey import Passkey
from models.place import Place
from models.prediction import Prediction
from models.report import EngagementProfile, ReportMade
from models.round import (
    Round,
    RoundConsultant,
    RoundInitiative,
    RoundJob,
    RoundMark,
    RoundMunicipality,
    RoundPair,
    RoundVote,
)
from models.run import Run
from models.saved_view import SavedView
from models.second_look import SecondLook
from models.share import Share
from models.sign_in_failure import SignInFailure
from models.source import Source
from models.source_day import SourceDay
from models.suppression import Suppression
from models.webhook import Delivery, Webhook

__all__ = [
    "Account",
    "AccountRole",
    "ApiClient",
    "ApiToken",
    "AuditEntry",
    "Base",
    "Consultant",
    "ConsultantImport",
    "Decision",
    "Delivery",
    "DigestMail",
    "DigestSubscription",
    "EngagementProfile",
    "Errand",
    "Evaluation",
    "Event",
    "FeedAddress",
    "HandedIn",
    "Initiative",
    "InitiativeChange",
    "InitiativeNote",
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
    "Lesson",
    "Match",
    "MatchAnswer",
    "MatchMail",
    "Municipality",
    "Passkey",
    "Place",
    "Prediction",
    "ReportMade",
    "RoleRow",
    "Round",
    "RoundConsultant",
    "RoundInitiative",
    "RoundJob",
    "RoundMark",
    "RoundMunicipality",
    "RoundPair",
    "RoundVote",
    "Run",
    "SavedView",
    "SecondLook",
    "Share",
    "SignInFailure",
    "Source",
    "SourceDay",
    "Suppression",
    "Upload",
    "Webhook",
    "in_models",
]


def in_models(name: str | None, kind: str, parents: Any) -> bool:
    """Whether Alembic should look for a table among the models: not the search index (migration 0004)."""
    return not (kind == "table" and name is not None and name.startswith("search_"))
