"""What is known of a person, and what keeps them from partners.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import UNSET, AsyncNoun, Noun, Unset

if TYPE_CHECKING:
    from handfast_client import models


class People(Noun):
    """What is known of a person, and what keeps them from partners."""

    def explain(
        self,
        identity: models.SubjectIdentity,
        *,
        segment_id: str | Unset | None = UNSET,
        connection_id: str | Unset | None = UNSET,
        dataflow_id: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ExplainedPerson:
        """Explain in which segments a person is, and what keeps each identity from partners. The call is recorded."""
        return self._call(
            "POST",
            "/sandboxes/{sandbox}/people/explain",
            body={
                "identity": identity,
                "segmentId": segment_id,
                "connectionId": connection_id,
                "dataflowId": dataflow_id,
            },
            idempotency_key=idempotency_key,
        )


class AsyncPeople(AsyncNoun):
    """What is known of a person, and what keeps them from partners."""

    async def explain(
        self,
        identity: models.SubjectIdentity,
        *,
        segment_id: str | Unset | None = UNSET,
        connection_id: str | Unset | None = UNSET,
        dataflow_id: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.ExplainedPerson:
        """Explain in which segments a person is, and what keeps each identity from partners. The call is recorded."""
        return await self._call(
            "POST",
            "/sandboxes/{sandbox}/people/explain",
            body={
                "identity": identity,
                "segmentId": segment_id,
                "connectionId": connection_id,
                "dataflowId": dataflow_id,
            },
            idempotency_key=idempotency_key,
        )
