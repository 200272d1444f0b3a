"""Who: the caller's own grants and the grants on a sandbox; also the OpenAPI document of the whole API."""

from typing import Any

from handfast.access import service
from handfast.access.models import Grant, GrantList, Me, PutGrant
from handfast.edge.api import Api, Cursor, Limit
from handfast.platform.settings import require

require("ACCESS_TABLE", "ACTIVITY_TABLE", "DEPLOYMENT_SECRET_ARN")

api = Api()


@api.call("GET", "/openapi.json", None, public=True)
def openapi() -> dict[str, Any]:
    """This document."""
    return service.openapi()


@api.call("GET", "/me", None)
def me() -> Me:
    """The caller and its grants."""
    return service.me(api.caller)


@api.call("GET", "/sandboxes/<sandbox>/grants", "access:manage")
def list_grants(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> GrantList:
    """The grants on the sandbox."""
    return service.list_grants(api.caller, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/grants/<principal>", "access:manage")
def get_grant(sandbox: str, principal: str) -> Grant:
    """One grant."""
    return service.get_grant(api.caller, principal)


@api.call("PUT", "/sandboxes/<sandbox>/grants/<principal>", "access:manage")
def put_grant(sandbox: str, principal: str, body: PutGrant) -> Grant:
    """Give or replace a grant."""
    return service.put_grant(api.caller, principal, body)


@api.call("DELETE", "/sandboxes/<sandbox>/grants/<principal>", "access:manage", status=204)
def delete_grant(sandbox: str, principal: str) -> None:
    """Take a grant away."""
    service.delete_grant(api.caller, principal)


handler = api.handler
