"""What partners offer, and the members received.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class ReceivedFeeds(Noun):
    """What partners offer, and the members received."""

    def get(self, received_feed: str) -> models.ReceivedFeedView:
        """Get a feed that a partner offers or has offered."""
        return self._call(
            "GET", "/sandboxes/{sandbox}/received-feeds/{received_feed}", places={"received_feed": received_feed}
        )

    def decline(self, received_feed: str, *, idempotency_key: str | None = None) -> models.ReceivedFeedView:
        """Decline a feed that a partner offers."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/decline",
            places={"received_feed": received_feed},
            idempotency_key=idempotency_key,
        )

    def disable(self, received_feed: str, *, idempotency_key: str | None = None) -> models.ReceivedFeedView:
        """Disable a received feed: no new members are received, and what leaves still leaves."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/disable",
            places={"received_feed": received_feed},
            idempotency_key=idempotency_key,
        )

    def enable(self, received_feed: str, *, idempotency_key: str | None = None) -> models.ReceivedFeedView:
        """Enable a received feed: its current version is accepted, and members are received."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/enable",
            places={"received_feed": received_feed},
            idempotency_key=idempotency_key,
        )

    def members(self, received_feed: str, *, segment_id: str | None = None) -> Pager[models.Member, models.MemberList]:
        """List the identities received in a feed, in the order of their keys."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/members",
            places={"received_feed": received_feed},
            query={"segmentId": segment_id},
        )

    def member_changes(
        self, received_feed: str, since: str, *, segment_id: str | None = None
    ) -> Pager[models.MemberChange, models.MemberChanges]:
        """List who has come and who has left in a received feed since a time of the last seven days, in the order of keys.

        Begin with the `asOf` of the members, and go on with `nextSince`.
        """
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/members/changes",
            places={"received_feed": received_feed},
            query={"since": since, "segmentId": segment_id},
        )

    def export_members(
        self,
        received_feed: str,
        format: models.ExportFormat,
        *,
        segment_id: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.MemberExport:
        """Write all identities received in a feed into a file and give a link to it."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/members/export",
            places={"received_feed": received_feed},
            body={"format": format, "segmentId": segment_id},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.ShareStatus | None = None,
        connection_id: str | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name", "partner"] | None = None,
        order: models.Order | None = None,
    ) -> Pager[models.ReceivedFeedView, models.ReceivedFeedList]:
        """List the feeds that partners offer or have offered, newest first unless sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/received-feeds",
            query={"status": status, "connectionId": connection_id, "search": search, "sort": sort, "order": order},
        )


class AsyncReceivedFeeds(AsyncNoun):
    """What partners offer, and the members received."""

    async def get(self, received_feed: str) -> models.ReceivedFeedView:
        """Get a feed that a partner offers or has offered."""
        return await self._call(
            "GET", "/sandboxes/{sandbox}/received-feeds/{received_feed}", places={"received_feed": received_feed}
        )

    async def decline(self, received_feed: str, *, idempotency_key: str | None = None) -> models.ReceivedFeedView:
        """Decline a feed that a partner offers."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/decline",
            places={"received_feed": received_feed},
            idempotency_key=idempotency_key,
        )

    async def disable(self, received_feed: str, *, idempotency_key: str | None = None) -> models.ReceivedFeedView:
        """Disable a received feed: no new members are received, and what leaves still leaves."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/disable",
            places={"received_feed": received_feed},
            idempotency_key=idempotency_key,
        )

    async def enable(self, received_feed: str, *, idempotency_key: str | None = None) -> models.ReceivedFeedView:
        """Enable a received feed: its current version is accepted, and members are received."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/enable",
            places={"received_feed": received_feed},
            idempotency_key=idempotency_key,
        )

    def members(
        self, received_feed: str, *, segment_id: str | None = None
    ) -> AsyncPager[models.Member, models.MemberList]:
        """List the identities received in a feed, in the order of their keys."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/members",
            places={"received_feed": received_feed},
            query={"segmentId": segment_id},
        )

    def member_changes(
        self, received_feed: str, since: str, *, segment_id: str | None = None
    ) -> AsyncPager[models.MemberChange, models.MemberChanges]:
        """List who has come and who has left in a received feed since a time of the last seven days, in the order of keys.

        Begin with the `asOf` of the members, and go on with `nextSince`.
        """
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/members/changes",
            places={"received_feed": received_feed},
            query={"since": since, "segmentId": segment_id},
        )

    async def export_members(
        self,
        received_feed: str,
        format: models.ExportFormat,
        *,
        segment_id: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.MemberExport:
        """Write all identities received in a feed into a file and give a link to it."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/received-feeds/{received_feed}/members/export",
            places={"received_feed": received_feed},
            body={"format": format, "segmentId": segment_id},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.ShareStatus | None = None,
        connection_id: str | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name", "partner"] | None = None,
        order: models.Order | None = None,
    ) -> AsyncPager[models.ReceivedFeedView, models.ReceivedFeedList]:
        """List the feeds that partners offer or have offered, newest first unless sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/received-feeds",
            query={"status": status, "connectionId": connection_id, "search": search, "sort": sort, "order": order},
        )
