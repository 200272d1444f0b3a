"""`python -m handfast_cli`."""

from handfast_cli.main import app

app(prog_name="handfast")
