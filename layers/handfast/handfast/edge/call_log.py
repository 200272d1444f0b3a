"""What each line of the log says of the call or message it is about: who, on which sandbox, from where, what for.

An IP address is personal data, so that the log holds the network that it is in: /24 of IPv4, /48 of IPv6.
"""

import re
import time
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from handfast.platform.ids import CROCKFORD
from handfast.platform.observability import logger

_SANDBOX = re.compile(rf"(?:/v1)?/sandboxes/(sbx_[{CROCKFORD}]{{26}})(?:/|$)")
"""Anything else in the path is what a caller has put there."""
_PREFIXES = {4: 24, 6: 48}
_WORK = ("sandboxId", "dataflowId", "runId", "span", "webhookId", "sequence")
"""The ids in the messages of queues."""


def begin(event: Mapping[str, Any]) -> None:
    """Have each line of the log, from now to the next call, say whose call this is."""
    sandbox = _SANDBOX.match(event["path"])
    logger.append_keys(
        principalId=principal(event),
        sandboxId=sandbox[1] if sandbox else None,
        network=network((event["requestContext"].get("identity") or {}).get("sourceIp")),
        method=event["httpMethod"],
        route=event.get("resource"),
    )


def reads(principal_id: str, sandbox_ids: Sequence[str]) -> None:
    """Have the lines of a call say whose it is where no gateway has looked at its token."""
    logger.append_keys(principalId=principal_id, sandboxId=sandbox_ids[0] if len(sandbox_ids) == 1 else None)


def principal(event: Mapping[str, Any]) -> str | None:
    """Who calls, by the token that the gateway has checked; None without one."""
    claims = (event["requestContext"].get("authorizer") or {}).get("claims") or {}
    found: str | None = claims.get("sub") or claims.get("client_id")
    return found


def network(address: str | None) -> str | None:
    """The network that an IP address is in, such as 203.0.113.0/24; None where it is none."""
    try:
        ip = ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    return str(ip_network(f"{ip}/{_PREFIXES[ip.version]}", strict=False))


def begin_message(message_id: str) -> None:
    """Have each line of the log, from now to the next message, say which message this is."""
    logger.append_keys(messageId=message_id, **dict.fromkeys(_WORK), uploadId=None)


def work(message: Mapping[str, Any]) -> None:
    """Have the lines about a message say the ids that it points to."""
    logger.append_keys(**{name: message[name] for name in _WORK if name in message})


def milliseconds_since(began: float) -> int:
    """Milliseconds since a time of `time.monotonic`."""
    return round((time.monotonic() - began) * 1000)
