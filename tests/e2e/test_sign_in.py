"""People and machines call the deployed API with access tokens."""

import base64
import html
import json
import re
import socket
import threading
import time
import webbrowser
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from handfast_cli import browser
from handfast_cli.profiles import Person
from handfast_cli.user_pool import UserPool
from handfast_client.api import Api
from handfast_client.errors import SignInError
from tests.worlds.authenticator import Authenticator

pytestmark = pytest.mark.e2e


def of_the_seed(stack: Any, me: Any) -> list[tuple[str, str]]:
    """Grants on the sandboxes that the stack comes with: other tests make more, and give grants on these."""
    seeded = {stack.sandbox(organization) for organization in "AB"}
    return [(grant["sandboxId"], grant["role"]) for grant in me["grants"] if grant["sandboxId"] in seeded]


@pytest.mark.parametrize("organization", ["A", "B"])
@pytest.mark.parametrize("role", ["sandbox-admin", "viewer"])
def test_a_machine_sees_its_own_grant_and_no_other(stack: Any, organization: str, role: str) -> None:
    me = stack.client_for(organization, role).call("GET", "/me")
    assert of_the_seed(stack, me) == [(stack.sandbox(organization), role)]


def test_a_person_signs_in_with_a_password(stack: Any) -> None:
    me = stack.person_for("B", "viewer").call("GET", "/me")
    assert me["name"] == "viewer@organization-b.example"
    assert of_the_seed(stack, me) == [(stack.sandbox("B"), "viewer")]


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, claims, signature = token.split(".")
    head, body = (json.loads(base64.urlsafe_b64decode(f"{text}==")) for text in (header, claims))
    return head, body, signature


def signed_by_others(token: str) -> str:
    """The token's claims under a key of one's own, by the pool's key's name."""
    header, claims, _ = parts(token)
    text = f"{part(header)}.{part(claims)}"
    made = generate_private_key(public_exponent=65537, key_size=2048).sign(text.encode(), PKCS1v15(), SHA256())
    return f"{text}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def altered(**claims: Any) -> Callable[[str], str]:
    """The token with other claims under the signature of its own."""

    def alter(token: str) -> str:
        header, old, signature = parts(token)
        return f"{part(header)}.{part(old | claims)}.{signature}"

    return alter


def unsigned(token: str) -> str:
    header, claims, _ = parts(token)
    return f"{part(header | {'alg': 'none'})}.{part(claims)}."


def with_the_last_letter_cut(token: str) -> str:
    return token[:-4]


def refusal(stack: Any, authorization: str | None) -> dict[str, Any]:
    """The problem that a call with that header is answered with."""
    headers = {"Authorization": authorization} if authorization is not None else {}
    answer = httpx.get(f"{stack.facts['apiUrl']}/v1/me", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), answer.text
    problem: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "instance", "requestId"} <= problem.keys()
    return problem


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer nonsense", "Bearer a.b.c", "Basic eDp5"])
def test_no_token_is_answered_with_401(stack: Any, authorization: str | None) -> None:
    assert "access token" in refusal(stack, authorization)["title"]


@pytest.mark.parametrize(
    "forge",
    [
        signed_by_others,
        unsigned,
        with_the_last_letter_cut,
        altered(scope="handfast/api admin"),
        altered(sub="somebody-else", client_id="somebody-else"),
        altered(exp=4_000_000_000),
        altered(iss="https://issuer.example"),
    ],
    ids=["signed by others", "unsigned", "cut", "scope", "subject", "prolonged", "issuer"],
)
def test_a_forged_token_is_answered_with_401(stack: Any, forge: Callable[[str], str]) -> None:
    token = stack.client_for("A").token()
    assert httpx.get(f"{stack.facts['apiUrl']}/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    refusal(stack, f"Bearer {forge(token)}")


def test_a_token_for_another_audience_is_answered_with_401(stack: Any) -> None:
    """A person's ID token is for the client; another pool's access token is for another API."""
    user = next(account for account in stack.facts["users"] if account["role"] == "viewer")
    cognito = stack.aws("cognito-idp")
    signed_in = sign_in(cognito, stack.facts["userPoolClientId"], user["email"], user["password"])
    assert httpx.get(f"{stack.facts['apiUrl']}/v1/me", headers={"Authorization": signed_in["AccessToken"]}).is_success
    refusal(stack, f"Bearer {signed_in['IdToken']}")
    pool = cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]
    try:
        refusal(stack, f"Bearer {token_of(cognito, pool)}")
    finally:
        cognito.delete_user_pool(UserPoolId=pool)


def token_of(cognito: Any, pool: str) -> str:
    """A person's access token of a pool."""
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="another", ExplicitAuthFlows=flows)
    client_id = client["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="someone", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="someone", Password="Long-enough-1-word", Permanent=True)
    return sign_in(cognito, client_id, "someone", "Long-enough-1-word")["AccessToken"]


def sign_in(cognito: Any, client_id: str, name: str, password: str) -> dict[str, str]:
    """The tokens of a person."""
    found: dict[str, str] = cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": name, "PASSWORD": password}
    )["AuthenticationResult"]
    return found


def test_an_expired_token_is_answered_with_401(stack: Any) -> None:
    """A genuine one, of a client whose tokens live shorter than the five minutes that AWS asks for at least."""
    cognito, pool = stack.aws("cognito-idp"), stack.facts["userPoolId"]
    user = next(account for account in stack.facts["users"] if account["role"] == "viewer")
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="short-lived",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        AccessTokenValidity=2,
        TokenValidityUnits={"AccessToken": "seconds"},
    )["UserPoolClient"]["ClientId"]
    try:
        token = sign_in(cognito, client, user["email"], user["password"])["AccessToken"]
        expires = parts(token)[1]["exp"]
        while time.time() <= expires:
            time.sleep(0.1)
        refusal(stack, f"Bearer {token}")
    finally:
        cognito.delete_user_pool_client(UserPoolId=pool, ClientId=client)


def test_a_person_with_an_authenticator_gives_its_code(stack: Any) -> None:
    cognito, password = stack.aws("cognito-idp"), "Long-enough-1-word"
    pool = cognito.create_user_pool(PoolName="codes")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="people", ExplicitAuthFlows=flows)
    cognito.admin_create_user(UserPoolId=pool, Username="someone", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="someone", Password=password, Permanent=True)
    people = UserPool("us-east-1", client["UserPoolClient"]["ClientId"], stack.facts["awsEndpointUrl"])
    token = people.sign_in("someone", password)["AccessToken"]
    authenticator = Authenticator()
    secret = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    cognito.verify_software_token(AccessToken=token, UserCode=authenticator.code(secret))
    required: dict[str, Any] = {"UserPoolId": pool, "MfaConfiguration": "ON"}
    cognito.set_user_pool_mfa_config(**required, SoftwareTokenMfaConfiguration={"Enabled": True})
    assert people.sign_in("someone", password, authenticator)["AccessToken"]
    with pytest.raises(SignInError, match="MFA"):
        people.sign_in("someone", password)
    authenticator.secrets[-1] = "A" * 32
    with pytest.raises(SignInError):
        people.sign_in("someone", password, authenticator)


def test_a_person_signs_in_with_the_browser(stack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the pool's own page, with the flow that people of an identity provider have too."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(browser, "PORT", port)
    monkeypatch.setattr(browser, "CALLBACK", f"http://localhost:{port}/")
    client = stack.aws("cognito-idp").create_user_pool_client(
        UserPoolId=stack.facts["userPoolId"],
        ClientName="browser",
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=list(browser.SCOPES),
        CallbackURLs=[browser.CALLBACK],
        SupportedIdentityProviders=["COGNITO"],
    )["UserPoolClient"]["ClientId"]
    monkeypatch.setattr(
        webbrowser, "open", lambda address: threading.Thread(target=visit, args=(stack, address)).start()
    )
    kept = browser.sign_in(stack.facts["tokenUrl"].replace("/token", "/authorize"), stack.facts["tokenUrl"], client)
    pool = UserPool(stack.facts["region"], client, stack.facts["awsEndpointUrl"])
    me = Api(stack.facts["apiUrl"], Person(pool, "", refresh_token=kept).token()).call("GET", "/me")
    assert me["name"] == "viewer@organization-b.example"


def visit(stack: Any, address: str) -> None:
    """Fill the page's form, and go where it leads."""
    user = next(entry for entry in stack.facts["users"] if entry["email"] == "viewer@organization-b.example")
    with httpx.Client(follow_redirects=True) as person:
        page = person.get(address)
        hidden = {
            name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', page.text)
        }
        (action,) = re.findall(r'action="([^"]+)"', page.text)
        filled = hidden | {"username": user["email"], "password": user["password"]}
        person.post(urljoin(str(page.url), html.unescape(action)), data=filled)
