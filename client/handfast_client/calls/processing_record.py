"""What a sandbox's configuration says for a record of processing.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, Noun

if TYPE_CHECKING:
    from handfast_client import models


class ProcessingRecord(Noun):
    """What a sandbox's configuration says for a record of processing."""

    def get(self) -> models.ProcessingRecord:
        """Get what the sandbox's configuration says for a record of processing (GDPR Art. 30)."""
        return self._call("GET", "/sandboxes/{sandbox}/processing-record")


class AsyncProcessingRecord(AsyncNoun):
    """What a sandbox's configuration says for a record of processing."""

    async def get(self) -> models.ProcessingRecord:
        """Get what the sandbox's configuration says for a record of processing (GDPR Art. 30)."""
        return await self._call("GET", "/sandboxes/{sandbox}/processing-record")
