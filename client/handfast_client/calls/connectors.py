"""Systems outside that a sandbox's privacy requests reach.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Connectors(Noun):
    """Systems outside that a sandbox's privacy requests reach."""

    def types(self) -> Pager[models.ConnectorType, models.ConnectorTypeList]:
        """List the types of systems outside, with the JSON schema of their settings and their limits."""
        return self._list("GET", "/connector-types")

    def create(
        self, type: str, name: str, settings: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> models.ConnectorView:
        """Set up a connector to a system outside."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/connectors",
            body={"type": type, "name": name, "settings": settings},
            idempotency_key=idempotency_key,
        )

    def get(self, connector: str) -> models.ConnectorView:
        """Get a connector. Its secrets are never shown."""
        return self._call("GET", "/sandboxes/{sandbox}/connectors/{connector}", places={"connector": connector})

    def delete(self, connector: str, *, if_match: str | None = None) -> None:
        """Remove a connector and its secrets. Requests still open at it have failed there."""
        self._call(
            "DELETE", "/sandboxes/{sandbox}/connectors/{connector}", places={"connector": connector}, if_match=if_match
        )

    def update(
        self,
        connector: str,
        *,
        name: str | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        if_match: str | None = None,
    ) -> models.ConnectorView:
        """Change a connector. What is left out stays, secrets too."""
        return self._call(
            "PATCH",
            "/sandboxes/{sandbox}/connectors/{connector}",
            places={"connector": connector},
            body={"name": name, "settings": settings},
            if_match=if_match,
        )

    def test(self, connector: str, *, idempotency_key: str | None = None) -> models.ConnectorTest:
        """Try every setting of a connector that can be wrong, each on its own."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/connectors/{connector}/test",
            places={"connector": connector},
            idempotency_key=idempotency_key,
        )

    def list(self) -> Pager[models.ConnectorView, models.ConnectorList]:
        """List the sandbox's connectors, newest first."""
        return self._list("GET", "/sandboxes/{sandbox}/connectors")


class AsyncConnectors(AsyncNoun):
    """Systems outside that a sandbox's privacy requests reach."""

    def types(self) -> AsyncPager[models.ConnectorType, models.ConnectorTypeList]:
        """List the types of systems outside, with the JSON schema of their settings and their limits."""
        return self._list("GET", "/connector-types")

    async def create(
        self, type: str, name: str, settings: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> models.ConnectorView:
        """Set up a connector to a system outside."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/connectors",
            body={"type": type, "name": name, "settings": settings},
            idempotency_key=idempotency_key,
        )

    async def get(self, connector: str) -> models.ConnectorView:
        """Get a connector. Its secrets are never shown."""
        return await self._call("GET", "/sandboxes/{sandbox}/connectors/{connector}", places={"connector": connector})

    async def delete(self, connector: str, *, if_match: str | None = None) -> None:
        """Remove a connector and its secrets. Requests still open at it have failed there."""
        await self._call(
            "DELETE", "/sandboxes/{sandbox}/connectors/{connector}", places={"connector": connector}, if_match=if_match
        )

    async def update(
        self,
        connector: str,
        *,
        name: str | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        if_match: str | None = None,
    ) -> models.ConnectorView:
        """Change a connector. What is left out stays, secrets too."""
        return await self._call(
            "PATCH",
            "/sandboxes/{sandbox}/connectors/{connector}",
            places={"connector": connector},
            body={"name": name, "settings": settings},
            if_match=if_match,
        )

    async def test(self, connector: str, *, idempotency_key: str | None = None) -> models.ConnectorTest:
        """Try every setting of a connector that can be wrong, each on its own."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/connectors/{connector}/test",
            places={"connector": connector},
            idempotency_key=idempotency_key,
        )

    def list(self) -> AsyncPager[models.ConnectorView, models.ConnectorList]:
        """List the sandbox's connectors, newest first."""
        return self._list("GET", "/sandboxes/{sandbox}/connectors")
