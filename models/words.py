"""The closed vocabularies of the product: one enumeration for each list in the design.

Values are what the database, the commands and the API carry; Dutch names for the screen
stand in ``config/labels.toml`` and in the translations of the review room.
"""

from enum import StrEnum


class SourceKind(StrEnum):
    """How a source is read; ``scout/readers`` has one module for each kind that can be visited."""

    FEED = "feed"
    SITE = "site"
    SITEMAP = "sitemap"
    WORDPRESS = "wordpress"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    KOOP = "koop"
    COUNCIL = "council"
    YOUTUBE = "youtube"
    HANDIN = "handin"


class Outcome(StrEnum):
    """What became of one draft: every draft ends in exactly one of these."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    NO_TEXT = "no_text"
    NO_LINK = "no_link"
    LANGUAGE = "language"
    TOO_OLD = "too_old"
    SUPPRESSED = "suppressed"
    ERROR = "error"


class Sign(StrEnum):
    """What is odd about a visit, or about a source over time."""

    MOVED = "moved"  # answers from another address for good
    SILENT = "silent"  # nothing new for much longer than is usual for it
    DOUBLED = "doubled"  # gives far more than is usual for it
    PARKED = "parked"  # a page of whoever sells the domain
    SUSPENDED = "suspended"  # a page of the host: account closed, bandwidth used up
    CONSENT = "consent"  # a page that asks for consent or a sign-in, instead of the list
    BOUNDS = "bounds"  # outside ``expect``


class SourceState(StrEnum):
    """How a source is doing."""

    HEALTHY = "healthy"
    ODD = "odd"  # the last visit went well, but a sign stands
    FAILING = "failing"  # the last visit failed
    NEW = "new"  # never visited
    PAUSED = "paused"
    UNREVIEWED = "unreviewed"  # no valid terms, so it is not visited
    DISABLED = "disabled"
    REMOVED = "removed"  # no longer in the files


class ErrandKind(StrEnum):
    """What a page or a person asks of the scout, which does it at its next opportunity."""

    PROBE = "probe"  # what is behind an address, and what would a visit bring
    VISIT = "visit"  # visit a source now


class Channel(StrEnum):
    """How a person handed something in."""

    FORM = "form"
    UPLOAD = "upload"
    EMAIL = "email"
    API = "api"


class PlaceKind(StrEnum):
    """What a named place is."""

    TOWN = "town"  # woonplaats (BAG)
    DISTRICT = "district"  # wijk (CBS)
    NEIGHBOURHOOD = "neighbourhood"  # buurt (CBS)
    ALIAS = "alias"  # derived from a wijk or buurt name
    KNOWN = "known"  # well-known name without a CBS code


class LeadStatus(StrEnum):
    """Where a lead stands."""

    OPEN = "open"
    SNOOZED = "snoozed"
    PROMOTED = "promoted"
    REJECTED = "rejected"
    KNOWN = "known"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"  # gone at the source
    EXPIRED = "expired"  # nobody looked within the term


class DecisionKind(StrEnum):
    """What a reviewer did with one lead."""

    PROMOTE = "promote"
    REJECT = "reject"
    KNOWN = "known"
    SNOOZE = "snooze"
    MERGE = "merge"
    SPLIT = "split"
    UNDO = "undo"


class Verdict(StrEnum):
    """What somebody made of a lead who did not know what another had decided."""

    INITIATIVE = "initiatief"
    NO_INITIATIVE = "geen_initiatief"


class Origin(StrEnum):
    """Who gave a label. Kept apart, since not everybody means the same by "an initiative"."""

    REVIEWER = "reviewer"
    MUNICIPALITY = "municipality"


class Phase(StrEnum):
    """How far the network is with an initiative."""

    SIGNALLED = "gesignaleerd"
    IN_CONTACT = "in_contact"
    GUIDED = "begeleid"
    FINISHED = "afgerond"
    STOPPED = "gestopt"


class ShareStatus(StrEnum):
    """How far a municipality is with what was given to it."""

    OFFERED = "offered"
    SEEN = "seen"
    ANSWERED = "answered"
    IN_CONTACT = "in_contact"
    CLOSED = "closed"
    LAPSED = "lapsed"  # no answer within the term
    WITHDRAWN = "withdrawn"  # taken back: by staff, with its promotion, or because its source is gone


class Answer(StrEnum):
    """What a municipality says of a share."""

    TAKEN_UP = "opgepakt"
    KNOWN = "al_bekend"
    NOT_OURS = "niet_van_ons"
    NO_INITIATIVE = "geen_initiatief"
    LATER = "later"


class Ending(StrEnum):
    """With what a share was closed."""

    HELPED = "geholpen"  # the municipality helped
    MATCHING = "naar_ronde"  # a consultant of another municipality is wanted
    ON_ITS_OWN = "zelfstandig"  # goes on by itself, needs nothing
    NO_CONTACT = "geen_contact"  # did not want contact, or could not be reached
    STOPPED = "gestopt"


class Informed(StrEnum):
    """Whether the people of an initiative were told that it is in the register, and what their rights are."""

    TO_DO = "nog_te_doen"
    DONE = "gedaan"
    NOT_NEEDED = "niet_nodig"  # nothing about persons is kept


class EventKind(StrEnum):
    """What happened to a share or an initiative, as told outside."""

    SHARE_OFFERED = "deling.aangeboden"
    SHARE_CHANGED = "deling.gewijzigd"
    SHARE_WITHDRAWN = "deling.ingetrokken"
    INITIATIVE_ENTERED = "initiatief.opgenomen"
    INITIATIVE_CHANGED = "initiatief.gewijzigd"
    INITIATIVE_WITHDRAWN = "initiatief.vervallen"


class Rhythm(StrEnum):
    """How often a digest is sent."""

    DAILY = "dagelijks"
    WEEKLY = "wekelijks"


class DeliveryState(StrEnum):
    """How far the delivery of one event to one webhook is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class RoundState(StrEnum):
    """How far a matching round is; who may move it on: ``models.store.rounds.TRANSITIONS``."""

    SEEDING = "samenstellen"  # initiatives and consultants are put in
    SELECTION = "kiezen"  # the municipalities choose together
    PAIRING = "koppelen"  # frozen; pairs are made by hand, the automatic ones are hidden
    COMPARING = "vergelijken"  # the pairing by hand is closed, both can be seen
    PROPOSING = "voorstellen"  # consultant, employer and host municipality are asked
    DEPLOYED = "uitvoeren"
    CLOSED = "afgesloten"
    CANCELLED = "gestopt"


class SelectionMethod(StrEnum):
    """How municipalities choose together."""

    POINTS = "punten"  # each divides as many points
    APPROVAL = "instemming"  # each says yes to as many as it likes


class PairingKind(StrEnum):
    """Who made a pairing."""

    BY_HAND = "hand"
    AUTOMATIC = "automatisch"
    FINAL = "definitief"  # what proposals are made from; begins as a copy of one of the others


class JobPurpose(StrEnum):
    """What an automatic pairing is worked out for."""

    BESIDE = "ernaast"  # beside the pairing by hand, on the frozen problem; hidden until that is closed
    MENDING = "herstel"  # after a decline or when somebody left: the fewest changes


class Party(StrEnum):
    """Whose word counts for a match."""

    CONSULTANT = "consultant"
    EMPLOYER = "werkgever"
    HOST = "ontvanger"  # the municipality of the initiative
    INITIATOR = "initiatiefnemer"


class MatchState(StrEnum):
    """How far a match is."""

    PROPOSED = "voorgesteld"
    AGREED = "akkoord"  # all three parties
    DECLINED = "afgewezen"
    DEPLOYED = "ingezet"
    FINISHED = "afgerond"  # with the closing visit
    STOPPED = "gestopt"


class Moment(StrEnum):
    """When a party is asked how it went."""

    START = "start"
    AFTERWARDS = "na_afloop"  # within two weeks
    HALF_YEAR = "half_jaar"


class Scope(StrEnum):
    """What a client of the API may do."""

    LEADS_READ = "signalen:lezen"
    LEADS_DECIDE = "signalen:besluiten"
    INITIATIVES_READ = "initiatieven:lezen"
    INITIATIVES_WRITE = "initiatieven:schrijven"
    SHARES_READ = "delingen:lezen"
    SHARES_ANSWER = "delingen:beantwoorden"
    SOURCES_READ = "bronnen:lezen"
    ITEMS_WRITE = "berichten:inbrengen"
    ROUNDS_READ = "rondes:lezen"
    ROUNDS_WRITE = "rondes:schrijven"


class Role(StrEnum):
    """What an account may do."""

    REVIEWER = "beoordelaar"
    MUNICIPALITY = "gemeente"
    PROJECT_LEADER = "projectleider"
    ADMIN = "beheerder"
    PRIVACY_OFFICER = "functionaris"
