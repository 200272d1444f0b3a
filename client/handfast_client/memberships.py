"""Many values that join a segment or leave it, as many calls as they take."""

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from handfast_client.calls import memberships
from handfast_client.exchange import Steps

if TYPE_CHECKING:
    from handfast_client import models

MOST = 1_000
"""Changes of a call."""


def _steps(
    noun: "Memberships | AsyncMemberships", segment: str, namespace: str, values: Iterable[str], status: str
) -> Steps[Any]:
    accepted, sent = 0, 0
    rejected: list[Any] = []
    left = iter(values)
    while part := list(islice(left, MOST)):
        changes = [
            {"identity": {"namespace": namespace, "value": value}, "segmentId": segment, "status": status}
            for value in part
        ]
        answer = yield from noun.steps("POST", "/sandboxes/{sandbox}/memberships", body={"changes": changes})
        accepted += answer["accepted"]
        rejected += [each | {"index": each["index"] + sent} for each in answer["rejected"]]
        sent += len(part)
    return {"accepted": accepted, "rejected": rejected}


class Memberships(memberships.Memberships):
    """Membership changes as a stream."""

    def add(self, segment: str, namespace: str, values: Iterable[str]) -> "models.ChangesAccepted":
        """Have identities join a segment: any number of values of a namespace, 1,000 in a call.

        What is rejected is told by its place among the values, from 0. Where a call fails, those before it are taken;
        sending them again changes nothing.
        """
        found: models.ChangesAccepted = self._api.run(_steps(self, segment, namespace, values, "realized"))
        return found

    def remove(self, segment: str, namespace: str, values: Iterable[str]) -> "models.ChangesAccepted":
        """As `add`, for identities that leave the segment."""
        found: models.ChangesAccepted = self._api.run(_steps(self, segment, namespace, values, "exited"))
        return found


class AsyncMemberships(memberships.AsyncMemberships):
    """As Memberships, for asyncio."""

    async def add(self, segment: str, namespace: str, values: Iterable[str]) -> "models.ChangesAccepted":
        """As `Memberships.add`."""
        found: models.ChangesAccepted = await self._api.run(_steps(self, segment, namespace, values, "realized"))
        return found

    async def remove(self, segment: str, namespace: str, values: Iterable[str]) -> "models.ChangesAccepted":
        """As `Memberships.remove`."""
        found: models.ChangesAccepted = await self._api.run(_steps(self, segment, namespace, values, "exited"))
        return found
