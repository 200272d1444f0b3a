"""The addresses by which people sign in, as the user pool knows them."""

from dataclasses import dataclass
from typing import Any

from handfast.platform import aws
from handfast.platform.settings import setting

_NEVER_SIGNED_IN, _OF_A_PROVIDER = "FORCE_CHANGE_PASSWORD", "EXTERNAL_PROVIDER"
"""States of people as Cognito names them."""


def address_of(principal_id: str) -> str | None:
    """A person's e-mail address; None for machines, and where the user pool has none."""
    # By an attribute: the user name of somebody of another identity provider is not the principal's id.
    users = aws.cognito().list_users(
        UserPoolId=setting("USER_POOL_ID"), AttributesToGet=["email"], Filter=f'sub = "{principal_id}"', Limit=1
    )["Users"]
    return next((each["Value"] for user in users for each in user["Attributes"] if each["Name"] == "email"), None)


@dataclass(frozen=True)
class Holder:
    """Somebody who signs in with an address; one that has not yet has a temporary password, or one that has expired."""

    principal_id: str
    has_signed_in: bool


class AddressRefusedError(ValueError):
    """The user pool takes no such address, or cannot write to it."""


class BusyError(RuntimeError):
    """The user pool makes no more people, or sends no more e-mail, for now."""


def holders_of(address: str) -> list[Holder]:
    """Who signs in with an address that was verified, by themselves or by the provider that knows them."""
    users = aws.cognito().list_users(UserPoolId=setting("USER_POOL_ID"), Filter=f'email = "{_quoted(address)}"')
    found = []
    for user in users["Users"]:
        about = {each["Name"]: each.get("Value", "") for each in user.get("Attributes", [])}
        status = user.get("UserStatus", "")
        # Whoever signs in may write any address into their own attributes, which is then not verified.
        if about.get("email_verified") == "true" or status == _OF_A_PROVIDER:
            found.append(Holder(about["sub"], status != _NEVER_SIGNED_IN))
    return found


def create(address: str, **chosen: Any) -> tuple[str, str]:
    """Let a person sign in; returns Cognito's user name and the principal's id. `chosen` as AdminCreateUser takes it.

    Without any Cognito mails a temporary password. Raises what boto does.
    """
    created = aws.cognito().admin_create_user(
        UserPoolId=setting("USER_POOL_ID"),
        Username=address,
        UserAttributes=[{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}],
        **chosen,
    )["User"]
    return created["Username"], next(each["Value"] for each in created["Attributes"] if each["Name"] == "sub")


def mail_password(address: str) -> list[Holder]:
    """Have Cognito mail a temporary password to who has never signed in with an address; who has it then.

    Somebody unknown is made known. Whether anybody was is told by nothing else: each case is two calls. Raises
    AddressRefusedError for what is no address to the user pool, BusyError when it sends no more for now.
    """
    known, refused = holders_of(address), aws.cognito().exceptions
    try:
        if not known:
            return [Holder(create(address)[1], has_signed_in=False)]
        if any(not each.has_signed_in for each in known):
            create(address, MessageAction="RESEND")
            return known
    except (refused.UsernameExistsException, refused.UnsupportedUserStateException):
        pass  # somebody else has made them known, or they have signed in, since they were looked up
    except (refused.InvalidParameterException, refused.CodeDeliveryFailureException) as error:
        raise AddressRefusedError(error.response["Error"]["Message"]) from error
    except (refused.LimitExceededException, refused.TooManyRequestsException) as error:
        raise BusyError(error.response["Error"]["Message"]) from error
    return holders_of(address)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
