"""What a sandbox may do in a time or at once, and what is left of it.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, AsyncPager, Noun, Pager

if TYPE_CHECKING:
    from handfast_client import models


class Quotas(Noun):
    """What a sandbox may do in a time or at once, and what is left of it."""

    def list(self) -> Pager[models.QuotaStanding, models.QuotaList]:
        """List what the sandbox may do in a time or at once, and what is left of it."""
        return self._list("GET", "/sandboxes/{sandbox}/quotas")


class AsyncQuotas(AsyncNoun):
    """What a sandbox may do in a time or at once, and what is left of it."""

    def list(self) -> AsyncPager[models.QuotaStanding, models.QuotaList]:
        """List what the sandbox may do in a time or at once, and what is left of it."""
        return self._list("GET", "/sandboxes/{sandbox}/quotas")
