"""The reference client of Delta Sharing, in a process with its own libraries: questions in, answers out, a line each.

It is run as a script with the libraries of the group `sharing`, and imports nothing of ours.
"""

import json
import sys
from typing import Any

import delta_sharing  # type: ignore[import-not-found,unused-ignore]


def _answer(asked: dict[str, Any]) -> Any:
    profile, url = asked["profile"], f"{asked['profile']}#{asked.get('table', '')}"
    match asked["ask"]:
        case "tables":
            tables = delta_sharing.SharingClient(profile).list_all_tables()
            return [f"{table.share}.{table.schema}.{table.name}" for table in tables]
        case "version":
            return delta_sharing.get_table_version(url)
        case "count":
            frame = delta_sharing.load_as_pandas(url, limit=asked.get("limit"))
            return {"rows": len(frame), "types": {name: str(kind) for name, kind in frame.dtypes.items()}}
        case "rows":
            frame = delta_sharing.load_as_pandas(url, limit=asked.get("limit"))
        case "changes":
            frame = delta_sharing.load_table_changes_as_pandas(url, starting_version=asked["since"])
    return json.loads(frame.to_json(orient="records", date_format="iso"))


for line in sys.stdin:
    try:
        said = {"answer": _answer(json.loads(line))}
    except Exception as error:  # noqa: BLE001 - it is the answer
        said = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(said), flush=True)
