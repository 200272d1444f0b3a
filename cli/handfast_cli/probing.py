"""What a hasher of one's own does otherwise: `connections check-probe`."""

from typing import Annotated

import typer

from handfast_cli.completing import id_argument
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import show

_SKIPPED = "-"


def check_probe(
    connection: Annotated[str, id_argument("connection")],
    namespace: Annotated[str, typer.Argument(help="Email_LC_SHA256 or Phone_SHA256_E.164.")],
    digests: Annotated[
        list[str], typer.Argument(help="What your hasher makes of each value, in the order of `probe`; - for none.")
    ],
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Tell by which rules digests of the probe's values differ from those here. Ends with 1 when any does."""
    session = Session.of(profile, sandbox)
    path = session.path(f"/connections/{connection}/probe")
    known = session.api.call("GET", path)["values"]
    values = [each["value"] for each in known if each["namespace"].casefold() == namespace.casefold()]
    if len(digests) != len(values):
        raise typer.BadParameter(f"{namespace} has {len(values)} values; give a digest or - for each")
    pairs = zip(values, digests, strict=True)
    sent = [{"value": value, "digest": digest} for value, digest in pairs if digest != _SKIPPED]
    answer = session.api.call("POST", path, body={"namespace": namespace, "digests": sent})
    show(answer if as_json else answer["items"], as_json=as_json)
    if not answer["agrees"]:
        raise typer.Exit(1)


def add_to(noun: typer.Typer) -> None:
    """Adds the verb that is more than one call."""
    noun.command("check-probe")(check_probe)
