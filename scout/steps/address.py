"""Addresses: one spelling for each page. Kept in the shared record, for people hand in too."""

from models.addresses import LONGEST, TRACKING, TRACKING_FAMILIES, address_key, canonical, same_site

__all__ = ["LONGEST", "TRACKING", "TRACKING_FAMILIES", "address_key", "canonical", "same_site"]
