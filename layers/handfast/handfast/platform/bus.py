"""The deployment's EventBridge bus."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handfast.platform import aws
from handfast.platform.settings import setting

SOURCE = "handfast"


class PutFailedError(RuntimeError):
    """EventBridge did not take the event; the caller repeats its work."""


def put(event_type: str, time: datetime, detail: Mapping[str, Any]) -> None:
    """Put one event on the bus; raises PutFailedError if it was not taken."""
    answer = aws.events().put_events(
        Entries=[
            {
                "EventBusName": setting("EVENT_BUS_NAME"),
                "Source": SOURCE,
                "DetailType": event_type,
                "Time": time,
                "Detail": json.dumps(detail, separators=(",", ":")),
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise PutFailedError(answer["Entries"][0].get("ErrorCode", "unknown"))
