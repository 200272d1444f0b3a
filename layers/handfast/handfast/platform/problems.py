"""The problems a service may raise; platform.http turns each into problem+json (RFC 9457)."""

from typing import Any, ClassVar


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """A refusal with a meaning for the caller. `members` are extra members of the problem document."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, pointer: str | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members
        if pointer is not None:
            self.members["errors"] = [{"pointer": pointer, "message": detail}]


class Malformed(Problem):
    """The request cannot be read."""

    status, slug, title = 400, "malformed", "Malformed request"


class Forbidden(Problem):
    """The caller has a grant on the sandbox, but not this permission."""

    status, slug, title = 403, "forbidden", "Permission missing"


class NotFound(Problem):
    """Unknown, or the caller has no grant on the sandbox: the two look the same."""

    status, slug, title = 404, "not-found", "Not found"


class Conflict(Problem):
    """The current state does not allow it; `current` names that state."""

    status, slug, title = 409, "conflict", "Conflict with the current state"


class Gone(Problem):
    """It was there and is no more."""

    status, slug, title = 410, "gone", "No longer there"


class Stale(Problem):
    """`If-Match` names a version that is no longer the current one."""

    status, slug, title = 412, "stale", "The resource has changed"


class UnsupportedMediaType(Problem):
    """The body is of a type that is not taken."""

    status, slug, title = 415, "unsupported-media-type", "Unsupported media type"


class Refused(Problem):
    """Well-formed, but refused by a rule; `reason` is its stable code."""

    status, slug, title = 422, "refused", "Refused by a rule"


class TooManyRequests(Problem):
    """Try again after `retryAfter` seconds."""

    status, slug, title = 429, "too-many-requests", "Too many requests"
