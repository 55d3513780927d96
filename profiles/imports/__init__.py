"""Bringing people in from files: a file is read in batches, its columns become people, each bad row is told of."""
