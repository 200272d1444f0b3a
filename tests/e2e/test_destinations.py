"""A segment activated to an endpoint: who is in it arrives there, and leaves with the activation."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

SCRIPT = """
import hashlib, json, sys
from pathlib import Path
from handfast_cli import uploads
from handfast_cli.demo.command import new_side
from handfast_cli.demo.side import until
from handfast_cli.demo.warehouse import warehouse

folder, stack = Path(sys.argv[1]), Path(sys.argv[2])
side = new_side(stack, "a")
segment = side.post("/segments", {"name": "Readers"})["segmentId"]
people = [f"person{n}@example.com" for n in range(5)]
digests = sorted(hashlib.sha256(each.encode()).hexdigest() for each in people)
path = folder / "people.csv"
path.write_text("mail\\n" + "\\n".join(people) + "\\n")
columns = [{"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"}]
body = {"fileName": path.name, "format": "csv", "mode": "delta", "columns": columns, "segmentId": segment}
created = uploads.send_file(side.session, path, body, lambda _: None)
assert uploads.follow(side.session, f"/uploads/{created['uploadId']}", lambda _: None)["status"] == "completed"
with warehouse() as outside:
    made = side.post("/destinations", {"type": "http", "name": "Warehouse", "settings": {"url": outside.url},
                                       "authentication": {"kind": "bearer", "bearerToken": outside.token}})
    destination = f"/destinations/{made['destinationId']}"
    assert side.post(f"{destination}/test")["ok"]
    asked = {"segments": [{"segmentId": segment, "mappingId": "readers"}],
             "mapping": [{"source": "email", "target": "email_lc_sha256"}]}
    activation = side.post(f"{destination}/activations", asked)["activationId"]
    until(lambda: len(outside.members("readers")) == 5)
    received = sorted(outside.members("readers"))
    change = {"identity": {"namespace": "email", "value": digests[0]}, "segmentId": segment, "status": "exited"}
    side.post("/memberships", {"changes": [change]})
    until(lambda: len(outside.members("readers")) == 4)
    withdrawn = sorted(set(received) - outside.members("readers"))
    side.delete(f"{destination}/activations/{activation}")
    until(lambda: not outside.members("readers"))
    left = sorted(outside.members("readers"))
print(json.dumps({"truth": digests, "received": received, "withdrawn": withdrawn, "left": left}))
"""


def test_members_arrive_at_an_endpoint_and_leave_it(stack: Any, tmp_path: Path) -> None:
    facts = tmp_path / "stack.json"
    facts.write_text(json.dumps(stack.facts))
    # A process of its own, because it sets the environment that AWS clients read.
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), str(facts)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["received"] == found["truth"]
    assert found["withdrawn"] == found["truth"][:1]
    assert found["left"] == []
