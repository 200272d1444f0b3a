"""The addresses by which people sign in, as the user pool knows them."""

from handfast.platform import aws
from handfast.platform.settings import setting


def address_of(principal_id: str) -> str | None:
    """A person's e-mail address; None for machines, and where the user pool has none."""
    # By an attribute: the user name of somebody of another identity provider is not the principal's id.
    users = aws.cognito().list_users(
        UserPoolId=setting("USER_POOL_ID"), AttributesToGet=["email"], Filter=f'sub = "{principal_id}"', Limit=1
    )["Users"]
    return next((each["Value"] for user in users for each in user["Attributes"] if each["Name"] == "email"), None)
