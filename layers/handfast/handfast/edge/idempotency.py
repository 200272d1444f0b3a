"""Idempotency-Key by Powertools' idempotency: same key and body, the stored answer; kept 24 h.

Answers are stored encrypted, bodies as a keyed hash: a body names people, and an answer may hold a secret shown once.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
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

from handfast.platform import aws
from handfast.platform.problems import Conflict, Refused
from handfast.platform.secret import derived, opened, sealed
from handfast.platform.settings import setting

KEPT_SECONDS = 24 * 3600
_PURPOSE = "idempotency"


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

    def once(*, request: dict[str, Any], run: Callable[[], dict[str, Any]]) -> dict[str, str]:
        return {"sealed": sealed(_PURPOSE, request["key"], json.dumps(run()).encode())}

    guarded = idempotent_function(once, data_keyword_argument="request", persistence_store=layer, config=config)

    def call(*, request: dict[str, Any], run: Callable[[], dict[str, Any]], context: Any) -> dict[str, Any]:
        config.register_lambda_context(context)
        payload = hmac.digest(derived(_PURPOSE), json.dumps(request["payload"]).encode(), hashlib.sha256).hex()
        try:
            stored: dict[str, str] = guarded(request={"key": request["key"], "payload": payload}, run=run)
        except IdempotencyValidationError as error:
            detail = "this Idempotency-Key was used with another body; use a new key"
            raise Refused(detail, reason="idempotency_key_reused") from error
        except IdempotencyAlreadyInProgressError as error:
            detail = "the first request with this Idempotency-Key is still running; try again"
            raise Conflict(detail, current="in_progress") from error
        answer: dict[str, Any] = json.loads(opened(_PURPOSE, request["key"], stored["sealed"]))
        return answer

    return call
