"""Finds: gathers local news and public posts, recognises likely citizen initiatives, groups them."""
