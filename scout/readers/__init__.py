"""One module a kind of source: which addresses to fetch first, and how to turn an answer into drafts."""
