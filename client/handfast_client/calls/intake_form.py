"""The form on the web by which people make their requests themselves.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handfast_client.noun import UNSET, AsyncNoun, Noun, Unset

if TYPE_CHECKING:
    from handfast_client import models


class IntakeForm(Noun):
    """The form on the web by which people make their requests themselves."""

    def get(self) -> models.IntakeFormView:
        """Get the form on the web by which people make their requests themselves."""
        return self._call("GET", "/sandboxes/{sandbox}/intake-form")

    def put(
        self,
        types: Sequence[models.FormType],
        regulations: Sequence[str],
        privacy_policy_url: str,
        *,
        languages: Sequence[models.Language] | Unset = UNSET,
        allowed_origins: Sequence[str] | Unset = UNSET,
        heading: str | Unset | None = UNSET,
        retention: str | Unset | None = UNSET,
        if_match: str | None = None,
    ) -> models.IntakeFormView:
        """Switch the intake form on, or change what it offers. Its address stays."""
        return self._call(
            "PUT",
            "/sandboxes/{sandbox}/intake-form",
            body={
                "types": types,
                "regulations": regulations,
                "privacyPolicyUrl": privacy_policy_url,
                "languages": languages,
                "allowedOrigins": allowed_origins,
                "heading": heading,
                "retention": retention,
            },
            if_match=if_match,
        )

    def delete(self, *, if_match: str | None = None) -> None:
        """Switch the intake form off. Receipts that it gave still show where their requests stand."""
        self._call("DELETE", "/sandboxes/{sandbox}/intake-form", if_match=if_match)

    def rotate(self, *, idempotency_key: str | None = None) -> models.IntakeFormView:
        """Give the intake form another address. The one before takes no more requests."""
        return self._call("POST", "/sandboxes/{sandbox}/intake-form/rotate", idempotency_key=idempotency_key)


class AsyncIntakeForm(AsyncNoun):
    """The form on the web by which people make their requests themselves."""

    async def get(self) -> models.IntakeFormView:
        """Get the form on the web by which people make their requests themselves."""
        return await self._call("GET", "/sandboxes/{sandbox}/intake-form")

    async def put(
        self,
        types: Sequence[models.FormType],
        regulations: Sequence[str],
        privacy_policy_url: str,
        *,
        languages: Sequence[models.Language] | Unset = UNSET,
        allowed_origins: Sequence[str] | Unset = UNSET,
        heading: str | Unset | None = UNSET,
        retention: str | Unset | None = UNSET,
        if_match: str | None = None,
    ) -> models.IntakeFormView:
        """Switch the intake form on, or change what it offers. Its address stays."""
        return await self._call(
            "PUT",
            "/sandboxes/{sandbox}/intake-form",
            body={
                "types": types,
                "regulations": regulations,
                "privacyPolicyUrl": privacy_policy_url,
                "languages": languages,
                "allowedOrigins": allowed_origins,
                "heading": heading,
                "retention": retention,
            },
            if_match=if_match,
        )

    async def delete(self, *, if_match: str | None = None) -> None:
        """Switch the intake form off. Receipts that it gave still show where their requests stand."""
        await self._call("DELETE", "/sandboxes/{sandbox}/intake-form", if_match=if_match)

    async def rotate(self, *, idempotency_key: str | None = None) -> models.IntakeFormView:
        """Give the intake form another address. The one before takes no more requests."""
        return await self._call("POST", "/sandboxes/{sandbox}/intake-form/rotate", idempotency_key=idempotency_key)
