"""The problems a service may raise; `edge.api` turns each into problem+json (RFC 9457).

Each class is one type of problem: its docstring says what has happened, `remedy` what the caller does about it.
"""

from typing import Any, ClassVar


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """An error of the service, which its log has under `requestId`."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"
    remedy: ClassVar[str] = "Try again later; if it stays, tell the operator the `requestId`."

    def __init__(self, detail: str, *, pointer: str | None = None, **members: Any) -> None:
        """`members` are further members of the problem document."""
        super().__init__(detail)
        self.detail = detail
        self.members = members
        if pointer is not None:
            self.members["errors"] = [{"pointer": pointer, "message": detail}]


class Malformed(Problem):
    """The request cannot be read: its body is not JSON, or a cursor or an identifier has another shape."""

    status, slug, title = 400, "malformed", "Malformed request"
    remedy = "Repair what `detail` and `errors` name. Begin a list again without its cursor."


class Unauthorized(Problem):
    """There is no access token, or it has expired, or it is none of this API's, or its client was replaced."""

    status, slug, title = 401, "unauthorized", "No valid access token"
    remedy = (
        "Get a new access token and send it as `Authorization: Bearer`; "
        "after the rotation of a machine's secret by the client id and secret that it gave."
    )


class Forbidden(Problem):
    """The caller has a grant on the sandbox, but not this permission."""

    status, slug, title = 403, "forbidden", "Permission missing"
    remedy = "Ask somebody with `access:manage` for the permission that `permission` names."


class Untrusted(Problem):
    """A message or a token of the Data Rights Protocol is not to be trusted; `reason` says which check it failed."""

    status, slug, title = 403, "untrusted", "Not to be trusted"
    remedy = "Sign a new message with the registered key, or set up the agent's token anew."


class Blocked(Problem):
    """The deployment's web application firewall has refused the request. API Gateway answers it."""

    status, slug, title = 403, "blocked", "Refused by the firewall"
    remedy = "Ask the operator, with the `requestId`, which rule it met."


class NotFound(Problem):
    """Unknown, or the caller has no grant on the sandbox: the two look the same."""

    status, slug, title = 404, "not-found", "Not found"
    remedy = "Compare the path and its ids with what lists answer; `GET /v1/me` has the sandboxes with a grant."


class MethodNotAllowed(Problem):
    """The path is there, but not with this method."""

    status, slug, title = 405, "method-not-allowed", "Method not allowed"
    remedy = "Use one of the methods that the header `Allow` names."


class Conflict(Problem):
    """The current state does not allow it; `current` names that state, or is a code."""

    status, slug, title = 409, "conflict", "Conflict with the current state"
    remedy = "Read the resource again and decide anew."


class Gone(Problem):
    """It was there and is no more."""

    status, slug, title = 410, "gone", "No longer there"
    remedy = "Make what is needed anew, such as the request whose package has expired."


class Stale(Problem):
    """`If-Match` names a version that is no longer the current one."""

    status, slug, title = 412, "stale", "The resource has changed"
    remedy = "Read the resource again and send its new `ETag`."


class TooLarge(Problem):
    """The body has more than 10 MB. API Gateway answers it."""

    status, slug, title = 413, "too-large", "Body too large"
    remedy = "Send fewer items in a call, or upload a file."


class UnsupportedMediaType(Problem):
    """The body is of a type that is not taken."""

    status, slug, title = 415, "unsupported-media-type", "Unsupported media type"
    remedy = "Send JSON, as `Content-Type: application/json`."


class Refused(Problem):
    """Well-formed, but refused by validation or by a rule; `reason` is its stable code."""

    status, slug, title = 422, "refused", "Refused by a rule"
    remedy = "Repair what `errors` points at, or what the code in `reason` says."


class TooManyRequests(Problem):
    """Throttled, or a budget is spent, or too much changes at once: try again after `retryAfter` seconds."""

    status, slug, title = 429, "too-many-requests", "Too many requests"
    remedy = "Wait as many seconds as the header `Retry-After` says. `RateLimit` tells what is left of a budget."


class NotReady(Problem):
    """What is asked for is being made, and takes longer than a call may."""

    status, slug, title = 503, "not-ready", "Not ready yet"
    remedy = "Ask again after as many seconds as the header `Retry-After` says; each call goes on with the work."


class TimedOut(Problem):
    """No answer came in time; whether the work was done is not known. API Gateway answers it."""

    status, slug, title = 504, "timed-out", "No answer in time"
    remedy = "Try again after `Retry-After` seconds, a POST with the same `Idempotency-Key`."
