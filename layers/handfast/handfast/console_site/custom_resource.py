"""The console as a resource of CloudFormation, which calls the function and waits to be told how it went.

What it sends and wants told: AWS CloudFormation user guide, "Custom resource request objects" and "response objects".
"""

import json
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from handfast.console_site import store
from handfast.platform.observability import logger

_SECONDS = 30.0
_LONGEST_REASON = 1000
"""Characters: the whole answer has at most 4,096 bytes."""


def run(event: dict[str, Any], site: Path) -> None:
    """Do what CloudFormation asks for, and tell it how that went, whatever happens: it waits for an hour otherwise.

    `site` is the folder of the built files. To do it again does no harm. Raises URLError when CloudFormation cannot be
    told; Lambda then calls again.
    """
    try:
        _do(event, site)
    except Exception as error:  # noqa: BLE001 - told, whatever it is
        logger.exception("the console could not be brought to its bucket")
        _tell(event, "FAILED", f"{type(error).__name__}: {error}")
    else:
        _tell(event, "SUCCESS")


def _do(event: dict[str, Any], site: Path) -> None:
    wanted = event["ResourceProperties"]
    if event["RequestType"] == "Delete":
        store.empty(wanted["Bucket"])
    else:
        store.publish(wanted["Bucket"], site, wanted["Config"], wanted["ConnectsTo"])


def _tell(event: dict[str, Any], status: str, reason: str = "") -> None:
    # By another id CloudFormation takes the resource for replaced, and has the former deleted: that is of its bucket.
    physical_id = event.get("ResourceProperties", {}).get("Bucket") or event.get("PhysicalResourceId", "none")
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": status, "Reason": reason[:_LONGEST_REASON], "PhysicalResourceId": physical_id}
    # The address is signed for a request without a content type.
    request = Request(event["ResponseURL"], json.dumps(answer).encode(), {"Content-Type": ""}, method="PUT")  # noqa: S310 - CloudFormation's
    urlopen(request, timeout=_SECONDS).close()  # noqa: S310
