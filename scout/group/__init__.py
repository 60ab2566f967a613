"""Grouping: items about the same initiative become one lead.

``sketch`` says what is remembered of an item, ``decide`` when two belong together, ``window`` which
ones are worth comparing, ``stage`` does it over the database.
"""
