"""The `handfast` command."""

import re
import sys
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer import core
from typer.core import TyperGroup

from handfast_cli import __version__
from handfast_cli.commands import helps, loaded
from handfast_cli.failures import told

_UNDECODED = re.compile("[\udc80-\udcff]")
"""What Python makes of an argument's bytes that are not UTF-8 (PEP 383)."""


# \b keeps lines as they are.
_EXAMPLES = """\b
Examples:
  handfast login https://api.example.com
  handfast connections request CONNECT-ID --note 'For the spring campaign'
  handfast segments upload people.csv --segment seg_…
  handfast feeds create 'Spring buyers' --segment seg_… --namespace email
  handfast feeds publish feed_… --dry-run
  handfast listen --to http://localhost:3000/hooks"""


class _Commands(TyperGroup):
    """Loads what is named alone, and says what went wrong in a line instead of a stack trace."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the base class has it
        return list(helps())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the base class has it
        return loaded(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the base class has it
        with formatter.section("Commands"):
            formatter.write_dl(list(helps().items()))

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        item: Any = vars(core)["CompletionItem"]
        return [item(name, help=text) for name, text in helps().items() if name.startswith(incomplete)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for place, word in enumerate(args, 1):
            if _UNDECODED.search(word):
                shown = word.encode(errors="surrogateescape").decode(errors="backslashreplace")
                raise typer.BadParameter(f"argument {place} is not UTF-8: {shown}")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        if isinstance(sys.stdout, TextIOWrapper):  # in a pipe some systems write another encoding
            sys.stdout.reconfigure(encoding="utf-8")
        with told(ctx):
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Commands,
    help="Handfast: share segments with partners, only the people you both know.",
    epilog=_EXAMPLES,
    no_args_is_help=True,
    # Help and usage errors as plain text, which no pipe breaks into boxes.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_show_locals=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"handfast {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version and exit.")
    ] = False,
) -> None:
    pass
