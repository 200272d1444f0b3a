"""AWS services in an account of somebody else's, by a role there that Handfast assumes with an external id.

No text of an error leaves here but AWS's codes: its messages may quote what was sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from handfast.platform import aws

_SECONDS = 3600
"""How long a role is assumed: longer than any worker runs."""
_SESSION = "handfast"
THROTTLED = frozenset(
    {
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Codes by which services ask for time, some of them with a status of 400."""
_REFUSED = ("AccessDenied", "KMSAccessDenied", "NotAuthorized")
_GONE = ("NotFound", "NonExistent", "DoesNotExist", "NoSuch")


class AssumedError(Exception):
    """AWS did not do what was asked. `status` is None where no answer came; `code` is AWS's, or why there was none."""

    def __init__(self, status: int | None, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Role:
    """A role in another account, assumed when the first client is asked for. Threads may ask at once."""

    def __init__(self, role_arn: str, external_id: str) -> None:
        self._role_arn = role_arn
        self._external_id = external_id
        self._lock = Lock()
        self._session: boto3.Session | None = None
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: Any, region: str) -> Any:
        """A client with the role's rights, the same one each time. Raises AssumedError when it cannot be assumed."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._made(service, region)
            return self._clients[service, region]

    def _made(self, service: Any, region: str) -> Any:
        if self._session is None:
            self._session = self._assume()
        config = aws.CONFIG.merge(aws.s3_style()) if service == "s3" else aws.CONFIG
        return self._session.client(service, region_name=region, config=config)

    def _assume(self) -> boto3.Session:
        try:
            with translated():
                given = aws.sts().assume_role(
                    RoleArn=self._role_arn,
                    RoleSessionName=_SESSION,
                    ExternalId=self._external_id,
                    DurationSeconds=_SECONDS,
                )["Credentials"]
        except AssumedError as error:
            raise AssumedError(error.status, f"AssumeRole {error.code}") from None
        return boto3.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )


@contextmanager
def translated() -> Iterator[None]:
    """Raise AssumedError in the place of what boto raises."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "Unknown")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        raise AssumedError(status_of(code, status), code) from None
    except BotoCoreError as error:
        raise AssumedError(None, type(error).__name__) from None


def status_of(code: str, status: int) -> int:
    """The status that tells what a code means: services say with 400 that they are throttled, refuse, or are gone."""
    if code in THROTTLED:
        return 429
    if status >= 500:
        return status
    if code.removeprefix("AWS.SimpleQueueService.").startswith(_REFUSED):
        return 403
    if any(word in code for word in _GONE):
        return 404
    return status
