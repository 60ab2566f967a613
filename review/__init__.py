"""Decides: the review queue, the register and what is shared with municipalities."""
