"""The log of what has happened in a sandbox, chained by hashes.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, AsyncPager, Noun, Pager

if TYPE_CHECKING:
    from handfast_client import models


class Activity(Noun):
    """The log of what has happened in a sandbox, chained by hashes."""

    def verify(self) -> models.Verification:
        """Verify that the activity log's chain of hashes holds."""
        return self._call("GET", "/sandboxes/{sandbox}/activity/verify")

    def list(
        self,
        *,
        type: str | None = None,
        subject: str | None = None,
        actor: str | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> Pager[models.ActivityRecord, models.ActivityList]:
        """List the sandbox's activity records, newest first."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/activity",
            query={"type": type, "subject": subject, "actor": actor, "from": from_, "to": to},
        )


class AsyncActivity(AsyncNoun):
    """The log of what has happened in a sandbox, chained by hashes."""

    async def verify(self) -> models.Verification:
        """Verify that the activity log's chain of hashes holds."""
        return await self._call("GET", "/sandboxes/{sandbox}/activity/verify")

    def list(
        self,
        *,
        type: str | None = None,
        subject: str | None = None,
        actor: str | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> AsyncPager[models.ActivityRecord, models.ActivityList]:
        """List the sandbox's activity records, newest first."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/activity",
            query={"type": type, "subject": subject, "actor": actor, "from": from_, "to": to},
        )
