"""The kinds of conditions: one file per kind."""
