"""Import every module of a package, so that one file is all it takes to add a kind."""

import importlib
import pkgutil


def load_all(package: str) -> None:
    """Import all modules directly inside `package` (a dotted name), in alphabetical order."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")
