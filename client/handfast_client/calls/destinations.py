"""Systems outside that a sandbox gives segments to, and what is activated to them.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Destinations(Noun):
    """Systems outside that a sandbox gives segments to, and what is activated to them."""

    def types(self) -> Pager[models.DestinationTypeView, models.DestinationTypeList]:
        """List the types of destinations, with what each takes and the schemas of its settings."""
        return self._list("GET", "/destination-types")

    def create(
        self,
        type: str,
        name: str,
        settings: Mapping[str, Any],
        *,
        description: str | Unset | None = UNSET,
        account_id: str | Unset | None = UNSET,
        authentication: Mapping[str, Any] | Unset = UNSET,
        marketing_actions: Sequence[str] | Unset = UNSET,
        export_labels: Sequence[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
        | Unset = UNSET,
        credentials_expire_at: str | Unset | None = UNSET,
        aggregation: models.AggregationToSet | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.DestinationView:
        """Set up a destination. Its secrets are never shown again."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/destinations",
            body={
                "type": type,
                "name": name,
                "settings": settings,
                "description": description,
                "accountId": account_id,
                "authentication": authentication,
                "marketingActions": marketing_actions,
                "exportLabels": export_labels,
                "credentialsExpireAt": credentials_expire_at,
                "aggregation": aggregation,
            },
            idempotency_key=idempotency_key,
        )

    def get(self, destination: str) -> models.DestinationView:
        """Get a destination."""
        return self._call("GET", "/sandboxes/{sandbox}/destinations/{destination}", places={"destination": destination})

    def delete(self, destination: str, *, members: models.Members | None = None, if_match: str | None = None) -> None:
        """Delete a destination. It is gone when its members have left, or at once where they are kept there."""
        self._call(
            "DELETE",
            "/sandboxes/{sandbox}/destinations/{destination}",
            places={"destination": destination},
            query={"members": members},
            if_match=if_match,
        )

    @overload
    def update(
        self,
        destination: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        account_id: str | Unset | None = UNSET,
        status: Literal["enabled", "disabled"] | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        authentication: Mapping[str, Any] | Unset = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        export_labels: Sequence[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
        | Unset
        | None = UNSET,
        credentials_expire_at: str | Unset | None = UNSET,
        aggregation: models.AggregationToSet | Unset | None = UNSET,
        dry_run: Literal[False] = False,
        if_match: str | None = None,
    ) -> models.DestinationView: ...
    @overload
    def update(
        self,
        destination: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        account_id: str | Unset | None = UNSET,
        status: Literal["enabled", "disabled"] | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        authentication: Mapping[str, Any] | Unset = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        export_labels: Sequence[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
        | Unset
        | None = UNSET,
        credentials_expire_at: str | Unset | None = UNSET,
        aggregation: models.AggregationToSet | Unset | None = UNSET,
        dry_run: Literal[True],
        if_match: str | None = None,
    ) -> models.DestinationPreview: ...
    @overload
    def update(
        self,
        destination: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        account_id: str | Unset | None = UNSET,
        status: Literal["enabled", "disabled"] | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        authentication: Mapping[str, Any] | Unset = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        export_labels: Sequence[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
        | Unset
        | None = UNSET,
        credentials_expire_at: str | Unset | None = UNSET,
        aggregation: models.AggregationToSet | Unset | None = UNSET,
        dry_run: bool,
        if_match: str | None = None,
    ) -> models.DestinationView | models.DestinationPreview: ...
    def update(
        self,
        destination: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        account_id: str | Unset | None = UNSET,
        status: Literal["enabled", "disabled"] | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        authentication: Mapping[str, Any] | Unset = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        export_labels: Sequence[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
        | Unset
        | None = UNSET,
        credentials_expire_at: str | Unset | None = UNSET,
        aggregation: models.AggregationToSet | Unset | None = UNSET,
        dry_run: bool = False,
        if_match: str | None = None,
    ) -> models.DestinationView | models.DestinationPreview:
        """Change a destination. Disabled, it is given nothing new. New secrets are used once a test has accepted them."""
        return self._call(
            "PATCH",
            "/sandboxes/{sandbox}/destinations/{destination}",
            places={"destination": destination},
            body={
                "name": name,
                "description": description,
                "accountId": account_id,
                "status": status,
                "settings": settings,
                "authentication": authentication,
                "marketingActions": marketing_actions,
                "exportLabels": export_labels,
                "credentialsExpireAt": credentials_expire_at,
                "aggregation": aggregation,
            },
            query={"dryRun": dry_run},
            if_match=if_match,
        )

    def activations(self, destination: str) -> Pager[models.ActivationView, models.ActivationList]:
        """List what is activated to a destination, newest first."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/destinations/{destination}/activations", places={"destination": destination}
        )

    @overload
    def create_activation(
        self,
        destination: str,
        segments: Sequence[models.SegmentToActivate],
        mapping: Sequence[models.IdentityToMap],
        *,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: Literal[False] = False,
        idempotency_key: str | None = None,
    ) -> models.ActivationView: ...
    @overload
    def create_activation(
        self,
        destination: str,
        segments: Sequence[models.SegmentToActivate],
        mapping: Sequence[models.IdentityToMap],
        *,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: Literal[True],
        idempotency_key: str | None = None,
    ) -> models.ActivationPreview: ...
    @overload
    def create_activation(
        self,
        destination: str,
        segments: Sequence[models.SegmentToActivate],
        mapping: Sequence[models.IdentityToMap],
        *,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: bool,
        idempotency_key: str | None = None,
    ) -> models.ActivationView | models.ActivationPreview: ...
    def create_activation(
        self,
        destination: str,
        segments: Sequence[models.SegmentToActivate],
        mapping: Sequence[models.IdentityToMap],
        *,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> models.ActivationView | models.ActivationPreview:
        """Give segments to a destination. All of their members are given first, and then what changes."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/destinations/{destination}/activations",
            places={"destination": destination},
            body={"segments": segments, "mapping": mapping, "attributes": attributes},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    def activation(self, destination: str, activation: str) -> models.ActivationView:
        """Get an activation."""
        return self._call(
            "GET",
            "/sandboxes/{sandbox}/destinations/{destination}/activations/{activation}",
            places={"destination": destination, "activation": activation},
        )

    def delete_activation(
        self, destination: str, activation: str, *, members: models.Members | None = None, if_match: str | None = None
    ) -> models.ActivationView:
        """End an activation. It is gone when its members have left, or at once where they are kept there."""
        return self._call(
            "DELETE",
            "/sandboxes/{sandbox}/destinations/{destination}/activations/{activation}",
            places={"destination": destination, "activation": activation},
            query={"members": members},
            if_match=if_match,
        )

    @overload
    def update_activation(
        self,
        destination: str,
        activation: str,
        *,
        segments: Sequence[models.SegmentToActivate] | Unset = UNSET,
        mapping: Sequence[models.IdentityToMap] | Unset = UNSET,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: Literal[False] = False,
        if_match: str | None = None,
    ) -> models.ActivationView: ...
    @overload
    def update_activation(
        self,
        destination: str,
        activation: str,
        *,
        segments: Sequence[models.SegmentToActivate] | Unset = UNSET,
        mapping: Sequence[models.IdentityToMap] | Unset = UNSET,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: Literal[True],
        if_match: str | None = None,
    ) -> models.ActivationChangePreview: ...
    @overload
    def update_activation(
        self,
        destination: str,
        activation: str,
        *,
        segments: Sequence[models.SegmentToActivate] | Unset = UNSET,
        mapping: Sequence[models.IdentityToMap] | Unset = UNSET,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: bool,
        if_match: str | None = None,
    ) -> models.ActivationView | models.ActivationChangePreview: ...
    def update_activation(
        self,
        destination: str,
        activation: str,
        *,
        segments: Sequence[models.SegmentToActivate] | Unset = UNSET,
        mapping: Sequence[models.IdentityToMap] | Unset = UNSET,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: bool = False,
        if_match: str | None = None,
    ) -> models.ActivationView | models.ActivationChangePreview:
        """Change what is activated. Segments that are left out leave the destination with their members."""
        return self._call(
            "PATCH",
            "/sandboxes/{sandbox}/destinations/{destination}/activations/{activation}",
            places={"destination": destination, "activation": activation},
            body={"segments": segments, "mapping": mapping, "attributes": attributes},
            query={"dryRun": dry_run},
            if_match=if_match,
        )

    def alerts(self, destination: str) -> models.AlertsView:
        """Get the caller's subscription to the alerts of a destination, and the alerts that hold."""
        return self._call(
            "GET", "/sandboxes/{sandbox}/destinations/{destination}/alerts", places={"destination": destination}
        )

    def put_alerts(
        self,
        destination: str,
        alerts: Sequence[models.AlertKind],
        channels: Sequence[models.Channel],
        *,
        if_match: str | None = None,
    ) -> models.AlertsView:
        """Subscribe the caller to these alerts of a destination, through these channels, and to no others."""
        return self._call(
            "PUT",
            "/sandboxes/{sandbox}/destinations/{destination}/alerts",
            places={"destination": destination},
            body={"alerts": alerts, "channels": channels},
            if_match=if_match,
        )

    def delete_alerts(self, destination: str, *, if_match: str | None = None) -> None:
        """End the caller's subscription to the alerts of a destination."""
        self._call(
            "DELETE",
            "/sandboxes/{sandbox}/destinations/{destination}/alerts",
            places={"destination": destination},
            if_match=if_match,
        )

    def dead_letters(self, destination: str) -> Pager[models.DeadLetterView, models.DeadLetterList]:
        """List what the destination has not taken, newest first."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/destinations/{destination}/dead-letters", places={"destination": destination}
        )

    def replay_dead_letters(
        self,
        destination: str,
        *,
        all: Literal[True] | Unset | None = UNSET,
        from_: str | Unset | None = UNSET,
        to: str | Unset | None = UNSET,
        batch_ids: Sequence[str] | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.Replayed:
        """Send dead letters again, as far as their changes are still wanted."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/destinations/{destination}/dead-letters/replay",
            places={"destination": destination},
            body={"all": all, "from": from_, "to": to, "batchIds": batch_ids},
            idempotency_key=idempotency_key,
        )

    def discard_dead_letter(self, destination: str, batch: str, *, if_match: str | None = None) -> None:
        """Give up the changes of a dead letter. The log says who did."""
        self._call(
            "DELETE",
            "/sandboxes/{sandbox}/destinations/{destination}/dead-letters/{batch}",
            places={"destination": destination, "batch": batch},
            if_match=if_match,
        )

    def explain(
        self, destination: str, *, segment_ids: Sequence[str] | Unset = UNSET, idempotency_key: str | None = None
    ) -> models.DestinationExplanation:
        """Tell by segment which policy, label and marketing action keep it from a destination."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/destinations/{destination}/explain",
            places={"destination": destination},
            body={"segmentIds": segment_ids},
            idempotency_key=idempotency_key,
        )

    def health(self, destination: str) -> models.HealthView:
        """Get how a destination is doing, with what came of the last day's changes by hour."""
        return self._call(
            "GET", "/sandboxes/{sandbox}/destinations/{destination}/health", places={"destination": destination}
        )

    def test(self, destination: str, *, idempotency_key: str | None = None) -> models.DestinationTest:
        """Try whether a destination works as it is set up. Nothing is changed there."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/destinations/{destination}/test",
            places={"destination": destination},
            idempotency_key=idempotency_key,
        )

    def type(self, destination_type: str) -> models.DestinationTypeView:
        """Get a type of destinations."""
        return self._call("GET", "/destination-types/{destination_type}", places={"destination_type": destination_type})

    def list(
        self,
        *,
        status: models.DestinationStatus | None = None,
        type: str | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name"] | None = None,
        order: models.Order | None = None,
    ) -> Pager[models.DestinationView, models.DestinationList]:
        """List the sandbox's destinations, newest first unless sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/destinations",
            query={"status": status, "type": type, "search": search, "sort": sort, "order": order},
        )


class AsyncDestinations(AsyncNoun):
    """Systems outside that a sandbox gives segments to, and what is activated to them."""

    def types(self) -> AsyncPager[models.DestinationTypeView, models.DestinationTypeList]:
        """List the types of destinations, with what each takes and the schemas of its settings."""
        return self._list("GET", "/destination-types")

    async def create(
        self,
        type: str,
        name: str,
        settings: Mapping[str, Any],
        *,
        description: str | Unset | None = UNSET,
        account_id: str | Unset | None = UNSET,
        authentication: Mapping[str, Any] | Unset = UNSET,
        marketing_actions: Sequence[str] | Unset = UNSET,
        export_labels: Sequence[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
        | Unset = UNSET,
        credentials_expire_at: str | Unset | None = UNSET,
        aggregation: models.AggregationToSet | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.DestinationView:
        """Set up a destination. Its secrets are never shown again."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/destinations",
            body={
                "type": type,
                "name": name,
                "settings": settings,
                "description": description,
                "accountId": account_id,
                "authentication": authentication,
                "marketingActions": marketing_actions,
                "exportLabels": export_labels,
                "credentialsExpireAt": credentials_expire_at,
                "aggregation": aggregation,
            },
            idempotency_key=idempotency_key,
        )

    async def get(self, destination: str) -> models.DestinationView:
        """Get a destination."""
        return await self._call(
            "GET", "/sandboxes/{sandbox}/destinations/{destination}", places={"destination": destination}
        )

    async def delete(
        self, destination: str, *, members: models.Members | None = None, if_match: str | None = None
    ) -> None:
        """Delete a destination. It is gone when its members have left, or at once where they are kept there."""
        await self._call(
            "DELETE",
            "/sandboxes/{sandbox}/destinations/{destination}",
            places={"destination": destination},
            query={"members": members},
            if_match=if_match,
        )

    @overload
    async def update(
        self,
        destination: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        account_id: str | Unset | None = UNSET,
        status: Literal["enabled", "disabled"] | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        authentication: Mapping[str, Any] | Unset = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        export_labels: Sequence[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
        | Unset
        | None = UNSET,
        credentials_expire_at: str | Unset | None = UNSET,
        aggregation: models.AggregationToSet | Unset | None = UNSET,
        dry_run: Literal[False] = False,
        if_match: str | None = None,
    ) -> models.DestinationView: ...
    @overload
    async def update(
        self,
        destination: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        account_id: str | Unset | None = UNSET,
        status: Literal["enabled", "disabled"] | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        authentication: Mapping[str, Any] | Unset = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        export_labels: Sequence[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
        | Unset
        | None = UNSET,
        credentials_expire_at: str | Unset | None = UNSET,
        aggregation: models.AggregationToSet | Unset | None = UNSET,
        dry_run: Literal[True],
        if_match: str | None = None,
    ) -> models.DestinationPreview: ...
    @overload
    async def update(
        self,
        destination: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        account_id: str | Unset | None = UNSET,
        status: Literal["enabled", "disabled"] | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        authentication: Mapping[str, Any] | Unset = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        export_labels: Sequence[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
        | Unset
        | None = UNSET,
        credentials_expire_at: str | Unset | None = UNSET,
        aggregation: models.AggregationToSet | Unset | None = UNSET,
        dry_run: bool,
        if_match: str | None = None,
    ) -> models.DestinationView | models.DestinationPreview: ...
    async def update(
        self,
        destination: str,
        *,
        name: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        account_id: str | Unset | None = UNSET,
        status: Literal["enabled", "disabled"] | Unset | None = UNSET,
        settings: Mapping[str, Any] | Unset = UNSET,
        authentication: Mapping[str, Any] | Unset = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        export_labels: Sequence[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
        | Unset
        | None = UNSET,
        credentials_expire_at: str | Unset | None = UNSET,
        aggregation: models.AggregationToSet | Unset | None = UNSET,
        dry_run: bool = False,
        if_match: str | None = None,
    ) -> models.DestinationView | models.DestinationPreview:
        """Change a destination. Disabled, it is given nothing new. New secrets are used once a test has accepted them."""
        return await self._call(
            "PATCH",
            "/sandboxes/{sandbox}/destinations/{destination}",
            places={"destination": destination},
            body={
                "name": name,
                "description": description,
                "accountId": account_id,
                "status": status,
                "settings": settings,
                "authentication": authentication,
                "marketingActions": marketing_actions,
                "exportLabels": export_labels,
                "credentialsExpireAt": credentials_expire_at,
                "aggregation": aggregation,
            },
            query={"dryRun": dry_run},
            if_match=if_match,
        )

    def activations(self, destination: str) -> AsyncPager[models.ActivationView, models.ActivationList]:
        """List what is activated to a destination, newest first."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/destinations/{destination}/activations", places={"destination": destination}
        )

    @overload
    async def create_activation(
        self,
        destination: str,
        segments: Sequence[models.SegmentToActivate],
        mapping: Sequence[models.IdentityToMap],
        *,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: Literal[False] = False,
        idempotency_key: str | None = None,
    ) -> models.ActivationView: ...
    @overload
    async def create_activation(
        self,
        destination: str,
        segments: Sequence[models.SegmentToActivate],
        mapping: Sequence[models.IdentityToMap],
        *,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: Literal[True],
        idempotency_key: str | None = None,
    ) -> models.ActivationPreview: ...
    @overload
    async def create_activation(
        self,
        destination: str,
        segments: Sequence[models.SegmentToActivate],
        mapping: Sequence[models.IdentityToMap],
        *,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: bool,
        idempotency_key: str | None = None,
    ) -> models.ActivationView | models.ActivationPreview: ...
    async def create_activation(
        self,
        destination: str,
        segments: Sequence[models.SegmentToActivate],
        mapping: Sequence[models.IdentityToMap],
        *,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> models.ActivationView | models.ActivationPreview:
        """Give segments to a destination. All of their members are given first, and then what changes."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/destinations/{destination}/activations",
            places={"destination": destination},
            body={"segments": segments, "mapping": mapping, "attributes": attributes},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    async def activation(self, destination: str, activation: str) -> models.ActivationView:
        """Get an activation."""
        return await self._call(
            "GET",
            "/sandboxes/{sandbox}/destinations/{destination}/activations/{activation}",
            places={"destination": destination, "activation": activation},
        )

    async def delete_activation(
        self, destination: str, activation: str, *, members: models.Members | None = None, if_match: str | None = None
    ) -> models.ActivationView:
        """End an activation. It is gone when its members have left, or at once where they are kept there."""
        return await self._call(
            "DELETE",
            "/sandboxes/{sandbox}/destinations/{destination}/activations/{activation}",
            places={"destination": destination, "activation": activation},
            query={"members": members},
            if_match=if_match,
        )

    @overload
    async def update_activation(
        self,
        destination: str,
        activation: str,
        *,
        segments: Sequence[models.SegmentToActivate] | Unset = UNSET,
        mapping: Sequence[models.IdentityToMap] | Unset = UNSET,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: Literal[False] = False,
        if_match: str | None = None,
    ) -> models.ActivationView: ...
    @overload
    async def update_activation(
        self,
        destination: str,
        activation: str,
        *,
        segments: Sequence[models.SegmentToActivate] | Unset = UNSET,
        mapping: Sequence[models.IdentityToMap] | Unset = UNSET,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: Literal[True],
        if_match: str | None = None,
    ) -> models.ActivationChangePreview: ...
    @overload
    async def update_activation(
        self,
        destination: str,
        activation: str,
        *,
        segments: Sequence[models.SegmentToActivate] | Unset = UNSET,
        mapping: Sequence[models.IdentityToMap] | Unset = UNSET,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: bool,
        if_match: str | None = None,
    ) -> models.ActivationView | models.ActivationChangePreview: ...
    async def update_activation(
        self,
        destination: str,
        activation: str,
        *,
        segments: Sequence[models.SegmentToActivate] | Unset = UNSET,
        mapping: Sequence[models.IdentityToMap] | Unset = UNSET,
        attributes: Sequence[models.AttributeToMap] | Unset = UNSET,
        dry_run: bool = False,
        if_match: str | None = None,
    ) -> models.ActivationView | models.ActivationChangePreview:
        """Change what is activated. Segments that are left out leave the destination with their members."""
        return await self._call(
            "PATCH",
            "/sandboxes/{sandbox}/destinations/{destination}/activations/{activation}",
            places={"destination": destination, "activation": activation},
            body={"segments": segments, "mapping": mapping, "attributes": attributes},
            query={"dryRun": dry_run},
            if_match=if_match,
        )

    async def alerts(self, destination: str) -> models.AlertsView:
        """Get the caller's subscription to the alerts of a destination, and the alerts that hold."""
        return await self._call(
            "GET", "/sandboxes/{sandbox}/destinations/{destination}/alerts", places={"destination": destination}
        )

    async def put_alerts(
        self,
        destination: str,
        alerts: Sequence[models.AlertKind],
        channels: Sequence[models.Channel],
        *,
        if_match: str | None = None,
    ) -> models.AlertsView:
        """Subscribe the caller to these alerts of a destination, through these channels, and to no others."""
        return await self._call(
            "PUT",
            "/sandboxes/{sandbox}/destinations/{destination}/alerts",
            places={"destination": destination},
            body={"alerts": alerts, "channels": channels},
            if_match=if_match,
        )

    async def delete_alerts(self, destination: str, *, if_match: str | None = None) -> None:
        """End the caller's subscription to the alerts of a destination."""
        await self._call(
            "DELETE",
            "/sandboxes/{sandbox}/destinations/{destination}/alerts",
            places={"destination": destination},
            if_match=if_match,
        )

    def dead_letters(self, destination: str) -> AsyncPager[models.DeadLetterView, models.DeadLetterList]:
        """List what the destination has not taken, newest first."""
        return self._list(
            "GET", "/sandboxes/{sandbox}/destinations/{destination}/dead-letters", places={"destination": destination}
        )

    async def replay_dead_letters(
        self,
        destination: str,
        *,
        all: Literal[True] | Unset | None = UNSET,
        from_: str | Unset | None = UNSET,
        to: str | Unset | None = UNSET,
        batch_ids: Sequence[str] | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.Replayed:
        """Send dead letters again, as far as their changes are still wanted."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/destinations/{destination}/dead-letters/replay",
            places={"destination": destination},
            body={"all": all, "from": from_, "to": to, "batchIds": batch_ids},
            idempotency_key=idempotency_key,
        )

    async def discard_dead_letter(self, destination: str, batch: str, *, if_match: str | None = None) -> None:
        """Give up the changes of a dead letter. The log says who did."""
        await self._call(
            "DELETE",
            "/sandboxes/{sandbox}/destinations/{destination}/dead-letters/{batch}",
            places={"destination": destination, "batch": batch},
            if_match=if_match,
        )

    async def explain(
        self, destination: str, *, segment_ids: Sequence[str] | Unset = UNSET, idempotency_key: str | None = None
    ) -> models.DestinationExplanation:
        """Tell by segment which policy, label and marketing action keep it from a destination."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/destinations/{destination}/explain",
            places={"destination": destination},
            body={"segmentIds": segment_ids},
            idempotency_key=idempotency_key,
        )

    async def health(self, destination: str) -> models.HealthView:
        """Get how a destination is doing, with what came of the last day's changes by hour."""
        return await self._call(
            "GET", "/sandboxes/{sandbox}/destinations/{destination}/health", places={"destination": destination}
        )

    async def test(self, destination: str, *, idempotency_key: str | None = None) -> models.DestinationTest:
        """Try whether a destination works as it is set up. Nothing is changed there."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/destinations/{destination}/test",
            places={"destination": destination},
            idempotency_key=idempotency_key,
        )

    async def type(self, destination_type: str) -> models.DestinationTypeView:
        """Get a type of destinations."""
        return await self._call(
            "GET", "/destination-types/{destination_type}", places={"destination_type": destination_type}
        )

    def list(
        self,
        *,
        status: models.DestinationStatus | None = None,
        type: str | None = None,
        search: str | None = None,
        sort: Literal["created", "updated", "name"] | None = None,
        order: models.Order | None = None,
    ) -> AsyncPager[models.DestinationView, models.DestinationList]:
        """List the sandbox's destinations, newest first unless sorted by something else."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/destinations",
            query={"status": status, "type": type, "search": search, "sort": sort, "order": order},
        )
