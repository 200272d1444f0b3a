"""Who may do what on a sandbox.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Grants(Noun):
    """Who may do what on a sandbox."""

    def get(self, principal: str) -> models.Grant:
        """Get a principal's grant on the sandbox."""
        return self._call("GET", "/sandboxes/{sandbox}/grants/{principal}", places={"principal": principal})

    def put(
        self,
        principal: str,
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
        if_match: str | None = None,
    ) -> models.Grant:
        """Give a principal a grant on the sandbox, or replace the one it has. It works within two seconds."""
        return self._call(
            "PUT",
            "/sandboxes/{sandbox}/grants/{principal}",
            places={"principal": principal},
            body={"role": role, "permissions": permissions},
            if_match=if_match,
        )

    def delete(self, principal: str, *, if_match: str | None = None) -> None:
        """Take a principal's grant away. The last one that may manage access stays."""
        self._call(
            "DELETE", "/sandboxes/{sandbox}/grants/{principal}", places={"principal": principal}, if_match=if_match
        )

    def list(
        self,
        *,
        role: Literal["audience-manager", "partner-admin", "privacy-officer", "sandbox-admin", "viewer"] | None = None,
        search: str | None = None,
        sort: Literal["name"] | None = None,
        order: models.Order | None = None,
    ) -> Pager[models.Grant, models.GrantList]:
        """List the grants on the sandbox, in the order of principals unless sorted by name."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/grants", query={"role": role, "search": search, "sort": sort, "order": order}
        )


class AsyncGrants(AsyncNoun):
    """Who may do what on a sandbox."""

    async def get(self, principal: str) -> models.Grant:
        """Get a principal's grant on the sandbox."""
        return await self._call("GET", "/sandboxes/{sandbox}/grants/{principal}", places={"principal": principal})

    async def put(
        self,
        principal: str,
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
        if_match: str | None = None,
    ) -> models.Grant:
        """Give a principal a grant on the sandbox, or replace the one it has. It works within two seconds."""
        return await self._call(
            "PUT",
            "/sandboxes/{sandbox}/grants/{principal}",
            places={"principal": principal},
            body={"role": role, "permissions": permissions},
            if_match=if_match,
        )

    async def delete(self, principal: str, *, if_match: str | None = None) -> None:
        """Take a principal's grant away. The last one that may manage access stays."""
        await self._call(
            "DELETE", "/sandboxes/{sandbox}/grants/{principal}", places={"principal": principal}, if_match=if_match
        )

    def list(
        self,
        *,
        role: Literal["audience-manager", "partner-admin", "privacy-officer", "sandbox-admin", "viewer"] | None = None,
        search: str | None = None,
        sort: Literal["name"] | None = None,
        order: models.Order | None = None,
    ) -> AsyncPager[models.Grant, models.GrantList]:
        """List the grants on the sandbox, in the order of principals unless sorted by name."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/grants", query={"role": role, "search": search, "sort": sort, "order": order}
        )
