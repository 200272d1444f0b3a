"""Addresses that events are sent to.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Webhooks(Noun):
    """Addresses that events are sent to."""

    def create(
        self, url: str, *, types: Sequence[str] | Unset = UNSET, idempotency_key: str | None = None
    ) -> models.NewWebhook:
        """Have events sent to an address, signed as Standard Webhooks says. The secret is shown only now."""
        return self._call(
            "POST", "/sandboxes/{sandbox}/webhooks", body={"url": url, "types": types}, idempotency_key=idempotency_key
        )

    def get(self, webhook: str) -> models.Webhook:
        """Get a webhook. Its secret is never shown again."""
        return self._call("GET", "/sandboxes/{sandbox}/webhooks/{webhook}", places={"webhook": webhook})

    def delete(self, webhook: str, *, if_match: str | None = None) -> None:
        """Delete a webhook: nothing more is sent to it."""
        self._call("DELETE", "/sandboxes/{sandbox}/webhooks/{webhook}", places={"webhook": webhook}, if_match=if_match)

    def update(
        self,
        webhook: str,
        *,
        url: str | Unset | None = UNSET,
        types: Sequence[str] | Unset | None = UNSET,
        status: Literal["enabled", "disabled"] | Unset | None = UNSET,
        if_match: str | None = None,
    ) -> models.Webhook:
        """Change a webhook. Members left out stay, its secret too."""
        return self._call(
            "PATCH",
            "/sandboxes/{sandbox}/webhooks/{webhook}",
            places={"webhook": webhook},
            body={"url": url, "types": types, "status": status},
            if_match=if_match,
        )

    def attempts(self, webhook: str) -> Pager[models.Attempt, models.AttemptList]:
        """List the attempts to send events to the webhook, newest first. They are kept for 30 days."""
        return self._list("GET", "/sandboxes/{sandbox}/webhooks/{webhook}/deliveries", places={"webhook": webhook})

    def rotate_secret(self, webhook: str, *, idempotency_key: str | None = None) -> models.NewWebhook:
        """Give a webhook a new secret, shown only now. For a day its events are signed with the one before, too."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/webhooks/{webhook}/rotate-secret",
            places={"webhook": webhook},
            idempotency_key=idempotency_key,
        )

    def test(self, webhook: str, *, idempotency_key: str | None = None) -> models.Attempt:
        """Send a `webhook.test` event to the webhook now and tell what came of it."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/webhooks/{webhook}/test",
            places={"webhook": webhook},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: Literal["enabled", "disabled"] | None = None,
        search: str | None = None,
        order: models.Order | None = None,
    ) -> Pager[models.Webhook, models.WebhookList]:
        """List the sandbox's webhooks, newest first unless told otherwise."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/webhooks", query={"status": status, "search": search, "order": order}
        )


class AsyncWebhooks(AsyncNoun):
    """Addresses that events are sent to."""

    async def create(
        self, url: str, *, types: Sequence[str] | Unset = UNSET, idempotency_key: str | None = None
    ) -> models.NewWebhook:
        """Have events sent to an address, signed as Standard Webhooks says. The secret is shown only now."""
        return await self._call(
            "POST", "/sandboxes/{sandbox}/webhooks", body={"url": url, "types": types}, idempotency_key=idempotency_key
        )

    async def get(self, webhook: str) -> models.Webhook:
        """Get a webhook. Its secret is never shown again."""
        return await self._call("GET", "/sandboxes/{sandbox}/webhooks/{webhook}", places={"webhook": webhook})

    async def delete(self, webhook: str, *, if_match: str | None = None) -> None:
        """Delete a webhook: nothing more is sent to it."""
        await self._call(
            "DELETE", "/sandboxes/{sandbox}/webhooks/{webhook}", places={"webhook": webhook}, if_match=if_match
        )

    async def update(
        self,
        webhook: str,
        *,
        url: str | Unset | None = UNSET,
        types: Sequence[str] | Unset | None = UNSET,
        status: Literal["enabled", "disabled"] | Unset | None = UNSET,
        if_match: str | None = None,
    ) -> models.Webhook:
        """Change a webhook. Members left out stay, its secret too."""
        return await self._call(
            "PATCH",
            "/sandboxes/{sandbox}/webhooks/{webhook}",
            places={"webhook": webhook},
            body={"url": url, "types": types, "status": status},
            if_match=if_match,
        )

    def attempts(self, webhook: str) -> AsyncPager[models.Attempt, models.AttemptList]:
        """List the attempts to send events to the webhook, newest first. They are kept for 30 days."""
        return self._list("GET", "/sandboxes/{sandbox}/webhooks/{webhook}/deliveries", places={"webhook": webhook})

    async def rotate_secret(self, webhook: str, *, idempotency_key: str | None = None) -> models.NewWebhook:
        """Give a webhook a new secret, shown only now. For a day its events are signed with the one before, too."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/webhooks/{webhook}/rotate-secret",
            places={"webhook": webhook},
            idempotency_key=idempotency_key,
        )

    async def test(self, webhook: str, *, idempotency_key: str | None = None) -> models.Attempt:
        """Send a `webhook.test` event to the webhook now and tell what came of it."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/webhooks/{webhook}/test",
            places={"webhook": webhook},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: Literal["enabled", "disabled"] | None = None,
        search: str | None = None,
        order: models.Order | None = None,
    ) -> AsyncPager[models.Webhook, models.WebhookList]:
        """List the sandbox's webhooks, newest first unless told otherwise."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/webhooks", query={"status": status, "search": search, "order": order}
        )
