"""A sandbox with a destination, and privacy requests about people it has given to it."""

from datetime import timedelta
from typing import Any

from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker
from handfast.destinations import waking
from handfast.platform import clock
from handfast.privacy_requests import due_work
from handfast.privacy_requests import store as requests
from tests.worlds.privacy import subject
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import apply_all, handled

ANN = "ann@example.com"


class Asking:
    """What a world with a destination does about a request of Ann's; `work` does what waits for the destination."""

    world: World
    member: Member
    later = timedelta()

    def work(self) -> None:
        raise NotImplementedError

    def ask(self, kind: str, **more: Any) -> str:
        """Enter a request, and have done what can be done; returns its id."""
        body = {"type": kind, "regulation": "gdpr", "verified": True, "subject": subject(ANN), **more}
        made = self.member.call(privacy, "POST", "privacy-requests", body)
        assert made.status == 202, made.body
        self.settle()
        return str(made.body["privacyRequestId"])

    def settle(self) -> None:
        """Have done what is due, until nothing is."""
        sandbox_id = self.member.sandbox.sandbox_id
        for _ in range(30):
            assert handled(worker.handler, {"sandboxId": sandbox_id})
            apply_all(self.world)
            self.work()
            if not requests.work(sandbox_id) and not due_work.due(sandbox_id, clock.now()):
                return

    def wait(self, **time: int) -> None:
        """Let time go by, and do what is due then."""
        self.later += timedelta(**time)
        waking.wake_overdue()
        self.settle()
