"""`handfast admin …`: what the operator does with AWS credentials."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from handfast_cli.asking import Yes, ask
from handfast_cli.errors import CommandError
from handfast_cli.files import read_kept
from handfast_cli.local.deployment import STACK_NAME
from handfast_cli.local.emulator import aws_environment
from handfast_cli.local.paths import MEND_STACK, state_folder
from handfast_cli.operator import Deployment
from handfast_cli.options import AsJson
from handfast_cli.output import errors, hint, show

if TYPE_CHECKING:
    from handfast.journal.models import Sandbox

app = typer.Typer(no_args_is_help=True)

Stack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        envvar="HANDFAST_STACK_NAME",
        help="The deployment's CloudFormation stack; may be left out where the local one is the only choice.",
    ),
]
Role = Annotated[str, typer.Option(help="Such as sandbox-admin, audience-manager or viewer.")]
SandboxOption = Annotated[str, typer.Option("--sandbox", help="The sandbox's id.")]


@app.command("create-organization")
def create_organization(name: str, stack: Stack = None, as_json: AsJson = False) -> None:
    """Create an organisation."""
    show({"organizationId": _deployment(stack).create_organization(name), "name": name}, as_json=as_json)


ConsentDefault = Annotated[str | None, typer.Option(help="default_allow or default_deny.")]
RemovalGuard = Annotated[float | None, typer.Option(help="The share of members a snapshot may remove, 0 to 1.")]
RejectGuard = Annotated[float | None, typer.Option(help="The share of an upload's rows that may be refused, 0 to 1.")]
OverlapThreshold = Annotated[int | None, typer.Option(help="Smaller overlaps are not told.")]
PhoneRegion = Annotated[str | None, typer.Option(help="The country of national phone numbers, such as US.")]
PrivacyRule = Annotated[
    str | None, typer.Option(help="How verified privacy requests begin: automatic, or by approval.")
]
TimeZone = Annotated[str | None, typer.Option(help="Where their deadlines are counted, such as Europe/Berlin.")]
Holidays = Annotated[
    str | None,
    typer.Option(metavar="DATES|FILE", help="Days nobody works: dates joined by commas, or a file with one a line."),
]


@app.command("create-sandbox")
def create_sandbox(
    name: str,
    organization: Annotated[str, typer.Option(help="The organisation's id.")],
    consent_default: ConsentDefault = None,
    removal_guard: RemovalGuard = None,
    reject_guard: RejectGuard = None,
    overlap_threshold: OverlapThreshold = None,
    phone_region: PhoneRegion = None,
    privacy_rule: PrivacyRule = None,
    time_zone: TimeZone = None,
    holidays: Holidays = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Create a sandbox of an organisation."""
    settings = _settings(
        consent_default, removal_guard, reject_guard, overlap_threshold, phone_region, privacy_rule, time_zone, holidays
    )
    _show_sandbox(_deployment(stack).create_sandbox(organization, name, settings), as_json=as_json)


@app.command("change-sandbox")
def change_sandbox(
    sandbox: Annotated[str, typer.Argument(help="The sandbox's id.")],
    consent_default: ConsentDefault = None,
    removal_guard: RemovalGuard = None,
    reject_guard: RejectGuard = None,
    overlap_threshold: OverlapThreshold = None,
    phone_region: PhoneRegion = None,
    privacy_rule: PrivacyRule = None,
    time_zone: TimeZone = None,
    holidays: Holidays = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Change settings of a sandbox, and show all of them; without options only show them."""
    settings = _settings(
        consent_default, removal_guard, reject_guard, overlap_threshold, phone_region, privacy_rule, time_zone, holidays
    )
    _show_sandbox(_deployment(stack).change_sandbox(sandbox, settings), as_json=as_json)


def _settings(
    consent_default: str | None,
    removal_guard: float | None,
    reject_guard: float | None,
    overlap_threshold: int | None,
    phone_region: str | None,
    privacy_rule: str | None,
    time_zone: str | None,
    holidays: str | None,
) -> dict[str, Any]:
    given = {
        "consent_default": consent_default,
        "removal_guard": removal_guard,
        "reject_guard": reject_guard,
        "overlap_threshold": overlap_threshold,
        "phone_region": phone_region,
        "privacy_rule": privacy_rule,
        "time_zone": time_zone,
        "holidays": None if holidays is None else _days(holidays),
    }
    return {key: value for key, value in given.items() if value is not None}


def _days(text: str) -> list[str]:
    """Dates joined by commas, or of a file's lines; an empty text is no day."""
    days = Path(text).read_text().splitlines() if text and Path(text).is_file() else text.split(",")
    return sorted({day.strip() for day in days if day.strip()})


def _show_sandbox(sandbox: "Sandbox", *, as_json: bool) -> None:
    from handfast.access import store  # noqa: PLC0415 - as elsewhere here

    facts = {
        "sandboxId": sandbox.sandbox_id,
        "name": sandbox.name,
        "organizationId": sandbox.organization_id,
        "organizationName": sandbox.organization_name,
    }
    show(facts | store.settings(sandbox), as_json=as_json)


@app.command("create-user")
def create_user(
    email: str,
    sandbox: SandboxOption,
    role: Role,
    password: Annotated[
        str | None,
        typer.Option(envvar="HANDFAST_PASSWORD", help="Without it Cognito mails an invitation."),
    ] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Let a person sign in, with a role on a sandbox."""
    principal = _deployment(stack).create_user(email, sandbox, role, password)
    show({"principalId": principal, "email": email, "sandboxId": sandbox, "role": role}, as_json=as_json)


@app.command("create-client")
def create_client(name: str, sandbox: SandboxOption, role: Role, stack: Stack = None, as_json: AsJson = False) -> None:
    """Create a machine's client id and secret, with a role on a sandbox. The secret is shown once."""
    client_id, secret = _deployment(stack).create_client(name, sandbox, role)
    show({"clientId": client_id, "clientSecret": secret, "sandboxId": sandbox, "role": role}, as_json=as_json)


@app.command("overlap")
def overlap(
    source: Annotated[str, typer.Argument(help="The id of the sandbox that would share.")],
    target: Annotated[str, typer.Argument(help="The id of the sandbox that would receive.")],
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Count what two whole sandboxes have in common, by one statement in Athena: for what is past one function."""
    from handfast_cli import lake  # noqa: PLC0415 - for this command alone

    found = lake.overlap_of(_deployment(stack), source, target)
    show({"items": found}, as_json=as_json)


@app.command("set-processor-certificate")
def set_processor_certificate(
    chain: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="PEM: the certificate, then its issuers.")],
    key: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="PEM: the certificate's RSA key.")],
    url: Annotated[
        str | None, typer.Option(help="The API as controllers call it, with /v1; the deployment's own without.")
    ] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Set the certificate that OpenDSR answers and callbacks are signed with."""
    deployment = _deployment(stack)
    from handfast.platform import clock  # noqa: PLC0415 - as the next, for this command alone
    from handfast.privacy_requests.protocols.opendsr import certificate, signing  # noqa: PLC0415

    address = url or f"{deployment.outputs['ApiUrl']}/v1"
    new = signing.checked(address, chain.read_text(), key.read_text(), clock.now())
    certificate.keep(new)
    show({"url": new.url, "domain": new.domain, "expiresAt": clock.to_text(signing.expires(new))}, as_json=as_json)


AgentId = Annotated[str, typer.Option("--agent-id", help="The agent's id in the directory of the protocol's network.")]


@app.command("add-agent")
def add_agent(
    sandbox: SandboxOption,
    agent_id: AgentId,
    verify_key: Annotated[str, typer.Option(help="The agent's Ed25519 public key, in hex or base64.")],
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Let an agent of the Data Rights Protocol hand in requests, or give it another key."""
    _deployment(stack)
    from handfast.privacy_requests.protocols.drp import agents  # noqa: PLC0415 - as the next, for this command alone

    show(agents.shown(agents.add(sandbox, agent_id, verify_key)), as_json=as_json)


@app.command("remove-agent")
def remove_agent(sandbox: SandboxOption, agent_id: AgentId, stack: Stack = None, as_json: AsJson = False) -> None:
    """Take nothing more from an agent."""
    _deployment(stack)
    from handfast.privacy_requests.protocols.drp import agents  # noqa: PLC0415

    agents.remove(sandbox, agent_id)
    show({"agentId": agent_id, "status": "removed"}, as_json=as_json)


@app.command("list-agents")
def list_agents(sandbox: SandboxOption, stack: Stack = None, as_json: AsJson = False) -> None:
    """List the agents of the Data Rights Protocol."""
    _deployment(stack)
    from handfast.privacy_requests.protocols.drp import agents  # noqa: PLC0415

    items = [agents.shown(agent) for agent in agents.listed(sandbox)]
    show({"items": items}, as_json=as_json, columns=("agentId", "verifyKey", "addedAt", "hasToken"))


@app.command("upgrade")
def upgrade(stack: Stack = None, as_json: AsJson = False) -> None:
    """Bring what an older version has stored into the forms of this one; may be repeated."""
    _deployment(stack)
    from handfast_cli import upgrade  # noqa: PLC0415 - loads every store, for this command alone

    show({"upgraded": upgrade.upgraded()}, as_json=as_json)


@app.command("restore-table")
def restore_table(
    area: Annotated[str, typer.Argument(help="Access, Connections, Segments, Feeds, Activity or Privacy.")],
    source: Annotated[str, typer.Argument(help="The table that point-in-time recovery has made.")],
    yes: Yes = False,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Make a table of the stack what another holds; shows what would change, and asks. Nothing may write meanwhile."""
    table = _deployment(stack).table(area)
    from handfast_cli import restore  # noqa: PLC0415 - for this command alone

    wanted = restore.difference(table, source)
    counts = {"table": table, "written": len(wanted.puts), "deleted": len(wanted.deletes)}
    if not yes:
        ask(f"Write {counts['written']} items to {table} and delete {counts['deleted']} from it?")
    restore.apply(table, wanted)
    show(counts, as_json=as_json)


def _deployment(stack: str | None) -> Deployment:
    """The deployment named, or else the only one there is; says which, before anything is written there."""
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
