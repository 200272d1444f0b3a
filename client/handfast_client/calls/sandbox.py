"""A sandbox with its settings.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from handfast_client.noun import AsyncNoun, Noun

if TYPE_CHECKING:
    from handfast_client import models


class Sandbox(Noun):
    """A sandbox with its settings."""

    def get(self) -> models.SandboxView:
        """Get the sandbox with its settings."""
        return self._call("GET", "/sandboxes/{sandbox}")

    @overload
    def update(
        self, settings: models.PatchSettings, *, dry_run: Literal[False] = False, if_match: str | None = None
    ) -> models.SandboxView: ...
    @overload
    def update(
        self, settings: models.PatchSettings, *, dry_run: Literal[True], if_match: str | None = None
    ) -> models.SandboxPreview: ...
    @overload
    def update(
        self, settings: models.PatchSettings, *, dry_run: bool, if_match: str | None = None
    ) -> models.SandboxView | models.SandboxPreview: ...
    def update(
        self, settings: models.PatchSettings, *, dry_run: bool = False, if_match: str | None = None
    ) -> models.SandboxView | models.SandboxPreview:
        """Change settings of the sandbox. By another way of counting consent, what it shares or receives is reconciled."""
        return self._call(
            "PATCH", "/sandboxes/{sandbox}", body={"settings": settings}, query={"dryRun": dry_run}, if_match=if_match
        )


class AsyncSandbox(AsyncNoun):
    """A sandbox with its settings."""

    async def get(self) -> models.SandboxView:
        """Get the sandbox with its settings."""
        return await self._call("GET", "/sandboxes/{sandbox}")

    @overload
    async def update(
        self, settings: models.PatchSettings, *, dry_run: Literal[False] = False, if_match: str | None = None
    ) -> models.SandboxView: ...
    @overload
    async def update(
        self, settings: models.PatchSettings, *, dry_run: Literal[True], if_match: str | None = None
    ) -> models.SandboxPreview: ...
    @overload
    async def update(
        self, settings: models.PatchSettings, *, dry_run: bool, if_match: str | None = None
    ) -> models.SandboxView | models.SandboxPreview: ...
    async def update(
        self, settings: models.PatchSettings, *, dry_run: bool = False, if_match: str | None = None
    ) -> models.SandboxView | models.SandboxPreview:
        """Change settings of the sandbox. By another way of counting consent, what it shares or receives is reconciled."""
        return await self._call(
            "PATCH", "/sandboxes/{sandbox}", body={"settings": settings}, query={"dryRun": dry_run}, if_match=if_match
        )
