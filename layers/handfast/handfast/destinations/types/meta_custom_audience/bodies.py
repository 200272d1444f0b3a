"""Forms that Meta's Graph API takes (docs/sources.md, Meta Custom Audiences)."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from pydantic_core import to_json

from handfast.destinations.contract import Pair
from handfast.destinations.types.meta_custom_audience.settings import MetaAuthentication

VERSION = "v26.0"
_SCHEMAS: Mapping[str, str] = {
    "email": "EMAIL_SHA256",
    "phone": "PHONE_SHA256",
    "madid": "MOBILE_ADVERTISER_ID",
}
"""Schemas of one key by the name of the target identity, whose data are values; of others they are lists of them."""


def users(pairs: Sequence[Pair], batch_id: str) -> dict[str, Any]:
    """What is said of pairs of one segment and one target identity, as one session of one batch."""
    schema = _SCHEMAS.get(pairs[0].target)
    session_id = int.from_bytes(hashlib.sha256(f"{batch_id}/{len(pairs)}/{pairs[0].value}".encode()).digest()[:7])
    return {
        "payload": {
            "schema": schema or ["EXTERN_ID"],
            "is_raw": schema is None,
            "data": [pair.value if schema else [pair.value] for pair in pairs],
        },
        "session": {
            "session_id": session_id,
            "batch_seq": 1,
            "last_batch_flag": True,
            "estimated_num_total": len(pairs),
        },
    }


def form(fields: Mapping[str, Any], authentication: MetaAuthentication) -> bytes:
    """Fields with what signs them in; those that are no text are JSON."""
    token = authentication.access_token.get_secret_value()
    given = {name: value if isinstance(value, str) else to_json(value) for name, value in fields.items()}
    given["access_token"] = token
    if authentication.app_secret is not None:
        key = authentication.app_secret.get_secret_value().encode()
        given["appsecret_proof"] = hmac.new(key, token.encode(), hashlib.sha256).hexdigest()
    return urlencode(given).encode()
