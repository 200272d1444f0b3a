"""What the operator of a deployment does with AWS credentials: organisations, sandboxes, people, machines."""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from handfast_cli.errors import CommandError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from handfast.journal.models import Sandbox

API_SCOPE = "handfast/api"
_TABLES = ("Access", "Connections", "Segments", "Feeds", "Activity", "Privacy")


class OperatorError(CommandError):
    """The deployment is not there or not what this version expects."""


@dataclass(frozen=True)
class Deployment:
    """A CloudFormation stack of template.yaml, reached with the credentials of the environment."""

    stack_id: str
    outputs: dict[str, str]

    @classmethod
    def of(cls, stack_name: str) -> "Deployment":
        """Reads the stack's outputs and sets the environment that the package's stores read.

        Raises OperatorError when there is no such stack.
        """
        import boto3  # noqa: PLC0415 - slow to import

        client = boto3.client("cloudformation")
        try:
            stack = client.describe_stacks(StackName=stack_name)["Stacks"][0]
        except client.exceptions.ClientError as error:
            raise OperatorError(f"No stack {stack_name}: {error.response['Error']['Message']}") from error
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        for name in _TABLES:
            os.environ[f"{name.upper()}_TABLE"] = outputs[f"{name}TableName"]
        os.environ["DATA_BUCKET"] = outputs["DataBucketName"]
        os.environ["OPENDSR_SECRET_ARN"] = outputs["OpenDsrCertificateSecretArn"]
        return cls(stack["StackId"], outputs)

    @property
    def account(self) -> str:
        """The AWS account that the stack is in."""
        return self.stack_id.split(":")[4]

    @property
    def region(self) -> str:
        """The AWS Region that the stack is in."""
        return self.stack_id.split(":")[3]

    def table(self, area: str) -> str:
        """The name of an area's table. Raises OperatorError for an area that has none."""
        if area not in _TABLES:
            raise OperatorError(f"no table {area}; there are {', '.join(_TABLES)}")
        return self.outputs[f"{area}TableName"]

    @cached_property
    def _cognito(self) -> "CognitoIdentityProviderClient":
        import boto3  # noqa: PLC0415

        return boto3.client("cognito-idp")

    @property
    def _pool(self) -> str:
        return self.outputs["UserPoolId"]

    def create_organization(self, name: str) -> str:
        """Creates an organisation; answers its id."""
        from handfast.access import service  # noqa: PLC0415 - reads the environment set above

        return service.create_organization(name)

    def create_sandbox(self, organization_id: str, name: str, settings: dict[str, Any]) -> "Sandbox":
        """Creates a sandbox; `settings` are fields of `access.models.Sandbox`."""
        from handfast.access import service  # noqa: PLC0415

        return service.create_sandbox(organization_id, name, **settings)

    def change_sandbox(self, sandbox_id: str, settings: dict[str, Any]) -> "Sandbox":
        """Changes the settings given; answers the sandbox as it is then."""
        from handfast.access import service  # noqa: PLC0415

        return service.change_sandbox(sandbox_id, **settings)

    def create_user(self, email: str, sandbox_id: str, role: str, password: str | None) -> str:
        """Lets a person sign in and gives the role on the sandbox; answers the principal's id.

        Without a password Cognito mails the person an invitation. Somebody who is there already
        only gets the role.
        """
        try:
            attributes = self._invite(email, password)
        except self._cognito.exceptions.UsernameExistsException:
            answer = self._cognito.admin_get_user(UserPoolId=self._pool, Username=email)
            attributes = answer["UserAttributes"]
        principal = next(item["Value"] for item in attributes if item["Name"] == "sub")
        return self._register(principal, email, sandbox_id, role)

    def create_client(self, name: str, sandbox_id: str, role: str) -> tuple[str, str]:
        """Creates a machine with the role on the sandbox; answers its client id and secret."""
        client = self._cognito.create_user_pool_client(
            UserPoolId=self._pool,
            ClientName=name,
            GenerateSecret=True,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=[API_SCOPE],
        )["UserPoolClient"]
        self._register(client["ClientId"], name, sandbox_id, role)
        return client["ClientId"], client["ClientSecret"]

    def _register(self, principal: str, name: str, sandbox_id: str, role: str) -> str:
        from handfast.access import service  # noqa: PLC0415

        service.register_principal(principal, name, sandbox_id, role)
        return principal

    def _invite(self, email: str, password: str | None) -> Any:
        silent: dict[str, Any] = {"MessageAction": "SUPPRESS"} if password else {}
        created = self._cognito.admin_create_user(
            UserPoolId=self._pool,
            Username=email,
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
            **silent,
        )
        if password:
            self._cognito.admin_set_user_password(
                UserPoolId=self._pool, Username=email, Password=password, Permanent=True
            )
        return created["User"]["Attributes"]
