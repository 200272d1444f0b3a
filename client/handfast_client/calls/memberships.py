"""Membership changes as a stream.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handfast_client.noun import UNSET, AsyncNoun, Noun, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Memberships(Noun):
    """Membership changes as a stream."""

    def change(
        self,
        changes: Sequence[models.MembershipChange],
        *,
        renderings: models.Renderings | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ChangesAccepted:
        """Stream membership changes: identities join segments or leave them."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/memberships",
            body={"changes": changes, "renderings": renderings},
            idempotency_key=idempotency_key,
        )


class AsyncMemberships(AsyncNoun):
    """Membership changes as a stream."""

    async def change(
        self,
        changes: Sequence[models.MembershipChange],
        *,
        renderings: models.Renderings | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ChangesAccepted:
        """Stream membership changes: identities join segments or leave them."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/memberships",
            body={"changes": changes, "renderings": renderings},
            idempotency_key=idempotency_key,
        )
