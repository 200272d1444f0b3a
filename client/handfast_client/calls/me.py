"""Who is calling.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, AsyncPager, Noun, Pager

if TYPE_CHECKING:
    from handfast_client import models


class Me(Noun):
    """Who is calling."""

    def get(self) -> models.Me:
        """Get the caller's name and its grants on all sandboxes."""
        return self._call("GET", "/me")

    def invitations(self) -> Pager[models.MyInvitation, models.MyInvitationList]:
        """List the invitations that the caller can accept or decline."""
        return self._list("GET", "/me/invitations")

    def accept_invitation(self, invitation: str, *, idempotency_key: str | None = None) -> models.MyGrant:
        """Accept an invitation: the caller gets its rights. It works within two seconds."""
        return self._call(
            "POST",
            "/me/invitations/{invitation}/accept",
            places={"invitation": invitation},
            idempotency_key=idempotency_key,
        )

    def decline_invitation(self, invitation: str, *, idempotency_key: str | None = None) -> None:
        """Decline an invitation."""
        self._call(
            "POST",
            "/me/invitations/{invitation}/decline",
            places={"invitation": invitation},
            idempotency_key=idempotency_key,
        )


class AsyncMe(AsyncNoun):
    """Who is calling."""

    async def get(self) -> models.Me:
        """Get the caller's name and its grants on all sandboxes."""
        return await self._call("GET", "/me")

    def invitations(self) -> AsyncPager[models.MyInvitation, models.MyInvitationList]:
        """List the invitations that the caller can accept or decline."""
        return self._list("GET", "/me/invitations")

    async def accept_invitation(self, invitation: str, *, idempotency_key: str | None = None) -> models.MyGrant:
        """Accept an invitation: the caller gets its rights. It works within two seconds."""
        return await self._call(
            "POST",
            "/me/invitations/{invitation}/accept",
            places={"invitation": invitation},
            idempotency_key=idempotency_key,
        )

    async def decline_invitation(self, invitation: str, *, idempotency_key: str | None = None) -> None:
        """Decline an invitation."""
        await self._call(
            "POST",
            "/me/invitations/{invitation}/decline",
            places={"invitation": invitation},
            idempotency_key=idempotency_key,
        )
