"""What the people of a sandbox should see.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, AsyncPager, Noun, Pager

if TYPE_CHECKING:
    from handfast_client import models


class Notifications(Noun):
    """What the people of a sandbox should see."""

    def read(self, notification: str, *, idempotency_key: str | None = None) -> models.Notification:
        """Mark a notification as read, for all people of the sandbox."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/notifications/{notification}/read",
            places={"notification": notification},
            idempotency_key=idempotency_key,
        )

    def list(self) -> Pager[models.Notification, models.NotificationList]:
        """List what the sandbox's people should see, newest first."""
        return self._list("GET", "/sandboxes/{sandbox}/notifications")


class AsyncNotifications(AsyncNoun):
    """What the people of a sandbox should see."""

    async def read(self, notification: str, *, idempotency_key: str | None = None) -> models.Notification:
        """Mark a notification as read, for all people of the sandbox."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/notifications/{notification}/read",
            places={"notification": notification},
            idempotency_key=idempotency_key,
        )

    def list(self) -> AsyncPager[models.Notification, models.NotificationList]:
        """List what the sandbox's people should see, newest first."""
        return self._list("GET", "/sandboxes/{sandbox}/notifications")
