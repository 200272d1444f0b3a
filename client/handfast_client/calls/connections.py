"""The agreement of two sandboxes that they may share.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, overload

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Connections(Noun):
    """The agreement of two sandboxes that they may share."""

    def request(
        self,
        connect_id: str,
        *,
        note: str | Unset | None = UNSET,
        allows_estimates: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ConnectionView:
        """Ask the owner of a connect ID for a connection."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/connect-requests",
            body={"connectId": connect_id, "note": note, "allowsEstimates": allows_estimates},
            idempotency_key=idempotency_key,
        )

    def preview(self, connect_id: str, *, idempotency_key: str | None = None) -> models.Preview:
        """Tell whose connect ID it is, before asking for a connection."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/connect-requests/preview",
            body={"connectId": connect_id},
            idempotency_key=idempotency_key,
        )

    def withdraw(
        self, connection: str, *, note: str | Unset | None = UNSET, idempotency_key: str | None = None
    ) -> models.ConnectionView:
        """Withdraw a connect request that is still pending."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/connect-requests/{connection}/withdraw",
            places={"connection": connection},
            body={"note": note},
            idempotency_key=idempotency_key,
        )

    def get(self, connection: str) -> models.ConnectionView:
        """Get a connection or connect request. Of an active one, `probe` says whether both sides hash alike."""
        return self._call("GET", "/sandboxes/{sandbox}/connections/{connection}", places={"connection": connection})

    def update(self, connection: str, allows_estimates: bool, *, if_match: str | None = None) -> models.ConnectionView:
        """Let the partner estimate overlaps with the sandbox's identities, or no longer. It works at once."""
        return self._call(
            "PATCH",
            "/sandboxes/{sandbox}/connections/{connection}",
            places={"connection": connection},
            body={"allowsEstimates": allows_estimates},
            if_match=if_match,
        )

    def accept(
        self,
        connection: str,
        *,
        note: str | Unset | None = UNSET,
        allows_estimates: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ConnectionView:
        """Accept a partner's connect request. The connection becomes active."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/accept",
            places={"connection": connection},
            body={"note": note, "allowsEstimates": allows_estimates},
            idempotency_key=idempotency_key,
        )

    @overload
    def disconnect(
        self,
        connection: str,
        *,
        reason: str | Unset | None = UNSET,
        dry_run: Literal[False] = False,
        idempotency_key: str | None = None,
    ) -> models.ConnectionView: ...
    @overload
    def disconnect(
        self,
        connection: str,
        *,
        reason: str | Unset | None = UNSET,
        dry_run: Literal[True],
        idempotency_key: str | None = None,
    ) -> models.DisconnectPreview: ...
    @overload
    def disconnect(
        self, connection: str, *, reason: str | Unset | None = UNSET, dry_run: bool, idempotency_key: str | None = None
    ) -> models.ConnectionView | models.DisconnectPreview: ...
    def disconnect(
        self,
        connection: str,
        *,
        reason: str | Unset | None = UNSET,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> models.ConnectionView | models.DisconnectPreview:
        """End a connection. Reading stops at once, and what was shared over it is withdrawn."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/disconnect",
            places={"connection": connection},
            body={"reason": reason},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    def disable_namespace(
        self, connection: str, namespace: str, *, idempotency_key: str | None = None
    ) -> models.ConnectionView:
        """Take a namespace of the sandbox's own no longer over the connection: what was shared by it is withdrawn."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/namespaces/{namespace}/disable",
            places={"connection": connection, "namespace": namespace},
            idempotency_key=idempotency_key,
        )

    def enable_namespace(
        self, connection: str, namespace: str, *, idempotency_key: str | None = None
    ) -> models.ConnectionView:
        """Take a namespace of the sandbox's own over the connection. Feeds may share it once the partner takes the same."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/namespaces/{namespace}/enable",
            places={"connection": connection, "namespace": namespace},
            idempotency_key=idempotency_key,
        )

    def probe(self, connection: str) -> models.ProbeView:
        """Get the values that hashers are tried with, their digests here, and whether both sides agree."""
        return self._call(
            "GET", "/sandboxes/{sandbox}/connections/{connection}/probe", places={"connection": connection}
        )

    def check_probe(
        self,
        connection: str,
        namespace: str,
        digests: Sequence[models.ProbeDigest],
        *,
        idempotency_key: str | None = None,
    ) -> models.HasherAnswer:
        """Check the digests that a hasher of your own makes of the probe: which rule it follows otherwise, by value."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/probe",
            places={"connection": connection},
            body={"namespace": namespace, "digests": digests},
            idempotency_key=idempotency_key,
        )

    def reject(
        self, connection: str, *, note: str | Unset | None = UNSET, idempotency_key: str | None = None
    ) -> models.ConnectionView:
        """Reject a partner's connect request."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/reject",
            places={"connection": connection},
            body={"note": note},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.Status | None = None,
        direction: models.Direction | None = None,
        search: str | None = None,
        sort: Literal["created", "partner"] | None = None,
        order: models.Order | None = None,
    ) -> Pager[models.ConnectionView, models.ConnectionList]:
        """List the sandbox's connections and connect requests, newest first unless sorted by partner."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/connections",
            query={"status": status, "direction": direction, "search": search, "sort": sort, "order": order},
        )


class AsyncConnections(AsyncNoun):
    """The agreement of two sandboxes that they may share."""

    async def request(
        self,
        connect_id: str,
        *,
        note: str | Unset | None = UNSET,
        allows_estimates: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ConnectionView:
        """Ask the owner of a connect ID for a connection."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/connect-requests",
            body={"connectId": connect_id, "note": note, "allowsEstimates": allows_estimates},
            idempotency_key=idempotency_key,
        )

    async def preview(self, connect_id: str, *, idempotency_key: str | None = None) -> models.Preview:
        """Tell whose connect ID it is, before asking for a connection."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/connect-requests/preview",
            body={"connectId": connect_id},
            idempotency_key=idempotency_key,
        )

    async def withdraw(
        self, connection: str, *, note: str | Unset | None = UNSET, idempotency_key: str | None = None
    ) -> models.ConnectionView:
        """Withdraw a connect request that is still pending."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/connect-requests/{connection}/withdraw",
            places={"connection": connection},
            body={"note": note},
            idempotency_key=idempotency_key,
        )

    async def get(self, connection: str) -> models.ConnectionView:
        """Get a connection or connect request. Of an active one, `probe` says whether both sides hash alike."""
        return await self._call(
            "GET", "/sandboxes/{sandbox}/connections/{connection}", places={"connection": connection}
        )

    async def update(
        self, connection: str, allows_estimates: bool, *, if_match: str | None = None
    ) -> models.ConnectionView:
        """Let the partner estimate overlaps with the sandbox's identities, or no longer. It works at once."""
        return await self._call(
            "PATCH",
            "/sandboxes/{sandbox}/connections/{connection}",
            places={"connection": connection},
            body={"allowsEstimates": allows_estimates},
            if_match=if_match,
        )

    async def accept(
        self,
        connection: str,
        *,
        note: str | Unset | None = UNSET,
        allows_estimates: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ConnectionView:
        """Accept a partner's connect request. The connection becomes active."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/accept",
            places={"connection": connection},
            body={"note": note, "allowsEstimates": allows_estimates},
            idempotency_key=idempotency_key,
        )

    @overload
    async def disconnect(
        self,
        connection: str,
        *,
        reason: str | Unset | None = UNSET,
        dry_run: Literal[False] = False,
        idempotency_key: str | None = None,
    ) -> models.ConnectionView: ...
    @overload
    async def disconnect(
        self,
        connection: str,
        *,
        reason: str | Unset | None = UNSET,
        dry_run: Literal[True],
        idempotency_key: str | None = None,
    ) -> models.DisconnectPreview: ...
    @overload
    async def disconnect(
        self, connection: str, *, reason: str | Unset | None = UNSET, dry_run: bool, idempotency_key: str | None = None
    ) -> models.ConnectionView | models.DisconnectPreview: ...
    async def disconnect(
        self,
        connection: str,
        *,
        reason: str | Unset | None = UNSET,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> models.ConnectionView | models.DisconnectPreview:
        """End a connection. Reading stops at once, and what was shared over it is withdrawn."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/disconnect",
            places={"connection": connection},
            body={"reason": reason},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    async def disable_namespace(
        self, connection: str, namespace: str, *, idempotency_key: str | None = None
    ) -> models.ConnectionView:
        """Take a namespace of the sandbox's own no longer over the connection: what was shared by it is withdrawn."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/namespaces/{namespace}/disable",
            places={"connection": connection, "namespace": namespace},
            idempotency_key=idempotency_key,
        )

    async def enable_namespace(
        self, connection: str, namespace: str, *, idempotency_key: str | None = None
    ) -> models.ConnectionView:
        """Take a namespace of the sandbox's own over the connection. Feeds may share it once the partner takes the same."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/namespaces/{namespace}/enable",
            places={"connection": connection, "namespace": namespace},
            idempotency_key=idempotency_key,
        )

    async def probe(self, connection: str) -> models.ProbeView:
        """Get the values that hashers are tried with, their digests here, and whether both sides agree."""
        return await self._call(
            "GET", "/sandboxes/{sandbox}/connections/{connection}/probe", places={"connection": connection}
        )

    async def check_probe(
        self,
        connection: str,
        namespace: str,
        digests: Sequence[models.ProbeDigest],
        *,
        idempotency_key: str | None = None,
    ) -> models.HasherAnswer:
        """Check the digests that a hasher of your own makes of the probe: which rule it follows otherwise, by value."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/probe",
            places={"connection": connection},
            body={"namespace": namespace, "digests": digests},
            idempotency_key=idempotency_key,
        )

    async def reject(
        self, connection: str, *, note: str | Unset | None = UNSET, idempotency_key: str | None = None
    ) -> models.ConnectionView:
        """Reject a partner's connect request."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/connections/{connection}/reject",
            places={"connection": connection},
            body={"note": note},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.Status | None = None,
        direction: models.Direction | None = None,
        search: str | None = None,
        sort: Literal["created", "partner"] | None = None,
        order: models.Order | None = None,
    ) -> AsyncPager[models.ConnectionView, models.ConnectionList]:
        """List the sandbox's connections and connect requests, newest first unless sorted by partner."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/connections",
            query={"status": status, "direction": direction, "search": search, "sort": sort, "order": order},
        )
