"""Systems in an AWS account that are reached by a role there, with an external id that nobody chooses.

The role trusts Handfast's own roles where they name the id of what it is for. So a sandbox cannot have Handfast use a
role that was made for another one: AWS's rule against a confused deputy.
"""

from handfast.connectors.contract import Check
from handfast.platform.assumed import AssumedError, Role
from handfast.platform.ids import new_id

REGION = r"[a-z]{2}(-[a-z]+){1,3}-\d{1,2}"
BUCKET = r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"


def arn_pattern(kind: str) -> str:
    """What an ARN of a role for a kind, such as `destination`, looks like: its name begins with `handfast-` and that.

    A role's name has 64 characters at most.
    """
    prefix = f"handfast-{kind}-"
    return rf"^arn:aws[a-z-]*:iam::\d{{12}}:role/{prefix}[A-Za-z0-9+=,.@_-]{{1,{64 - len(prefix)}}}$"


def checks(role_arn: str, external_id: str, service: str, region: str) -> list[Check]:
    """Whether the role can be assumed, and by nobody who does not know the external id; stops at the first failure."""
    try:
        Role(role_arn, external_id).client(service, region)
    except AssumedError as error:
        hint = f"its trust policy has to name Handfast's roles, and {external_id} as the external id"
        return [Check("role", False, f"the role cannot be assumed ({error.code}); {hint}")]
    assumed = Check("role", True, "the role can be assumed")
    try:
        Role(role_arn, new_id(external_id.partition("_")[0])).client(service, region)
    except AssumedError:
        return [assumed, Check("externalId", True, "the role is refused to other external ids")]
    hint = f"add the condition StringEquals sts:ExternalId {external_id} to its trust policy"
    return [assumed, Check("externalId", False, f"the role can be assumed with any external id; {hint}")]
