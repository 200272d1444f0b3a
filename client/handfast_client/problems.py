"""The types of problems that the API answers, each with what it means and what to do: docs/problems.md.

Written by `make openapi` from the code of the API.
"""

from collections.abc import Mapping
from typing import Any

from handfast_client.errors import ProblemError


class MalformedError(ProblemError):
    """The request cannot be read: its body is not JSON, or a cursor or an identifier has another shape.

    Repair what `detail` and `errors` name. Begin a list again without its cursor.
    """

    slug = "malformed"


class UnauthorizedError(ProblemError):
    """There is no access token, or it has expired, or it is none of this API's, or its client was replaced.

    Get a new access token and send it as `Authorization: Bearer`; after the rotation of a machine's secret by the client id and secret that it gave.
    """

    slug = "unauthorized"


class BlockedError(ProblemError):
    """The deployment's web application firewall has refused the request. API Gateway answers it.

    Ask the operator, with the `requestId`, which rule it met.
    """

    slug = "blocked"


class ForbiddenError(ProblemError):
    """The caller has a grant on the sandbox, but not this permission.

    Ask somebody with `access:manage` for the permission that `permission` names.
    """

    slug = "forbidden"


class UntrustedError(ProblemError):
    """A message or a token of the Data Rights Protocol is not to be trusted; `reason` says which check it failed.

    Sign a new message with the registered key, or set up the agent's token anew.
    """

    slug = "untrusted"


class NotFoundError(ProblemError):
    """Unknown, or the caller has no grant on the sandbox: the two look the same.

    Compare the path and its ids with what lists answer; `GET /v1/me` has the sandboxes with a grant.
    """

    slug = "not-found"


class MethodNotAllowedError(ProblemError):
    """The path is there, but not with this method.

    Use one of the methods that the header `Allow` names.
    """

    slug = "method-not-allowed"


class ConflictError(ProblemError):
    """The current state does not allow it; `current` names that state, or is a code.

    Read the resource again and decide anew.
    """

    slug = "conflict"


class GoneError(ProblemError):
    """It was there and is no more.

    Make what is needed anew, such as the request whose package has expired.
    """

    slug = "gone"


class StaleError(ProblemError):
    """`If-Match` names a version that is no longer the current one.

    Read the resource again and send its new `ETag`.
    """

    slug = "stale"


class TooLargeError(ProblemError):
    """The body has more than 10 MB. API Gateway answers it.

    Send fewer items in a call, or upload a file.
    """

    slug = "too-large"


class UnsupportedMediaTypeError(ProblemError):
    """The body is of a type that is not taken.

    Send JSON, as `Content-Type: application/json`.
    """

    slug = "unsupported-media-type"


class RefusedError(ProblemError):
    """Well-formed, but refused by validation or by a rule; `reason` is its stable code.

    Repair what `errors` points at, or what the code in `reason` says.
    """

    slug = "refused"


class TooManyRequestsError(ProblemError):
    """Throttled, or a budget is spent, or too much changes at once: try again after `retryAfter` seconds.

    Wait as many seconds as the header `Retry-After` says. `RateLimit` tells what is left of a budget.
    """

    slug = "too-many-requests"


class InternalError(ProblemError):
    """An error of the service, which its log has under `requestId`.

    Try again later; if it stays, tell the operator the `requestId`.
    """

    slug = "internal"


class NotReadyError(ProblemError):
    """What is asked for is being made, and takes longer than a call may.

    Ask again after as many seconds as the header `Retry-After` says; each call goes on with the work.
    """

    slug = "not-ready"


class TimedOutError(ProblemError):
    """No answer came in time; whether the work was done is not known. API Gateway answers it.

    Try again after `Retry-After` seconds, a POST with the same `Idempotency-Key`.
    """

    slug = "timed-out"


_BY_SLUG: Mapping[str, type[ProblemError]] = {
    each.slug: each
    for each in (
        MalformedError,
        UnauthorizedError,
        BlockedError,
        ForbiddenError,
        UntrustedError,
        NotFoundError,
        MethodNotAllowedError,
        ConflictError,
        GoneError,
        StaleError,
        TooLargeError,
        UnsupportedMediaTypeError,
        RefusedError,
        TooManyRequestsError,
        InternalError,
        NotReadyError,
        TimedOutError,
    )
}


def problem_of(status: int, document: Mapping[str, Any]) -> ProblemError:
    """The problem that a document is, by its `type`."""
    slug = str(document.get("type", "")).rpartition("/")[2]
    return _BY_SLUG.get(slug, ProblemError)(status, document)
