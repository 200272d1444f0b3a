"""Whom the Data Rights Protocol trusts: agents by their signed messages and by their tokens.

A message is checked for base64, signature, agent, business and dates (3.07), then whether it was seen before.
"""

import base64
import json
import re
from binascii import Error as Base64Error
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from handfast.connectors.calls import lenient_time
from handfast.platform import clock, secret
from handfast.platform.observability import measure
from handfast.platform.problems import Malformed, Untrusted
from handfast.platform.wire import check_json
from handfast.privacy_requests.protocols import store as protocols
from handfast.privacy_requests.protocols.drp.agents import AGENT_ID
from handfast.privacy_requests.protocols.store import Agent

CLOCK_SKEW = timedelta(seconds=60)
"""How far an agent's clock may be ahead."""
_SIGNATURE_BYTES = 64


def untrusted(reason: str, detail: str, *, proven: bool) -> Untrusted:
    """The problem of a failed check, counted.

    `proven`: the sender has shown an agent's token or signature. Only then is it counted for the operator's alarm,
    which others could raise at will.
    """
    measure("SignatureFailures" if proven else "RefusedSignatures", 1, reason=reason, protocol="drp")
    return Untrusted(detail, reason=reason, fatal=True)


def opened(text: str, key_hex: str, *, proven: bool) -> dict[str, Any]:
    """The JSON object of a message in libsodium's combined mode that the key (Ed25519, hex) has signed.

    `proven`: the sender has shown the agent's token. Raises Untrusted when the key has not signed, Malformed when what
    was signed is no JSON object.
    """
    try:
        signed = base64.b64decode("".join(text.split()), validate=True)
    except (Base64Error, ValueError):
        raise untrusted("base64", "the body is not base64 of a signature and a message", proven=proven) from None
    signature, message = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key_hex)).verify(signature, message)
    except InvalidSignature:
        raise untrusted("signature", "the signature is not the agent's of this message", proven=proven) from None
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        raise Malformed("what was signed is not JSON") from None
    if not isinstance(found, dict):
        raise Malformed("what was signed is not a JSON object")
    check_json(found)
    return found


def check(message: Mapping[str, Any], agent_id: str, sandbox_id: str) -> None:
    """Raise Untrusted unless the agent made the message for this sandbox, and made it for now."""
    if message.get("agent-id") != agent_id:
        raise untrusted("agent_id", "agent-id is not the agent that signed", proven=True)
    if message.get("business-id") != sandbox_id:
        raise untrusted("business_id", "business-id is not this sandbox's id", proven=True)
    now = clock.now()
    issued, expires = (_time(message.get(name)) for name in ("issued-at", "expires-at"))
    if issued is None or issued > now + CLOCK_SKEW:
        raise untrusted("issued_at", "issued-at is no time, or one to come", proven=True)
    if expires is None or expires <= now:
        raise untrusted("expires_at", "expires-at is no time, or a past one; sign the message anew", proven=True)
    digest = sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()
    if not protocols.first_seen(sandbox_id, digest, expires):
        raise untrusted("replay", "this message was taken already; sign a new one", proven=True)


def _time(text: Any) -> Any:
    return lenient_time(text) if isinstance(text, str) else None


def agent_of(sandbox_id: str, authorization: str) -> Agent:
    """The agent whose token an Authorization header holds; raises Untrusted for anything else."""
    scheme, _, token = authorization.partition(" ")
    agent_id = token.strip().rpartition(".")[0]
    found = protocols.agent(sandbox_id, agent_id) if re.fullmatch(AGENT_ID, agent_id) else None
    given = _token(sandbox_id, token.strip())
    is_theirs = secret.is_digest(secret.PRIVACY, "drp-token", given, (found and found.token_digest) or "")
    if scheme.lower() != "bearer" or found is None or not is_theirs:
        detail = "send the token of POST agent/{agent-id} as Authorization: Bearer"
        raise untrusted("token", detail, proven=False)
    return found


def token_digest(sandbox_id: str, token: str) -> str:
    """What is kept of an agent's token: it can be compared with, and not be shown."""
    return secret.digest(secret.PRIVACY, "drp-token", _token(sandbox_id, token))


def _token(sandbox_id: str, token: str) -> bytes:
    return f"{sandbox_id}|{token}".encode(errors="surrogatepass")
