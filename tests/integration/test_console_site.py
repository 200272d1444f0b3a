"""The console's files come to their bucket when CloudFormation says so, and it is told how that went."""

import json
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

from functions.console import app
from handfast.console_site import custom_resource
from handfast.console_site.files import built
from handfast.platform import aws
from handfast_cli.local.console import SITE
from tests.worlds.receiver import Receiver

BUCKET = "console"
CONFIG = {"apiUrl": "https://api.example", "scopes": ["openid"]}
HASHED, PLAIN = "assets/index-1a2b3c4d.js", "icon.svg"


@pytest.fixture(autouse=True)
def bucket(stores: None) -> str:
    aws.s3().create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return BUCKET


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><html><head><title>Handfast</title></head></html>")
    (tmp_path / HASHED).write_text("export {}")
    (tmp_path / PLAIN).write_text("<svg/>")
    return tmp_path


def event(kind: str, endpoint: Receiver, **properties: Any) -> dict[str, Any]:
    wanted = {"Bucket": BUCKET, "Config": CONFIG, "ConnectsTo": ["https://api.example"], "Digest": "1"} | properties
    return {
        "RequestType": kind,
        "RequestId": f"request-{kind}",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/handfast-prod/1",
        "LogicalResourceId": "ConsoleSite",
        "ResponseURL": endpoint.url,
        "ResourceProperties": wanted,
        **({} if kind == "Create" else {"PhysicalResourceId": BUCKET}),
    }


def keys() -> set[str]:
    return {found["Key"] for found in aws.s3().list_objects_v2(Bucket=BUCKET).get("Contents", [])}


def told(endpoint: Receiver) -> dict[str, Any]:
    _, headers, body = endpoint.got.pop()
    assert (endpoint.got, headers["content-type"]) == ([], "")
    answer: dict[str, Any] = json.loads(body)
    return answer


def body(key: str) -> bytes:
    return aws.s3().get_object(Bucket=BUCKET, Key=key)["Body"].read()


def test_the_files_are_there_with_their_types(site: Path, endpoint: Receiver) -> None:
    custom_resource.run(event("Create", endpoint), site)
    assert told(endpoint) == {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": BUCKET,
        "StackId": event("Create", endpoint)["StackId"],
        "RequestId": "request-Create",
        "LogicalResourceId": "ConsoleSite",
    }
    assert keys() == {"index.html", "config.json", HASHED, PLAIN}
    served = {key: aws.s3().get_object(Bucket=BUCKET, Key=key) for key in keys()}
    assert {key: found["ContentType"] for key, found in served.items()} == {
        "index.html": "text/html; charset=utf-8",
        "config.json": "application/json",
        HASHED: "text/javascript; charset=utf-8",
        PLAIN: "image/svg+xml",
    }
    assert json.loads(body("config.json")) == CONFIG


def test_the_page_may_call_the_deployments_own_addresses_alone(site: Path, endpoint: Receiver) -> None:
    custom_resource.run(event("Create", endpoint, ConnectsTo=["https://a.example", "https://b.example"]), site)
    policy = "connect-src 'self' https://a.example https://b.example"
    meta = f'<head><meta http-equiv="Content-Security-Policy" content="{policy}"><title>'
    assert meta in body("index.html").decode()
    endpoint.got.clear()


def test_an_update_is_whole_before_the_page_is_and_leaves_nothing_of_the_former(site: Path, endpoint: Receiver) -> None:
    custom_resource.run(event("Create", endpoint), site)
    (site / HASHED).unlink()
    new = site / "assets" / "index-5e6f7a8b.js"
    new.write_text("export {}")
    done: list[str] = []

    def note(model: Any, params: Any, **_: Any) -> None:
        done.append(params["url_path"].removeprefix("/") if model.name == "PutObject" else model.name)

    aws.s3().meta.events.register("before-call.s3", note)
    custom_resource.run(event("Update", endpoint, Digest="2"), site)
    aws.s3().meta.events.unregister("before-call.s3", note)
    written = ["assets/index-5e6f7a8b.js", PLAIN, "config.json", "index.html"]
    assert done == [*written, "ListObjectsV2", "DeleteObjects"]
    assert keys() == {"index.html", "config.json", "assets/index-5e6f7a8b.js", PLAIN}
    custom_resource.run(event("Update", endpoint, Digest="2"), site)  # Lambda may call twice
    assert keys() == {"index.html", "config.json", "assets/index-5e6f7a8b.js", PLAIN}
    endpoint.got.clear()


def test_the_end_of_the_stack_empties_the_bucket_which_may_be_gone(site: Path, endpoint: Receiver) -> None:
    custom_resource.run(event("Create", endpoint), site)
    endpoint.got.clear()
    custom_resource.run(event("Delete", endpoint), site)
    assert told(endpoint)["Status"] == "SUCCESS"
    assert keys() == set()
    aws.s3().delete_bucket(Bucket=BUCKET)
    custom_resource.run(event("Delete", endpoint), site)
    assert (told(endpoint)["Status"]) == "SUCCESS"


@pytest.mark.parametrize("page", [None, "<!doctype html><title>No head</title>"])
def test_files_that_are_not_the_console_fail_the_deployment_and_change_nothing(
    page: str | None, site: Path, endpoint: Receiver
) -> None:
    custom_resource.run(event("Create", endpoint), site)
    endpoint.got.clear()
    before = body("index.html")
    (site / "index.html").unlink()
    if page:
        (site / "index.html").write_text(page)
    custom_resource.run(event("Update", endpoint, Digest="2"), site)
    answer = told(endpoint)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", BUCKET)
    assert "index.html" in answer["Reason"] or "head" in answer["Reason"]
    assert body("index.html") == before


def test_what_goes_wrong_is_told_so_that_nothing_waits(site: Path, endpoint: Receiver) -> None:
    custom_resource.run(event("Create", endpoint, Bucket="absent"), site)
    answer = told(endpoint)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", "absent")
    assert "NoSuchBucket" in answer["Reason"]
    malformed = event("Create", endpoint)
    del malformed["ResourceProperties"]
    custom_resource.run(malformed, site)
    assert told(endpoint)["Status"] == "FAILED"


def test_who_cannot_be_told_is_told_again_by_the_next_call(site: Path, endpoint: Receiver) -> None:
    unreachable = event("Create", endpoint) | {"ResponseURL": "http://127.0.0.1:9/"}
    with pytest.raises(URLError):
        custom_resource.run(unreachable, site)


def test_the_function_brings_the_files_that_it_comes_with(endpoint: Receiver) -> None:
    app.handler(event("Create", endpoint), None)
    assert told(endpoint)["Status"] == "SUCCESS"
    assert keys() == {*built(SITE), "config.json"}
