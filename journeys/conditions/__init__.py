"""Kinds of conditions about messages and journeys, for segments and branches. One file per kind."""
