"""Matching: from initiatives and consultants to matches with reasons.

Pure functions: nothing here reads a database or the network. ``problem`` says what goes in, ``pairs`` what
may be paired and how well it fits, ``solve`` chooses, ``explain`` says why, ``process`` runs it in a
process of its own that can be stopped. ``greedy`` is what the choice is held against.
"""
