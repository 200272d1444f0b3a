"""Which deployment `handfast admin …` works on."""

import os
from typing import Annotated

import typer

from handfast_cli.admin.operator import Deployment
from handfast_cli.errors import CommandError
from handfast_cli.files import read_kept
from handfast_cli.local.deployment import STACK_NAME
from handfast_cli.local.emulator import aws_environment
from handfast_cli.local.paths import MEND_STACK, state_folder
from handfast_cli.output import errors, hint

Stack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        envvar="HANDFAST_STACK_NAME",
        help="The deployment's CloudFormation stack; may be left out where the local one is the only choice.",
    ),
]


def deployment_of(stack: str | None) -> Deployment:
    """The deployment named, or else the only one there is; says which, before anything is written there.

    Raises CommandError where none is named and there is a choice, OperatorError where there is no such stack.
    """
    local = _local_stack()
    name = stack or _only_choice(local)
    if name == STACK_NAME and local:
        os.environ.update(aws_environment(local))
    deployment = Deployment.of(name)
    hint(f"Stack {name} of account {deployment.account} in {deployment.region}", errors)
    return deployment


def _local_stack() -> str | None:
    """The address of the emulator that is up on this machine."""
    file = state_folder() / "stack.json"
    return read_kept(file, lambda stack: str(stack["awsEndpointUrl"]), MEND_STACK) if file.exists() else None


def _only_choice(local: str | None) -> str:
    if local is None:
        raise CommandError("Name the deployment with --stack or HANDFAST_STACK_NAME: no local stack is up")
    if os.environ.get("AWS_ENDPOINT_URL") != local and _has_credentials():
        raise CommandError(
            f"Name the deployment with --stack or HANDFAST_STACK_NAME: {STACK_NAME} is up on this machine, "
            "and there are AWS credentials for another"
        )
    return STACK_NAME


def _has_credentials() -> bool:
    import boto3  # noqa: PLC0415 - slow to import, as the next
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    # Those that somebody has set; to ask what a machine of EC2's has by itself takes seconds elsewhere.
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    try:
        return boto3.Session().get_credentials() is not None
    except BotoCoreError:  # such as a profile's that have ended
        return True
