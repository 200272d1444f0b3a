"""Rights that somebody takes who is invited by e-mail.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Invitations(Noun):
    """Rights that somebody takes who is invited by e-mail."""

    def create(
        self,
        email: str,
        *,
        role: Literal["audience-manager", "partner-admin", "privacy-officer", "sandbox-admin", "viewer"]
        | Unset
        | None = UNSET,
        permissions: Sequence[
            Literal[
                "access:manage",
                "activity:read",
                "connections:approve",
                "connections:manage",
                "connections:read",
                "connections:request",
                "destinations:activate",
                "destinations:manage",
                "destinations:read",
                "feeds:approve",
                "feeds:read",
                "feeds:write",
                "governance:read",
                "governance:write",
                "privacy:approve",
                "privacy:read",
                "privacy:request",
                "profiles:read",
                "segments:read",
                "segments:write",
            ]
        ]
        | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.InvitationView:
        """Invite somebody by e-mail. Who is of the sandbox's organisation gets the grant at once; others accept it."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/invitations",
            body={"email": email, "role": role, "permissions": permissions},
            idempotency_key=idempotency_key,
        )

    def get(self, invitation: str) -> models.InvitationView:
        """Get an invitation."""
        return self._call("GET", "/sandboxes/{sandbox}/invitations/{invitation}", places={"invitation": invitation})

    def delete(self, invitation: str, *, if_match: str | None = None) -> None:
        """Take an invitation back. One that was accepted has become a grant."""
        self._call(
            "DELETE",
            "/sandboxes/{sandbox}/invitations/{invitation}",
            places={"invitation": invitation},
            if_match=if_match,
        )

    def resend(self, invitation: str, *, idempotency_key: str | None = None) -> models.InvitationView:
        """Send an invitation again, an expired one too. It is valid for seven days from now on."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/invitations/{invitation}/resend",
            places={"invitation": invitation},
            idempotency_key=idempotency_key,
        )

    def list(
        self, *, status: models.ShownStatus | None = None, search: str | None = None, order: models.Order | None = None
    ) -> Pager[models.InvitationView, models.InvitationList]:
        """List the invitations to the sandbox, newest first unless told otherwise."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/invitations", query={"status": status, "search": search, "order": order}
        )


class AsyncInvitations(AsyncNoun):
    """Rights that somebody takes who is invited by e-mail."""

    async def create(
        self,
        email: str,
        *,
        role: Literal["audience-manager", "partner-admin", "privacy-officer", "sandbox-admin", "viewer"]
        | Unset
        | None = UNSET,
        permissions: Sequence[
            Literal[
                "access:manage",
                "activity:read",
                "connections:approve",
                "connections:manage",
                "connections:read",
                "connections:request",
                "destinations:activate",
                "destinations:manage",
                "destinations:read",
                "feeds:approve",
                "feeds:read",
                "feeds:write",
                "governance:read",
                "governance:write",
                "privacy:approve",
                "privacy:read",
                "privacy:request",
                "profiles:read",
                "segments:read",
                "segments:write",
            ]
        ]
        | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.InvitationView:
        """Invite somebody by e-mail. Who is of the sandbox's organisation gets the grant at once; others accept it."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/invitations",
            body={"email": email, "role": role, "permissions": permissions},
            idempotency_key=idempotency_key,
        )

    async def get(self, invitation: str) -> models.InvitationView:
        """Get an invitation."""
        return await self._call(
            "GET", "/sandboxes/{sandbox}/invitations/{invitation}", places={"invitation": invitation}
        )

    async def delete(self, invitation: str, *, if_match: str | None = None) -> None:
        """Take an invitation back. One that was accepted has become a grant."""
        await self._call(
            "DELETE",
            "/sandboxes/{sandbox}/invitations/{invitation}",
            places={"invitation": invitation},
            if_match=if_match,
        )

    async def resend(self, invitation: str, *, idempotency_key: str | None = None) -> models.InvitationView:
        """Send an invitation again, an expired one too. It is valid for seven days from now on."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/invitations/{invitation}/resend",
            places={"invitation": invitation},
            idempotency_key=idempotency_key,
        )

    def list(
        self, *, status: models.ShownStatus | None = None, search: str | None = None, order: models.Order | None = None
    ) -> AsyncPager[models.InvitationView, models.InvitationList]:
        """List the invitations to the sandbox, newest first unless told otherwise."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/invitations", query={"status": status, "search": search, "order": order}
        )
