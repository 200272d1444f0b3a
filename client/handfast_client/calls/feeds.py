"""What a sandbox offers: segments, namespaces and partners under a name.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, overload

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Feeds(Noun):
    """What a sandbox offers: segments, namespaces and partners under a name."""

    def create(
        self,
        name: str,
        segment_ids: Sequence[str],
        namespaces: Sequence[str],
        *,
        description: str | Unset | None = UNSET,
        restricted_marketing_actions: Sequence[str] | Unset = UNSET,
        connection_ids: Sequence[str] | Unset = UNSET,
        show_population: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.FeedView:
        """Draft a feed. Nothing is shared until it is published."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/feeds",
            body={
                "name": name,
                "segmentIds": segment_ids,
                "namespaces": namespaces,
                "description": description,
                "restrictedMarketingActions": restricted_marketing_actions,
                "connectionIds": connection_ids,
                "showPopulation": show_population,
            },
            idempotency_key=idempotency_key,
        )

    def get(self, feed: str) -> models.FeedView:
        """Get a feed, with how each partner stands to it."""
        return self._call("GET", "/sandboxes/{sandbox}/feeds/{feed}", places={"feed": feed})

    def delete(self, feed: str, *, if_match: str | None = None) -> None:
        """Delete a feed. It is unshared from all partners, and what they received is withdrawn."""
        self._call("DELETE", "/sandboxes/{sandbox}/feeds/{feed}", places={"feed": feed}, if_match=if_match)

    def update(
        self,
        feed: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        segment_ids: Sequence[str] | Unset | None = UNSET,
        namespaces: Sequence[str] | Unset | None = UNSET,
        restricted_marketing_actions: Sequence[str] | Unset | None = UNSET,
        connection_ids: Sequence[str] | Unset | None = UNSET,
        show_population: bool | Unset | None = UNSET,
        if_match: str | None = None,
    ) -> models.FeedView:
        """Change the draft of a feed's next version. Members left out stay."""
        return self._call(
            "PATCH",
            "/sandboxes/{sandbox}/feeds/{feed}",
            places={"feed": feed},
            body={
                "name": name,
                "description": description,
                "segmentIds": segment_ids,
                "namespaces": namespaces,
                "restrictedMarketingActions": restricted_marketing_actions,
                "connectionIds": connection_ids,
                "showPopulation": show_population,
            },
            if_match=if_match,
        )

    def estimate(
        self, feed: str, *, precision: float | Unset = UNSET, idempotency_key: str | None = None
    ) -> models.EstimateList:
        """Estimate a feed's overlap by connection, segment and namespace."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/feeds/{feed}/estimate",
            places={"feed": feed},
            body={"precision": precision},
            idempotency_key=idempotency_key,
        )

    def explain(self, feed: str, *, idempotency_key: str | None = None) -> models.FeedExplanation:
        """Tell by segment and partner which policy, label and marketing action keep a feed's draft from being shared."""
        return self._call(
            "POST", "/sandboxes/{sandbox}/feeds/{feed}/explain", places={"feed": feed}, idempotency_key=idempotency_key
        )

    @overload
    def publish(
        self, feed: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.PublishedView: ...
    @overload
    def publish(
        self, feed: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.PublishPreview: ...
    @overload
    def publish(
        self, feed: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.PublishedView | models.PublishPreview: ...
    def publish(
        self, feed: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.PublishedView | models.PublishPreview:
        """Publish a feed: its draft becomes the next version, and partners are offered it."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/feeds/{feed}/publish",
            places={"feed": feed},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    @overload
    def unshare(
        self, feed: str, connection_id: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.FeedView: ...
    @overload
    def unshare(
        self, feed: str, connection_id: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.UnsharePreview: ...
    @overload
    def unshare(
        self, feed: str, connection_id: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.FeedView | models.UnsharePreview: ...
    def unshare(
        self, feed: str, connection_id: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.FeedView | models.UnsharePreview:
        """Stop sharing a feed with one partner. What the partner received is withdrawn."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/feeds/{feed}/unshare",
            places={"feed": feed},
            body={"connectionId": connection_id},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.FeedStatus | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name"] | None = None,
        order: models.Order | None = None,
    ) -> Pager[models.FeedView, models.FeedList]:
        """List the sandbox's feeds, newest first unless sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/feeds",
            query={"status": status, "search": search, "sort": sort, "order": order},
        )


class AsyncFeeds(AsyncNoun):
    """What a sandbox offers: segments, namespaces and partners under a name."""

    async def create(
        self,
        name: str,
        segment_ids: Sequence[str],
        namespaces: Sequence[str],
        *,
        description: str | Unset | None = UNSET,
        restricted_marketing_actions: Sequence[str] | Unset = UNSET,
        connection_ids: Sequence[str] | Unset = UNSET,
        show_population: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.FeedView:
        """Draft a feed. Nothing is shared until it is published."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/feeds",
            body={
                "name": name,
                "segmentIds": segment_ids,
                "namespaces": namespaces,
                "description": description,
                "restrictedMarketingActions": restricted_marketing_actions,
                "connectionIds": connection_ids,
                "showPopulation": show_population,
            },
            idempotency_key=idempotency_key,
        )

    async def get(self, feed: str) -> models.FeedView:
        """Get a feed, with how each partner stands to it."""
        return await self._call("GET", "/sandboxes/{sandbox}/feeds/{feed}", places={"feed": feed})

    async def delete(self, feed: str, *, if_match: str | None = None) -> None:
        """Delete a feed. It is unshared from all partners, and what they received is withdrawn."""
        await self._call("DELETE", "/sandboxes/{sandbox}/feeds/{feed}", places={"feed": feed}, if_match=if_match)

    async def update(
        self,
        feed: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        segment_ids: Sequence[str] | Unset | None = UNSET,
        namespaces: Sequence[str] | Unset | None = UNSET,
        restricted_marketing_actions: Sequence[str] | Unset | None = UNSET,
        connection_ids: Sequence[str] | Unset | None = UNSET,
        show_population: bool | Unset | None = UNSET,
        if_match: str | None = None,
    ) -> models.FeedView:
        """Change the draft of a feed's next version. Members left out stay."""
        return await self._call(
            "PATCH",
            "/sandboxes/{sandbox}/feeds/{feed}",
            places={"feed": feed},
            body={
                "name": name,
                "description": description,
                "segmentIds": segment_ids,
                "namespaces": namespaces,
                "restrictedMarketingActions": restricted_marketing_actions,
                "connectionIds": connection_ids,
                "showPopulation": show_population,
            },
            if_match=if_match,
        )

    async def estimate(
        self, feed: str, *, precision: float | Unset = UNSET, idempotency_key: str | None = None
    ) -> models.EstimateList:
        """Estimate a feed's overlap by connection, segment and namespace."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/feeds/{feed}/estimate",
            places={"feed": feed},
            body={"precision": precision},
            idempotency_key=idempotency_key,
        )

    async def explain(self, feed: str, *, idempotency_key: str | None = None) -> models.FeedExplanation:
        """Tell by segment and partner which policy, label and marketing action keep a feed's draft from being shared."""
        return await self._call(
            "POST", "/sandboxes/{sandbox}/feeds/{feed}/explain", places={"feed": feed}, idempotency_key=idempotency_key
        )

    @overload
    async def publish(
        self, feed: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.PublishedView: ...
    @overload
    async def publish(
        self, feed: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.PublishPreview: ...
    @overload
    async def publish(
        self, feed: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.PublishedView | models.PublishPreview: ...
    async def publish(
        self, feed: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.PublishedView | models.PublishPreview:
        """Publish a feed: its draft becomes the next version, and partners are offered it."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/feeds/{feed}/publish",
            places={"feed": feed},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    @overload
    async def unshare(
        self, feed: str, connection_id: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.FeedView: ...
    @overload
    async def unshare(
        self, feed: str, connection_id: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.UnsharePreview: ...
    @overload
    async def unshare(
        self, feed: str, connection_id: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.FeedView | models.UnsharePreview: ...
    async def unshare(
        self, feed: str, connection_id: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.FeedView | models.UnsharePreview:
        """Stop sharing a feed with one partner. What the partner received is withdrawn."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/feeds/{feed}/unshare",
            places={"feed": feed},
            body={"connectionId": connection_id},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.FeedStatus | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name"] | None = None,
        order: models.Order | None = None,
    ) -> AsyncPager[models.FeedView, models.FeedList]:
        """List the sandbox's feeds, newest first unless sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/feeds",
            query={"status": status, "search": search, "sort": sort, "order": order},
        )
