"""Store functions: every read and write that more than one line of a room needs, by subject."""
