"""A person's last word counts: what a later request has allowed again, an earlier one neither takes nor waits for."""

from collections.abc import Collection, Iterable

from handfast.identity.keys import Key
from handfast.lake import people, suppressions
from handfast.privacy_requests import rules, scopes
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.stage_jobs import Job


def last_allowed(jobs: Iterable[Job]) -> set[Key]:
    """The identities of which the last of the requests, by when they came, is one that allows sharing again."""
    last: dict[Key, bool] = {}
    for job in sorted(jobs, key=lambda job: job.name):
        is_opt_in = job.request.type == "opt_in"
        if is_opt_in or (rules.suppression_of(job.request.type) and not scopes.limited_to(job.request)):
            last |= dict.fromkeys(job.keys, is_opt_in)
    return {key for key, is_allowed in last.items() if is_allowed}


def allowed_since(sandbox_id: str, request: PrivacyRequest, keys: Collection[Key]) -> set[Key]:
    """Those of the identities that a request has kept from being shared, and another one, or an answer, has not.

    An erasure leaves nothing that could be shared, whatever is allowed since.
    """
    if not keys or request.type == "erasure":
        return set()
    if rules.suppression_of(request.type):
        return set(keys) - suppressions.find(sandbox_id, keys).keys()
    rows = people.stored_profiles(sandbox_id, keys)
    return {(row.hi, row.lo) for row in rows if (row.profile_share or row.share) == "y"}
