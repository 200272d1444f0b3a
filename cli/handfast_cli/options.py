"""Options that many commands share."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from handfast_cli.errors import InputError

if TYPE_CHECKING:
    from handfast_client.api import Api

ProfileName = Annotated[
    str, typer.Option("--profile", envvar="HANDFAST_PROFILE", help="Who calls: a name given at login.")
]
SandboxId = Annotated[
    str | None, typer.Option("--sandbox", envvar="HANDFAST_SANDBOX", help="Default: the profile's own.")
]


def _keep(ctx: typer.Context, value: bool) -> bool:
    # All contexts of a command line share it: failures are told as JSON too.
    ctx.meta["json"] = value
    return value


AsJson = Annotated[
    bool, typer.Option("--json", is_eager=True, callback=_keep, help="Print JSON, of what goes wrong too.")
]

DEFAULT_PROFILE = "default"


@dataclass(frozen=True)
class Session:
    """One command's caller and sandbox."""

    api: "Api"
    chosen: str | None

    @classmethod
    def of(cls, profile: str, sandbox: str | None) -> "Session":
        """Raises UnknownProfileError."""
        from handfast_cli import profiles  # noqa: PLC0415 - help needs none of it

        found = profiles.load(profile)
        return cls(found.api(), sandbox or found.sandbox_id)

    @property
    def sandbox(self) -> str:
        """The sandbox named, the profile's, or the only one there is."""
        if self.chosen:
            return self.chosen
        grants: list[dict[str, Any]] = self.api.call("GET", "/me")["grants"]
        if len(grants) != 1:
            there = ", ".join(f"{grant['sandboxId']} ({grant['sandboxName']})" for grant in grants) or "none"
            raise InputError(f"Name one with --sandbox. Sandboxes: {there}")
        return str(grants[0]["sandboxId"])

    def path(self, rest: str) -> str:
        """A path below the sandbox."""
        return f"/sandboxes/{self.sandbox}{rest}"


def refuse_both(given: Collection[str], cleared: Collection[str]) -> None:
    """Raises InputError, naming them, where members are given a value and emptied by `--clear` in one command."""
    if both := set(given) & set(cleared):
        raise InputError(f"{', '.join(sorted(both))}: give a value or --clear, not both")


def identity_of(text: str) -> dict[str, str]:
    """An identity as the API takes it, from the text of the option `--identity`; BadParameter for another form."""
    name, separator, value = text.partition("=")
    if not (name and separator and value):
        raise typer.BadParameter("write NAMESPACE=VALUE", param_hint="--identity")
    return {"namespace": name, "value": value}
