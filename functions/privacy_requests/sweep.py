"""Every hour: measure the certificate's days, and look at all requests that are open."""

from typing import Any

from handfast.privacy_requests import sweep
from handfast.privacy_requests.protocols.opendsr import signing


def handler(event: dict[str, Any], context: object) -> None:
    """Measure, then look at each request."""
    signing.report()
    sweep.sweep()
