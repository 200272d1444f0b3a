"""Codes that callers use or meet, and what they mean.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, AsyncPager, Noun, Pager

if TYPE_CHECKING:
    from handfast_client import models


class Reference(Noun):
    """Codes that callers use or meet, and what they mean."""

    def get(self, list_name: str) -> Pager[models.ReferenceEntry, models.ReferenceList]:
        """List codes that callers use or meet: namespaces, labels, marketing actions, reasons, event types, and more."""
        return self._list("GET", "/reference/{list_name}", places={"list_name": list_name})


class AsyncReference(AsyncNoun):
    """Codes that callers use or meet, and what they mean."""

    def get(self, list_name: str) -> AsyncPager[models.ReferenceEntry, models.ReferenceList]:
        """List codes that callers use or meet: namespaces, labels, marketing actions, reasons, event types, and more."""
        return self._list("GET", "/reference/{list_name}", places={"list_name": list_name})
