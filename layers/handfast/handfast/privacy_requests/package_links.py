"""Who takes a package, by what link or as what page (docs/api.md, Privacy)."""

from datetime import timedelta

from handfast.journal.models import Actor, Caller
from handfast.platform import clock, objects
from handfast.platform.objects import ObjectVersion
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, Gone, NotFound
from handfast.privacy_requests import package_archive, package_store, rules, store
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.package_document import OPENS
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.wire import PackageLink, PackagePage

LINK_FOR = timedelta(minutes=15)
"""How long a link works, unless the credentials that signed it end earlier."""


def take(caller: Caller, privacy_request_id: str) -> PackageLink:
    """`hand_out` to a caller.

    Raises NotFound for an unknown request or one without a package, Conflict while there is none yet, Gone when it is
    deleted.
    """
    return hand_out(caller.sandbox_id, Actor.of(caller), privacy_request_id)


def hand_out(sandbox_id: str, actor: Actor, privacy_request_id: str) -> PackageLink:
    """A link to the package as an archive, and its passphrase; who takes them is recorded.

    Raises NotFound where the request has none, Conflict while it is not made, Gone when it has expired or was deleted.
    """
    request, stored, until = _ready(sandbox_id, privacy_request_id)
    return linked(request, actor, stored, "zip", until)


def linked(
    request: PrivacyRequest, actor: Actor, stored: ObjectVersion, form: str, package_expires_at: str = ""
) -> PackageLink:
    """A link to an archive of a request's, and its passphrase; who takes them is recorded with the `form`.

    Raises Conflict when the request was changed at the same time.
    """
    _record(request, actor, form)
    name = request.privacy_request_id
    return PackageLink(
        url=objects.link(stored.key, int(LINK_FOR.total_seconds()), f"{name}.{form}"),
        expires_at=clock.to_text(clock.now() + LINK_FOR),
        passphrase=package_store.passphrase(request.sandbox_id, name),
        package_expires_at=package_expires_at,
        opens=OPENS["zip"],
    )


def take_page(caller: Caller, privacy_request_id: str) -> PackagePage:
    """The package as a page that opens in a browser, and its passphrase; who takes them is recorded.

    Raises NotFound for an unknown request or one without a package, Conflict while there is none yet and when it is
    too large for a page, Gone when it is deleted.
    """
    request, stored, until = _ready(caller.sandbox_id, privacy_request_id)
    package_archive.check_size(stored.size)
    read = objects.read(stored.key)
    if read is None:
        raise _deleted()
    passphrase = package_store.passphrase(caller.sandbox_id, privacy_request_id)
    page = package_archive.page(read[0], passphrase)
    _record(request, Actor.of(caller), "html")
    return PackagePage(page=page, passphrase=passphrase, package_expires_at=until, opens=OPENS["html"])


def _ready(sandbox_id: str, privacy_request_id: str) -> tuple[PrivacyRequest, ObjectVersion, str]:
    """A request, its package, and until when that is there."""
    request = store.request(sandbox_id, privacy_request_id)
    if request is None or not rules.reads(request.type):
        raise NotFound("no such package: only requests of type access and portability have one")
    until = rules.package_until(request)
    if until is None:
        detail = "the package awaits a review" if rules.awaits_review(request) else "the package is not made yet"
        raise Conflict(detail, current=request.status)
    if clock.now_text() >= until:
        raise Gone("the package has expired; make a new request")
    stored = package_store.find(sandbox_id, privacy_request_id)
    if stored is None:
        raise _deleted()
    return request, stored, until


def _deleted() -> Gone:
    return Gone("the package was deleted, because data in it were erased; make a new request")


def _record(request: PrivacyRequest, actor: Actor, form: str) -> None:
    with lost_condition_is(Conflict("the request was changed at the same time; try again", current="changed")):
        store.save(Step(request, request, "package_taken", actor, {"form": form}))
