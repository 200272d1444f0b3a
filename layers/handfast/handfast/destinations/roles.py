"""Destinations in an AWS account: signing in by a role there, and what came of calls (docs/destinations.md, In AWS).

The role trusts Handfast's own roles where they name the destination's id as the external id. Nobody chooses that id,
so that a sandbox cannot have Handfast use a role that was made for another one: AWS's rule against a confused deputy.
"""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from handfast.connectors.contract import Check, Settings
from handfast.destinations.contract import Account, Answer
from handfast.platform.assumed import AssumedError, Role
from handfast.platform.ids import new_id

REGION = r"[a-z]{2}(-[a-z]+){1,3}-\d{1,2}"
PREREQUISITE = (
    "A role whose name begins with handfast-destination-, which trusts Handfast's roles with the destination's id as "
    "the external id; make the destination first, and then the trust."
)


class RoleAuthentication(Settings):
    """The role by which Handfast acts."""

    role_arn: Annotated[
        str,
        StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/handfast-destination-[A-Za-z0-9+=,.@_-]{1,43}$"),
        Field(
            title="Role",
            description="The role's ARN; its name begins with handfast-destination-. The external id is the "
            "destination's id",
        ),
    ]


def role(account: Account[Any, RoleAuthentication]) -> Role:
    """The role of a destination, to be assumed with its external id."""
    return Role(account.authentication.role_arn, account.destination_id)


def checks(account: Account[Any, RoleAuthentication], service: str, region: str) -> list[Check]:
    """Whether the role can be assumed, and by nobody who does not know the external id; stops at the first failure."""
    try:
        role(account).client(service, region)
    except AssumedError as error:
        hint = f"its trust policy has to name Handfast's roles, and {account.destination_id} as the external id"
        return [Check("role", False, f"the role cannot be assumed ({error.code}); {hint}")]
    assumed = Check("role", True, "the role can be assumed")
    try:
        Role(account.authentication.role_arn, new_id("dst")).client(service, region)
    except AssumedError:
        return [assumed, Check("externalId", True, "the role is refused to other external ids")]
    hint = f"add the condition StringEquals sts:ExternalId {account.destination_id} to its trust policy"
    return [assumed, Check("externalId", False, f"the role can be assumed with any external id; {hint}")]


def answer_of(error: AssumedError, service: str) -> Answer:
    """What a call came to that AWS did not do."""
    if error.status is None:
        return Answer(error="connection_failed", detail=f"{service} was not reached ({error.code})")
    return Answer(status=error.status, detail=f"{service}: {error.code}")
