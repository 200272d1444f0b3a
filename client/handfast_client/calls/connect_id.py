"""The identifier of a sandbox that is handed to a partner outside the product.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, Noun

if TYPE_CHECKING:
    from handfast_client import models


class ConnectId(Noun):
    """The identifier of a sandbox that is handed to a partner outside the product."""

    def get(self) -> models.ConnectId:
        """Get the sandbox's connect ID, to be handed to a partner."""
        return self._call("GET", "/sandboxes/{sandbox}/connect-id")

    def regenerate(self, *, idempotency_key: str | None = None) -> models.ConnectId:
        """Replace the connect ID. Nobody can ask with the former one, and active connections stay."""
        return self._call("POST", "/sandboxes/{sandbox}/connect-id/regenerate", idempotency_key=idempotency_key)


class AsyncConnectId(AsyncNoun):
    """The identifier of a sandbox that is handed to a partner outside the product."""

    async def get(self) -> models.ConnectId:
        """Get the sandbox's connect ID, to be handed to a partner."""
        return await self._call("GET", "/sandboxes/{sandbox}/connect-id")

    async def regenerate(self, *, idempotency_key: str | None = None) -> models.ConnectId:
        """Replace the connect ID. Nobody can ask with the former one, and active connections stay."""
        return await self._call("POST", "/sandboxes/{sandbox}/connect-id/regenerate", idempotency_key=idempotency_key)
