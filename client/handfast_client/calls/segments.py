"""Named sets of identities, own and received.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, overload

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Segments(Noun):
    """Named sets of identities, own and received."""

    def folders(self) -> Pager[models.FolderView, models.FolderList]:
        """List the folders of received segments."""
        return self._list("GET", "/sandboxes/{sandbox}/segment-folders")

    def create(
        self,
        name: str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset = UNSET,
        expression: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.SegmentView:
        """Create a segment, still without members, or compose one of others."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/segments",
            body={
                "name": name,
                "description": description,
                "externalId": external_id,
                "labels": labels,
                "expression": expression,
            },
            idempotency_key=idempotency_key,
        )

    def get(self, segment: str) -> models.SegmentView:
        """Get a segment, own or received."""
        return self._call("GET", "/sandboxes/{sandbox}/segments/{segment}", places={"segment": segment})

    def delete(self, segment: str, *, if_match: str | None = None) -> None:
        """Delete a segment that no feed uses, with its memberships."""
        self._call("DELETE", "/sandboxes/{sandbox}/segments/{segment}", places={"segment": segment}, if_match=if_match)

    @overload
    def update(
        self,
        segment: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        column_labels: Mapping[str, Sequence[str]] | Unset = UNSET,
        expression: str | Unset = UNSET,
        dry_run: Literal[False] = False,
        if_match: str | None = None,
    ) -> models.SegmentView: ...
    @overload
    def update(
        self,
        segment: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        column_labels: Mapping[str, Sequence[str]] | Unset = UNSET,
        expression: str | Unset = UNSET,
        dry_run: Literal[True],
        if_match: str | None = None,
    ) -> models.RulesPreview: ...
    @overload
    def update(
        self,
        segment: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        column_labels: Mapping[str, Sequence[str]] | Unset = UNSET,
        expression: str | Unset = UNSET,
        dry_run: bool,
        if_match: str | None = None,
    ) -> models.SegmentView | models.RulesPreview: ...
    def update(
        self,
        segment: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        column_labels: Mapping[str, Sequence[str]] | Unset = UNSET,
        expression: str | Unset = UNSET,
        dry_run: bool = False,
        if_match: str | None = None,
    ) -> models.SegmentView | models.RulesPreview:
        """Change a segment. Members left out stay. Labels that a policy forbids stop it at once."""
        return self._call(
            "PATCH",
            "/sandboxes/{sandbox}/segments/{segment}",
            places={"segment": segment},
            body={
                "name": name,
                "description": description,
                "externalId": external_id,
                "labels": labels,
                "columnLabels": column_labels,
                "expression": expression,
            },
            query={"dryRun": dry_run},
            if_match=if_match,
        )

    def members(self, segment: str) -> Pager[models.Member, models.MemberList]:
        """List the members of an own segment, in the order of their keys."""
        return self._list("GET", "/sandboxes/{sandbox}/segments/{segment}/members", places={"segment": segment})

    def export_members(
        self, segment: str, format: models.ExportFormat, *, idempotency_key: str | None = None
    ) -> models.MemberExport:
        """Write all members of an own segment into a file and give a link to it."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/segments/{segment}/members/export",
            places={"segment": segment},
            body={"format": format},
            idempotency_key=idempotency_key,
        )

    def renderings(self, segment: str) -> Pager[models.RenderingCount, models.RenderingCounts]:
        """Get what advertising platforms can be given of an own segment's members, who hash otherwise than Handfast."""
        return self._list("GET", "/sandboxes/{sandbox}/segments/{segment}/renderings", places={"segment": segment})

    def list(
        self,
        *,
        origin: models.Origin | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name"] | None = None,
        order: models.Order | None = None,
    ) -> Pager[models.SegmentView, models.SegmentList]:
        """List the sandbox's own segments, then those it receives, unless they are sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/segments",
            query={"origin": origin, "search": search, "sort": sort, "order": order},
        )


class AsyncSegments(AsyncNoun):
    """Named sets of identities, own and received."""

    def folders(self) -> AsyncPager[models.FolderView, models.FolderList]:
        """List the folders of received segments."""
        return self._list("GET", "/sandboxes/{sandbox}/segment-folders")

    async def create(
        self,
        name: str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset = UNSET,
        expression: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.SegmentView:
        """Create a segment, still without members, or compose one of others."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/segments",
            body={
                "name": name,
                "description": description,
                "externalId": external_id,
                "labels": labels,
                "expression": expression,
            },
            idempotency_key=idempotency_key,
        )

    async def get(self, segment: str) -> models.SegmentView:
        """Get a segment, own or received."""
        return await self._call("GET", "/sandboxes/{sandbox}/segments/{segment}", places={"segment": segment})

    async def delete(self, segment: str, *, if_match: str | None = None) -> None:
        """Delete a segment that no feed uses, with its memberships."""
        await self._call(
            "DELETE", "/sandboxes/{sandbox}/segments/{segment}", places={"segment": segment}, if_match=if_match
        )

    @overload
    async def update(
        self,
        segment: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        column_labels: Mapping[str, Sequence[str]] | Unset = UNSET,
        expression: str | Unset = UNSET,
        dry_run: Literal[False] = False,
        if_match: str | None = None,
    ) -> models.SegmentView: ...
    @overload
    async def update(
        self,
        segment: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        column_labels: Mapping[str, Sequence[str]] | Unset = UNSET,
        expression: str | Unset = UNSET,
        dry_run: Literal[True],
        if_match: str | None = None,
    ) -> models.RulesPreview: ...
    @overload
    async def update(
        self,
        segment: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        column_labels: Mapping[str, Sequence[str]] | Unset = UNSET,
        expression: str | Unset = UNSET,
        dry_run: bool,
        if_match: str | None = None,
    ) -> models.SegmentView | models.RulesPreview: ...
    async def update(
        self,
        segment: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        column_labels: Mapping[str, Sequence[str]] | Unset = UNSET,
        expression: str | Unset = UNSET,
        dry_run: bool = False,
        if_match: str | None = None,
    ) -> models.SegmentView | models.RulesPreview:
        """Change a segment. Members left out stay. Labels that a policy forbids stop it at once."""
        return await self._call(
            "PATCH",
            "/sandboxes/{sandbox}/segments/{segment}",
            places={"segment": segment},
            body={
                "name": name,
                "description": description,
                "externalId": external_id,
                "labels": labels,
                "columnLabels": column_labels,
                "expression": expression,
            },
            query={"dryRun": dry_run},
            if_match=if_match,
        )

    def members(self, segment: str) -> AsyncPager[models.Member, models.MemberList]:
        """List the members of an own segment, in the order of their keys."""
        return self._list("GET", "/sandboxes/{sandbox}/segments/{segment}/members", places={"segment": segment})

    async def export_members(
        self, segment: str, format: models.ExportFormat, *, idempotency_key: str | None = None
    ) -> models.MemberExport:
        """Write all members of an own segment into a file and give a link to it."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/segments/{segment}/members/export",
            places={"segment": segment},
            body={"format": format},
            idempotency_key=idempotency_key,
        )

    def renderings(self, segment: str) -> AsyncPager[models.RenderingCount, models.RenderingCounts]:
        """Get what advertising platforms can be given of an own segment's members, who hash otherwise than Handfast."""
        return self._list("GET", "/sandboxes/{sandbox}/segments/{segment}/renderings", places={"segment": segment})

    def list(
        self,
        *,
        origin: models.Origin | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name"] | None = None,
        order: models.Order | None = None,
    ) -> AsyncPager[models.SegmentView, models.SegmentList]:
        """List the sandbox's own segments, then those it receives, unless they are sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/segments",
            query={"origin": origin, "search": search, "sort": sort, "order": order},
        )
