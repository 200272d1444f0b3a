"""The `handfast` command."""

import typer

from handfast_cli.local.commands import app as local

app = typer.Typer(
    help="Handfast: share segments with partners, only the people you both know.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.add_typer(local, name="local")
