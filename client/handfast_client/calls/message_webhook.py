"""A sandbox's own system that writes to people about their requests.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, Noun

if TYPE_CHECKING:
    from handfast_client import models


class MessageWebhook(Noun):
    """A sandbox's own system that writes to people about their requests."""

    def get(self) -> models.MessageWebhook:
        """Get where messages to people are posted. The secret is never shown again."""
        return self._call("GET", "/sandboxes/{sandbox}/message-webhook")

    def put(self, url: str, *, if_match: str | None = None) -> models.NewMessageWebhook:
        """Have messages to people posted to your own message system. A new secret is shown only now; one there is stays."""
        return self._call("PUT", "/sandboxes/{sandbox}/message-webhook", body={"url": url}, if_match=if_match)

    def delete(self, *, if_match: str | None = None) -> None:
        """Have messages to people posted no longer."""
        self._call("DELETE", "/sandboxes/{sandbox}/message-webhook", if_match=if_match)

    def rotate_secret(self, *, idempotency_key: str | None = None) -> models.NewMessageWebhook:
        """Give the message webhook a new secret, shown only now. For a day messages are signed with the one before, too."""
        return self._call("POST", "/sandboxes/{sandbox}/message-webhook/rotate-secret", idempotency_key=idempotency_key)

    def test(self, *, idempotency_key: str | None = None) -> models.ConnectorTest:
        """Post a `message.test` event now, and one with a wrong signature, and tell what came of each."""
        return self._call("POST", "/sandboxes/{sandbox}/message-webhook/test", idempotency_key=idempotency_key)


class AsyncMessageWebhook(AsyncNoun):
    """A sandbox's own system that writes to people about their requests."""

    async def get(self) -> models.MessageWebhook:
        """Get where messages to people are posted. The secret is never shown again."""
        return await self._call("GET", "/sandboxes/{sandbox}/message-webhook")

    async def put(self, url: str, *, if_match: str | None = None) -> models.NewMessageWebhook:
        """Have messages to people posted to your own message system. A new secret is shown only now; one there is stays."""
        return await self._call("PUT", "/sandboxes/{sandbox}/message-webhook", body={"url": url}, if_match=if_match)

    async def delete(self, *, if_match: str | None = None) -> None:
        """Have messages to people posted no longer."""
        await self._call("DELETE", "/sandboxes/{sandbox}/message-webhook", if_match=if_match)

    async def rotate_secret(self, *, idempotency_key: str | None = None) -> models.NewMessageWebhook:
        """Give the message webhook a new secret, shown only now. For a day messages are signed with the one before, too."""
        return await self._call(
            "POST", "/sandboxes/{sandbox}/message-webhook/rotate-secret", idempotency_key=idempotency_key
        )

    async def test(self, *, idempotency_key: str | None = None) -> models.ConnectorTest:
        """Post a `message.test` event now, and one with a wrong signature, and tell what came of each."""
        return await self._call("POST", "/sandboxes/{sandbox}/message-webhook/test", idempotency_key=idempotency_key)
