"""A look at a package before the person gets it, and what is withheld of it (GDPR Art. 15(4), 11 CCR 7024(d)).

Until the review the package is a draft (package_store.py), of which there is a link for `privacy:approve` alone. The
worker makes the person's package of the draft, without what is withheld; the draft is gone when the request completes.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from handfast.journal.models import Actor, Caller
from handfast.platform import clock, objects
from handfast.platform.objects import ObjectVersion
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, Gone, Refused
from handfast.privacy_requests import (
    package_archive,
    package_document,
    package_links,
    package_redaction,
    package_store,
    reading,
    rules,
    store,
)
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.package_document import Withheld
from handfast.privacy_requests.review_wire import PackageDraft, PackagePart, Release
from handfast.privacy_requests.stage_jobs import Found, Job, Outcome, Unanswered
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.views import view
from handfast.privacy_requests.wire import PrivacyRequestView

_CHANGED = Conflict("the request was changed at the same time; read it again", current="changed")


def draft(caller: Caller, privacy_request_id: str) -> PackageDraft:
    """The parts of a package that awaits its review, a link to it, and its passphrase; who takes them is recorded.

    Raises NotFound for an unknown request, Conflict where none awaits a review, Gone when the draft is deleted.
    """
    request, stored = _awaiting(caller, privacy_request_id)
    found = None
    if stored.size <= package_archive.MOST_PAGE_BYTES:
        found = package_redaction.parts(_document(stored, caller.sandbox_id, privacy_request_id))
    link = package_links.linked(request, Actor.of(caller), stored, "draft.zip")
    return PackageDraft(
        parts=None if found is None else [PackagePart(part=part, entries=count) for part, count in found.items()],
        **link.model_dump(exclude={"package_expires_at"}),
    )


def release(caller: Caller, privacy_request_id: str, body: Release) -> PrivacyRequestView:
    """Give a package that awaits its review to the person, without the parts that are withheld.

    Raises NotFound for an unknown request, Conflict where none awaits a review, for a draft too large to be looked into
    of which something is withheld, or when the request was changed at the same time, Gone when the draft is deleted,
    Refused for a part that the package does not have.
    """
    old, stored = _awaiting(caller, privacy_request_id)
    withheld = _counted(_document(stored, caller.sandbox_id, privacy_request_id), body) if body.withhold else []
    detail: dict[str, object] = {"withheld": [each.model_dump() for each in withheld]}
    new = rules.with_stage(old, "review", "running", clock.now_text(), detail)
    with lost_condition_is(_CHANGED):
        (written,) = store.save(Step(old, new, "package_released", Actor.of(caller), detail))
    store.wake(caller.sandbox_id)
    return view(written)


def _counted(document: Mapping[str, object], body: Release) -> list[Withheld]:
    counts = [package_redaction.count(document, each.part) for each in body.withhold]
    errors = [
        {"pointer": f"/withhold/{index}/part", "message": "the package has no such part"}
        for index, entries in enumerate(counts)
        if not entries
    ]
    if errors:
        problem = "some parts are none of this package's; GET …/package/review lists those that there are"
        raise Refused(problem, reason="validation", errors=errors)
    return [
        Withheld(part=each.part, entries=entries, ground=each.ground, reason=each.reason)
        for each, entries in zip(body.withhold, counts, strict=True)
    ]


def _awaiting(caller: Caller, privacy_request_id: str) -> tuple[PrivacyRequest, ObjectVersion]:
    request = reading.load(caller, privacy_request_id)
    if not rules.awaits_review(request):
        raise Conflict("no package of it awaits a review", current=request.status)
    stored = package_store.find_draft(caller.sandbox_id, privacy_request_id)
    if stored is None:
        raise _deleted()
    return request, stored


def _document(stored: ObjectVersion, sandbox_id: str, privacy_request_id: str) -> dict[str, Any]:
    package_archive.check_size(stored.size)
    read = objects.read(stored.key)
    if read is None:
        raise _deleted()
    return _unpacked(read[0], sandbox_id, privacy_request_id)


def _unpacked(archive: bytes, sandbox_id: str, privacy_request_id: str) -> dict[str, Any]:
    files = package_archive.files(archive, package_store.passphrase(sandbox_id, privacy_request_id))
    found: dict[str, Any] = json.loads(files["data.json"])
    return found


def _deleted() -> Gone:
    return Gone("the draft was deleted, as data in it were erased or 30 days are over; retry makes another")


def work(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    """Make the packages of those that were released; the others wait."""
    return {job.name: _made(sandbox_id, job) for job in jobs}


def _made(sandbox_id: str, job: Job) -> Outcome:
    detail = job.request.stage.detail
    if "withheld" not in detail:
        return Unanswered()
    stored = package_store.find_draft(sandbox_id, job.name)
    read = objects.read(stored.key) if stored else None
    if read is None:
        return Found()
    withheld = [Withheld.model_validate(each) for each in detail["withheld"]]
    now = clock.now()
    package_store.keep(sandbox_id, job.name, _without(read[0], withheld, sandbox_id, job.name) if withheld else read[0])
    if package_store.find_draft(sandbox_id, job.name) is None:  # an erasure has deleted it, and may have missed this
        package_store.delete(sandbox_id, job.name)
        return Found()
    return {**detail, "expiresAt": clock.to_text(now + package_store.KEPT)}


def _without(archive: bytes, withheld: Sequence[Withheld], sandbox_id: str, privacy_request_id: str) -> bytes:
    package = package_redaction.redacted(_unpacked(archive, sandbox_id, privacy_request_id), withheld)
    files = {"index.html": package_document.to_html(package), "data.json": package_document.to_json(package)}
    return package_archive.archived(files, package_store.passphrase(sandbox_id, privacy_request_id))
