"""What carries segments to a partner or a destination: its runs and its counts.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from handfast_client.noun import AsyncNoun, AsyncPager, Noun, Pager

if TYPE_CHECKING:
    from handfast_client import models


class Dataflows(Noun):
    """What carries segments to a partner or a destination: its runs and its counts."""

    def get(self, dataflow: str) -> models.AnyDataflow:
        """Get a dataflow."""
        return self._call("GET", "/sandboxes/{sandbox}/dataflows/{dataflow}", places={"dataflow": dataflow})

    def backfill(self, dataflow: str, *, idempotency_key: str | None = None) -> models.RunView:
        """Have all that a destination was given over a dataflow sent to it once more."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/dataflows/{dataflow}/backfill",
            places={"dataflow": dataflow},
            idempotency_key=idempotency_key,
        )

    def delivery_runs(self, dataflow: str) -> Pager[models.DeliveryRun, models.DeliveryRunList]:
        """List what came of a dataflow's changes at its destination, hour by hour, newest first."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/dataflows/{dataflow}/delivery-runs", places={"dataflow": dataflow}
        )

    def pause(self, dataflow: str, *, idempotency_key: str | None = None) -> models.AnyDataflow:
        """Pause a dataflow: nothing new is shared, and what leaves still leaves. Only the source can."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/dataflows/{dataflow}/pause",
            places={"dataflow": dataflow},
            idempotency_key=idempotency_key,
        )

    def population(self, dataflow: str) -> models.PopulationView:
        """Tell why a dataflow's shared count differs from its segments' members."""
        return self._call("GET", "/sandboxes/{sandbox}/dataflows/{dataflow}/population", places={"dataflow": dataflow})

    @overload
    def release(
        self, dataflow: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.AnyDataflow: ...
    @overload
    def release(
        self, dataflow: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.ReleasePreview: ...
    @overload
    def release(
        self, dataflow: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.AnyDataflow | models.ReleasePreview: ...
    def release(
        self, dataflow: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.AnyDataflow | models.ReleasePreview:
        """Release what the sandbox's guards hold back of an outgoing dataflow."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/dataflows/{dataflow}/release",
            places={"dataflow": dataflow},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    def resume(self, dataflow: str, *, idempotency_key: str | None = None) -> models.AnyDataflow:
        """Resume a paused dataflow. Only the source can."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/dataflows/{dataflow}/resume",
            places={"dataflow": dataflow},
            idempotency_key=idempotency_key,
        )

    def runs(self, dataflow: str) -> Pager[models.RunView, models.RunList]:
        """List a dataflow's runs, newest first."""
        return self._list("GET", "/sandboxes/{sandbox}/dataflows/{dataflow}/runs", places={"dataflow": dataflow})

    def list(
        self,
        *,
        status: models.DataflowStatus | None = None,
        direction: Literal["outgoing", "incoming"] | None = None,
        connection_id: str | None = None,
        destination_id: str | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name"] | None = None,
        order: models.Order | None = None,
    ) -> Pager[models.AnyDataflow, models.DataflowList]:
        """List the dataflows from and to the sandbox, newest first unless sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/dataflows",
            query={
                "status": status,
                "direction": direction,
                "connectionId": connection_id,
                "destinationId": destination_id,
                "search": search,
                "sort": sort,
                "order": order,
            },
        )


class AsyncDataflows(AsyncNoun):
    """What carries segments to a partner or a destination: its runs and its counts."""

    async def get(self, dataflow: str) -> models.AnyDataflow:
        """Get a dataflow."""
        return await self._call("GET", "/sandboxes/{sandbox}/dataflows/{dataflow}", places={"dataflow": dataflow})

    async def backfill(self, dataflow: str, *, idempotency_key: str | None = None) -> models.RunView:
        """Have all that a destination was given over a dataflow sent to it once more."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/dataflows/{dataflow}/backfill",
            places={"dataflow": dataflow},
            idempotency_key=idempotency_key,
        )

    def delivery_runs(self, dataflow: str) -> AsyncPager[models.DeliveryRun, models.DeliveryRunList]:
        """List what came of a dataflow's changes at its destination, hour by hour, newest first."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/dataflows/{dataflow}/delivery-runs", places={"dataflow": dataflow}
        )

    async def pause(self, dataflow: str, *, idempotency_key: str | None = None) -> models.AnyDataflow:
        """Pause a dataflow: nothing new is shared, and what leaves still leaves. Only the source can."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/dataflows/{dataflow}/pause",
            places={"dataflow": dataflow},
            idempotency_key=idempotency_key,
        )

    async def population(self, dataflow: str) -> models.PopulationView:
        """Tell why a dataflow's shared count differs from its segments' members."""
        return await self._call(
            "GET", "/sandboxes/{sandbox}/dataflows/{dataflow}/population", places={"dataflow": dataflow}
        )

    @overload
    async def release(
        self, dataflow: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.AnyDataflow: ...
    @overload
    async def release(
        self, dataflow: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.ReleasePreview: ...
    @overload
    async def release(
        self, dataflow: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.AnyDataflow | models.ReleasePreview: ...
    async def release(
        self, dataflow: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.AnyDataflow | models.ReleasePreview:
        """Release what the sandbox's guards hold back of an outgoing dataflow."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/dataflows/{dataflow}/release",
            places={"dataflow": dataflow},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    async def resume(self, dataflow: str, *, idempotency_key: str | None = None) -> models.AnyDataflow:
        """Resume a paused dataflow. Only the source can."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/dataflows/{dataflow}/resume",
            places={"dataflow": dataflow},
            idempotency_key=idempotency_key,
        )

    def runs(self, dataflow: str) -> AsyncPager[models.RunView, models.RunList]:
        """List a dataflow's runs, newest first."""
        return self._list("GET", "/sandboxes/{sandbox}/dataflows/{dataflow}/runs", places={"dataflow": dataflow})

    def list(
        self,
        *,
        status: models.DataflowStatus | None = None,
        direction: Literal["outgoing", "incoming"] | None = None,
        connection_id: str | None = None,
        destination_id: str | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name"] | None = None,
        order: models.Order | None = None,
    ) -> AsyncPager[models.AnyDataflow, models.DataflowList]:
        """List the dataflows from and to the sandbox, newest first unless sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/dataflows",
            query={
                "status": status,
                "direction": direction,
                "connectionId": connection_id,
                "destinationId": destination_id,
                "search": search,
                "sort": sort,
                "order": order,
            },
        )
