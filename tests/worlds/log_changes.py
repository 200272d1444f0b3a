"""Logs as the activity table's stream shows them."""

import json
from pathlib import Path
from typing import Any

from handfast.journal import store as journal
from handfast.platform import table

_SAMPLE = Path(__file__).parents[2] / "events" / "activity_stream.json"


def log_changes(*sandbox_ids: str) -> dict[str, Any]:
    """The stream's records of these sandboxes' logs, as DynamoDB sends them."""
    sample = json.loads(_SAMPLE.read_text())["Records"][0]
    records: list[dict[str, Any]] = []
    for sandbox_id in sandbox_ids:
        for record in journal.log(sandbox_id):
            number = f"{len(records) + 1:021d}"
            image = {"SequenceNumber": number, "NewImage": table.serialised(record)}
            records.append(sample | {"eventID": number, "dynamodb": sample["dynamodb"] | image})
    return {"Records": records}
