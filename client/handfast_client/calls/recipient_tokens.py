"""What tools read received members by that know bearer tokens alone.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class RecipientTokens(Noun):
    """What tools read received members by that know bearer tokens alone."""

    def create(
        self,
        name: str,
        *,
        expires_at: str | Unset | None = UNSET,
        allowed_networks: Sequence[str] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.RecipientTokenView:
        """Make a token for a tool that reads received members by Delta Sharing, as a link that gives it once."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/recipient-tokens",
            body={"name": name, "expiresAt": expires_at, "allowedNetworks": allowed_networks},
            idempotency_key=idempotency_key,
        )

    def get(self, token: str) -> models.RecipientTokenView:
        """Get a recipient token, never what it is."""
        return self._call("GET", "/sandboxes/{sandbox}/recipient-tokens/{token}", places={"token": token})

    def delete(self, token: str, *, if_match: str | None = None) -> None:
        """End a recipient token at once, with those before it and its link."""
        self._call(
            "DELETE", "/sandboxes/{sandbox}/recipient-tokens/{token}", places={"token": token}, if_match=if_match
        )

    def rotate(
        self,
        token: str,
        *,
        grace_seconds: int | Unset = UNSET,
        expires_at: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.RecipientTokenView:
        """Replace a recipient token by a new link. The one before works on for a while that only ever gets shorter."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/recipient-tokens/{token}/rotate",
            places={"token": token},
            body={"graceSeconds": grace_seconds, "expiresAt": expires_at},
            idempotency_key=idempotency_key,
        )

    def list(
        self, *, status: models.TokenStatus | None = None, search: str | None = None, order: models.Order | None = None
    ) -> Pager[models.RecipientTokenView, models.RecipientTokenList]:
        """List the sandbox's recipient tokens, newest first unless told otherwise."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/recipient-tokens", query={"status": status, "search": search, "order": order}
        )


class AsyncRecipientTokens(AsyncNoun):
    """What tools read received members by that know bearer tokens alone."""

    async def create(
        self,
        name: str,
        *,
        expires_at: str | Unset | None = UNSET,
        allowed_networks: Sequence[str] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.RecipientTokenView:
        """Make a token for a tool that reads received members by Delta Sharing, as a link that gives it once."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/recipient-tokens",
            body={"name": name, "expiresAt": expires_at, "allowedNetworks": allowed_networks},
            idempotency_key=idempotency_key,
        )

    async def get(self, token: str) -> models.RecipientTokenView:
        """Get a recipient token, never what it is."""
        return await self._call("GET", "/sandboxes/{sandbox}/recipient-tokens/{token}", places={"token": token})

    async def delete(self, token: str, *, if_match: str | None = None) -> None:
        """End a recipient token at once, with those before it and its link."""
        await self._call(
            "DELETE", "/sandboxes/{sandbox}/recipient-tokens/{token}", places={"token": token}, if_match=if_match
        )

    async def rotate(
        self,
        token: str,
        *,
        grace_seconds: int | Unset = UNSET,
        expires_at: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.RecipientTokenView:
        """Replace a recipient token by a new link. The one before works on for a while that only ever gets shorter."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/recipient-tokens/{token}/rotate",
            places={"token": token},
            body={"graceSeconds": grace_seconds, "expiresAt": expires_at},
            idempotency_key=idempotency_key,
        )

    def list(
        self, *, status: models.TokenStatus | None = None, search: str | None = None, order: models.Order | None = None
    ) -> AsyncPager[models.RecipientTokenView, models.RecipientTokenList]:
        """List the sandbox's recipient tokens, newest first unless told otherwise."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/recipient-tokens", query={"status": status, "search": search, "order": order}
        )
