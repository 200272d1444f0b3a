"""The deployed API behind its gateway, against the document it serves; HYPOTHESIS_PROFILE=long looks for minutes."""

import os
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from schemathesis import BaseSchema, GenerationMode

from handfast_client.api import Api
from handfast_client.sign_in import client_credentials
from tests.worlds.contract import disagreements, read, walk
from tests.worlds.deployed import Stack

pytestmark = pytest.mark.e2e
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
EXAMPLES = 20 if LONG else 1
COLUMN = {"column": "mail", "as": "identity", "namespace": "email"}
UPLOAD = {"fileName": "people.csv", "format": "csv", "mode": "delta", "columns": [COLUMN]}


@dataclass(frozen=True)
class Served:
    """The document as a machine reads it that knows the ids of its sandbox, and how that machine calls."""

    schema: BaseSchema
    call: dict[str, Any]


@pytest.fixture(scope="module")
def served(stack: Stack) -> Served:
    """A sandbox of its own, as calls end what they find."""
    organization = stack.admin("create-organization", "Contract")["organizationId"]
    sandbox = stack.admin("create-sandbox", "contract", "--organization", organization)["sandboxId"]
    client = stack.admin("create-client", "contract", "--sandbox", sandbox, "--role", "sandbox-admin")
    token = client_credentials(stack.facts["tokenUrl"], client["clientId"], client["clientSecret"])
    api, below = Api(stack.facts["apiUrl"], token), f"/sandboxes/{sandbox}"
    ids = {
        "sandbox": sandbox,
        "principal": client["clientId"],
        "segment": api.call("POST", f"{below}/segments", body={"name": "Readers"})["segmentId"],
        "upload": api.call("POST", f"{below}/uploads", body=UPLOAD)["uploadId"],
    }
    url = f"{stack.facts['apiUrl']}/v1"
    document = httpx.get(f"{url}/openapi.json").json()
    headers = {"Authorization": f"Bearer {api.token()}"}
    return Served(read(document, ids), {"base_url": url, "headers": headers})


def test_no_deployed_answer_is_one_that_the_document_does_not_allow(served: Served) -> None:
    modes = tuple(GenerationMode) if LONG else (GenerationMode.POSITIVE,)  # tests on moto try the others, too
    found = disagreements(served.schema, EXAMPLES, modes, **served.call)
    assert not found, "\n\n".join(found)


def test_no_deployed_answer_to_what_was_answered_before_is_either(served: Served) -> None:
    found = walk(served.schema, EXAMPLES * 4, 6, **served.call)
    assert not found, "\n\n".join(found)


def test_a_body_beyond_the_gateways_limit_is_a_problem(stack: Stack) -> None:
    url = f"{stack.facts['apiUrl']}/v1/sandboxes/{stack.sandbox('A')}/segments"
    headers = {"Authorization": f"Bearer {stack.client_for('A').token()}", "Content-Type": "application/json"}
    answer = httpx.post(url, headers=headers, content=b'{"name": "' + b"x" * (11 << 20) + b'"}', timeout=60)
    assert answer.status_code in {413, 422}  # an emulator may take what AWS refuses
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["%00", "a%2Fb", "%F0%9F%99%82", "..%2F..%2Fgrants", "x" * 5000, "%ff", "a%0Ab", "{}"])
def test_any_path_is_answered_by_a_problem(stack: Stack, path: str) -> None:
    headers = {"Authorization": f"Bearer {stack.client_for('A').token()}"}
    for url in (f"/v1/sandboxes/{path}/segments", f"/v1/sandboxes/{stack.sandbox('A')}/segments/{path}", f"/v1/{path}"):
        answer = httpx.get(stack.facts["apiUrl"] + url, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), (url, answer)


def test_bytes_that_are_no_text_are_no_json(stack: Stack) -> None:
    url = f"{stack.facts['apiUrl']}/v1/sandboxes/{stack.sandbox('A')}/segments"
    headers = {"Authorization": f"Bearer {stack.client_for('A').token()}"}
    kinds = {"application/json": 400, "application/octet-stream": 415, "multipart/form-data": 415, "image/png": 415}
    for kind, status in kinds.items():
        answer = httpx.post(url, headers=headers | {"Content-Type": kind}, content=bytes(range(256)))
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text


def test_every_method_reaches_its_function_and_nothing_without_a_token(stack: Stack) -> None:
    url = f"{stack.facts['apiUrl']}/v1"
    headers = {"Authorization": f"Bearer {stack.client_for('A').token()}"}
    assert httpx.request("PUT", f"{url}/me", headers=headers).headers["allow"] == "GET, HEAD, OPTIONS"
    head = httpx.head(f"{url}/me", headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    for method in ("GET", "HEAD", "PUT"):
        for path in ("me", "nothing", f"sandboxes/{stack.sandbox('A')}/segments"):
            assert httpx.request(method, f"{url}/{path}").status_code == 401, (method, path)
    refused = httpx.get(f"{url}/nothing", headers=headers).json()
    assert httpx.get(stack.facts["apiUrl"] + refused["type"]).status_code == 200
