"""The command line of Handfast: docs/cli.md."""

__version__ = "0.1.0"
