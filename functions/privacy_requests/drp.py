"""Data Rights Protocol 1.0: agents hand in people's requests, signed. Bodies are text/plain, base64."""

from handfast.platform.settings import require
from handfast.privacy_requests.protocols import results
from handfast.privacy_requests.protocols.drp import service as drp
from handfast.privacy_requests.protocols.drp import wire
from handfast.privacy_requests.protocols.drp.api import DrpApi

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

api = DrpApi()
_BASE = "/sandboxes/<sandbox>/drp/v1"
_REQUESTS, _AGENT = f"{_BASE}/data-rights-request", f"{_BASE}/agent/<agent>"


@api.call("POST", _REQUESTS, None, public=True)
def create_data_rights_request(sandbox: str) -> wire.DataRightsStatus:
    """Take a person's request from an agent, as its signed message in base64."""
    return drp.create(sandbox, api.authorization, api.text)


@api.call("GET", f"{_REQUESTS}/<privacy_request>", None, public=True)
def get_data_rights_request(sandbox: str, privacy_request: str) -> wire.DataRightsStatus:
    """Tell where a request of the agent's stands."""
    return drp.get(sandbox, api.authorization, privacy_request)


@api.call("GET", f"{_REQUESTS}/<privacy_request>/results", None, public=True)
def get_data_rights_results(sandbox: str, privacy_request: str) -> results.PackageResults:
    """Get a short-lived link to the person's data, for the agent that asked for them."""
    return drp.fetch(sandbox, api.authorization, privacy_request)


@api.call("DELETE", f"{_REQUESTS}/<privacy_request>", None, public=True)
def revoke_data_rights_request(sandbox: str, privacy_request: str) -> wire.DataRightsStatus:
    """Take a request of the agent's back, by its signed message in base64."""
    return drp.revoke(sandbox, api.authorization, privacy_request, api.text)


@api.call("POST", _AGENT, None, public=True)
def set_up_agent(sandbox: str, agent: str) -> wire.AgentToken:
    """Give an agent that proves its key a token, by its signed message in base64."""
    return drp.set_up(sandbox, agent, api.text)


@api.call("GET", _AGENT, None, public=True)
def check_agent_token(sandbox: str, agent: str) -> dict[str, str]:
    """Tell whether the agent's token is valid."""
    return drp.check_token(sandbox, agent, api.authorization)


handler = api.handler
