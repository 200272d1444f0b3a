"""The reference client of Delta Sharing, unmodified, on the deployed stack: by a machine's secret and by a token."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import deltalake
import httpx
import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "tests" / "worlds" / "sharing_client.py"
SCRIPT = """
import json, sys
from pathlib import Path
from tests.worlds import connected_sides as sides
from handfast_cli.demo.side import until

stack_file, machine = Path(sys.argv[1]), sys.argv[2]
pair = sides.connected(stack_file, overlap_threshold=0)
segment = sides.segment_of(pair.a, "Readers", range(6))
known = sides.segment_of(pair.b, "Known", range(5))
sides.arrived(pair.a, segment, 6)
sides.arrived(pair.b, known, 5)
feed = pair.a.post("/feeds", {"name": "Spring", "segmentIds": [segment], "namespaces": ["email"],
                              "connectionIds": [pair.connection]})["feedId"]
pair.a.post(f"/feeds/{feed}/publish")
(received,) = until(lambda: list(pair.b.items("/received-feeds")))
pair.b.post(f"/received-feeds/{received['receivedFeedId']}/enable")
session = pair.b.session
session.api.call("PUT", session.path(f"/grants/{machine}"), body={"role": "audience-manager"})
members = f"/received-feeds/{received['receivedFeedId']}/members"
until(lambda: len(list(pair.b.items(members))) == 5)
token = pair.b.post("/recipient-tokens", {"name": "Warehouse"})
people = [sides.address(number) for number in range(6)]
print(json.dumps({"activationUrl": token["activationUrl"], "people": people}), flush=True)
for line in sys.stdin:
    number, status = json.loads(line)
    pair.a.post("/memberships", {"changes": [{"identity": {"namespace": sides.EMAIL, "value": sides.address(number)},
                                              "segmentId": segment, "status": status}]})
    print(json.dumps("accepted"), flush=True)
"""

NEW_SANDBOXES = """
import json, sys
from pathlib import Path
from handfast_cli.demo.command import new_side

stack_file = Path(sys.argv[1])
stack = json.loads(stack_file.read_text())
machines = [client for client in stack["clients"] if client["role"] == "sandbox-admin"]
for letter, machine in zip("ab", machines, strict=True):
    session = new_side(stack_file, letter).session
    session.api.call("PUT", session.path(f"/grants/{machine['clientId']}"), body={"role": "sandbox-admin"})
    machine["sandboxId"] = session.sandbox
stack_file.write_text(json.dumps(stack))
"""

type Ask = Callable[[Any], Any]


def _process(command: list[str]) -> Iterator[Ask]:
    """A process that answers each line with a line."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        sent, said = process.stdin, process.stdout
        assert sent
        assert said

        def ask(question: Any) -> Any:
            if question is not None:
                sent.write(json.dumps(question) + "\n")
                sent.flush()
            return json.loads(said.readline())

        yield ask
        sent.close()


def _with_client(*arguments: str) -> list[str]:
    """Python with the client, and the libraries that it pins."""
    uv = ROOT / ".uv" / "bin" / "uv"
    options = ["run", "--quiet", "--isolated", "--frozen", "--only-group", "sharing"]
    options += ["--python", sys.executable, "--project", str(ROOT), "python"]
    return [str(uv) if uv.exists() else str(shutil.which("uv")), *options, *arguments]


@pytest.fixture
def client() -> Iterator[Ask]:
    """The client, in a process of its own."""
    yield from _process(_with_client(str(CLIENT)))


@pytest.fixture
def sides(stack: Any, tmp_path: Path) -> Iterator[Ask]:
    """Two connected sandboxes, five people shared of the six that the one has."""
    facts = tmp_path / "stack.json"
    facts.write_text(json.dumps(stack.facts))
    yield from _process([sys.executable, "-c", SCRIPT, str(facts), _machine(stack)["clientId"]])


def _machine(stack: Any) -> Any:
    found = (each for each in stack.facts["clients"] if each["sandboxId"] == stack.sandbox("B"))
    return next(each for each in found if each["role"] == "viewer")


def test_the_reference_client_reads_exactly_the_truth(stack: Any, client: Ask, sides: Ask, tmp_path: Path) -> None:
    world = sides(None)
    by_token, by_machine = tmp_path / "config.share", tmp_path / "machine.share"
    assert "text/html" in httpx.get(world["activationUrl"], headers={"accept": "text/html"}).headers["content-type"]
    by_token.write_text(httpx.post(world["activationUrl"]).text)
    assert httpx.post(world["activationUrl"]).status_code == 410
    endpoint, machine = json.loads(by_token.read_text())["endpoint"], _machine(stack)
    by_machine.write_text(
        json.dumps(
            {
                "shareCredentialsVersion": 2,
                "type": "oauth_client_credentials",
                "endpoint": endpoint,
                "tokenEndpoint": stack.facts["tokenUrl"],
                "clientId": machine["clientId"],
                "clientSecret": machine["clientSecret"],
                "scope": "handfast/api",
            }
        )
    )

    def asked(ask: str, profile: Path = by_token, **more: Any) -> Any:
        said = client({"ask": ask, "profile": str(profile), "table": table, **more})
        assert "error" not in said, said["error"]
        return said["answer"]

    table = ""
    (table,) = asked("tables")
    assert table in asked("tables", by_machine)
    truth = set(world["people"][:5])
    for profile in (by_token, by_machine):
        rows = asked("rows", profile)
        assert len(rows) == 5
        assert {row["value"] for row in rows} == truth
        assert {row["segment_name"] for row in rows} == {"Readers"}
    assert len(asked("rows", limit=2)) == 2
    types = asked("count")["types"]
    assert types["since"] == "datetime64[us, UTC]", types
    version = asked("version")
    assert len(asked("changes", since=0)) == 5
    assert _read_by_keys(stack, json.loads(by_token.read_text()), table) == truth
    assert sides([0, "exited"]) == "accepted"
    while asked("version") == version:
        pass
    assert {row["value"] for row in asked("rows")} == truth - {world["people"][0]}
    (change,) = asked("changes", since=version + 1)
    assert (change["value"], change["_change_type"]) == (world["people"][0], "delete")
    assert _read_by_keys(stack, json.loads(by_token.read_text()), table) == truth - {world["people"][0]}


def _read_by_keys(stack: Any, profile: Any, table: str) -> set[str]:
    """Whom a reader of Delta Lake finds, by the keys that it is given."""
    share, schema, name = table.split(".")
    url = f"{profile['endpoint']}/shares/{share}/schemas/{schema}/tables/{name}/temporary-table-credentials"
    given = httpx.post(url, headers={"authorization": f"Bearer {profile['bearerToken']}"}).json()["credentials"]
    keys = given["awsTempCredentials"]
    options = {
        "aws_access_key_id": keys["accessKeyId"],
        "aws_secret_access_key": keys["secretAccessKey"],
        "aws_session_token": keys["sessionToken"],
        "aws_region": stack.facts["region"],
        "aws_endpoint": stack.facts["awsEndpointUrl"],
        "aws_allow_http": "true",
    }
    read = deltalake.DeltaTable(given["location"], storage_options=options).to_pyarrow_table()
    return set(read.column("value").to_pylist())


def test_the_readmes_program_connects_publishes_and_reads(stack: Any, tmp_path: Path) -> None:
    facts = tmp_path / ".local" / "stack.json"
    facts.parent.mkdir()
    facts.write_text(json.dumps(stack.facts))
    subprocess.run([sys.executable, "-c", NEW_SANDBOXES, str(facts)], cwd=ROOT, check=True)
    program = (ROOT / "README.md").read_text().split("```python\n")[1].split("```")[0]
    done = subprocess.run(_with_client("-c", program), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Newsletter readers    2000" in done.stdout
