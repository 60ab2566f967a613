"""What may be the same as a lead: other leads and register entries, for "was this known already?".

Only some hundreds of the newest are looked at, of the same municipality and of those without one: each
question takes milliseconds, however much there is. ``models.alike`` compares.
"""

import heapq
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, String, bindparam, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from models.alike import LIKELY, SHARED_SITES, Alike, Described, most_alike, site_of
from models.initiative import Initiative
from models.item_section import ItemSection
from models.item_sketch import ItemSketch
from models.lead import Lead
from models.lead_item import LeadItem
from models.municipality import Municipality
from models.place import Place
from models.source import Source
from models.store.leads import LeadRow
from models.store.leads_apart import apart_from
from models.store.viewer import Viewer
from models.words import LeadStatus, Phase

#: Leads of a municipality, and leads without one, that are looked at.
NEWEST, NEWEST_NOWHERE = 300, 100
#: Register entries that are looked at.
NEWEST_ENTRIES = 500
#: Takes the meaning from the next letter of a pattern.
ESCAPE = "!"
#: Sketches of the lead itself that are compared: those of its newest items.
OWN_SKETCHES = 3
#: Leads whose texts are compared: those nearest in place and theme, then the newest. Of each its newest item.
TEXTS = 120
#: Likeness of two texts (cosine of their telling words) that counts as full strength. Between initiatives of
#: one theme in different municipalities 1 pair in 10,000 reaches 0.21 (``scout.group.decide``, 2026-11-22).
FULL_LIKENESS = 0.4
#: Statuses of leads that can be pointed at.
SHOWN = frozenset(
    {LeadStatus.OPEN, LeadStatus.SNOOZED, LeadStatus.PROMOTED, LeadStatus.KNOWN, LeadStatus.REJECTED}
)

# Made once: to put a query together takes as long as to answer it.
_LEADS = (
    select(
        Lead.id,
        # As kept: a word is compared with, not shown.
        type_coerce(Lead.status, String).label("status"),
        Lead.title,
        Lead.initiative_name,
        Lead.organisation_name,
        Lead.place_key,
        Lead.theme,
    )
    .where(Lead.purged_at.is_(None))
    .order_by(Lead.id.desc())
    .limit(bindparam("number"))
)
_LEAD_DETAILS = (
    select(
        Lead.id,
        Lead.status,
        Lead.version,
        Lead.title,
        Municipality.name.label("municipality"),
        Place.name.label("place"),
        Lead.opened_at,
    )
    .join(Municipality, Municipality.code == Lead.municipality_code, isouter=True)
    .join(Place, Place.key == Lead.place_key, isouter=True)
    .where(Lead.id.in_(bindparam("found", expanding=True)))
)
_newer = aliased(LeadItem)
_WHOLE = (
    select(LeadItem.lead_id, ItemSketch.terms, ItemSketch.weights)
    .join(ItemSketch, ItemSketch.item_id == LeadItem.item_id)
    .where(LeadItem.lead_id.in_(bindparam("leads", expanding=True)))
    .order_by(LeadItem.item_id.desc())
)
_NEWEST = _WHOLE.where(
    ~select(_newer.item_id)
    .where(_newer.lead_id == LeadItem.lead_id, _newer.item_id > LeadItem.item_id)
    .exists()
)
_PARTS = (
    select(ItemSection.lead_id, ItemSection.terms, ItemSection.weights)
    .where(ItemSection.lead_id.in_(bindparam("leads", expanding=True)))
    .order_by(ItemSection.item_id.desc())
)
_ENTRIES = (
    select(
        Initiative.id,
        Initiative.name,
        Initiative.contact,
        Initiative.place_key,
        Initiative.theme,
        Initiative.link,
    )
    .where(Initiative.withdrawn_at.is_(None))
    .order_by(Initiative.id.desc())
    .limit(bindparam("number"))
)
_ENTRY_DETAILS = (
    select(
        Initiative.id,
        Initiative.name,
        Municipality.name.label("municipality"),
        Place.name.label("place"),
        Initiative.phase,
        Initiative.created_at,
    )
    .join(Municipality, Municipality.code == Initiative.municipality_code)
    .join(Place, Place.key == Initiative.place_key, isouter=True)
    .where(Initiative.id.in_(bindparam("found", expanding=True)))
)
#: Addresses of sources on a site, whatever stands before it.
_SOURCES = select(Source.url).where(
    or_(
        Source.url.like(bindparam("itself"), escape=ESCAPE),
        Source.url.like(bindparam("below"), escape=ESCAPE),
    )
)


@dataclass(frozen=True)
class Similar:
    """One lead that may be about the same initiative."""

    id: int
    status: LeadStatus
    #: As shown now; merging asks for it.
    version: int
    title: str
    municipality: str | None
    place: str | None
    opened_at: datetime
    why: Alike
    #: 0.0 to 1.0.
    strength: float


@dataclass(frozen=True)
class SimilarInitiative:
    """One register entry that may be the same initiative."""

    id: int
    name: str
    municipality: str
    place: str | None
    phase: Phase
    created_at: datetime
    why: Alike
    #: 0.0 to 1.0.
    strength: float

    @property
    def likely(self) -> bool:
        """More likely the same than not: to be asked about before a new entry is saved."""
        return self.strength >= LIKELY


def similar_leads(session: Session, viewer: Viewer, lead: LeadRow, limit: int = 5) -> list[Similar]:
    """Leads that may be about the same initiative as this one, the most alike first.

    Left out: what was merged, is gone or was never looked at, and what a person told apart from it.
    """
    if lead.purged_at is not None:
        return []
    apart = apart_from(session, lead.id)
    rows = {
        row.id: row
        for row in _candidates(session, viewer, lead.municipality_code)
        if row.status in SHOWN and row.id != lead.id and row.id not in apart
    }
    found = most_alike(
        Described(
            lead.id,
            lead.title,
            lead.initiative_name,
            lead.organisation_name,
            lead.place_key,
            lead.theme,
        ),
        [
            Described(row.id, row.title, row.initiative_name, row.organisation_name, row.place_key, row.theme)
            for row in rows.values()
        ],
        texts=_texts_alike(session, lead.id, _nearest(lead, rows.values())),
        limit=limit,
    )
    if not found:
        return []
    details = {row.id: row for row in session.execute(_LEAD_DETAILS, {"found": [like.id for like in found]})}
    return [Similar(*details[like.id], like.why, like.strength) for like in found]


def _candidates(session: Session, viewer: Viewer, code: str | None) -> list[Row[Any]]:
    """The newest leads that still have content, of one municipality and without one, or of all."""
    scope = viewer.scope(Lead.municipality_code)
    if code is None:
        return list(session.execute(_LEADS.where(scope), {"number": NEWEST}))
    return [
        *session.execute(_LEADS.where(Lead.municipality_code == code, scope), {"number": NEWEST}),
        *session.execute(_LEADS.where(Lead.municipality_code.is_(None), scope), {"number": NEWEST_NOWHERE}),
    ]


def _nearest(lead: LeadRow, rows: Iterable[Row[Any]]) -> list[int]:
    """Those whose texts are compared: to read a sketch takes longer than all else of a lead."""

    def nearness(row: Row[Any]) -> tuple[bool, bool, int]:
        same_place = row.place_key is not None and row.place_key == lead.place_key
        return same_place, row.theme == lead.theme, row.id

    return [row.id for row in heapq.nlargest(TEXTS, rows, key=nearness)]


def _texts_alike(session: Session, lead_id: int, others: Sequence[int]) -> dict[int, float]:
    """Lead -> how much its texts use the same telling words as those of this one, 0.0 to 1.0.

    By the sketches that grouping made (:mod:`models.item_sketch`); leads without are left out.
    """
    own = [
        dict(zip(_unpack("I", terms), _unpack("f", weights), strict=True))
        for _, terms, weights in _sketches(session, _WHOLE, [lead_id])[:OWN_SKETCHES]
    ]
    if not own:
        return {}
    # Whole sets: to look up the words of the others in them is all that most take.
    words = [(mine, frozenset(mine)) for mine in own]
    found: dict[int, float] = {}
    for other_id, terms, weights in _sketches(session, _NEWEST, others):
        theirs: dict[int, float] | None = None
        numbers = _unpack("I", terms)
        for mine, known in words:
            both = known.intersection(numbers)
            if not both:
                continue
            theirs = theirs or dict(zip(numbers, _unpack("f", weights), strict=True))
            cosine = sum(mine[number] * theirs[number] for number in both)
            found[other_id] = max(found.get(other_id, 0.0), min(1.0, cosine / FULL_LIKENESS))
    return found


def _sketches(
    session: Session, whole: Select[int, bytes, bytes], lead_ids: Sequence[int]
) -> list[tuple[int, bytes, bytes]]:
    """Lead, words and weights of sketches, the newest first: of items (``whole``) and of parts of them."""
    rows = (row for query in (whole, _PARTS) for row in session.execute(query, {"leads": lead_ids}))
    return [(row[0], row[1], row[2]) for row in rows]


def _unpack(kind: str, packed: bytes) -> tuple[Any, ...]:
    return struct.unpack(f"<{len(packed) // 4}{kind}", packed)


def similar_initiatives(
    session: Session,
    viewer: Viewer,
    *,
    name: str,
    municipality_code: str | None,
    place: str | None = None,
    theme: str | None = None,
    link: str = "",
    organisation: str = "",
    limit: int = 5,
) -> list[SimilarInitiative]:
    """Register entries that may be the same initiative, the most alike first; withdrawn ones are left out.

    Args:
        name: of the initiative, or the title of a lead that does not say.
        municipality_code: CBS code; None = not known, so entries of all municipalities are looked at.
        place: key of a place, not its name.
        link: where it can be read about; may be empty.
        organisation: behind it; may be empty.
    """
    query = _ENTRIES.where(viewer.scope(Initiative.municipality_code))
    if municipality_code is not None:
        query = query.where(Initiative.municipality_code == municipality_code)
    entries = [
        Described(row.id, row.name, row.name, row.contact, row.place_key, row.theme, row.link)
        for row in session.execute(query, {"number": NEWEST_ENTRIES})
    ]
    found = most_alike(
        Described(0, name, name, organisation, place, theme, link),
        entries,
        own_sites=_own_sites(session, link, entries),
        limit=limit,
    )
    if not found:
        return []
    details = {row.id: row for row in session.execute(_ENTRY_DETAILS, {"found": [like.id for like in found]})}
    return [SimilarInitiative(*details[like.id], like.why, like.strength) for like in found]


def _own_sites(session: Session, link: str, entries: Sequence[Described]) -> frozenset[str]:
    """The site of a link, unless it is one of a source: a newspaper tells of many initiatives."""
    site = site_of(link) if link else ""
    # Seldom on the site of an entry: then it says nothing, and sources need not be read through.
    if not site or not any(site.split("/")[0] in entry.link.casefold() for entry in entries):
        return frozenset()
    if site.split("/")[0] in SHARED_SITES:
        return frozenset({site})
    plain = "".join(f"{ESCAPE}{letter}" if letter in f"%_{ESCAPE}" else letter for letter in site)
    urls = session.scalars(_SOURCES, {"itself": f"%://{plain}%", "below": f"%.{plain}%"})
    return frozenset() if any(site_of(url) == site for url in urls) else frozenset({site})
