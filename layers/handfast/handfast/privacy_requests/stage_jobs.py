"""A request at a stage, and what a stage says of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from handfast.identity.keys import Key
from handfast.journal.models import Actor
from handfast.lake import answers
from handfast.platform.secret import identity_secret
from handfast.platform.table import Write
from handfast.privacy_requests import store
from handfast.privacy_requests.models import PrivacyRequest, Subject
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.suppressed import listed_as

WAIT_FOR = timedelta(hours=1)
"""How long a stage waits for what it has set off."""


def answer_keys(profile_ids: Iterable[str]) -> set[Key]:
    """The keys that answers given with profile ids are kept by."""
    return {answers.key(identity_secret(), profile_id) for profile_id in profile_ids}


@dataclass
class Job:
    """A request at a stage, and whom it is about."""

    request: PrivacyRequest
    subject: Subject

    @property
    def name(self) -> str:
        """The request's id."""
        return self.request.privacy_request_id

    @property
    def keys(self) -> set[Key]:
        """The person's identities."""
        return set(self.subject.identities)

    @property
    def named(self) -> frozenset[Key]:
        """The identities that the request itself names, where a partner has passed it on."""
        return self.subject.named or frozenset(self.subject.identities)

    @property
    def listed_as(self) -> dict[Key, Key]:
        """By each phone number that the request gave raw, and each device, the key by which DROP lists it."""
        return listed_as(self.subject.identities, self.subject.clear, self.subject.values)

    @property
    def answer_keys(self) -> set[Key]:
        """The keys that answers given with the person's profile ids are kept by."""
        return answer_keys(self.subject.profile_ids)


class Waiting(Exception):  # noqa: N818 - an expected outcome
    """What the stage has set off has not ended yet."""


class Unanswered(Waiting):
    """Others have yet to answer: whoever does has the stage done again."""


class Referred(Exception):  # noqa: N818 - an expected outcome
    """The request reaches further than its approval went: it goes back for another decision, with `counts`."""

    def __init__(self, counts: Mapping[str, Any]) -> None:
        super().__init__()
        self.counts = counts


class Found(Exception):  # noqa: N818 - an expected outcome
    """More of the person has come in since: begin again."""


type Outcome = Mapping[str, Any] | Exception
"""What a stage tells of a request that it is done with, or why it is not."""

type Stage = Callable[[str, Sequence[Job]], Mapping[str, Outcome]]
"""Do a stage for some of a sandbox's requests that stand at it; an outcome for each, by the request's id."""


def note(job: Job, new: PrivacyRequest, event: str, detail: dict[str, object], writes: tuple[Write, ...]) -> None:
    """Record something that happened within a stage, with its writes."""
    job.request = store.save(Step(job.request, new, event, Actor.system(), detail, announced=False, more=writes))[0]
