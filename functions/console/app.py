"""Brings the console's built files to the bucket that CloudFront serves, when CloudFormation says so."""

from pathlib import Path
from typing import Any

from handfast.console_site import custom_resource

_SITE = Path(__file__).parent / "site"


def handler(event: dict[str, Any], context: object) -> None:
    """Do what CloudFormation asks for of the console, and tell it."""
    custom_resource.run(event, _SITE)
