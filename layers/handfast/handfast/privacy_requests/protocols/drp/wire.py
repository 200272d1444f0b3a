"""The Data Rights Protocol on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from handfast.platform.wire import Link, Timestamp
from handfast.privacy_requests.protocols.wire import Body

type DataRightsState = Literal["open", "in_progress", "fulfilled", "revoked", "denied", "expired"]
type DataRightsReason = Literal[
    "need_user_verification",
    "suspected_fraud",
    "insuf_verification",
    "no_match",
    "claim_not_covered",
    "outside_jurisdiction",
    "too_many_requests",
    "other",
]


class Exercise(Body):
    """What a signed message asks for; claims that nobody can be found by are passed over."""

    version: Annotated[Literal["1.0"], Field(alias="drp.version")]
    exercise: Annotated[str, Field(max_length=50)]
    regime: Literal["ccpa"] | None = None
    agent_request_id: Annotated[
        str | None, Field(alias="agent-request-id", max_length=100, pattern=r"^[A-Za-z0-9._:/-]+$")
    ] = None
    status_callback: Annotated[str, Field(max_length=2000)] | None = None
    email: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    email_verified: bool = False
    phone_number: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    phone_number_verified: bool = False


class Revocation(Body):
    """Why a request is taken back; read, and kept by nobody."""

    reason: Annotated[str, Field(max_length=1000)] | None = None


class DataRightsStatus(Body):
    """Where a request stands (3.03)."""

    request_id: str
    received_at: Timestamp
    expected_by: Timestamp
    status: DataRightsState
    reason: DataRightsReason | None = None
    processing_details: str | None = None
    agent_request_id: str | None = None
    expires_at: Timestamp | None = None
    results_url: Link | None = None


class AgentToken(Body):
    """What an agent shows from now on."""

    agent_id: Annotated[str, Field(alias="agent-id")]
    token: str
