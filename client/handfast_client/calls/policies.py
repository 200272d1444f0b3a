"""What labels forbid, core policies and a sandbox's own.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, overload

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class Policies(Noun):
    """What labels forbid, core policies and a sandbox's own."""

    def check_in_bulk(
        self, body: Sequence[models.BulkEvaluation], *, idempotency_key: str | None = None
    ) -> Sequence[models.EvaluationAnswer]:
        """Tell of up to 100 questions, each with its own status, which policies and terms forbid a marketing action."""
        return self._call("POST", "/sandboxes/{sandbox}/bulk-eval", body=body, idempotency_key=idempotency_key)

    @overload
    def create(
        self,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: Literal[False] = False,
        idempotency_key: str | None = None,
    ) -> models.PolicyView: ...
    @overload
    def create(
        self,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: Literal[True],
        idempotency_key: str | None = None,
    ) -> models.RulesPreview: ...
    @overload
    def create(
        self,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: bool,
        idempotency_key: str | None = None,
    ) -> models.PolicyView | models.RulesPreview: ...
    def create(
        self,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> models.PolicyView | models.RulesPreview:
        """Create a policy. One that is enabled stops what it forbids at once."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/policies",
            body={
                "name": name,
                "deny": deny,
                "description": description,
                "status": status,
                "enabled": enabled,
                "marketingActions": marketing_actions,
                "marketingActionRefs": marketing_action_refs,
            },
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    def get(self, policy: str) -> models.PolicyView:
        """Get a policy, core or the sandbox's own."""
        return self._call("GET", "/sandboxes/{sandbox}/policies/{policy}", places={"policy": policy})

    @overload
    def put(
        self,
        policy: str,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: Literal[False] = False,
        if_match: str | None = None,
    ) -> models.PolicyView: ...
    @overload
    def put(
        self,
        policy: str,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: Literal[True],
        if_match: str | None = None,
    ) -> models.RulesPreview: ...
    @overload
    def put(
        self,
        policy: str,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: bool,
        if_match: str | None = None,
    ) -> models.PolicyView | models.RulesPreview: ...
    def put(
        self,
        policy: str,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: bool = False,
        if_match: str | None = None,
    ) -> models.PolicyView | models.RulesPreview:
        """Replace a policy of the sandbox's own. What it newly forbids stops at once."""
        return self._call(
            "PUT",
            "/sandboxes/{sandbox}/policies/{policy}",
            places={"policy": policy},
            body={
                "name": name,
                "deny": deny,
                "description": description,
                "status": status,
                "enabled": enabled,
                "marketingActions": marketing_actions,
                "marketingActionRefs": marketing_action_refs,
            },
            query={"dryRun": dry_run},
            if_match=if_match,
        )

    def delete(self, policy: str, *, if_match: str | None = None) -> None:
        """Delete a policy of the sandbox's own. What nothing else forbids goes on."""
        self._call("DELETE", "/sandboxes/{sandbox}/policies/{policy}", places={"policy": policy}, if_match=if_match)

    @overload
    def disable(
        self, policy: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.PolicyView: ...
    @overload
    def disable(
        self, policy: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.RulesPreview: ...
    @overload
    def disable(
        self, policy: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.PolicyView | models.RulesPreview: ...
    def disable(
        self, policy: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.PolicyView | models.RulesPreview:
        """Disable a policy. What nothing else forbids goes on."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/policies/{policy}/disable",
            places={"policy": policy},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    @overload
    def enable(
        self, policy: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.PolicyView: ...
    @overload
    def enable(
        self, policy: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.RulesPreview: ...
    @overload
    def enable(
        self, policy: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.PolicyView | models.RulesPreview: ...
    def enable(
        self, policy: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.PolicyView | models.RulesPreview:
        """Enable a policy. What it forbids stops at once, and its members leave."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/policies/{policy}/enable",
            places={"policy": policy},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    def list(self) -> Pager[models.PolicyView, models.PolicyList]:
        """List the policies: the core ones, then the sandbox's own."""
        return self._list("GET", "/sandboxes/{sandbox}/policies")


class AsyncPolicies(AsyncNoun):
    """What labels forbid, core policies and a sandbox's own."""

    async def check_in_bulk(
        self, body: Sequence[models.BulkEvaluation], *, idempotency_key: str | None = None
    ) -> Sequence[models.EvaluationAnswer]:
        """Tell of up to 100 questions, each with its own status, which policies and terms forbid a marketing action."""
        return await self._call("POST", "/sandboxes/{sandbox}/bulk-eval", body=body, idempotency_key=idempotency_key)

    @overload
    async def create(
        self,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: Literal[False] = False,
        idempotency_key: str | None = None,
    ) -> models.PolicyView: ...
    @overload
    async def create(
        self,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: Literal[True],
        idempotency_key: str | None = None,
    ) -> models.RulesPreview: ...
    @overload
    async def create(
        self,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: bool,
        idempotency_key: str | None = None,
    ) -> models.PolicyView | models.RulesPreview: ...
    async def create(
        self,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> models.PolicyView | models.RulesPreview:
        """Create a policy. One that is enabled stops what it forbids at once."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/policies",
            body={
                "name": name,
                "deny": deny,
                "description": description,
                "status": status,
                "enabled": enabled,
                "marketingActions": marketing_actions,
                "marketingActionRefs": marketing_action_refs,
            },
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    async def get(self, policy: str) -> models.PolicyView:
        """Get a policy, core or the sandbox's own."""
        return await self._call("GET", "/sandboxes/{sandbox}/policies/{policy}", places={"policy": policy})

    @overload
    async def put(
        self,
        policy: str,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: Literal[False] = False,
        if_match: str | None = None,
    ) -> models.PolicyView: ...
    @overload
    async def put(
        self,
        policy: str,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: Literal[True],
        if_match: str | None = None,
    ) -> models.RulesPreview: ...
    @overload
    async def put(
        self,
        policy: str,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: bool,
        if_match: str | None = None,
    ) -> models.PolicyView | models.RulesPreview: ...
    async def put(
        self,
        policy: str,
        name: str,
        deny: models.Deny,
        *,
        description: str | Unset | None = UNSET,
        status: models.PolicyStatus | Unset | None = UNSET,
        enabled: bool | Unset | None = UNSET,
        marketing_actions: Sequence[str] | Unset | None = UNSET,
        marketing_action_refs: Sequence[str] | Unset | None = UNSET,
        dry_run: bool = False,
        if_match: str | None = None,
    ) -> models.PolicyView | models.RulesPreview:
        """Replace a policy of the sandbox's own. What it newly forbids stops at once."""
        return await self._call(
            "PUT",
            "/sandboxes/{sandbox}/policies/{policy}",
            places={"policy": policy},
            body={
                "name": name,
                "deny": deny,
                "description": description,
                "status": status,
                "enabled": enabled,
                "marketingActions": marketing_actions,
                "marketingActionRefs": marketing_action_refs,
            },
            query={"dryRun": dry_run},
            if_match=if_match,
        )

    async def delete(self, policy: str, *, if_match: str | None = None) -> None:
        """Delete a policy of the sandbox's own. What nothing else forbids goes on."""
        await self._call(
            "DELETE", "/sandboxes/{sandbox}/policies/{policy}", places={"policy": policy}, if_match=if_match
        )

    @overload
    async def disable(
        self, policy: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.PolicyView: ...
    @overload
    async def disable(
        self, policy: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.RulesPreview: ...
    @overload
    async def disable(
        self, policy: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.PolicyView | models.RulesPreview: ...
    async def disable(
        self, policy: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.PolicyView | models.RulesPreview:
        """Disable a policy. What nothing else forbids goes on."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/policies/{policy}/disable",
            places={"policy": policy},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    @overload
    async def enable(
        self, policy: str, *, dry_run: Literal[False] = False, idempotency_key: str | None = None
    ) -> models.PolicyView: ...
    @overload
    async def enable(
        self, policy: str, *, dry_run: Literal[True], idempotency_key: str | None = None
    ) -> models.RulesPreview: ...
    @overload
    async def enable(
        self, policy: str, *, dry_run: bool, idempotency_key: str | None = None
    ) -> models.PolicyView | models.RulesPreview: ...
    async def enable(
        self, policy: str, *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> models.PolicyView | models.RulesPreview:
        """Enable a policy. What it forbids stops at once, and its members leave."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/policies/{policy}/enable",
            places={"policy": policy},
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    def list(self) -> AsyncPager[models.PolicyView, models.PolicyList]:
        """List the policies: the core ones, then the sandbox's own."""
        return self._list("GET", "/sandboxes/{sandbox}/policies")
