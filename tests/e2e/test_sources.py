"""A folder of another bucket becomes members that a partner receives, by hand and when S3 tells of a new file."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

SCRIPT = """
import json, sys
from pathlib import Path
import boto3
from handfast_cli.demo.side import until
from tests.worlds.connected_sides import EMAIL, address, arrived, connected, segment_of

stack = Path(sys.argv[1])
roles = sys.argv[2:]
pair = connected(stack, overlap_threshold=0)
a, b = pair.a, pair.b
segment_of(b, "Known", range(40))
segment = a.post("/segments", {"name": "Readers"})["segmentId"]

s3, iam = boto3.client("s3"), boto3.client("iam")
name = f"exports-{segment[-12:].lower()}"
s3.create_bucket(Bucket=name)
s3.put_bucket_notification_configuration(
    Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})

def part(key, people):
    lines = "".join(f"person{number}@example.com\\n" for number in people)
    s3.put_object(Bucket=name, Key=f"audiences/{key}", Body=f"mail\\n{lines}".encode())

part("plan=gold/dt=2026-11-28/part-0.csv", range(10))
part("plan=silver/dt=2026-11-28/part-1.csv", range(10, 20))
s3.put_object(Bucket=name, Key="audiences/_SUCCESS", Body=b"")

role = f"handfast-source-{segment[-12:]}"
arn = f"arn:aws:iam::000000000000:role/{role}"
columns = [{"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
           {"column": "plan", "as": "attribute"}]
source = a.post("/sources", {
    "name": "Exports", "kind": "s3", "format": "csv", "mode": "delta", "columns": columns, "segmentId": segment,
    "settings": {"bucket": name, "region": "us-east-1", "prefix": "audiences/", "roleArn": arn}, "onEvents": True})
path = f"/sources/{source['sourceId']}"
before = a.post(f"{path}/test")

trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": roles},
    "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": source["externalId"]}}}]}
iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
reads = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{name}",
     "Condition": {"StringLike": {"s3:prefix": "audiences/*"}}},
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/audiences/*"}]}
iam.put_role_policy(RoleName=role, PolicyName="reads", PolicyDocument=json.dumps(reads))
tested = a.post(f"{path}/test")
planned = a.post(f"{path}/run", dryRun=True)
begun = a.post(f"{path}/run")
until(lambda: a.get(f"/imports/{begun['importId']}")["status"] in ("completed", "failed"))
loaded = a.get(f"/imports/{begun['importId']}")
arrived(a, segment, 20)

feed = a.post("/feeds", {"name": "Readers", "segmentIds": [segment], "namespaces": ["email"],
    "restrictedMarketingActions": [], "connectionIds": [pair.connection]})["feedId"]
a.post(f"/feeds/{feed}/publish")
(received,) = b.items("/received-feeds")
b.post(f"/received-feeds/{received['receivedFeedId']}/enable")
def members():
    listed = b.items(f"/received-feeds/{received['receivedFeedId']}/members?segmentId={segment}")
    return sorted(member["value"] for member in listed)
until(lambda: len(members()) == 20)
first = members()

part("plan=gold/dt=2026-11-29/part-2.csv", range(20, 30))
until(lambda: len(members()) == 30)
last = a.get(path)["lastRun"]
truth = [sorted(address(number) for number in range(count)) for count in (20, 30)]
print(json.dumps({"before": before, "tested": tested, "planned": planned, "loaded": loaded, "last": last,
                  "shared": [first, members()] == truth}))
"""


def test_a_folder_is_tested_run_and_shared_and_a_new_file_comes_by_itself(stack: Any, tmp_path: Path) -> None:
    facts = tmp_path / "stack.json"
    facts.write_text(json.dumps(stack.facts))
    outputs = stack.outputs()
    roles = [outputs[f"{name}RoleArn"] for name in ("Sources", "SourceRuns", "Uploads")]
    # A process of its own, because it sets the environment that AWS clients read.
    command = [sys.executable, "-c", SCRIPT, str(facts), *roles]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["before"]["outcome"] == "authentication_failed"
    assert found["tested"]["outcome"] == "ok", found["tested"]
    assert (found["planned"]["files"], found["planned"]["leftOut"]) == (2, {"hidden": 1})
    assert (found["loaded"]["status"], found["loaded"]["counts"]["accepted"]) == ("completed", 20), found["loaded"]
    assert found["shared"]
    assert (found["last"]["trigger"], found["last"]["files"]) == ("event", 1)
