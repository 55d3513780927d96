"""PostgreSQL and Valkey from their wheels, and the process runner behind `make run`.

Nothing here imports Django: these modules run before the settings can be read.
"""
