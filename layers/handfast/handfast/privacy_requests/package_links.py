"""Who takes a package, and by what link (docs/api.md, Privacy)."""

from datetime import timedelta

from handfast.journal.models import Actor, Caller
from handfast.platform import clock, objects
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, Gone, NotFound
from handfast.privacy_requests import package_store, rules, store
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.wire import PackageLink

LINK_FOR = timedelta(minutes=15)
"""How long a link works, unless the credentials that signed it end earlier."""


def take(caller: Caller, privacy_request_id: str) -> PackageLink:
    """`hand_out` to a caller.

    Raises NotFound for an unknown request or one without a package, Conflict while there is none yet, Gone when it is
    deleted.
    """
    return hand_out(caller.sandbox_id, Actor.of(caller), privacy_request_id)


def hand_out(sandbox_id: str, actor: Actor, privacy_request_id: str) -> PackageLink:
    """A link to the package and its passphrase; who takes them is recorded.

    Raises NotFound where the request has none, Conflict while it is not made, Gone when it has expired or was deleted.
    """
    request = store.request(sandbox_id, privacy_request_id)
    if request is None or not rules.reads(request.type):
        raise NotFound("no such package: only requests of type access and portability have one")
    stage = next(stage for stage in request.stages if stage.name == "package")
    if stage.status != "done":
        raise Conflict("the package is not made yet", current=request.status)
    now, until = clock.now(), str(stage.detail["expiresAt"])
    if clock.to_text(now) >= until:
        raise Gone("the package has expired; make a new request")
    key = package_store.find(sandbox_id, privacy_request_id)
    if key is None:
        raise Gone("the package was deleted, because data in it were erased; make a new request")
    with lost_condition_is(Conflict("the request was changed at the same time; try again", current="changed")):
        store.save(Step(request, request, "package_taken", actor, {}))
    return PackageLink(
        url=objects.link(key, int(LINK_FOR.total_seconds()), f"{privacy_request_id}.zip"),
        expires_at=clock.to_text(now + LINK_FOR),
        passphrase=package_store.passphrase(sandbox_id, privacy_request_id),
        package_expires_at=until,
    )
