"""`handfast admin …`: what the operator does with AWS credentials."""

import json
import os
from typing import Annotated, Any

import typer

from handfast_cli.local.deployment import STACK_NAME
from handfast_cli.local.emulator import aws_environment
from handfast_cli.local.paths import state_folder
from handfast_cli.operator import Deployment
from handfast_cli.options import AsJson
from handfast_cli.output import show

app = typer.Typer(no_args_is_help=True)

Stack = Annotated[
    str, typer.Option("--stack", envvar="HANDFAST_STACK_NAME", help="The CloudFormation stack of the deployment.")
]
Role = Annotated[str, typer.Option(help="Such as sandbox-admin, audience-manager or viewer.")]
SandboxOption = Annotated[str, typer.Option("--sandbox", help="The sandbox's id.")]


@app.command("create-organization")
def create_organization(name: str, stack: Stack = STACK_NAME, as_json: AsJson = False) -> None:
    """Create an organisation."""
    show({"organizationId": _deployment(stack).create_organization(name), "name": name}, as_json=as_json)


@app.command("create-sandbox")
def create_sandbox(
    name: str,
    organization: Annotated[str, typer.Option(help="The organisation's id.")],
    consent_default: Annotated[str | None, typer.Option(help="default_allow or default_deny.")] = None,
    removal_guard: Annotated[
        float | None, typer.Option(min=0, max=1, help="The share of members a snapshot may remove.")
    ] = None,
    overlap_threshold: Annotated[int | None, typer.Option(min=0, help="Smaller overlaps are not told.")] = None,
    phone_region: Annotated[str | None, typer.Option(help="The country of national phone numbers, such as US.")] = None,
    stack: Stack = STACK_NAME,
    as_json: AsJson = False,
) -> None:
    """Create a sandbox of an organisation."""
    given = {
        "consent_default": consent_default,
        "removal_guard": removal_guard,
        "overlap_threshold": overlap_threshold,
        "phone_region": phone_region,
    }
    settings: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    sandbox = _deployment(stack).create_sandbox(organization, name, settings)
    show(
        {
            "sandboxId": sandbox.sandbox_id,
            "name": sandbox.name,
            "organizationId": sandbox.organization_id,
            "organizationName": sandbox.organization_name,
            "consentDefault": sandbox.consent_default,
            "removalGuard": sandbox.removal_guard,
            "overlapThreshold": sandbox.overlap_threshold,
            "phoneRegion": sandbox.phone_region,
        },
        as_json=as_json,
    )


@app.command("create-user")
def create_user(
    email: str,
    sandbox: SandboxOption,
    role: Role,
    password: Annotated[
        str | None,
        typer.Option(envvar="HANDFAST_PASSWORD", help="Without it Cognito mails an invitation."),
    ] = None,
    stack: Stack = STACK_NAME,
    as_json: AsJson = False,
) -> None:
    """Let a person sign in, with a role on a sandbox."""
    principal = _deployment(stack).create_user(email, sandbox, role, password)
    show({"principalId": principal, "email": email, "sandboxId": sandbox, "role": role}, as_json=as_json)


@app.command("create-client")
def create_client(
    name: str, sandbox: SandboxOption, role: Role, stack: Stack = STACK_NAME, as_json: AsJson = False
) -> None:
    """Create a machine's client id and secret, with a role on a sandbox. The secret is shown once."""
    client_id, secret = _deployment(stack).create_client(name, sandbox, role)
    show({"clientId": client_id, "clientSecret": secret, "sandboxId": sandbox, "role": role}, as_json=as_json)


def _deployment(stack: str) -> Deployment:
    local = state_folder() / "stack.json"
    if stack == STACK_NAME and local.exists():
        os.environ.update(aws_environment(json.loads(local.read_text())["awsEndpointUrl"]))
    return Deployment.of(stack)
