"""Kinds of ids of a sandbox's own, beside those that every sandbox has.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Namespaces(Noun):
    """Kinds of ids of a sandbox's own, beside those that every sandbox has."""

    def create(
        self,
        namespace: str,
        name: str,
        kind: models.ValueKind,
        *,
        min_length: int | Unset | None = UNSET,
        max_length: int | Unset | None = UNSET,
        drop_list: models.OwnList | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.NamespaceView:
        """Define a namespace of the sandbox's own, rename it, or bring a disabled one back. Its kind and lengths stay."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/namespaces",
            body={
                "namespace": namespace,
                "name": name,
                "kind": kind,
                "minLength": min_length,
                "maxLength": max_length,
                "dropList": drop_list,
            },
            idempotency_key=idempotency_key,
        )

    def disable(self, namespace: str, *, idempotency_key: str | None = None) -> models.NamespaceView:
        """Disable a namespace of the sandbox's own: it takes no values any more. Its place is not freed."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/namespaces/{namespace}/disable",
            places={"namespace": namespace},
            idempotency_key=idempotency_key,
        )

    def list(self) -> Pager[models.NamespaceView, models.NamespaceList]:
        """List the namespaces that the sandbox has defined; those that every sandbox has are `/reference/namespaces`."""
        return self._list("GET", "/sandboxes/{sandbox}/namespaces")


class AsyncNamespaces(AsyncNoun):
    """Kinds of ids of a sandbox's own, beside those that every sandbox has."""

    async def create(
        self,
        namespace: str,
        name: str,
        kind: models.ValueKind,
        *,
        min_length: int | Unset | None = UNSET,
        max_length: int | Unset | None = UNSET,
        drop_list: models.OwnList | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.NamespaceView:
        """Define a namespace of the sandbox's own, rename it, or bring a disabled one back. Its kind and lengths stay."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/namespaces",
            body={
                "namespace": namespace,
                "name": name,
                "kind": kind,
                "minLength": min_length,
                "maxLength": max_length,
                "dropList": drop_list,
            },
            idempotency_key=idempotency_key,
        )

    async def disable(self, namespace: str, *, idempotency_key: str | None = None) -> models.NamespaceView:
        """Disable a namespace of the sandbox's own: it takes no values any more. Its place is not freed."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/namespaces/{namespace}/disable",
            places={"namespace": namespace},
            idempotency_key=idempotency_key,
        )

    def list(self) -> AsyncPager[models.NamespaceView, models.NamespaceList]:
        """List the namespaces that the sandbox has defined; those that every sandbox has are `/reference/namespaces`."""
        return self._list("GET", "/sandboxes/{sandbox}/namespaces")
