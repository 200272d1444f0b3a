"""Access tokens of the user pool, checked where no gateway has done it: on paths that take other credentials too.

What is checked is what Cognito's authorizer checks: signature, issuer, time and scope (docs/sources.md).
"""

import json
import os
import time
from typing import Any

from handfast.platform import outbound
from handfast.platform.problems import Unauthorized
from handfast.platform.settings import setting

SCOPES = frozenset({"handfast/api", "aws.cognito.signin.user.admin"})
"""Those that the API's authorizer asks for one of (template.yaml)."""
_REFRESHED_AFTER = 60.0
"""Seconds after which a key that is not known is looked for again: the pool's keys rotate."""
_MOST_BYTES = 100_000
_read: dict[str, tuple[float, dict[str, Any]]] = {}


def subject_of(token: str) -> str:
    """The subject of an access token. Raises Unauthorized for any other token, and one whose time is over."""
    import jwt  # noqa: PLC0415 - recipient tokens need none of it

    try:
        key = _key(jwt.get_unverified_header(token).get("kid"))
        claims = jwt.decode(
            token,
            jwt.PyJWK(key, algorithm="RS256").key,
            algorithms=["RS256"],
            issuer=_issuer(),
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
    except jwt.PyJWTError as error:
        raise Unauthorized("the access token is none of this deployment's, or has expired; get a new one") from error
    subject = claims.get("sub") or claims.get("client_id")
    scopes = str(claims.get("scope", "")).split()
    if claims.get("token_use") != "access" or SCOPES.isdisjoint(scopes) or not isinstance(subject, str):
        raise Unauthorized("the token is not an access token with the scope of this API")
    return subject


def _issuer() -> str:
    pool = setting("USER_POOL_ID")
    return f"https://cognito-idp.{pool.partition('_')[0]}.amazonaws.com/{pool}"


def _key(key_id: Any) -> dict[str, Any]:
    pool = setting("USER_POOL_ID")
    read_at, keys = _read.get(pool, (float("-inf"), {}))
    if key_id not in keys and time.monotonic() - read_at >= _REFRESHED_AFTER:
        keys = {key["kid"]: key for key in fetch_keys(pool)}
        _read[pool] = time.monotonic(), keys
    key: dict[str, Any] | None = keys.get(key_id)
    if key is None:
        raise Unauthorized("the access token is none of this deployment's; get a new one")
    return key


def fetch_keys(pool: str) -> list[dict[str, Any]]:
    """The public keys by which a user pool signs, as the JWKs that it publishes."""
    custom = os.environ.get("AWS_ENDPOINT_URL")
    base = f"{custom}/{pool}" if custom else _issuer()
    answer = outbound.request("GET", f"{base}/.well-known/jwks.json", b"", {}, limit=_MOST_BYTES)
    if answer.status != 200:
        raise RuntimeError(f"the user pool's keys cannot be read: {answer.status}")
    keys: list[dict[str, Any]] = json.loads(answer.body)["keys"]
    return keys


def forget() -> None:
    """Forget the keys that were read."""
    _read.clear()
