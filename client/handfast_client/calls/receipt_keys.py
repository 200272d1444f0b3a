"""What signs histories and receipts.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, Noun

if TYPE_CHECKING:
    from handfast_client import models


class ReceiptKeys(Noun):
    """What signs histories and receipts."""

    def list(self) -> models.ReceiptKeys:
        """List the public keys that histories and receipts are signed with, for everybody who checks one."""
        return self._call("GET", "/receipt-keys")


class AsyncReceiptKeys(AsyncNoun):
    """What signs histories and receipts."""

    async def list(self) -> models.ReceiptKeys:
        """List the public keys that histories and receipts are signed with, for everybody who checks one."""
        return await self._call("GET", "/receipt-keys")
