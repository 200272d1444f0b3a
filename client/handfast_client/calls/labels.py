"""What says how data may be used: core labels and a sandbox's own.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Labels(Noun):
    """What says how data may be used: core labels and a sandbox's own."""

    def get(self, label: str) -> models.LabelView:
        """Get a label, core or custom."""
        return self._call("GET", "/sandboxes/{sandbox}/labels/{label}", places={"label": label})

    def put(
        self, label: str, name: str, *, description: str | Unset | None = UNSET, if_match: str | None = None
    ) -> models.LabelView:
        """Define a custom label, or change its name and description."""
        return self._call(
            "PUT",
            "/sandboxes/{sandbox}/labels/{label}",
            places={"label": label},
            body={"name": name, "description": description},
            if_match=if_match,
        )

    def delete(self, label: str, *, if_match: str | None = None) -> None:
        """Delete a custom label that nothing carries and no policy names."""
        self._call("DELETE", "/sandboxes/{sandbox}/labels/{label}", places={"label": label}, if_match=if_match)

    def list(self) -> Pager[models.LabelView, models.LabelList]:
        """List the labels that data may carry: the core ones, then the sandbox's own."""
        return self._list("GET", "/sandboxes/{sandbox}/labels")


class AsyncLabels(AsyncNoun):
    """What says how data may be used: core labels and a sandbox's own."""

    async def get(self, label: str) -> models.LabelView:
        """Get a label, core or custom."""
        return await self._call("GET", "/sandboxes/{sandbox}/labels/{label}", places={"label": label})

    async def put(
        self, label: str, name: str, *, description: str | Unset | None = UNSET, if_match: str | None = None
    ) -> models.LabelView:
        """Define a custom label, or change its name and description."""
        return await self._call(
            "PUT",
            "/sandboxes/{sandbox}/labels/{label}",
            places={"label": label},
            body={"name": name, "description": description},
            if_match=if_match,
        )

    async def delete(self, label: str, *, if_match: str | None = None) -> None:
        """Delete a custom label that nothing carries and no policy names."""
        await self._call("DELETE", "/sandboxes/{sandbox}/labels/{label}", places={"label": label}, if_match=if_match)

    def list(self) -> AsyncPager[models.LabelView, models.LabelList]:
        """List the labels that data may carry: the core ones, then the sandbox's own."""
        return self._list("GET", "/sandboxes/{sandbox}/labels")
