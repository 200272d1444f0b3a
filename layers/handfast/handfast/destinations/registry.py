"""The types of destinations: one folder each, which offers itself as `destination`."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

from handfast.destinations import types
from handfast.destinations.contract import DestinationType


class UnknownDestinationError(LookupError):
    """No destination has this type."""


@cache
def destination_types() -> dict[str, DestinationType[Any, Any]]:
    """All types, by name."""
    folders = [
        import_module(f"{types.__name__}.{found.name}") for found in pkgutil.iter_modules(types.__path__) if found.ispkg
    ]
    return {folder.destination.type: folder.destination for folder in folders}


def destination_type(kind: str) -> DestinationType[Any, Any]:
    """The type of a name; raises UnknownDestinationError."""
    try:
        return destination_types()[kind]
    except KeyError:
        known = ", ".join(destination_types())
        raise UnknownDestinationError(f"unknown type of destination; use one of {known}") from None
