"""The deployment's user pool as the operator changes it: people, and the app clients of machines."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from handfast.access import addresses
from handfast.platform import aws
from handfast.platform.problems import Conflict
from handfast.platform.settings import setting
from handfast_cli.errors import InputError

API_SCOPE = "handfast/api"


@dataclass(frozen=True)
class Person:
    """Somebody of the user pool. `username` is Cognito's; `status` as Cognito says it, such as CONFIRMED."""

    principal_id: str
    email: str
    username: str
    status: str


@dataclass(frozen=True)
class AppClient:
    """An app client by which a machine signs in."""

    client_id: str
    name: str


def people(attribute: str = "", value: str = "") -> Iterator[Person]:
    """All people, or those of whom an attribute has a value. Raises InputError for a value that cannot be asked for."""
    if '"' in value or "\\" in value:
        raise InputError(f"{value} is neither an e-mail address nor a principal's id")
    asked = {"Filter": f'{attribute} = "{value}"'} if attribute else {}
    for page in aws.cognito().get_paginator("list_users").paginate(UserPoolId=_pool(), **asked):  # type: ignore[arg-type]
        for user in page["Users"]:
            about = {entry["Name"]: entry.get("Value", "") for entry in user.get("Attributes", [])}
            yield Person(about["sub"], about.get("email", ""), user["Username"], user.get("UserStatus", ""))


def app_clients() -> Iterator[AppClient]:
    """All app clients but the one that people sign in by."""
    pages = aws.cognito().get_paginator("list_user_pool_clients")
    for page in pages.paginate(UserPoolId=_pool(), PaginationConfig={"PageSize": 60}):
        for client in page["UserPoolClients"]:
            if client["ClientId"] != os.environ["PEOPLE_CLIENT_ID"]:
                yield AppClient(client["ClientId"], client["ClientName"])


def app_client(client_id: str) -> AppClient | None:
    """One app client of a machine; None for what is none, such as an e-mail address."""
    if client_id == os.environ["PEOPLE_CLIENT_ID"]:
        return None
    cognito = aws.cognito()
    try:
        found = cognito.describe_user_pool_client(UserPoolId=_pool(), ClientId=client_id)["UserPoolClient"]
    except (cognito.exceptions.ResourceNotFoundException, cognito.exceptions.InvalidParameterException):
        return None
    return AppClient(found["ClientId"], found["ClientName"])


def create_person(email: str, password: str | None) -> str:
    """Let a person sign in; returns the principal's id. Without a password Cognito mails an invitation.

    Raises InputError for an address or a password that Cognito refuses, and then leaves nothing; Conflict for somebody
    who is there.
    """
    cognito, chosen = aws.cognito(), {"MessageAction": "SUPPRESS", "TemporaryPassword": password} if password else {}
    with _refusals():
        username, principal_id = addresses.create(email, **chosen)
    if password:
        try:
            with _refusals():
                cognito.admin_set_user_password(UserPoolId=_pool(), Username=email, Password=password, Permanent=True)
        except BaseException:
            delete_person(username)
            raise
    return principal_id


def delete_person(username: str) -> None:
    """End a person's sign-in; somebody who is gone is no error."""
    cognito = aws.cognito()
    try:
        cognito.admin_delete_user(UserPoolId=_pool(), Username=username)
    except cognito.exceptions.UserNotFoundException:
        return


def create_app_client(name: str) -> tuple[str, str]:
    """A new app client for a machine: its id and its secret. Raises InputError for a name that Cognito refuses."""
    with _refusals():
        client = aws.cognito().create_user_pool_client(
            UserPoolId=_pool(),
            ClientName=name,
            GenerateSecret=True,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=[API_SCOPE],
        )["UserPoolClient"]
    return client["ClientId"], client["ClientSecret"]


def _pool() -> str:
    return setting("USER_POOL_ID")


@contextmanager
def _refusals() -> Iterator[None]:
    refused = aws.cognito().exceptions
    try:
        yield
    except refused.UsernameExistsException as error:
        detail = "somebody with this address can sign in already; for a role, `handfast admin put-grant`"
        raise Conflict(detail, current="exists") from error
    except (refused.InvalidPasswordException, refused.InvalidParameterException) as error:
        raise InputError(error.response["Error"]["Message"]) from error
