"""The overlap of two whole sandboxes in Athena, against the engine's own answer."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from handfast.platform.noise import SIGMA

pytestmark = pytest.mark.e2e

SCRIPT = """
import json, sys
from pathlib import Path
from handfast_cli import uploads
from handfast_cli.admin import lake
from handfast_cli.demo.command import new_side
from handfast_cli.admin.operator import Deployment

folder, stack = Path(sys.argv[1]), Path(sys.argv[2])
a, b = (new_side(stack, letter, overlap_threshold=0) for letter in "ab")
segment = a.post("/segments", {"name": "Everyone"})["segmentId"]
columns = [{"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"}]
for side, people, columns, more in (
    (a, range(600), [*columns, {"column": "share", "as": "share"}], {"segmentId": segment}),
    (b, range(400, 1000), columns, {}),
):
    path = folder / "people.csv"
    share = lambda number: "n" if number % 5 == 0 else "y"
    path.write_text("mail,share\\n" + "".join(f"person{n}@example.com,{share(n)}\\n" for n in people))
    body = {"fileName": path.name, "format": "csv", "mode": "delta", "columns": columns} | more
    created = uploads.send_file(side.session, path, body, lambda _: None)
    ended = uploads.follow(side.session, f"/uploads/{created['uploadId']}", lambda _: None)
    assert ended["status"] == "completed"
asked = {"connectId": a.get("/connect-id")["connectId"], "allowsEstimates": True}
connection = b.post("/connect-requests", asked)["connectionId"]
a.post(f"/connections/{connection}/accept")
feed = a.post("/feeds", {"name": "All", "segmentIds": [segment], "namespaces": ["email"],
                         "restrictedMarketingActions": [], "connectionIds": [connection]})["feedId"]
(engine,) = a.post(f"/feeds/{feed}/estimate", {"precision": 0.005})["items"]
deployment = Deployment.of(json.loads(stack.read_text())["stackName"])
athena = lake.overlap_of(deployment, a.session.sandbox, b.session.sandbox)
print(json.dumps({"engine": engine, "athena": athena}))
"""


def test_athena_counts_what_the_engine_counts(stack: Any, tmp_path: Path) -> None:
    facts = tmp_path / "stack.json"
    facts.write_text(json.dumps(stack.facts))
    # A process of its own, because it sets the environment that AWS clients read.
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), str(facts)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    engine = found["engine"]
    assert engine["dataRead"] == 1
    assert found["athena"] == [{"namespace": "Email_LC_SHA256", "overlapped": 200, "withConsent": 160}]
    # The engine's answer has noise: of two counts in the overlap, of one in those with consent.
    assert abs(engine["withConsent"]["estimate"] - 160) < 6 * SIGMA
    assert abs(engine["overlapped"]["estimate"] - 200) < 6 * 2**0.5 * SIGMA
