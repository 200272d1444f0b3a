"""What people ask for about their data, from taking it to its proof.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models


class PrivacyRequests(Noun):
    """What people ask for about their data, from taking it to its proof."""

    @overload
    def create(
        self,
        type: models.PrivacyType,
        regulation: str,
        subject: models.SubjectBody,
        *,
        submitted_at: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        verified: bool | Unset = UNSET,
        note: str | Unset | None = UNSET,
        share: Literal["y", "n"] | Unset | None = UNSET,
        categories_only: bool | Unset = UNSET,
        lift_erasure: bool | Unset = UNSET,
        contact: models.ContactBody | Unset | None = UNSET,
        dry_run: Literal[False] = False,
        idempotency_key: str | None = None,
    ) -> models.NewPrivacyRequest: ...
    @overload
    def create(
        self,
        type: models.PrivacyType,
        regulation: str,
        subject: models.SubjectBody,
        *,
        submitted_at: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        verified: bool | Unset = UNSET,
        note: str | Unset | None = UNSET,
        share: Literal["y", "n"] | Unset | None = UNSET,
        categories_only: bool | Unset = UNSET,
        lift_erasure: bool | Unset = UNSET,
        contact: models.ContactBody | Unset | None = UNSET,
        dry_run: Literal[True],
        idempotency_key: str | None = None,
    ) -> models.PrivacyPreview: ...
    @overload
    def create(
        self,
        type: models.PrivacyType,
        regulation: str,
        subject: models.SubjectBody,
        *,
        submitted_at: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        verified: bool | Unset = UNSET,
        note: str | Unset | None = UNSET,
        share: Literal["y", "n"] | Unset | None = UNSET,
        categories_only: bool | Unset = UNSET,
        lift_erasure: bool | Unset = UNSET,
        contact: models.ContactBody | Unset | None = UNSET,
        dry_run: bool,
        idempotency_key: str | None = None,
    ) -> models.NewPrivacyRequest | models.PrivacyPreview: ...
    def create(
        self,
        type: models.PrivacyType,
        regulation: str,
        subject: models.SubjectBody,
        *,
        submitted_at: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        verified: bool | Unset = UNSET,
        note: str | Unset | None = UNSET,
        share: Literal["y", "n"] | Unset | None = UNSET,
        categories_only: bool | Unset = UNSET,
        lift_erasure: bool | Unset = UNSET,
        contact: models.ContactBody | Unset | None = UNSET,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> models.NewPrivacyRequest | models.PrivacyPreview:
        """Take a person's privacy request. Its stages tell how far it is."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests",
            body={
                "type": type,
                "regulation": regulation,
                "subject": subject,
                "submittedAt": submitted_at,
                "externalId": external_id,
                "verified": verified,
                "note": note,
                "share": share,
                "categoriesOnly": categories_only,
                "liftErasure": lift_erasure,
                "contact": contact,
            },
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    def create_many(
        self, items: Sequence[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> models.BulkAnswer:
        """Take many privacy requests, each on its own: one that is refused holds up no other. A worker makes them."""
        return self._call(
            "POST", "/sandboxes/{sandbox}/privacy-requests/bulk", body={"items": items}, idempotency_key=idempotency_key
        )

    def bulk(self, bulk: str) -> models.BulkAnswer:
        """Get how many of the privacy requests that one call brought are made, and what became of each."""
        return self._call("GET", "/sandboxes/{sandbox}/privacy-requests/bulk/{bulk}", places={"bulk": bulk})

    def decide(
        self,
        action: Literal["approve", "deny", "retry", "assign"],
        privacy_request_ids: Sequence[str],
        *,
        reason: str | Unset | None = UNSET,
        ground: models.DenialGround | Unset | None = UNSET,
        assignee: str | Unset | None = UNSET,
        include_duplicates: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.DecidedList:
        """Approve, deny, retry or assign many privacy requests, each on its own: one that is refused holds up no other."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/decisions",
            body={
                "action": action,
                "privacyRequestIds": privacy_request_ids,
                "reason": reason,
                "ground": ground,
                "assignee": assignee,
                "includeDuplicates": include_duplicates,
            },
            idempotency_key=idempotency_key,
        )

    def metrics(self, *, from_: str | None = None, to: str | None = None) -> models.Metrics:
        """Count how the privacy requests received in a time were answered, by year and type (11 CCR 7102)."""
        return self._call("GET", "/sandboxes/{sandbox}/privacy-requests/metrics", query={"from": from_, "to": to})

    def register(self, from_: str, to: str) -> Pager[models.SignedDocument, models.RegisterList]:
        """Get the register of the requests received in a time, oldest first: signed entries, and nothing of a person."""
        return self._list("GET", "/sandboxes/{sandbox}/privacy-requests/register", query={"from": from_, "to": to})

    def get(self, privacy_request: str) -> models.PrivacyRequestView:
        """Get a privacy request: its stages, its recipients and what they answered."""
        return self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}",
            places={"privacy_request": privacy_request},
        )

    def approve(
        self,
        privacy_request: str,
        *,
        scope: models.ErasureScope | Unset | None = UNSET,
        shared_devices: models.SharedDevices | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.PrivacyRequestView:
        """Approve a verified privacy request, so that it is carried out; of a partner's erasure, how far it reaches."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/approve",
            places={"privacy_request": privacy_request},
            body={"scope": scope, "sharedDevices": shared_devices},
            idempotency_key=idempotency_key,
        )

    def cancel(self, privacy_request: str, *, idempotency_key: str | None = None) -> models.PrivacyRequestView:
        """Take a privacy request back before its work begins."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/cancel",
            places={"privacy_request": privacy_request},
            idempotency_key=idempotency_key,
        )

    def complete(
        self,
        privacy_request: str,
        note: str,
        *,
        connector_id: str | Unset | None = UNSET,
        destination_id: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.PrivacyRequestView:
        """Say that what a privacy request needs was done by hand, here or at a system outside."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/complete",
            places={"privacy_request": privacy_request},
            body={"note": note, "connectorId": connector_id, "destinationId": destination_id},
            idempotency_key=idempotency_key,
        )

    def deny(
        self,
        privacy_request: str,
        reason: str,
        *,
        ground: models.DenialGround | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.PrivacyRequestView:
        """Deny a privacy request, with a ground and a reason that the person can be told."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/deny",
            places={"privacy_request": privacy_request},
            body={"reason": reason, "ground": ground},
            idempotency_key=idempotency_key,
        )

    def extend(
        self, privacy_request: str, reason: str, *, idempotency_key: str | None = None
    ) -> models.PrivacyRequestView:
        """Extend a privacy request's deadline, once, where its regulation allows it."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/extend",
            places={"privacy_request": privacy_request},
            body={"reason": reason},
            idempotency_key=idempotency_key,
        )

    def history(self, privacy_request: str) -> models.SignedDocument:
        """Get a privacy request's whole history and its receipts, signed. They are to be kept byte for byte."""
        return self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/history",
            places={"privacy_request": privacy_request},
        )

    def package(self, privacy_request: str) -> models.PackageLink:
        """Get a short-lived link to the person's data, with the passphrase that opens them. Who takes it is recorded."""
        return self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/package",
            places={"privacy_request": privacy_request},
        )

    def package_page(self, privacy_request: str) -> models.PackagePage:
        """Get the person's data as an encrypted page that opens in a browser. Who takes it is recorded."""
        return self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/package/page",
            places={"privacy_request": privacy_request},
        )

    def package_draft(self, privacy_request: str) -> models.PackageDraft:
        """Get the parts of a package that awaits its review, and a short-lived link to it. Who takes it is recorded."""
        return self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/package/review",
            places={"privacy_request": privacy_request},
        )

    def release_package(
        self, privacy_request: str, withhold: Sequence[models.Withholding], *, idempotency_key: str | None = None
    ) -> models.PrivacyRequestView:
        """Release a package that was looked at, without the parts that are withheld."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/package/review",
            places={"privacy_request": privacy_request},
            body={"withhold": withhold},
            idempotency_key=idempotency_key,
        )

    def preview_partner_erasure(self, privacy_request: str) -> models.PartnerErasurePreview:
        """Tell what an erasure that a partner has passed on would reach, by the scope it is approved with. Recorded."""
        return self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/preview",
            places={"privacy_request": privacy_request},
        )

    def resend_message(self, privacy_request: str, *, idempotency_key: str | None = None) -> models.PrivacyRequestView:
        """Send the last message to the person of a privacy request again, where it has failed."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/resend",
            places={"privacy_request": privacy_request},
            idempotency_key=idempotency_key,
        )

    def retry(self, privacy_request: str, *, idempotency_key: str | None = None) -> models.PrivacyRequestView:
        """Go on where a privacy request failed."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/retry",
            places={"privacy_request": privacy_request},
            idempotency_key=idempotency_key,
        )

    def verify(
        self, privacy_request: str, code: str, *, idempotency_key: str | None = None
    ) -> models.PrivacyRequestView:
        """Verify a privacy request by the person's one-time code."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/verify",
            places={"privacy_request": privacy_request},
            body={"code": code},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.PrivacyStatus | None = None,
        type: models.PrivacyType | None = None,
        origin: models.PrivacyOrigin | None = None,
        assignee: str | None = None,
        external_id: str | None = None,
        due_before: str | None = None,
        overdue: bool | None = None,
        sort: models.Sort | None = None,
    ) -> Pager[models.PrivacyRequestView, models.PrivacyRequestList]:
        """List the privacy requests, newest first, or those open, the next due first."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests",
            query={
                "status": status,
                "type": type,
                "origin": origin,
                "assignee": assignee,
                "externalId": external_id,
                "dueBefore": due_before,
                "overdue": overdue,
                "sort": sort,
            },
        )


class AsyncPrivacyRequests(AsyncNoun):
    """What people ask for about their data, from taking it to its proof."""

    @overload
    async def create(
        self,
        type: models.PrivacyType,
        regulation: str,
        subject: models.SubjectBody,
        *,
        submitted_at: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        verified: bool | Unset = UNSET,
        note: str | Unset | None = UNSET,
        share: Literal["y", "n"] | Unset | None = UNSET,
        categories_only: bool | Unset = UNSET,
        lift_erasure: bool | Unset = UNSET,
        contact: models.ContactBody | Unset | None = UNSET,
        dry_run: Literal[False] = False,
        idempotency_key: str | None = None,
    ) -> models.NewPrivacyRequest: ...
    @overload
    async def create(
        self,
        type: models.PrivacyType,
        regulation: str,
        subject: models.SubjectBody,
        *,
        submitted_at: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        verified: bool | Unset = UNSET,
        note: str | Unset | None = UNSET,
        share: Literal["y", "n"] | Unset | None = UNSET,
        categories_only: bool | Unset = UNSET,
        lift_erasure: bool | Unset = UNSET,
        contact: models.ContactBody | Unset | None = UNSET,
        dry_run: Literal[True],
        idempotency_key: str | None = None,
    ) -> models.PrivacyPreview: ...
    @overload
    async def create(
        self,
        type: models.PrivacyType,
        regulation: str,
        subject: models.SubjectBody,
        *,
        submitted_at: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        verified: bool | Unset = UNSET,
        note: str | Unset | None = UNSET,
        share: Literal["y", "n"] | Unset | None = UNSET,
        categories_only: bool | Unset = UNSET,
        lift_erasure: bool | Unset = UNSET,
        contact: models.ContactBody | Unset | None = UNSET,
        dry_run: bool,
        idempotency_key: str | None = None,
    ) -> models.NewPrivacyRequest | models.PrivacyPreview: ...
    async def create(
        self,
        type: models.PrivacyType,
        regulation: str,
        subject: models.SubjectBody,
        *,
        submitted_at: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        verified: bool | Unset = UNSET,
        note: str | Unset | None = UNSET,
        share: Literal["y", "n"] | Unset | None = UNSET,
        categories_only: bool | Unset = UNSET,
        lift_erasure: bool | Unset = UNSET,
        contact: models.ContactBody | Unset | None = UNSET,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> models.NewPrivacyRequest | models.PrivacyPreview:
        """Take a person's privacy request. Its stages tell how far it is."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests",
            body={
                "type": type,
                "regulation": regulation,
                "subject": subject,
                "submittedAt": submitted_at,
                "externalId": external_id,
                "verified": verified,
                "note": note,
                "share": share,
                "categoriesOnly": categories_only,
                "liftErasure": lift_erasure,
                "contact": contact,
            },
            query={"dryRun": dry_run},
            idempotency_key=idempotency_key,
        )

    async def create_many(
        self, items: Sequence[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> models.BulkAnswer:
        """Take many privacy requests, each on its own: one that is refused holds up no other. A worker makes them."""
        return await self._call(
            "POST", "/sandboxes/{sandbox}/privacy-requests/bulk", body={"items": items}, idempotency_key=idempotency_key
        )

    async def bulk(self, bulk: str) -> models.BulkAnswer:
        """Get how many of the privacy requests that one call brought are made, and what became of each."""
        return await self._call("GET", "/sandboxes/{sandbox}/privacy-requests/bulk/{bulk}", places={"bulk": bulk})

    async def decide(
        self,
        action: Literal["approve", "deny", "retry", "assign"],
        privacy_request_ids: Sequence[str],
        *,
        reason: str | Unset | None = UNSET,
        ground: models.DenialGround | Unset | None = UNSET,
        assignee: str | Unset | None = UNSET,
        include_duplicates: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.DecidedList:
        """Approve, deny, retry or assign many privacy requests, each on its own: one that is refused holds up no other."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/decisions",
            body={
                "action": action,
                "privacyRequestIds": privacy_request_ids,
                "reason": reason,
                "ground": ground,
                "assignee": assignee,
                "includeDuplicates": include_duplicates,
            },
            idempotency_key=idempotency_key,
        )

    async def metrics(self, *, from_: str | None = None, to: str | None = None) -> models.Metrics:
        """Count how the privacy requests received in a time were answered, by year and type (11 CCR 7102)."""
        return await self._call("GET", "/sandboxes/{sandbox}/privacy-requests/metrics", query={"from": from_, "to": to})

    def register(self, from_: str, to: str) -> AsyncPager[models.SignedDocument, models.RegisterList]:
        """Get the register of the requests received in a time, oldest first: signed entries, and nothing of a person."""
        return self._list("GET", "/sandboxes/{sandbox}/privacy-requests/register", query={"from": from_, "to": to})

    async def get(self, privacy_request: str) -> models.PrivacyRequestView:
        """Get a privacy request: its stages, its recipients and what they answered."""
        return await self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}",
            places={"privacy_request": privacy_request},
        )

    async def approve(
        self,
        privacy_request: str,
        *,
        scope: models.ErasureScope | Unset | None = UNSET,
        shared_devices: models.SharedDevices | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.PrivacyRequestView:
        """Approve a verified privacy request, so that it is carried out; of a partner's erasure, how far it reaches."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/approve",
            places={"privacy_request": privacy_request},
            body={"scope": scope, "sharedDevices": shared_devices},
            idempotency_key=idempotency_key,
        )

    async def cancel(self, privacy_request: str, *, idempotency_key: str | None = None) -> models.PrivacyRequestView:
        """Take a privacy request back before its work begins."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/cancel",
            places={"privacy_request": privacy_request},
            idempotency_key=idempotency_key,
        )

    async def complete(
        self,
        privacy_request: str,
        note: str,
        *,
        connector_id: str | Unset | None = UNSET,
        destination_id: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.PrivacyRequestView:
        """Say that what a privacy request needs was done by hand, here or at a system outside."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/complete",
            places={"privacy_request": privacy_request},
            body={"note": note, "connectorId": connector_id, "destinationId": destination_id},
            idempotency_key=idempotency_key,
        )

    async def deny(
        self,
        privacy_request: str,
        reason: str,
        *,
        ground: models.DenialGround | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> models.PrivacyRequestView:
        """Deny a privacy request, with a ground and a reason that the person can be told."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/deny",
            places={"privacy_request": privacy_request},
            body={"reason": reason, "ground": ground},
            idempotency_key=idempotency_key,
        )

    async def extend(
        self, privacy_request: str, reason: str, *, idempotency_key: str | None = None
    ) -> models.PrivacyRequestView:
        """Extend a privacy request's deadline, once, where its regulation allows it."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/extend",
            places={"privacy_request": privacy_request},
            body={"reason": reason},
            idempotency_key=idempotency_key,
        )

    async def history(self, privacy_request: str) -> models.SignedDocument:
        """Get a privacy request's whole history and its receipts, signed. They are to be kept byte for byte."""
        return await self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/history",
            places={"privacy_request": privacy_request},
        )

    async def package(self, privacy_request: str) -> models.PackageLink:
        """Get a short-lived link to the person's data, with the passphrase that opens them. Who takes it is recorded."""
        return await self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/package",
            places={"privacy_request": privacy_request},
        )

    async def package_page(self, privacy_request: str) -> models.PackagePage:
        """Get the person's data as an encrypted page that opens in a browser. Who takes it is recorded."""
        return await self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/package/page",
            places={"privacy_request": privacy_request},
        )

    async def package_draft(self, privacy_request: str) -> models.PackageDraft:
        """Get the parts of a package that awaits its review, and a short-lived link to it. Who takes it is recorded."""
        return await self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/package/review",
            places={"privacy_request": privacy_request},
        )

    async def release_package(
        self, privacy_request: str, withhold: Sequence[models.Withholding], *, idempotency_key: str | None = None
    ) -> models.PrivacyRequestView:
        """Release a package that was looked at, without the parts that are withheld."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/package/review",
            places={"privacy_request": privacy_request},
            body={"withhold": withhold},
            idempotency_key=idempotency_key,
        )

    async def preview_partner_erasure(self, privacy_request: str) -> models.PartnerErasurePreview:
        """Tell what an erasure that a partner has passed on would reach, by the scope it is approved with. Recorded."""
        return await self._call(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/preview",
            places={"privacy_request": privacy_request},
        )

    async def resend_message(
        self, privacy_request: str, *, idempotency_key: str | None = None
    ) -> models.PrivacyRequestView:
        """Send the last message to the person of a privacy request again, where it has failed."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/resend",
            places={"privacy_request": privacy_request},
            idempotency_key=idempotency_key,
        )

    async def retry(self, privacy_request: str, *, idempotency_key: str | None = None) -> models.PrivacyRequestView:
        """Go on where a privacy request failed."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/retry",
            places={"privacy_request": privacy_request},
            idempotency_key=idempotency_key,
        )

    async def verify(
        self, privacy_request: str, code: str, *, idempotency_key: str | None = None
    ) -> models.PrivacyRequestView:
        """Verify a privacy request by the person's one-time code."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/verify",
            places={"privacy_request": privacy_request},
            body={"code": code},
            idempotency_key=idempotency_key,
        )

    def list(
        self,
        *,
        status: models.PrivacyStatus | None = None,
        type: models.PrivacyType | None = None,
        origin: models.PrivacyOrigin | None = None,
        assignee: str | None = None,
        external_id: str | None = None,
        due_before: str | None = None,
        overdue: bool | None = None,
        sort: models.Sort | None = None,
    ) -> AsyncPager[models.PrivacyRequestView, models.PrivacyRequestList]:
        """List the privacy requests, newest first, or those open, the next due first."""
        return self._list(
            "GET",
            "/sandboxes/{sandbox}/privacy-requests",
            query={
                "status": status,
                "type": type,
                "origin": origin,
                "assignee": assignee,
                "externalId": external_id,
                "dueBefore": due_before,
                "overdue": overdue,
                "sort": sort,
            },
        )
