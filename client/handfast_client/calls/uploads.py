"""Files of identities and memberships on their way in.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Uploads(Noun):
    """Files of identities and memberships on their way in."""

    def create(
        self,
        file_name: str,
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
        size_bytes: int | Unset | None = UNSET,
        preview: bool | Unset = UNSET,
        as_of: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.UploadCreated:
        """Say what a file holds and learn where to PUT it. The file is ingested as soon as it is there."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/uploads",
            body={
                "fileName": file_name,
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
                "sizeBytes": size_bytes,
                "preview": preview,
                "asOf": as_of,
            },
            idempotency_key=idempotency_key,
        )

    def create_preview(
        self,
        file_name: str,
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
        size_bytes: int | Unset | None = UNSET,
        preview: bool | Unset = UNSET,
        as_of: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.PreviewCreated:
        """Learn where to PUT the first bytes of a file, to see what it holds and what would be rejected."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/uploads/preview",
            body={
                "fileName": file_name,
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
                "sizeBytes": size_bytes,
                "preview": preview,
                "asOf": as_of,
            },
            idempotency_key=idempotency_key,
        )

    def preview(self, preview: str) -> models.FilePreviewView:
        """Get what a file's first rows tell: columns with a guess each, and what would be rejected. Nothing is stored."""
        return self._call("GET", "/sandboxes/{sandbox}/uploads/preview/{preview}", places={"preview": preview})

    def get(self, upload: str) -> models.UploadView:
        """Get an upload and what came of it."""
        return self._call("GET", "/sandboxes/{sandbox}/uploads/{upload}", places={"upload": upload})

    def complete(
        self, upload: str, parts: Sequence[models.UploadedPart], *, idempotency_key: str | None = None
    ) -> models.UploadView:
        """Complete an upload in parts: they become one file."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/uploads/{upload}/complete",
            places={"upload": upload},
            body={"parts": parts},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.UploadStatus | None = None,
        segment_id: str | None = None,
        search: str | None = None,
        order: models.Order | None = None,
    ) -> Pager[models.UploadView, models.UploadList]:
        """List the sandbox's uploads, newest first unless told otherwise."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/uploads",
            query={"status": status, "segmentId": segment_id, "search": search, "order": order},
        )


class AsyncUploads(AsyncNoun):
    """Files of identities and memberships on their way in."""

    async def create(
        self,
        file_name: str,
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
        size_bytes: int | Unset | None = UNSET,
        preview: bool | Unset = UNSET,
        as_of: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.UploadCreated:
        """Say what a file holds and learn where to PUT it. The file is ingested as soon as it is there."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/uploads",
            body={
                "fileName": file_name,
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
                "sizeBytes": size_bytes,
                "preview": preview,
                "asOf": as_of,
            },
            idempotency_key=idempotency_key,
        )

    async def create_preview(
        self,
        file_name: str,
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
        size_bytes: int | Unset | None = UNSET,
        preview: bool | Unset = UNSET,
        as_of: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.PreviewCreated:
        """Learn where to PUT the first bytes of a file, to see what it holds and what would be rejected."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/uploads/preview",
            body={
                "fileName": file_name,
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
                "sizeBytes": size_bytes,
                "preview": preview,
                "asOf": as_of,
            },
            idempotency_key=idempotency_key,
        )

    async def preview(self, preview: str) -> models.FilePreviewView:
        """Get what a file's first rows tell: columns with a guess each, and what would be rejected. Nothing is stored."""
        return await self._call("GET", "/sandboxes/{sandbox}/uploads/preview/{preview}", places={"preview": preview})

    async def get(self, upload: str) -> models.UploadView:
        """Get an upload and what came of it."""
        return await self._call("GET", "/sandboxes/{sandbox}/uploads/{upload}", places={"upload": upload})

    async def complete(
        self, upload: str, parts: Sequence[models.UploadedPart], *, idempotency_key: str | None = None
    ) -> models.UploadView:
        """Complete an upload in parts: they become one file."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/uploads/{upload}/complete",
            places={"upload": upload},
            body={"parts": parts},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.UploadStatus | None = None,
        segment_id: str | None = None,
        search: str | None = None,
        order: models.Order | None = None,
    ) -> AsyncPager[models.UploadView, models.UploadList]:
        """List the sandbox's uploads, newest first unless told otherwise."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/uploads",
            query={"status": status, "segmentId": segment_id, "search": search, "order": order},
        )
