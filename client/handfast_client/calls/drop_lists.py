"""What California's Delete Request and Opt-out Platform lists, and what it is answered.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class DropLists(Noun):
    """What California's Delete Request and Opt-out Platform lists, and what it is answered."""

    def create(
        self,
        *,
        file_name: str | Unset | None = UNSET,
        connector_id: str | Unset | None = UNSET,
        received_at: str | Unset | None = UNSET,
        exempt_segment_id: str | Unset | None = UNSET,
        dry_run: bool = False,
        not_held: Sequence[models.OwnList] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.DropListCreated:
        """Say where to PUT a file of California's Delete Request and Opt-out Platform (DROP)."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/drop-lists",
            body={
                "fileName": file_name,
                "connectorId": connector_id,
                "receivedAt": received_at,
                "exemptSegmentId": exempt_segment_id,
                "dryRun": dry_run,
                "notHeld": not_held,
            },
            idempotency_key=idempotency_key,
        )

    def get(self, drop_list: str) -> models.DropListView:
        """Get a file of DROP: how many of its lines found somebody, and what came of them."""
        return self._call("GET", "/sandboxes/{sandbox}/drop-lists/{drop_list}", places={"drop_list": drop_list})

    def complete(self, drop_list: str, *, idempotency_key: str | None = None) -> models.DropListView:
        """Have the file that was PUT carried out: whom it finds is deleted or opted out, others are kept out."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/drop-lists/{drop_list}/complete",
            places={"drop_list": drop_list},
            idempotency_key=idempotency_key,
        )

    def status(self, drop_list: str) -> models.StatusFiles:
        """Get links to the status files that DROP is to be answered with, as far as they are."""
        return self._call("GET", "/sandboxes/{sandbox}/drop-lists/{drop_list}/status", places={"drop_list": drop_list})

    def list(self) -> Pager[models.DropListView, models.DropLists]:
        """List the files of DROP, newest first."""
        return self._list("GET", "/sandboxes/{sandbox}/drop-lists")


class AsyncDropLists(AsyncNoun):
    """What California's Delete Request and Opt-out Platform lists, and what it is answered."""

    async def create(
        self,
        *,
        file_name: str | Unset | None = UNSET,
        connector_id: str | Unset | None = UNSET,
        received_at: str | Unset | None = UNSET,
        exempt_segment_id: str | Unset | None = UNSET,
        dry_run: bool = False,
        not_held: Sequence[models.OwnList] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.DropListCreated:
        """Say where to PUT a file of California's Delete Request and Opt-out Platform (DROP)."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/drop-lists",
            body={
                "fileName": file_name,
                "connectorId": connector_id,
                "receivedAt": received_at,
                "exemptSegmentId": exempt_segment_id,
                "dryRun": dry_run,
                "notHeld": not_held,
            },
            idempotency_key=idempotency_key,
        )

    async def get(self, drop_list: str) -> models.DropListView:
        """Get a file of DROP: how many of its lines found somebody, and what came of them."""
        return await self._call("GET", "/sandboxes/{sandbox}/drop-lists/{drop_list}", places={"drop_list": drop_list})

    async def complete(self, drop_list: str, *, idempotency_key: str | None = None) -> models.DropListView:
        """Have the file that was PUT carried out: whom it finds is deleted or opted out, others are kept out."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/drop-lists/{drop_list}/complete",
            places={"drop_list": drop_list},
            idempotency_key=idempotency_key,
        )

    async def status(self, drop_list: str) -> models.StatusFiles:
        """Get links to the status files that DROP is to be answered with, as far as they are."""
        return await self._call(
            "GET", "/sandboxes/{sandbox}/drop-lists/{drop_list}/status", places={"drop_list": drop_list}
        )

    def list(self) -> AsyncPager[models.DropListView, models.DropLists]:
        """List the files of DROP, newest first."""
        return self._list("GET", "/sandboxes/{sandbox}/drop-lists")
