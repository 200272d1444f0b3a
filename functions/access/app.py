"""Who: the caller's own grants and those on a sandbox; and what tells of the API: its document, lists and problems."""

from pathlib import Path
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from handfast.access import discovery, invitations, namespaces, recipient_tokens, service
from handfast.access.discovery import Deployment
from handfast.access.invitation_models import (
    InvitationList,
    InvitationView,
    Invite,
    MyInvitationList,
    ShownStatus,
)
from handfast.access.models import (
    DefineNamespace,
    Grant,
    GrantList,
    Me,
    MyGrant,
    NamespaceList,
    NamespaceView,
    PutGrant,
    Role,
)
from handfast.access.recipient_token_models import (
    CreateRecipientToken,
    RecipientTokenList,
    RecipientTokenView,
    RotateRecipientToken,
    TokenStatus,
)
from handfast.edge import problem_pages
from handfast.edge.api import JSON, Api, Cursor, IfMatch, Limit, Order, Search, versions_of
from handfast.platform.settings import require
from handfast.platform.wanted import Wanted
from handfast.reference import lists
from handfast.reference.models import ReferenceList

require("ACCESS_TABLE", "ACTIVITY_TABLE", "IDEMPOTENCY_TABLE", "API_SECRET_ARN", "USER_POOL_ID")

api = Api()
InvitationFilter = Annotated[ShownStatus | None, Query(description="Invitations with this status only")]
TokenFilter = Annotated[TokenStatus | None, Query(description="Tokens with this status only")]
RoleFilter = Annotated[Role | None, Query(description="Grants of this role only")]
Sorted = Annotated[Literal["name"] | None, Query(description="What they are sorted by")]


@api.call("GET", "/openapi.json", None, public=True, content={JSON: {"schema": {"type": "object"}}})
def get_document() -> Response[str]:
    """Get this document, of all calls of the deployment."""
    return Response(200, JSON, Path(__file__).with_name("openapi.json").read_text())


@api.call("GET", "/.well-known/handfast.json", None, public=True)
def get_deployment() -> Deployment:
    """Tell how to sign in to this deployment, and where its API and its console are."""
    return discovery.deployment(api.current_event.stage_variables)


@api.call("GET", "/problems/<problem>", None, public=True, content={"text/html": {"schema": {"type": "string"}}})
def get_problem(problem: str) -> Response[str]:
    """Tell what a type of problem means, and what to do about it. A problem's `type` is the path of its page."""
    return Response(200, "text/html; charset=utf-8", problem_pages.page(problem))


@api.call("GET", "/reference/<list_name>", None)
def get_reference(list_name: str) -> ReferenceList:
    """List codes that callers use or meet: namespaces, labels, marketing actions, reasons, event types, and more."""
    return lists.reference(list_name)


@api.call("GET", "/me", None)
def get_me() -> Me:
    """Get the caller's name and its grants on all sandboxes."""
    return service.me(api.caller)


@api.call("GET", "/me/invitations", None)
def list_my_invitations() -> MyInvitationList:
    """List the invitations that the caller can accept or decline."""
    return invitations.mine(api.caller)


@api.call("POST", "/me/invitations/<invitation>/accept", None)
def accept_invitation(invitation: str) -> MyGrant:
    """Accept an invitation: the caller gets its rights. It works within two seconds."""
    return invitations.accept(api.caller, invitation)


@api.call("POST", "/me/invitations/<invitation>/decline", None, status=204)
def decline_invitation(invitation: str) -> None:
    """Decline an invitation."""
    invitations.decline(api.caller, invitation)


@api.call(
    "POST",
    "/sandboxes/<sandbox>/invitations",
    "access:manage",
    status=201,
    location="invitations/{invitation_id}",
)
def create_invitation(sandbox: str, body: Invite) -> InvitationView:
    """Invite somebody by e-mail. Who is of the sandbox's organisation gets the grant at once; others accept it."""
    return invitations.create(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/invitations", "access:manage")
def list_invitations(
    sandbox: str,
    status: InvitationFilter = None,
    search: Search = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> InvitationList:
    """List the invitations to the sandbox, newest first unless told otherwise."""
    wanted = Wanted(search, None, order, {"status": status})
    return invitations.list_invitations(api.caller, wanted, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/invitations/<invitation>", "access:manage")
def get_invitation(sandbox: str, invitation: str) -> InvitationView:
    """Get an invitation."""
    return invitations.get(api.caller, invitation)


@api.call("POST", "/sandboxes/<sandbox>/invitations/<invitation>/resend", "access:manage")
def resend_invitation(sandbox: str, invitation: str) -> InvitationView:
    """Send an invitation again, an expired one too. It is valid for seven days from now on."""
    return invitations.resend(api.caller, invitation)


@api.call("DELETE", "/sandboxes/<sandbox>/invitations/<invitation>", "access:manage", status=204)
def delete_invitation(sandbox: str, invitation: str, if_match: IfMatch = None) -> None:
    """Take an invitation back. One that was accepted has become a grant."""
    invitations.revoke(api.caller, invitation, versions_of(if_match))


@api.call("GET", "/sandboxes/<sandbox>/grants", "access:manage")
def list_grants(
    sandbox: str,
    role: RoleFilter = None,
    search: Search = None,
    sort: Sorted = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> GrantList:
    """List the grants on the sandbox, in the order of principals unless sorted by name."""
    return service.list_grants(api.caller, Wanted(search, sort, order, {"role": role}), limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/grants/<principal>", "access:manage")
def get_grant(sandbox: str, principal: str) -> Grant:
    """Get a principal's grant on the sandbox."""
    return service.get_grant(api.caller, principal)


@api.call("PUT", "/sandboxes/<sandbox>/grants/<principal>", "access:manage")
def put_grant(sandbox: str, principal: str, body: PutGrant, if_match: IfMatch = None) -> Grant:
    """Give a principal a grant on the sandbox, or replace the one it has. It works within two seconds."""
    return service.put_grant(api.caller, principal, body, versions_of(if_match))


@api.call("DELETE", "/sandboxes/<sandbox>/grants/<principal>", "access:manage", status=204)
def delete_grant(sandbox: str, principal: str, if_match: IfMatch = None) -> None:
    """Take a principal's grant away. The last one that may manage access stays."""
    service.delete_grant(api.caller, principal, versions_of(if_match))


@api.call("GET", "/sandboxes/<sandbox>/namespaces", "segments:read")
def list_namespaces(sandbox: str) -> NamespaceList:
    """List the namespaces that the sandbox has defined; those that every sandbox has are `/reference/namespaces`."""
    return namespaces.list_namespaces(api.caller)


@api.call("POST", "/sandboxes/<sandbox>/namespaces", "segments:write", status=201)
def create_namespace(sandbox: str, body: DefineNamespace) -> NamespaceView:
    """Define a namespace of the sandbox's own, rename it, or bring a disabled one back. Its kind and lengths stay."""
    return namespaces.define(api.caller, body)


@api.call("POST", "/sandboxes/<sandbox>/namespaces/<namespace>/disable", "segments:write")
def disable_namespace(sandbox: str, namespace: str) -> NamespaceView:
    """Disable a namespace of the sandbox's own: it takes no values any more. Its place is not freed."""
    return namespaces.disable(api.caller, namespace)


@api.call(
    "POST",
    "/sandboxes/<sandbox>/recipient-tokens",
    "access:manage",
    status=201,
    location="recipient-tokens/{token_id}",
)
def create_recipient_token(sandbox: str, body: CreateRecipientToken) -> RecipientTokenView:
    """Make a token for a tool that reads received members by Delta Sharing, as a link that gives it once."""
    return recipient_tokens.create(api.caller, body, api.base_url)


@api.call("GET", "/sandboxes/<sandbox>/recipient-tokens", "access:manage")
def list_recipient_tokens(
    sandbox: str,
    status: TokenFilter = None,
    search: Search = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RecipientTokenList:
    """List the sandbox's recipient tokens, newest first unless told otherwise."""
    wanted = Wanted(search, None, order, {"status": status})
    return recipient_tokens.list_tokens(api.caller, wanted, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/recipient-tokens/<token>", "access:manage")
def get_recipient_token(sandbox: str, token: str) -> RecipientTokenView:
    """Get a recipient token, never what it is."""
    return recipient_tokens.get(api.caller, token)


@api.call("POST", "/sandboxes/<sandbox>/recipient-tokens/<token>/rotate", "access:manage")
def rotate_recipient_token(sandbox: str, token: str, body: RotateRecipientToken | None = None) -> RecipientTokenView:
    """Replace a recipient token by a new link. The one before works on for a while that only ever gets shorter."""
    return recipient_tokens.rotate(api.caller, token, body or RotateRecipientToken(), api.base_url)


@api.call("DELETE", "/sandboxes/<sandbox>/recipient-tokens/<token>", "access:manage", status=204)
def delete_recipient_token(sandbox: str, token: str, if_match: IfMatch = None) -> None:
    """End a recipient token at once, with those before it and its link."""
    recipient_tokens.delete(api.caller, token, versions_of(if_match))


handler = api.handler
