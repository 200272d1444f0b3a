"""The results of a request for access: the package, for the party that has asked for it and nobody else."""

from pydantic import BaseModel

from handfast.journal.models import Actor
from handfast.platform import clock
from handfast.platform.wire import Link, Timestamp
from handfast.privacy_requests import package_links
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.rules import package_until, reads


class PackageResults(BaseModel):
    """Where the encrypted package can be fetched until `expires_at`, and the passphrase that opens it.

    New links are given until `package_expires_at`.
    """

    url: Link
    expires_at: Timestamp
    passphrase: str
    package_expires_at: Timestamp


def available_until(request: PrivacyRequest) -> str | None:
    """Until when there is a package, or was; None for a request that has none."""
    ended = reads(request.type) and request.status in {"completed", "completed_with_gaps"}
    return package_until(request) if ended else None


def are_ready(request: PrivacyRequest) -> bool:
    """Whether there is a package to be fetched now."""
    return clock.now_text() < (available_until(request) or "")


def take(request: PrivacyRequest, actor: Actor) -> PackageResults:
    """A link and the passphrase; raises NotFound, Conflict or Gone where there is no package, not yet or no more."""
    link = package_links.hand_out(request.sandbox_id, actor, request.privacy_request_id)
    return PackageResults(**link.model_dump(exclude={"opens"}))
