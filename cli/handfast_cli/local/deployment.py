"""`sam build` and `sam deploy` of the unchanged template, onto the emulator."""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from handfast_cli.errors import CommandError
from handfast_cli.local.emulator import REGION, aws_environment, tail
from handfast_cli.local.paths import ROOT, locked

STACK_NAME = "handfast-local"
SOURCES = ("template.yaml", "samconfig.toml", "functions", "layers")

_ASSUMING = {"destination": ("Delivery", "Destinations"), "source": ("Sources", "SourceRuns", "Uploads")}
"""The functions that assume roles, by what the roles are of."""

Report = Callable[[str], None]


class DeploymentError(CommandError):
    """SAM refused to build or deploy; carries the end of its output."""


def deploy(url: str, console_url: str, folder: Path, report: Report) -> bool:
    """Deploys to the emulator at `url` unless what is there is what the sources say. The console is at `console_url`.

    AWS's environment must point there. `report` gets each line SAM prints. Answers whether anything was deployed.
    """
    deployed = folder / "state" / "deployed"
    parameters = _parameters(url, console_url)
    wanted = _fingerprint(parameters)
    if deployed.exists() and deployed.read_text() == wanted:
        return False
    log = folder / "deploy.log"
    overrides = (f"{name}={value}" for name, value in parameters.items())
    options = ["--config-env", "local", "--parameter-overrides", *overrides]
    # The build folder is the checkout's, whichever state folder is deployed from it.
    with locked(ROOT / ".aws-sam" / "lock"):
        log.write_text("")
        _sam(["build", *options], url, log, report)
        _sam(["deploy", "--stack-name", STACK_NAME, *_artifacts(), *options], url, log, report)
        _complete_api(console_url)
        _complete_roles()
    deployed.write_text(wanted)
    return True


def _artifacts() -> list[str]:
    """Options that name a bucket for what SAM packs; the one that SAM makes is never finished by a later run."""
    import boto3  # noqa: PLC0415 - slow to import

    bucket = f"{STACK_NAME}-artifacts"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return ["--no-resolve-s3", "--s3-bucket", bucket]


def _parameters(url: str, console_url: str) -> dict[str, str]:
    arm = platform.machine() in {"arm64", "aarch64"}
    return {
        "Environment": "local",
        "PythonRuntime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "Architecture": "arm64" if arm else "x86_64",
        "AwsEndpointUrl": url,
        "LocalConsoleUrl": console_url,
        "OutboundPrivateNetworks": "allow",
    }


def _build_environment() -> dict[str, str]:
    machine = "aarch64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    return {
        "HANDFAST_PLATFORM": f"{machine}-{'apple-darwin' if sys.platform == 'darwin' else 'manylinux_2_28'}",
        "HANDFAST_PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}",
        "UV": uv(),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "SAM_CLI_TELEMETRY": "0",
    }


def uv() -> str:
    for candidate in (os.environ.get("UV"), str(ROOT / ".uv" / "bin" / "uv"), shutil.which("uv")):
        if candidate and Path(candidate).exists():
            return candidate
    raise DeploymentError("uv is not installed: run `make setup`")


def _complete_api(console_url: str) -> None:
    """Put what the emulator leaves out of an API's definition, but takes one by one.

    That is gateway responses, ANY methods, and what OPTIONS answers.
    """
    import boto3  # noqa: PLC0415 - slow to import, as the next
    from samcli.yamlhelper import yaml_parse  # noqa: PLC0415

    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    api = resources["Api"]["Properties"]
    found = boto3.client("cloudformation").describe_stack_resource(StackName=STACK_NAME, LogicalResourceId="Api")
    api_id = found["StackResourceDetail"]["PhysicalResourceId"]
    gateway = boto3.client("apigateway")
    pages = gateway.get_paginator("get_resources").paginate(restApiId=api_id)
    ids = {resource["path"]: resource["id"] for page in pages for resource in page["items"]}
    events = list(_api_events(resources))
    _put_methods(gateway, api_id, api, ids, events)
    _put_preflights(gateway, api_id, _texts(api["Cors"], console_url), ids, events)
    for kind, response in api["GatewayResponses"].items():
        headers = _texts(response.get("ResponseParameters", {}).get("Headers", {}), console_url)
        gateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            responseParameters={f"gatewayresponse.header.{name}": value for name, value in headers.items()},
            responseTemplates=response["ResponseTemplates"],
            **({"statusCode": str(response["StatusCode"])} if "StatusCode" in response else {}),
        )
    gateway.create_deployment(restApiId=api_id, stageName=api["StageName"])


def _complete_roles() -> None:
    """Let the functions assume the roles of destinations and sources that they may.

    The emulator does not tell a function's own policy the external id of a call, to which it is bound there. The trust
    of the role that is assumed is told it, and decides alone.
    """
    import boto3  # noqa: PLC0415

    stack = boto3.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    for kind, functions in _ASSUMING.items():
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": f"arn:aws:iam::*:role/handfast-{kind}-*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        for function in functions:
            role = outputs[f"{function}RoleArn"].rpartition("/")[2]
            boto3.client("iam").put_role_policy(RoleName=role, PolicyName="assumes", PolicyDocument=policy)


def _api_events(resources: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The API's paths and methods, each with the name of its function."""
    for name, resource in resources.items():
        if not name.startswith("Fn::") and resource["Type"] == "AWS::Serverless::Function":
            for event in resource["Properties"].get("Events", {}).values():
                if event["Type"] == "Api":
                    yield name.removesuffix("Function"), event["Properties"]


def _texts(headers: dict[str, Any], console_url: str) -> dict[str, str]:
    """The headers, of which the only value that the template computes is the console's origin."""
    return {name: value if isinstance(value, str) else f"'{console_url}'" for name, value in headers.items()}


def _put_methods(
    gateway: Any, api_id: str, api: dict[str, Any], ids: dict[str, str], events: list[tuple[str, dict[str, Any]]]
) -> None:
    (authorizer,) = gateway.get_authorizers(restApiId=api_id)["items"]
    signed_in = {
        "authorizationType": "COGNITO_USER_POOLS",
        "authorizerId": authorizer["id"],
        "authorizationScopes": api["Auth"]["Authorizers"]["Cognito"]["AuthorizationScopes"],
    }
    for name, event in events:
        target = f"arn:aws:lambda:{REGION}:000000000000:function:{STACK_NAME}-{name}"
        uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{target}/invocations"
        method = {"restApiId": api_id, "resourceId": ids[event["Path"]], "httpMethod": event["Method"].upper()}
        gateway.put_method(**method, **({"authorizationType": "NONE"} if "Auth" in event else signed_in))
        gateway.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)


def _put_preflights(
    gateway: Any, api_id: str, cors: dict[str, str], ids: dict[str, str], events: list[tuple[str, dict[str, Any]]]
) -> None:
    answered_by_function = {event["Path"] for _, event in events if event["Method"] == "options"}
    names = {name: "-".join(re.findall("[A-Z][a-z]+", name)) for name in cors}
    headers = {f"method.response.header.Access-Control-{names[name]}": value for name, value in cors.items()}
    for path in {event["Path"] for _, event in events} - answered_by_function:
        method = {"restApiId": api_id, "resourceId": ids[path], "httpMethod": "OPTIONS"}
        gateway.put_integration_response(**method, statusCode="200", responseParameters=headers)


def _fingerprint(parameters: dict[str, str]) -> str:
    digest = hashlib.sha256(repr((parameters, _build_environment()["HANDFAST_PLATFORM"])).encode())
    for file in sorted(file for source in SOURCES for file in _files(ROOT / source)):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
    else:
        yield from (file for file in source.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def _sam(arguments: list[str], url: str, log: Path, report: Report) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "samcli", *arguments],
        cwd=ROOT,
        env=aws_environment(url) | _build_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        with log.open("a") as file:
            for line in process.stdout or ():
                file.write(line)
                file.flush()
                if line.strip():
                    report(line.strip())
        if process.wait() != 0:
            raise DeploymentError(f"sam {arguments[0]} failed; {log} ends with:\n{tail(log, 40)}")
    finally:
        process.kill()
