"""Commands that need more than the command line does, which is installed on demand."""

from importlib.util import find_spec

from handfast_cli.errors import InputError


def require(extra: str, *modules: str) -> None:
    """Raises InputError, which names the extra of the distribution, where it is not installed."""
    if not all(map(find_spec, modules)):
        raise InputError(f"this needs libraries of its own: install handfast-cli[{extra}]")
