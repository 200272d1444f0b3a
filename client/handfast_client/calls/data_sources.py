"""Where data come from, with labels for all that they feed.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, overload

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class DataSources(Noun):
    """Where data come from, with labels for all that they feed."""

    def create(
        self,
        name: str,
        *,
        labels: Sequence[str] | Unset = UNSET,
        export_controls: Sequence[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
        | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.DataSourceView:
        """Create a data source. Uploads that name it have their segments carry its labels."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/data-sources",
            body={"name": name, "labels": labels, "exportControls": export_controls},
            idempotency_key=idempotency_key,
        )

    def get(self, data_source: str) -> models.DataSourceView:
        """Get a data source."""
        return self._call("GET", "/sandboxes/{sandbox}/data-sources/{data_source}", places={"data_source": data_source})

    @overload
    def update(
        self,
        data_source: str,
        *,
        name: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        export_controls: Sequence[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
        | Unset
        | None = UNSET,
        dry_run: Literal[False] = False,
        if_match: str | None = None,
    ) -> models.DataSourceView: ...
    @overload
    def update(
        self,
        data_source: str,
        *,
        name: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        export_controls: Sequence[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
        | Unset
        | None = UNSET,
        dry_run: Literal[True],
        if_match: str | None = None,
    ) -> models.RulesPreview: ...
    @overload
    def update(
        self,
        data_source: str,
        *,
        name: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        export_controls: Sequence[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
        | Unset
        | None = UNSET,
        dry_run: bool,
        if_match: str | None = None,
    ) -> models.DataSourceView | models.RulesPreview: ...
    def update(
        self,
        data_source: str,
        *,
        name: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        export_controls: Sequence[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
        | Unset
        | None = UNSET,
        dry_run: bool = False,
        if_match: str | None = None,
    ) -> models.DataSourceView | models.RulesPreview:
        """Change a data source. Its labels hold at once for every segment that it feeds."""
        return self._call(
            "PATCH",
            "/sandboxes/{sandbox}/data-sources/{data_source}",
            places={"data_source": data_source},
            body={"name": name, "labels": labels, "exportControls": export_controls},
            query={"dryRun": dry_run},
            if_match=if_match,
        )

    def list(self) -> Pager[models.DataSourceView, models.DataSourceList]:
        """List the sandbox's data sources, oldest first."""
        return self._list("GET", "/sandboxes/{sandbox}/data-sources")


class AsyncDataSources(AsyncNoun):
    """Where data come from, with labels for all that they feed."""

    async def create(
        self,
        name: str,
        *,
        labels: Sequence[str] | Unset = UNSET,
        export_controls: Sequence[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
        | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.DataSourceView:
        """Create a data source. Uploads that name it have their segments carry its labels."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/data-sources",
            body={"name": name, "labels": labels, "exportControls": export_controls},
            idempotency_key=idempotency_key,
        )

    async def get(self, data_source: str) -> models.DataSourceView:
        """Get a data source."""
        return await self._call(
            "GET", "/sandboxes/{sandbox}/data-sources/{data_source}", places={"data_source": data_source}
        )

    @overload
    async def update(
        self,
        data_source: str,
        *,
        name: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        export_controls: Sequence[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
        | Unset
        | None = UNSET,
        dry_run: Literal[False] = False,
        if_match: str | None = None,
    ) -> models.DataSourceView: ...
    @overload
    async def update(
        self,
        data_source: str,
        *,
        name: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        export_controls: Sequence[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
        | Unset
        | None = UNSET,
        dry_run: Literal[True],
        if_match: str | None = None,
    ) -> models.RulesPreview: ...
    @overload
    async def update(
        self,
        data_source: str,
        *,
        name: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        export_controls: Sequence[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
        | Unset
        | None = UNSET,
        dry_run: bool,
        if_match: str | None = None,
    ) -> models.DataSourceView | models.RulesPreview: ...
    async def update(
        self,
        data_source: str,
        *,
        name: str | Unset | None = UNSET,
        labels: Sequence[str] | Unset | None = UNSET,
        export_controls: Sequence[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
        | Unset
        | None = UNSET,
        dry_run: bool = False,
        if_match: str | None = None,
    ) -> models.DataSourceView | models.RulesPreview:
        """Change a data source. Its labels hold at once for every segment that it feeds."""
        return await self._call(
            "PATCH",
            "/sandboxes/{sandbox}/data-sources/{data_source}",
            places={"data_source": data_source},
            body={"name": name, "labels": labels, "exportControls": export_controls},
            query={"dryRun": dry_run},
            if_match=if_match,
        )

    def list(self) -> AsyncPager[models.DataSourceView, models.DataSourceList]:
        """List the sandbox's data sources, oldest first."""
        return self._list("GET", "/sandboxes/{sandbox}/data-sources")
