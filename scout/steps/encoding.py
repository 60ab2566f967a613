"""Bytes to text. It stands in the shared record, for people hand in files too."""

from models.encoding import claimed_by_header, claimed_by_html, claimed_by_xml, decode

__all__ = ["claimed_by_header", "claimed_by_html", "claimed_by_xml", "decode"]
