"""Two organisations to try things with, and the file that says how to reach them."""

import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from handfast_cli.admin.operator import Deployment
from handfast_cli.browser import SCOPES
from handfast_cli.local.certificates import issue
from handfast_cli.local.deployment import STACK_NAME
from handfast_cli.local.emulator import REGION
from handfast_client.tokens import write_private

ROLES = ("sandbox-admin", "viewer")


def seed(folder: Path, url: str, console_url: str) -> dict[str, Any]:
    """Creates the organisations once per state folder and writes stack.json (docs/api.md, The running local stack).

    It writes what the console reads, too.
    """
    deployment = Deployment.of(STACK_NAME)
    kept = folder / "state" / "seed.json"
    if kept.exists():
        people = json.loads(kept.read_text())
    else:
        people = _create()
        write_private(kept, people)
    stack = {
        "apiUrl": f"{url}/_aws/execute-api/{deployment.outputs['ApiId']}",
        "consoleUrl": f"{console_url}/",
        "awsEndpointUrl": url,
        "region": REGION,
        "stackName": STACK_NAME,
        "tokenUrl": f"{url}/oauth2/token",
        "userPoolId": deployment.outputs["UserPoolId"],
        "userPoolClientId": deployment.outputs["PeopleClientId"],
        **people,
    }
    _certify(folder, f"{stack['apiUrl']}/v1")
    write_private(folder / "console.json", _console_config(stack))
    write_private(folder / "stack.json", stack)
    return stack


def _console_config(stack: dict[str, Any]) -> dict[str, Any]:
    """What the console reads of the deployment (docs/api.md, The running local stack)."""
    url = stack["awsEndpointUrl"]
    return {
        "apiUrl": stack["apiUrl"],
        "authorizeUrl": f"{url}/oauth2/authorize",
        "tokenUrl": stack["tokenUrl"],
        "logoutUrl": f"{url}/logout",
        "revokeUrl": f"{url}/oauth2/revoke",
        "clientId": stack["userPoolClientId"],
        "scopes": list(SCOPES),
        "redirectUri": stack["consoleUrl"],
    }


def _certify(folder: Path, url: str) -> None:
    """Gives the processor a throwaway certificate, and its authority's to opendsr-ca.pem, unless it has one there."""
    from handfast.platform import clock  # noqa: PLC0415 - reads the environment that Deployment sets, as the next
    from handfast.privacy_requests.protocols.opendsr import certificate, signing  # noqa: PLC0415

    certificate.forget()
    found, authority = certificate.current(), folder / "opendsr-ca.pem"
    if found and found.url == url and signing.expires(found) > clock.now() and authority.exists():
        return
    issued = issue(urlsplit(url).hostname or "")
    authority.write_text(issued.authority)
    certificate.keep(signing.checked(url, issued.chain, issued.key, clock.now()))


def _create() -> dict[str, list[dict[str, str]]]:
    from handfast.access import service  # noqa: PLC0415 - reads the environment that Deployment sets, as the next
    from handfast_cli.admin import access  # noqa: PLC0415

    users, clients = [], []
    for letter in ("a", "b"):
        organization = f"Organization {letter.upper()}"
        sandbox = service.create_sandbox(
            service.create_organization(organization), f"Sandbox {letter.upper()}", phone_region="US"
        )
        for role in ROLES:
            place = {"organizationName": organization, "sandboxId": sandbox.sandbox_id, "role": role}
            email = f"{role}@organization-{letter}.example"
            # A policy wants all four kinds of characters.
            password = f"{secrets.token_urlsafe(24)}-aA1"
            access.create_user(email, sandbox.sandbox_id, role, password)
            users.append({"email": email, "password": password, **place})
            client_id, secret = access.create_client(f"{organization} {role}", sandbox.sandbox_id, role)
            clients.append({"clientId": client_id, "clientSecret": secret, **place})
    return {"users": users, "clients": clients}
