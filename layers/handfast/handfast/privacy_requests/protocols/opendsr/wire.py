"""OpenDSR 2.0 on the wire, in the protocol's snake_case."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from handfast.connectors.calls import lenient_time
from handfast.platform.wire import Link, Timestamp
from handfast.privacy_requests.protocols.wire import Body

_MAX_IDENTITIES = 50


_MAX_CALLBACKS = 5


type RequestType = Literal["access", "portability", "erasure"]


type RequestStatus = Literal["pending", "in_progress", "completed", "cancelled"]


type Regulation = Literal["gdpr", "ccpa"]


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


def _text(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("must be printable text")
    return text


def _time(text: Any) -> datetime:
    found = lenient_time(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("must be a time such as 2026-03-01T12:00:00Z (RFC 3339)")
    return found


class OpenDsrIdentity(Body):
    """An identity of the person."""

    identity_type: Annotated[str, Field(max_length=50)]
    identity_value: Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_text)]
    identity_format: Annotated[str, Field(max_length=20)]


class OpenDsrRequest(Body):
    """A request. `regulation` may be missing only where it comes by OpenGDPR 1.0's names, which means gdpr."""

    regulation: Regulation | None = None
    subject_request_id: Annotated[
        str,
        BeforeValidator(_lower),
        Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"),
    ]
    subject_request_type: RequestType
    subject_identities: Annotated[list[OpenDsrIdentity], Field(min_length=1, max_length=_MAX_IDENTITIES)]
    submitted_time: Annotated[datetime, BeforeValidator(_time)]
    api_version: Annotated[str, Field(max_length=20)] | None = None
    status_callback_urls: Annotated[list[str], Field(max_length=_MAX_CALLBACKS)] = Field(default_factory=list)


class OpenDsrSupportedIdentity(Body):
    """A type of identity in one format."""

    identity_type: str
    identity_format: str


class OpenDsrDiscovery(Body):
    """What this processor can do."""

    api_version: str
    supported_identities: list[OpenDsrSupportedIdentity]
    supported_subject_request_types: list[str]
    processor_certificate: Link


class OpenDsrCreated(Body):
    """A request that was taken."""

    controller_id: str
    expected_completion_time: Timestamp
    received_time: Timestamp
    encoded_request: str
    subject_request_id: str


class OpenDsrCancelled(Body):
    """A request that was taken back."""

    controller_id: str
    subject_request_id: str
    received_time: Timestamp
    api_version: str


class OpenDsrState(Body):
    """Where a request stands. `extensions`, by the processor's domain, hold what the protocol has no words for."""

    controller_id: str
    expected_completion_time: Timestamp
    subject_request_id: str
    request_status: RequestStatus
    api_version: str
    results_url: Link | None = None
    results_count: int | None = None
    extensions: dict[str, dict[str, Any]]


class OpenDsrCallback(OpenDsrState):
    """What a controller is told of each change."""

    status_callback_url: Link
