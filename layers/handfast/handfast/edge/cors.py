"""What lets the console's page, which is of another origin than the API, read an answer (the Fetch standard, CORS)."""

from collections.abc import Mapping
from typing import Any

EXPOSED = "Allow, ETag, Location, RateLimit, RateLimit-Policy, Retry-After, x-amzn-RequestId"
"""The headers of an answer that the page may read."""


def headers(event: Mapping[str, Any]) -> dict[str, list[str]]:
    """The headers of an answer to this call, which allow the console's own origin and no other.

    That origin is a variable of the gateway's stage. Where there is none, such as in a test, no origin is allowed.
    """
    console = (event.get("stageVariables") or {}).get("consoleOrigin")
    origins = [value for name, value in (event.get("headers") or {}).items() if name.lower() == "origin"]
    if console is None or origins != [console]:
        return {}
    return {"Access-Control-Allow-Origin": [console], "Access-Control-Expose-Headers": [EXPOSED]}
