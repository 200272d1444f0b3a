"""Consent answers of identities and people.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handfast_client.noun import UNSET, AsyncNoun, Noun, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Consents(Noun):
    """Consent answers of identities and people."""

    def change(
        self,
        changes: Sequence[models.ConsentChange],
        *,
        renderings: models.Renderings | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ChangesAccepted:
        """Take consent answers of identities, or of people by their profile ids."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/consents",
            body={"changes": changes, "renderings": renderings},
            idempotency_key=idempotency_key,
        )


class AsyncConsents(AsyncNoun):
    """Consent answers of identities and people."""

    async def change(
        self,
        changes: Sequence[models.ConsentChange],
        *,
        renderings: models.Renderings | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ChangesAccepted:
        """Take consent answers of identities, or of people by their profile ids."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/consents",
            body={"changes": changes, "renderings": renderings},
            idempotency_key=idempotency_key,
        )
