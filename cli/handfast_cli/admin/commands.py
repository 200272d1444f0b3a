"""`handfast admin …`: what the operator does with AWS credentials."""

from pathlib import Path
from typing import Annotated

import typer

from handfast_cli.admin import principals, sandboxes
from handfast_cli.admin.options import SandboxOption
from handfast_cli.admin.stack import Stack, deployment_of
from handfast_cli.asking import Yes, confirm
from handfast_cli.options import AsJson
from handfast_cli.output import show

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
for name, command in {**sandboxes.COMMANDS, **principals.COMMANDS}.items():
    app.command(name)(command)


@app.command("overlap")
def overlap(
    source: Annotated[str, typer.Argument(help="The id of the sandbox that would share.")],
    target: Annotated[str, typer.Argument(help="The id of the sandbox that would receive.")],
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Count what two whole sandboxes have in common, by one statement in Athena: for what is past one function."""
    from handfast_cli.admin import lake  # noqa: PLC0415 - for this command alone

    found = lake.overlap_of(deployment_of(stack), source, target)
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
    deployment = deployment_of(stack)
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
    deployment_of(stack)
    from handfast.privacy_requests.protocols.drp import agents  # noqa: PLC0415 - as the next, for this command alone

    show(agents.shown(agents.add(sandbox, agent_id, verify_key)), as_json=as_json)


@app.command("remove-agent")
def remove_agent(
    sandbox: SandboxOption, agent_id: AgentId, yes: Yes = False, stack: Stack = None, as_json: AsJson = False
) -> None:
    """Take nothing more from an agent; asks."""
    deployment_of(stack)
    from handfast.privacy_requests.protocols.drp import agents  # noqa: PLC0415

    confirm(f"Take nothing more from the agent {agent_id}?", yes=yes)
    agents.remove(sandbox, agent_id)
    show({"agentId": agent_id, "status": "removed"}, as_json=as_json)


@app.command("list-agents")
def list_agents(sandbox: SandboxOption, stack: Stack = None, as_json: AsJson = False) -> None:
    """List the agents of the Data Rights Protocol."""
    deployment_of(stack)
    from handfast.privacy_requests.protocols.drp import agents  # noqa: PLC0415

    items = [agents.shown(agent) for agent in agents.listed(sandbox)]
    show({"items": items}, as_json=as_json, columns=("agentId", "verifyKey", "addedAt", "hasToken"))


@app.command("upgrade")
def upgrade(stack: Stack = None, as_json: AsJson = False) -> None:
    """Bring what an older version has stored into the forms of this one; may be repeated."""
    deployment = deployment_of(stack)
    from handfast_cli.admin import rotation, upgrade  # noqa: PLC0415 - loads every store, for this command alone

    rotation.use_secrets(deployment)
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
    table = deployment_of(stack).table(area)
    from handfast_cli.admin import restore  # noqa: PLC0415 - for this command alone

    wanted = restore.difference(table, source)
    counts = {"table": table, "written": len(wanted.puts), "deleted": len(wanted.deletes)}
    confirm(f"Write {counts['written']} items to {table} and delete {counts['deleted']} from it?", yes=yes)
    restore.apply(table, wanted)
    show(counts, as_json=as_json)


@app.command("rotate-secret")
def rotate_secret(
    purpose: Annotated[str, typer.Argument(help="api, webhooks, privacy or receipts; identity cannot be rotated.")],
    finish: Annotated[bool, typer.Option("--finish", help="Drop the former versions that nothing needs.")] = False,
    yes: Yes = False,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Give one of the deployment's secrets a new version, in force in ten minutes; the former ones are accepted on."""
    from handfast_cli.admin import rotation  # noqa: PLC0415 - for this command alone

    work = rotation.finish if finish else rotation.rotate
    show(work(deployment_of(stack), purpose, yes=yes), as_json=as_json)


@app.command("replay-erasures")
def replay_erasures(
    since: Annotated[str, typer.Option(help="The time of the oldest backup restored, such as 2026-01-31T12:00:00Z.")],
    yes: Yes = False,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Do again the erasures and opt-outs decided since a time, after a restore; may be repeated. Asks before."""
    from handfast_cli.admin import replay  # noqa: PLC0415 - for this command alone

    at = replay.time(since)
    names = replay.sandboxes(deployment_of(stack))
    confirm(f"Erase and suppress again what {len(names)} sandboxes have decided since {since}?", yes=yes)
    items = [replay.replay(name, at) for name in names]
    show({"items": items}, as_json=as_json)
