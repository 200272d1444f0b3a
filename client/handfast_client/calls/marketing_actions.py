"""Whether data may be used for something.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class MarketingActions(Noun):
    """Whether data may be used for something."""

    def get(self, action: str) -> models.MarketingActionView:
        """Get a marketing action, core or custom."""
        return self._call("GET", "/sandboxes/{sandbox}/marketing-actions/{action}", places={"action": action})

    def put(
        self,
        action: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        if_match: str | None = None,
    ) -> models.MarketingActionView:
        """Define a custom marketing action, or change its name and description."""
        return self._call(
            "PUT",
            "/sandboxes/{sandbox}/marketing-actions/{action}",
            places={"action": action},
            body={"name": name, "description": description},
            if_match=if_match,
        )

    def delete(self, action: str, *, if_match: str | None = None) -> None:
        """Delete a custom marketing action that no policy names and no feed excludes."""
        self._call(
            "DELETE", "/sandboxes/{sandbox}/marketing-actions/{action}", places={"action": action}, if_match=if_match
        )

    def check_labels(
        self,
        action: str,
        *,
        labels: str | None = None,
        dule_labels: str | None = None,
        include_draft: bool | None = None,
    ) -> models.Evaluation:
        """Tell which policies forbid a marketing action for data with these labels."""
        return self._call(
            "GET",
            "/sandboxes/{sandbox}/marketing-actions/{action}/constraints",
            places={"action": action},
            query={"labels": labels, "duleLabels": dule_labels, "includeDraft": include_draft},
        )

    def check_entities(
        self,
        action: str,
        entities: Sequence[models.Entity],
        *,
        include_draft: bool | None = None,
        idempotency_key: str | None = None,
    ) -> models.Evaluation:
        """Tell which policies and partners' terms forbid a marketing action for segments, data sources and columns."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/marketing-actions/{action}/constraints",
            places={"action": action},
            body={"entities": entities},
            query={"includeDraft": include_draft},
            idempotency_key=idempotency_key,
        )

    def list(self) -> Pager[models.MarketingActionView, models.MarketingActionList]:
        """List the marketing actions: the core ones, then the sandbox's own."""
        return self._list("GET", "/sandboxes/{sandbox}/marketing-actions")


class AsyncMarketingActions(AsyncNoun):
    """Whether data may be used for something."""

    async def get(self, action: str) -> models.MarketingActionView:
        """Get a marketing action, core or custom."""
        return await self._call("GET", "/sandboxes/{sandbox}/marketing-actions/{action}", places={"action": action})

    async def put(
        self,
        action: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        if_match: str | None = None,
    ) -> models.MarketingActionView:
        """Define a custom marketing action, or change its name and description."""
        return await self._call(
            "PUT",
            "/sandboxes/{sandbox}/marketing-actions/{action}",
            places={"action": action},
            body={"name": name, "description": description},
            if_match=if_match,
        )

    async def delete(self, action: str, *, if_match: str | None = None) -> None:
        """Delete a custom marketing action that no policy names and no feed excludes."""
        await self._call(
            "DELETE", "/sandboxes/{sandbox}/marketing-actions/{action}", places={"action": action}, if_match=if_match
        )

    async def check_labels(
        self,
        action: str,
        *,
        labels: str | None = None,
        dule_labels: str | None = None,
        include_draft: bool | None = None,
    ) -> models.Evaluation:
        """Tell which policies forbid a marketing action for data with these labels."""
        return await self._call(
            "GET",
            "/sandboxes/{sandbox}/marketing-actions/{action}/constraints",
            places={"action": action},
            query={"labels": labels, "duleLabels": dule_labels, "includeDraft": include_draft},
        )

    async def check_entities(
        self,
        action: str,
        entities: Sequence[models.Entity],
        *,
        include_draft: bool | None = None,
        idempotency_key: str | None = None,
    ) -> models.Evaluation:
        """Tell which policies and partners' terms forbid a marketing action for segments, data sources and columns."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/marketing-actions/{action}/constraints",
            places={"action": action},
            body={"entities": entities},
            query={"includeDraft": include_draft},
            idempotency_key=idempotency_key,
        )

    def list(self) -> AsyncPager[models.MarketingActionView, models.MarketingActionList]:
        """List the marketing actions: the core ones, then the sandbox's own."""
        return self._list("GET", "/sandboxes/{sandbox}/marketing-actions")
