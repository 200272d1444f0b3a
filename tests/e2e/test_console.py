"""The console's page reaches all that it needs from an origin of its own, as a browser lets it."""

import base64
import hashlib
import html
import json
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from handfast.console_site.files import built, cache_control, content_type
from handfast_cli.local.console import SITE
from tests.worlds.deployed import Stack

pytestmark = pytest.mark.e2e

http = httpx.Client(timeout=60)  # a first call starts its function
EVIL = "https://evil.example"
ASKED = "authorization,content-type,if-match,if-none-match,idempotency-key"
EXPOSED = {"etag", "location", "ratelimit", "ratelimit-policy", "retry-after", "x-amzn-requestid"}


@pytest.fixture(scope="module")
def origin(stack: Stack) -> str:
    """The console's origin."""
    return str(stack.facts["consoleUrl"]).removesuffix("/")


@pytest.fixture(scope="module")
def config(stack: Stack) -> dict[str, Any]:
    """What the page reads of its deployment."""
    found: dict[str, Any] = http.get(f"{stack.facts['consoleUrl']}config.json").raise_for_status().json()
    return found


def exposed(answer: httpx.Response) -> set[str]:
    return {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}


def test_the_console_has_an_origin_of_its_own_that_calls_nothing_but_its_stack(stack: Stack, origin: str) -> None:
    page = http.get(origin)
    policy = page.headers["content-security-policy"]
    assert origin not in {stack.facts["awsEndpointUrl"], stack.facts["apiUrl"]}
    assert f"connect-src 'self' {stack.facts['awsEndpointUrl']};" in policy
    assert stack.outputs()["ConsoleUrl"] == f"{origin}/"


@pytest.mark.parametrize("path", ["me", "openapi.json", "sandboxes/{sandbox}/segments", "nothing", "problems/stale"])
def test_a_preflight_needs_no_token_and_allows_the_console_alone(stack: Stack, origin: str, path: str) -> None:
    url = f"{stack.facts['apiUrl']}/v1/{path.format(sandbox=stack.sandbox('A'))}"
    for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": ASKED}
        for by in (origin, EVIL):
            answer = http.options(url, headers={"Origin": by} | asked)
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == origin
            assert method in answer.headers["access-control-allow-methods"].split(", ")
            allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
            assert set(ASKED.split(",")) <= allowed


def test_the_console_may_read_answers_and_refusals_of_functions_and_of_the_gateway(stack: Stack, origin: str) -> None:
    url = f"{stack.facts['apiUrl']}/v1"
    token = {"Authorization": f"Bearer {stack.client_for('A').token()}"}
    made = http.post(
        f"{url}/sandboxes/{stack.sandbox('A')}/segments", headers=token | {"Origin": origin}, json={"name": "Console"}
    )
    found = http.get(stack.facts["apiUrl"] + made.headers["location"], headers=token | {"Origin": origin})
    assert "etag" in found.headers
    answers = {
        200: found,
        201: made,
        401: http.get(f"{url}/me", headers={"Origin": origin}),
        404: http.get(f"{url}/nothing", headers=token | {"Origin": origin}),
        405: http.put(f"{url}/me", headers=token | {"Origin": origin}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == origin
        assert exposed(answer) >= EXPOSED
    for by in (EVIL, "null", f"{origin}.evil.example"):
        other = http.get(f"{url}/me", headers=token | {"Origin": by})
        assert "access-control-allow-origin" not in other.headers
        assert other.headers["vary"] == "Origin"


def test_the_console_puts_a_file_by_its_link_and_no_other_page_does(stack: Stack, origin: str) -> None:
    api = stack.client_for("A")
    column = {"column": "mail", "as": "identity", "namespace": "email"}
    upload = {"fileName": "people.csv", "format": "csv", "mode": "delta", "columns": [column]}
    link = api.call("POST", f"/sandboxes/{stack.sandbox('A')}/uploads", body=upload)["uploadUrl"]
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    allowed = http.options(link, headers={"Origin": origin} | asked)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, origin)
    assert http.options(link, headers={"Origin": EVIL} | asked).status_code == 403
    put = http.put(link, content=b"mail\nann@example.com\n", headers={"Origin": origin})
    assert (put.status_code, put.headers["access-control-allow-origin"]) == (200, origin)
    assert "ETag" in put.headers["access-control-expose-headers"]


def test_a_person_signs_in_from_the_console_and_out_again(stack: Stack, origin: str, config: dict[str, Any]) -> None:
    user = next(entry for entry in stack.facts["users"] if entry["email"] == "sandbox-admin@organization-a.example")
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": config["clientId"],
        "redirect_uri": config["redirectUri"],
        "scope": " ".join(config["scopes"]),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    back = signed_in(config["authorizeUrl"], asked, user)
    assert back.startswith(f"{origin}/?")
    given = parse_qs(urlsplit(back).query)
    assert given["state"] == [state]
    form = {"grant_type": "authorization_code", "client_id": config["clientId"], "code": given["code"][0]}
    form |= {"redirect_uri": config["redirectUri"]}
    assert http.post(config["tokenUrl"], data=form | {"code_verifier": "x" * 43}).status_code == 400
    given = parse_qs(urlsplit(signed_in(config["authorizeUrl"], asked, user)).query)
    form |= {"code": given["code"][0], "code_verifier": verifier}
    tokens = http.post(config["tokenUrl"], data=form, headers={"Origin": origin})
    assert tokens.headers["access-control-allow-origin"] in {origin, "*"}
    call = {"Authorization": f"Bearer {tokens.json()['access_token']}", "Origin": origin}
    me = http.get(f"{config['apiUrl']}/v1/me", headers=call)
    assert me.json()["name"] == user["email"]
    again = {"grant_type": "refresh_token", "client_id": config["clientId"]}
    fresh = http.post(config["tokenUrl"], data=again | {"refresh_token": tokens.json()["refresh_token"]})
    assert fresh.json()["access_token"]
    leaves = {"client_id": config["clientId"], "logout_uri": config["redirectUri"]}
    out = http.get(config["logoutUrl"], params=leaves)
    assert (out.status_code, out.headers["location"]) == (302, config["redirectUri"])
    elsewhere = http.get(config["logoutUrl"], params=leaves | {"logout_uri": EVIL})
    assert elsewhere.status_code == 400


def signed_in(authorize_url: str, asked: dict[str, str], user: dict[str, str]) -> str:
    """Where the pool's page sends the person who fills it."""
    with httpx.Client(timeout=60) as person:
        page = person.get(authorize_url, params=asked).raise_for_status()
        hidden = {
            name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', page.text)
        }
        (action,) = re.findall(r'action="([^"]+)"', page.text)
        filled = hidden | {"username": user["email"], "password": user["password"]}
        answer = person.post(urljoin(str(page.url), html.unescape(action)), data=filled)
    return str(answer.headers["location"])


@pytest.fixture(scope="module")
def bucket(stack: Stack) -> str:
    """The bucket that CloudFront serves on AWS; the local stack serves the files from where they are built."""
    return str(
        stack.aws("cloudformation").describe_stack_resource(
            StackName=stack.facts["stackName"], LogicalResourceId="ConsoleBucket"
        )["StackResourceDetail"]["PhysicalResourceId"]
    )


def test_the_deployment_brings_the_built_files_to_their_bucket(stack: Stack, bucket: str) -> None:
    s3 = stack.aws("s3")
    keys = {found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert keys == {*built(SITE), "config.json"}
    for key in keys:
        served = s3.head_object(Bucket=bucket, Key=key)
        assert (served["ContentType"], served["CacheControl"]) == (content_type(key), cache_control(key)), key
    page, outputs = s3.get_object(Bucket=bucket, Key="index.html"), stack.outputs()
    policy = f"connect-src 'self' {outputs['ApiUrl']} {outputs['TokenUrl'].removesuffix('/oauth2/token')} https://"
    assert policy in page["Body"].read().decode()


def test_the_page_reads_the_same_on_aws(stack: Stack, bucket: str, config: dict[str, Any]) -> None:
    written = json.loads(stack.aws("s3").get_object(Bucket=bucket, Key="config.json")["Body"].read())
    outputs = stack.outputs()
    assert written.keys() == config.keys()
    assert (written["apiUrl"], written["tokenUrl"]) == (outputs["ApiUrl"], outputs["TokenUrl"])
    for name in ("clientId", "scopes", "redirectUri"):
        assert written[name] == config[name]
