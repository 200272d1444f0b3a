"""Places that files are taken from by themselves: buckets and servers of others.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Sources(Noun):
    """Places that files are taken from by themselves: buckets and servers of others."""

    def create(
        self,
        name: str,
        kind: models.Kind,
        settings: Mapping[str, Any],
        *,
        format: models.Format | Unset | None = UNSET,
        mode: models.Mode | Unset | None = UNSET,
        columns: Sequence[models.ColumnMapping] | Unset = UNSET,
        preset: str | Unset | None = UNSET,
        segment_id: str | Unset | None = UNSET,
        allow_removal: bool | Unset = UNSET,
        allow_rejects: bool | Unset = UNSET,
        rejects_name_profiles: bool | Unset = UNSET,
        allow_over_entitlement: bool | Unset = UNSET,
        dialect: models.CsvDialect | Unset | None = UNSET,
        delimiter: models.Delimiter | Unset | None = UNSET,
        blanks: models.Blanks | Unset = UNSET,
        replace_identities: bool | Unset = UNSET,
        data_source_id: str | Unset | None = UNSET,
        renderings: Sequence[models.Platform] | Unset = UNSET,
        segments: Literal["all"] | Sequence[str] | Unset | None = UNSET,
        create_segments: bool | Unset = UNSET,
        share_values: Mapping[str, str] | Unset | None = UNSET,
        file_name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        takes: models.Takes | Unset | None = UNSET,
        schedule: models.SourceSchedule | Unset | None = UNSET,
        on_events: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.SourceView:
        """Set up a source. Its secrets are never shown again."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/sources",
            body={
                "name": name,
                "kind": kind,
                "settings": settings,
                "format": format,
                "mode": mode,
                "columns": columns,
                "preset": preset,
                "segmentId": segment_id,
                "allowRemoval": allow_removal,
                "allowRejects": allow_rejects,
                "rejectsNameProfiles": rejects_name_profiles,
                "allowOverEntitlement": allow_over_entitlement,
                "dialect": dialect,
                "delimiter": delimiter,
                "blanks": blanks,
                "replaceIdentities": replace_identities,
                "dataSourceId": data_source_id,
                "renderings": renderings,
                "segments": segments,
                "createSegments": create_segments,
                "shareValues": share_values,
                "fileName": file_name,
                "description": description,
                "takes": takes,
                "schedule": schedule,
                "onEvents": on_events,
            },
            idempotency_key=idempotency_key,
        )

    def get(self, source: str) -> models.SourceView:
        """Get a source, with its last run and when the next one is."""
        return self._call("GET", "/sandboxes/{sandbox}/sources/{source}", places={"source": source})

    def delete(self, source: str, *, if_match: str | None = None) -> None:
        """Delete a source. What it has brought stays."""
        self._call("DELETE", "/sandboxes/{sandbox}/sources/{source}", places={"source": source}, if_match=if_match)

    def update(
        self,
        source: str,
        *,
        format: models.Format | Unset | None = UNSET,
        mode: models.Mode | Unset | None = UNSET,
        columns: Sequence[models.ColumnMapping] | Unset = UNSET,
        preset: str | Unset | None = UNSET,
        segment_id: str | Unset | None = UNSET,
        allow_removal: bool | Unset = UNSET,
        allow_rejects: bool | Unset = UNSET,
        rejects_name_profiles: bool | Unset = UNSET,
        allow_over_entitlement: bool | Unset = UNSET,
        dialect: models.CsvDialect | Unset | None = UNSET,
        delimiter: models.Delimiter | Unset | None = UNSET,
        blanks: models.Blanks | Unset = UNSET,
        replace_identities: bool | Unset = UNSET,
        data_source_id: str | Unset | None = UNSET,
        renderings: Sequence[models.Platform] | Unset = UNSET,
        segments: Literal["all"] | Sequence[str] | Unset | None = UNSET,
        create_segments: bool | Unset = UNSET,
        share_values: Mapping[str, str] | Unset | None = UNSET,
        file_name: str | Unset | None = UNSET,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        status: models.SourceStatus | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        takes: models.Takes | Unset | None = UNSET,
        schedule: models.SourceSchedule | Unset | None = UNSET,
        on_events: bool | Unset = UNSET,
        if_match: str | None = None,
    ) -> models.SourceView:
        """Change a source. A paused one is run by hand alone."""
        return self._call(
            "PATCH",
            "/sandboxes/{sandbox}/sources/{source}",
            places={"source": source},
            body={
                "format": format,
                "mode": mode,
                "columns": columns,
                "preset": preset,
                "segmentId": segment_id,
                "allowRemoval": allow_removal,
                "allowRejects": allow_rejects,
                "rejectsNameProfiles": rejects_name_profiles,
                "allowOverEntitlement": allow_over_entitlement,
                "dialect": dialect,
                "delimiter": delimiter,
                "blanks": blanks,
                "replaceIdentities": replace_identities,
                "dataSourceId": data_source_id,
                "renderings": renderings,
                "segments": segments,
                "createSegments": create_segments,
                "shareValues": share_values,
                "fileName": file_name,
                "name": name,
                "description": description,
                "status": status,
                "settings": settings,
                "takes": takes,
                "schedule": schedule,
                "onEvents": on_events,
            },
            if_match=if_match,
        )

    @overload
    def run(
        self, source: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.SourceRunView: ...
    @overload
    def run(
        self, source: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.SourceRunPreview: ...
    @overload
    def run(
        self, source: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.SourceRunView | models.SourceRunPreview: ...
    def run(
        self, source: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.SourceRunView | models.SourceRunPreview:
        """Begin an import of a source's files."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/sources/{source}/run",
            places={"source": source},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    def test(self, source: str, *, idempotency_key: str | None = None) -> models.SourceTest:
        """Try whether a source can be read as it is set up. Nothing is changed there."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/sources/{source}/test",
            places={"source": source},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.SourceStatus | None = None,
        kind: models.Kind | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name"] | None = None,
        order: models.Order | None = None,
    ) -> Pager[models.SourceView, models.SourceList]:
        """List the sandbox's sources, newest first unless sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/sources",
            query={"status": status, "kind": kind, "search": search, "sort": sort, "order": order},
        )


class AsyncSources(AsyncNoun):
    """Places that files are taken from by themselves: buckets and servers of others."""

    async def create(
        self,
        name: str,
        kind: models.Kind,
        settings: Mapping[str, Any],
        *,
        format: models.Format | Unset | None = UNSET,
        mode: models.Mode | Unset | None = UNSET,
        columns: Sequence[models.ColumnMapping] | Unset = UNSET,
        preset: str | Unset | None = UNSET,
        segment_id: str | Unset | None = UNSET,
        allow_removal: bool | Unset = UNSET,
        allow_rejects: bool | Unset = UNSET,
        rejects_name_profiles: bool | Unset = UNSET,
        allow_over_entitlement: bool | Unset = UNSET,
        dialect: models.CsvDialect | Unset | None = UNSET,
        delimiter: models.Delimiter | Unset | None = UNSET,
        blanks: models.Blanks | Unset = UNSET,
        replace_identities: bool | Unset = UNSET,
        data_source_id: str | Unset | None = UNSET,
        renderings: Sequence[models.Platform] | Unset = UNSET,
        segments: Literal["all"] | Sequence[str] | Unset | None = UNSET,
        create_segments: bool | Unset = UNSET,
        share_values: Mapping[str, str] | Unset | None = UNSET,
        file_name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        takes: models.Takes | Unset | None = UNSET,
        schedule: models.SourceSchedule | Unset | None = UNSET,
        on_events: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.SourceView:
        """Set up a source. Its secrets are never shown again."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/sources",
            body={
                "name": name,
                "kind": kind,
                "settings": settings,
                "format": format,
                "mode": mode,
                "columns": columns,
                "preset": preset,
                "segmentId": segment_id,
                "allowRemoval": allow_removal,
                "allowRejects": allow_rejects,
                "rejectsNameProfiles": rejects_name_profiles,
                "allowOverEntitlement": allow_over_entitlement,
                "dialect": dialect,
                "delimiter": delimiter,
                "blanks": blanks,
                "replaceIdentities": replace_identities,
                "dataSourceId": data_source_id,
                "renderings": renderings,
                "segments": segments,
                "createSegments": create_segments,
                "shareValues": share_values,
                "fileName": file_name,
                "description": description,
                "takes": takes,
                "schedule": schedule,
                "onEvents": on_events,
            },
            idempotency_key=idempotency_key,
        )

    async def get(self, source: str) -> models.SourceView:
        """Get a source, with its last run and when the next one is."""
        return await self._call("GET", "/sandboxes/{sandbox}/sources/{source}", places={"source": source})

    async def delete(self, source: str, *, if_match: str | None = None) -> None:
        """Delete a source. What it has brought stays."""
        await self._call(
            "DELETE", "/sandboxes/{sandbox}/sources/{source}", places={"source": source}, if_match=if_match
        )

    async def update(
        self,
        source: str,
        *,
        format: models.Format | Unset | None = UNSET,
        mode: models.Mode | Unset | None = UNSET,
        columns: Sequence[models.ColumnMapping] | Unset = UNSET,
        preset: str | Unset | None = UNSET,
        segment_id: str | Unset | None = UNSET,
        allow_removal: bool | Unset = UNSET,
        allow_rejects: bool | Unset = UNSET,
        rejects_name_profiles: bool | Unset = UNSET,
        allow_over_entitlement: bool | Unset = UNSET,
        dialect: models.CsvDialect | Unset | None = UNSET,
        delimiter: models.Delimiter | Unset | None = UNSET,
        blanks: models.Blanks | Unset = UNSET,
        replace_identities: bool | Unset = UNSET,
        data_source_id: str | Unset | None = UNSET,
        renderings: Sequence[models.Platform] | Unset = UNSET,
        segments: Literal["all"] | Sequence[str] | Unset | None = UNSET,
        create_segments: bool | Unset = UNSET,
        share_values: Mapping[str, str] | Unset | None = UNSET,
        file_name: str | Unset | None = UNSET,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        status: models.SourceStatus | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        takes: models.Takes | Unset | None = UNSET,
        schedule: models.SourceSchedule | Unset | None = UNSET,
        on_events: bool | Unset = UNSET,
        if_match: str | None = None,
    ) -> models.SourceView:
        """Change a source. A paused one is run by hand alone."""
        return await self._call(
            "PATCH",
            "/sandboxes/{sandbox}/sources/{source}",
            places={"source": source},
            body={
                "format": format,
                "mode": mode,
                "columns": columns,
                "preset": preset,
                "segmentId": segment_id,
                "allowRemoval": allow_removal,
                "allowRejects": allow_rejects,
                "rejectsNameProfiles": rejects_name_profiles,
                "allowOverEntitlement": allow_over_entitlement,
                "dialect": dialect,
                "delimiter": delimiter,
                "blanks": blanks,
                "replaceIdentities": replace_identities,
                "dataSourceId": data_source_id,
                "renderings": renderings,
                "segments": segments,
                "createSegments": create_segments,
                "shareValues": share_values,
                "fileName": file_name,
                "name": name,
                "description": description,
                "status": status,
                "settings": settings,
                "takes": takes,
                "schedule": schedule,
                "onEvents": on_events,
            },
            if_match=if_match,
        )

    @overload
    async def run(
        self, source: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.SourceRunView: ...
    @overload
    async def run(
        self, source: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.SourceRunPreview: ...
    @overload
    async def run(
        self, source: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.SourceRunView | models.SourceRunPreview: ...
    async def run(
        self, source: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.SourceRunView | models.SourceRunPreview:
        """Begin an import of a source's files."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/sources/{source}/run",
            places={"source": source},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    async def test(self, source: str, *, idempotency_key: str | None = None) -> models.SourceTest:
        """Try whether a source can be read as it is set up. Nothing is changed there."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/sources/{source}/test",
            places={"source": source},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.SourceStatus | None = None,
        kind: models.Kind | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name"] | None = None,
        order: models.Order | None = None,
    ) -> AsyncPager[models.SourceView, models.SourceList]:
        """List the sandbox's sources, newest first unless sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/sources",
            query={"status": status, "kind": kind, "search": search, "sort": sort, "order": order},
        )
