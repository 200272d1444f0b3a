"""Who reads, by the token that a call brings."""

from handfast.access import access_tokens, recipient_tokens
from handfast.access.service import callers, identify
from handfast.platform.problems import Unauthorized
from handfast.sharing.catalogue import Reader

PERMISSION = "profiles:read"


def reader(authorization: str, address: str) -> Reader:
    """Who sends this Authorization header from an IP address.

    Raises Unauthorized for a token that is unknown or has expired, Forbidden for one without the permission, and for a
    recipient token out of its networks.
    """
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("send a token as Authorization: Bearer")
    if recipient_tokens.is_one(token):
        caller = recipient_tokens.caller_of(token, address)
        return Reader(caller.principal_id, [caller])
    subject = access_tokens.subject_of(token)
    return Reader(identify(subject).principal_id, callers(subject, PERMISSION))
