"""XML made fit for a parser. It stands in the shared record, for people hand in lists of feeds too."""

from models.markup import DEEPEST, TooDeepError, as_bytes, is_well_formed, mended, text_of

__all__ = ["DEEPEST", "TooDeepError", "as_bytes", "is_well_formed", "mended", "text_of"]
