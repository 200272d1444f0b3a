"""The types of connectors: one folder each, which offers itself as `connector`."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

from handfast.connectors import types
from handfast.connectors.contract import Connector


class UnknownConnectorError(LookupError):
    """No connector has this type."""


@cache
def connectors() -> dict[str, Connector[Any]]:
    """All connectors, by type."""
    folders = [
        import_module(f"{types.__name__}.{found.name}") for found in pkgutil.iter_modules(types.__path__) if found.ispkg
    ]
    return {folder.connector.type: folder.connector for folder in folders}


def connector(kind: str) -> Connector[Any]:
    """The connector of a type; raises UnknownConnectorError."""
    try:
        return connectors()[kind]
    except KeyError:
        raise UnknownConnectorError(f"unknown type of connector; use one of {', '.join(connectors())}") from None
