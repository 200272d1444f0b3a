"""Identities that stay out.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, Noun

if TYPE_CHECKING:
    from handfast_client import models


class Suppressions(Noun):
    """Identities that stay out."""

    def check(
        self, identities: Sequence[models.SubjectIdentity], *, idempotency_key: str | None = None
    ) -> models.SuppressionChecks:
        """Tell whether identities are suppressed. The call is recorded."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/suppressions/check",
            body={"identities": identities},
            idempotency_key=idempotency_key,
        )

    def count(self) -> models.SuppressionCount:
        """Count the identities that are suppressed."""
        return self._call("GET", "/sandboxes/{sandbox}/suppressions/count")


class AsyncSuppressions(AsyncNoun):
    """Identities that stay out."""

    async def check(
        self, identities: Sequence[models.SubjectIdentity], *, idempotency_key: str | None = None
    ) -> models.SuppressionChecks:
        """Tell whether identities are suppressed. The call is recorded."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/suppressions/check",
            body={"identities": identities},
            idempotency_key=idempotency_key,
        )

    async def count(self) -> models.SuppressionCount:
        """Count the identities that are suppressed."""
        return await self._call("GET", "/sandboxes/{sandbox}/suppressions/count")
