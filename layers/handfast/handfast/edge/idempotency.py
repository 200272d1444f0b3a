"""Idempotency-Key by Powertools' idempotency: same key and body, the stored answer; kept 24 h.

Answers are stored encrypted, bodies as a keyed hash: a body names people, and an answer may hold a secret shown once.
One that is larger than an item of the table stands in parts beside its record.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)

from handfast.platform import aws, clock
from handfast.platform.problems import Conflict, Refused
from handfast.platform.secret import API, accepted, opened, sealed
from handfast.platform.settings import setting

KEPT_SECONDS = 24 * 3600
_PURPOSE = "idempotency"
_PART_BYTES = 300_000
"""Bytes of an answer in one item, which holds 400 KB at most with its names and, while it is updated, its values."""


def idempotent() -> Callable[..., dict[str, Any]]:
    """A function `(request, run, context)` that runs `run` once per `request["key"]` and stores its answer.

    Another payload under the same key raises Refused, a first call still running Conflict. An error stores nothing.
    """
    config = IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="payload",
        expires_after_seconds=KEPT_SECONDS,
        hash_function="sha256",
    )
    layer = DynamoDBPersistenceLayer(setting("IDEMPOTENCY_TABLE"), key_attr="pk", boto3_client=aws.dynamodb())

    def once(*, request: dict[str, Any], run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        text = sealed(API, _PURPOSE, request["key"], json.dumps(run()).encode())
        return {"sealed": text} if len(text) <= _PART_BYTES else {"parts": _put_parts(request["key"], text)}

    guarded = idempotent_function(once, data_keyword_argument="request", persistence_store=layer, config=config)

    def call(*, request: dict[str, Any], run: Callable[[], dict[str, Any]], context: Any) -> dict[str, Any]:
        config.register_lambda_context(context)
        body = json.dumps(request["payload"]).encode()
        payloads = [hmac.digest(key, body, hashlib.sha256).hex() for key in accepted(API, _PURPOSE)]
        try:
            stored = _first_valid(
                lambda payload: guarded(request={"key": request["key"], "payload": payload}, run=run), payloads
            )
        except IdempotencyValidationError as error:
            detail = "this Idempotency-Key was used with another body; use a new key"
            raise Refused(detail, reason="idempotency_key_reused") from error
        except IdempotencyAlreadyInProgressError as error:
            detail = "the first request with this Idempotency-Key is still running; try again"
            raise Conflict(detail, current="in_progress") from error
        text = stored.get("sealed") or _joined_parts(request["key"], stored["parts"])
        answer: dict[str, Any] = json.loads(opened(API, _PURPOSE, request["key"], text))
        return answer

    return call


def _first_valid(call: Callable[[str], dict[str, Any]], payloads: list[str]) -> dict[str, Any]:
    """The call's answer by the newest key, or by a former one where its record is of before a rotation."""
    *newer, last = payloads
    for payload in newer:
        with suppress(IdempotencyValidationError):
            return call(payload)
    return call(last)


def _part_key(key: str, number: int) -> dict[str, Any]:
    return {"pk": {"S": f"part#{hashlib.sha256(key.encode()).hexdigest()}#{number}"}}


def _put_parts(key: str, text: str) -> int:
    """Write an answer in parts, which expire no earlier than its record; answers how many there are."""
    expires = int(clock.now().timestamp()) + KEPT_SECONDS + 3600
    parts = [text[start : start + _PART_BYTES] for start in range(0, len(text), _PART_BYTES)]
    for number, part in enumerate(parts):
        item = _part_key(key, number) | {"part": {"S": part}, "expiration": {"N": str(expires)}}
        aws.dynamodb().put_item(TableName=setting("IDEMPOTENCY_TABLE"), Item=item)
    return len(parts)


def _joined_parts(key: str, count: int) -> str:
    table, client = setting("IDEMPOTENCY_TABLE"), aws.dynamodb()
    read = (
        client.get_item(TableName=table, Key=_part_key(key, number), ConsistentRead=True) for number in range(count)
    )
    return "".join(answer["Item"]["part"]["S"] for answer in read)
