"""A person's last word counts: what the person has said since is neither undone nor waited for, told nor lifted."""

from collections.abc import Collection, Iterable, Mapping

from handfast.governance.consent import REFUSALS
from handfast.identity.keys import Key
from handfast.lake import people, suppressions
from handfast.lake.suppressions import Reason, Release, Word
from handfast.platform import clock
from handfast.privacy_requests import rules
from handfast.privacy_requests.drop import rules as drop
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.stage_jobs import Job


def by_list(jobs: Iterable[Job]) -> Mapping[Reason | Release, list[Word]]:
    """What the people of requests say to the lists of the suppressed, and when they said it.

    An opt-in that lifts an erasure lifts what DROP lists by their numbers and devices, too.
    """
    words: dict[Reason | Release, list[Word]] = {"erasure": [], "opt_out": [], "release": [], "release_erasure": []}
    for job in jobs:
        request, keys = job.request, job.keys
        item = drop.item_of(request.regulation, request.external_id)
        if reason := rules.suppression_of(request.type):
            words[reason] += [(key, request.word_at, item) for key in keys]
        elif request.type == "opt_in":
            listed = set(job.listed_as.values()) if request.lifts_erasure else set[Key]()
            said: Release = "release_erasure" if request.lifts_erasure else "release"
            words[said] += [(key, request.word_at, None) for key in keys | listed]
    return words


def allowed_since(sandbox_id: str, request: PrivacyRequest, keys: Collection[Key]) -> set[Key]:
    """Those of the identities that a request keeps from being shared, and a later one, or a later answer, does not.

    An erasure leaves nothing that could be shared, whatever is allowed since.
    """
    if not keys or request.type == "erasure":
        return set()
    if rules.suppression_of(request.type):
        return set(keys) - suppressions.find(sandbox_id, keys).keys()
    if (request.type, request.share) != ("consent", "n"):
        return set()
    return {key for key, answer in _answers_since(sandbox_id, request, keys) if answer not in REFUSALS}


def refused_since(sandbox_id: str, request: PrivacyRequest, keys: Collection[Key]) -> set[Key]:
    """Those of the identities that a consent allows to share, and a later answer does not."""
    if not keys or request.type != "consent":
        return set()
    return {key for key, answer in _answers_since(sandbox_id, request, keys) if answer in REFUSALS}


def _answers_since(sandbox_id: str, request: PrivacyRequest, keys: Collection[Key]) -> Iterable[tuple[Key, str]]:
    said_at = clock.to_text(request.word_at)
    for row in people.stored_profiles(sandbox_id, keys):
        answer = row.profile_share or row.share
        if answer and (row.answered_at or "") > said_at:
            yield (row.hi, row.lo), answer
