"""OpenDSR 2.0: controllers hand in people's requests. OpenGDPR 1.0's names are honoured."""

from aws_lambda_powertools.event_handler import Response

from handfast.platform.settings import require
from handfast.privacy_requests.protocols import results
from handfast.privacy_requests.protocols.opendsr import service as opendsr
from handfast.privacy_requests.protocols.opendsr import wire
from handfast.privacy_requests.protocols.opendsr.api import OpenDsrApi

require(
    "ACCESS_TABLE",
    "ACTIVITY_TABLE",
    "PRIVACY_TABLE",
    "DATA_BUCKET",
    "PRIVACY_QUEUE_URL",
    "IDENTITY_SECRET_ARN",
    "PRIVACY_SECRET_ARN",
    "RECEIPTS_SECRET_ARN",
    "OPENDSR_SECRET_ARN",
    "OUTBOUND_PRIVATE_NETWORKS",
)

api = OpenDsrApi()
_BASE = "/sandboxes/<sandbox>/opendsr/v2"
_PEM = {kind: {"schema": {"type": "string"}} for kind in ("application/x-pem-file", "application/octet-stream")}
_REQUESTS, _FORMER = f"{_BASE}/requests", f"{_BASE}/opengdpr_requests"


@api.call("GET", f"{_BASE}/discovery", None, public=True)
def get_open_dsr_discovery(sandbox: str) -> wire.OpenDsrDiscovery:
    """Tell what this processor can do, and where its certificate is."""
    return opendsr.discovery(sandbox)


@api.call("GET", f"{_BASE}/certificate", None, public=True, content=_PEM)
def get_open_dsr_certificate(sandbox: str) -> Response[str]:
    """Get the processor's certificate and its chain, as PEM."""
    return Response(200, "application/x-pem-file", opendsr.chain(sandbox))


@api.call("POST", _FORMER, "privacy:request", status=201, operation="create_open_gdpr_request")
@api.call("POST", _REQUESTS, "privacy:request", status=201)
def create_open_dsr_request(sandbox: str, body: wire.OpenDsrRequest) -> wire.OpenDsrCreated:
    """Take a person's request from its controller. The same one again gives the same answer."""
    return opendsr.create(api.caller, body, api.raw_body, former_names=api.former_names)


@api.call("GET", f"{_FORMER}/<subject_request>", "privacy:request", operation="get_open_gdpr_request")
@api.call("GET", f"{_REQUESTS}/<subject_request>", "privacy:request")
def get_open_dsr_request(sandbox: str, subject_request: str) -> wire.OpenDsrState:
    """Tell where a request stands, by the controller's id of it."""
    return opendsr.get(api.caller, subject_request)


@api.call("GET", f"{_REQUESTS}/<subject_request>/results", "privacy:approve")
def get_open_dsr_results(sandbox: str, subject_request: str) -> results.PackageResults:
    """Get a short-lived link to the person's data, for the controller that asked for them."""
    return opendsr.fetch(api.caller, subject_request)


@api.call("DELETE", f"{_FORMER}/<subject_request>", "privacy:request", status=202, operation="cancel_open_gdpr_request")
@api.call("DELETE", f"{_REQUESTS}/<subject_request>", "privacy:request", status=202)
def cancel_open_dsr_request(sandbox: str, subject_request: str) -> wire.OpenDsrCancelled:
    """Take a pending request back, by the controller's id of it."""
    return opendsr.cancel(api.caller, subject_request)


handler = api.handler
