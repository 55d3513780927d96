"""Saved audiences: the condition tree, its two meanings (SQL and Python), and who is in."""
