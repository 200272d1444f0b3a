"""Destinations in an AWS account: signing in by a role there, and what came of calls (docs/destinations.md, In AWS)."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from handfast.connectors import aws_roles
from handfast.connectors.contract import Check, Settings
from handfast.destinations.contract import Account, Answer
from handfast.platform.assumed import AssumedError, Role

PREREQUISITE = (
    "A role whose name begins with handfast-destination-, which trusts Handfast's roles with the destination's id as "
    "the external id; make the destination first, and then the trust."
)


class RoleAuthentication(Settings):
    """The role by which Handfast acts."""

    role_arn: Annotated[
        str,
        StringConstraints(pattern=aws_roles.arn_pattern("destination")),
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
    return aws_roles.checks(account.authentication.role_arn, account.destination_id, service, region)


def answer_of(error: AssumedError, service: str) -> Answer:
    """What a call came to that AWS did not do."""
    if error.status is None:
        return Answer(error="connection_failed", detail=f"{service} was not reached ({error.code})")
    return Answer(status=error.status, detail=f"{service}: {error.code}")
