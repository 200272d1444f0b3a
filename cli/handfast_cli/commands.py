"""Which commands there are, and where each is: a command line loads the noun that it names, and no other."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from handfast_cli.calls import add_calls
from handfast_cli.catalog import CALLS, NOUNS

_SINGLE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "me": ("handfast_cli.me:me", "Show who you are and what you may do where."),
        "login": ("handfast_cli.login:login", "Sign in, and keep the credentials, readable by you alone."),
        "logout": ("handfast_cli.login:logout", "Sign out, and forget the credentials."),
        "plan": ("handfast_cli.desired.commands:plan", "Show what differs from a file, and what changing it would do."),
        "apply": ("handfast_cli.desired.commands:apply", "Make what a file says so, after its plan."),
        "mcp": ("handfast_cli.mcp.command:mcp", "Serve an assistant with tools that read, count and try."),
        "hash": ("handfast_cli.hashing:hash_", "Normalise and hash a file as an upload would, on this machine."),
        "listen": ("handfast_cli.listening:listen", "Post events to an address of yours as they happen."),
        "trigger": ("handfast_cli.listening:trigger", "Post an event of a type to an address of yours, to try it."),
    }
)
"""Commands that are no verb of a noun: where each is, and a line about it."""
_WHOLE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "local": ("handfast_cli.local.commands:app", "The local stack, which needs the checkout."),
        "admin": (
            "handfast_cli.admin.commands:app",
            "For the operator: organisations, sandboxes, people, machines.",
        ),
        "demo": ("handfast_cli.demo.command:demo", "Tell the whole story on the local stack."),
    }
)
"""Those that are there where all of the project is: they need more than the API."""
_MORE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "connections": ("handfast_cli.probing:add_to",),
        "connectors": ("handfast_cli.connectors:add_to",),
        "consents": ("handfast_cli.pushing:add_consents",),
        "destinations": ("handfast_cli.destinations:add_to",),
        "drop": ("handfast_cli.drop:add_to",),
        "memberships": ("handfast_cli.pushing:add_memberships",),
        "people": ("handfast_cli.people:add_to",),
        "policies": ("handfast_cli.governance:add_to",),
        "privacy": ("handfast_cli.privacy:add_to", "handfast_cli.proving:add_to"),
        "sandbox": ("handfast_cli.sandbox:add_to",),
        "segments": ("handfast_cli.uploads:add_to", "handfast_cli.governance:add_label_column"),
        "sharing": ("handfast_cli.sharing:add_to",),
        "sources": ("handfast_cli.sources:add_to",),
        "uploads": ("handfast_cli.rejects:add_to",),
    }
)
"""What adds the verbs that are more than one call, by noun."""


@cache
def helps() -> dict[str, str]:
    """A line about each command and noun, in the order in which they are listed."""
    others = {name: text for name, (_, text) in _SINGLE.items()}
    whole = {name: text for name, (place, text) in _WHOLE.items() if _is_there(place.partition(":")[0])}
    return others | NOUNS | whole


def _is_there(module: str) -> bool:
    """Whether the package that a module is in is installed."""
    return find_spec(module.rpartition(".")[0]) is not None


@cache
def loaded(name: str) -> Any:
    """The command or the noun of that name, as Click has it; None for another name."""
    if name not in helps():
        return None
    if name in NOUNS:
        return _Noun(name=name, help=NOUNS[name], no_args_is_help=True, rich_markup_mode=None)
    place, text = {**_SINGLE, **_WHOLE}[name]
    found = _found(place)
    if isinstance(found, typer.Typer):
        found.info.help = text
        return _named(get_group(found), name)
    single = typer.Typer(rich_markup_mode=None, add_completion=False)
    single.command(name)(found)
    return _named(get_command(single), name)


class _Noun(TyperGroup):
    """Makes the verb that is named alone, where that is one call, and loads what the others need for them alone."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _one_call(str(self.name), cmd_name) or self._all().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self._all().list_commands(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if _one_call(str(self.name), args[0]) is None:
            # What is close to a verb that there is not is looked for among these.
            self.commands = self._all().commands
        return super().resolve_command(ctx, args)

    def _all(self) -> TyperGroup:
        return _whole_noun(str(self.name))


@cache
def _whole_noun(name: str) -> TyperGroup:
    noun = typer.Typer(name=name, help=NOUNS[name], rich_markup_mode=None)
    # Else a noun with one verb is that verb.
    noun.callback()(lambda: None)
    add_calls(noun, (call for call in CALLS if call.noun == name))
    for place in _MORE.get(name, ()):
        _found(place)(noun)
    return get_group(noun)


@cache
def _one_call(noun: str, verb: str) -> Any:
    found = [call for call in CALLS if (call.noun, call.verb) == (noun, verb)]
    if not found:
        return None
    single = typer.Typer(rich_markup_mode=None, add_completion=False)
    add_calls(single, found)
    return _named(get_command(single), verb)


def _found(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)


def _named(command: Any, name: str) -> Any:
    command.name = name
    return command
