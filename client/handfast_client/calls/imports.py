"""Many files that are taken together, or not at all.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Imports(Noun):
    """Many files that are taken together, or not at all."""

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
        parts: int | Unset | None = UNSET,
        files: Sequence[models.PartName] | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ImportCreated:
        """Say what files hold that are taken together, and learn where to PUT each."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/imports",
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
                "parts": parts,
                "files": files,
            },
            idempotency_key=idempotency_key,
        )

    def get(self, imported: str) -> models.ImportView:
        """Get an import, how far its reading is, and what came of it."""
        return self._call("GET", "/sandboxes/{sandbox}/imports/{imported}", places={"imported": imported})

    def cancel(self, imported: str, *, idempotency_key: str | None = None) -> models.ImportView:
        """Give an import up that has not been accepted, so that nothing of it is taken."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/imports/{imported}/cancel",
            places={"imported": imported},
            idempotency_key=idempotency_key,
        )

    def parts(self, imported: str) -> Pager[models.ImportPart, models.ImportPartList]:
        """List the parts of an import, with a link each to PUT it once more as long as that may be."""
        return self._list("GET", "/sandboxes/{sandbox}/imports/{imported}/parts", places={"imported": imported})

    def start(self, imported: str, *, idempotency_key: str | None = None) -> models.ImportView:
        """Have the parts of an import be taken, all of which are there by now; one that has failed begins anew."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/imports/{imported}/start",
            places={"imported": imported},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.UploadStatus | None = None,
        segment_id: str | None = None,
        source_id: str | None = None,
        search: str | None = None,
        order: models.Order | None = None,
    ) -> Pager[models.ImportView, models.ImportList]:
        """List the sandbox's imports, newest first unless told otherwise."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/imports",
            query={"status": status, "segmentId": segment_id, "sourceId": source_id, "search": search, "order": order},
        )


class AsyncImports(AsyncNoun):
    """Many files that are taken together, or not at all."""

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
        parts: int | Unset | None = UNSET,
        files: Sequence[models.PartName] | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ImportCreated:
        """Say what files hold that are taken together, and learn where to PUT each."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/imports",
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
                "parts": parts,
                "files": files,
            },
            idempotency_key=idempotency_key,
        )

    async def get(self, imported: str) -> models.ImportView:
        """Get an import, how far its reading is, and what came of it."""
        return await self._call("GET", "/sandboxes/{sandbox}/imports/{imported}", places={"imported": imported})

    async def cancel(self, imported: str, *, idempotency_key: str | None = None) -> models.ImportView:
        """Give an import up that has not been accepted, so that nothing of it is taken."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/imports/{imported}/cancel",
            places={"imported": imported},
            idempotency_key=idempotency_key,
        )

    def parts(self, imported: str) -> AsyncPager[models.ImportPart, models.ImportPartList]:
        """List the parts of an import, with a link each to PUT it once more as long as that may be."""
        return self._list("GET", "/sandboxes/{sandbox}/imports/{imported}/parts", places={"imported": imported})

    async def start(self, imported: str, *, idempotency_key: str | None = None) -> models.ImportView:
        """Have the parts of an import be taken, all of which are there by now; one that has failed begins anew."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/imports/{imported}/start",
            places={"imported": imported},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.UploadStatus | None = None,
        segment_id: str | None = None,
        source_id: str | None = None,
        search: str | None = None,
        order: models.Order | None = None,
    ) -> AsyncPager[models.ImportView, models.ImportList]:
        """List the sandbox's imports, newest first unless told otherwise."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/imports",
            query={"status": status, "segmentId": segment_id, "sourceId": source_id, "search": search, "order": order},
        )
