"""The chapter of a destination that goes down, comes back and refuses: in the end it has whom it is to have."""

from typing import Any

from handfast_cli.demo.generator import EMAIL, Identity
from handfast_cli.demo.report import Report
from handfast_cli.demo.side import Side, until
from handfast_cli.demo.story import Story
from handfast_cli.demo.truth import Change
from handfast_cli.demo.warehouse import Warehouse, warehouse

WAREHOUSE = "Warehouse"
_LEAVING = 60
_PROFILES = 1_000
"""Profiles of a request."""


class ActivationChapter:
    """A gives the first segment, by address, to a warehouse that knows nothing of Handfast but its bodies."""

    def __init__(self, a: Side, story: Story, report: Report) -> None:
        self._a, self._story, self._report = a, story, report

    def tell(self) -> None:
        """The whole chapter."""
        self._name, self._segment, _ = self._story.shareable_by_mail()
        with warehouse() as self._warehouse:
            self._connect(self._warehouse)
            self._activate()
            left = self._goes_down()
            self._refuses(left)
            self._ends()

    def _connect(self, system: Warehouse) -> None:
        body = {
            "type": "http",
            "name": WAREHOUSE,
            "settings": {"url": system.url, "maxProfilesPerCall": _PROFILES},
            "authentication": {"kind": "bearer", "bearerToken": system.token},
        }
        made = self._a.post("/destinations", body)
        self._destination = f"/destinations/{made['destinationId']}"
        self._report.equal("the test of the destination", True, self._a.post(f"{self._destination}/test")["ok"])
        self._report.say("A connects its warehouse, and a test finds that it answers")

    def _activate(self) -> None:
        wanted = len(self._wanted())
        body = {
            "segments": [{"segmentId": self._segment, "mappingId": self._name}],
            "mapping": [{"source": EMAIL, "target": EMAIL}],
        }
        preview = self._a.post(f"{self._destination}/activations", body, dryRun=True)
        if preview["counts"]:  # of few enough to count in a call
            self._report.equal("whom the dry run would give", wanted, preview["counts"]["activated"])
            excluded = ", ".join(f"{count:,} {why}" for why, count in preview["excluded"]["byReason"].items())
            self._report.say(f"A dry run: {wanted:,} would be given, and not {excluded or 'nobody'}")
        with self._report.measured(f"{self._name} given to the warehouse", wanted) as bar:
            made = self._a.post(f"{self._destination}/activations", body)
            self._activation = f"{self._destination}/activations/{made['activationId']}"
            until(lambda: bar(len(self._held()), wanted) or self._is_true())
        self._compare("the warehouse's members")

    def _goes_down(self) -> list[Identity]:
        """Some members leave while nobody answers; who they are."""
        self._warehouse.is_up = False
        _, _, members = self._story.shareable_by_mail()
        leaving = sorted(members)[: min(_LEAVING, len(members) // 4)]
        before = len(self._held())
        self._story.push([Change(identity, self._name, realized=False) for identity in leaving])
        failing = until(lambda: self._health()["status"] == "failing")
        self._report.equal("what is said of the warehouse", (True, before), (failing, len(self._held())))
        self._report.say(
            f"The warehouse is down while {len(leaving)} members leave: failing, {self._health()['reason']}"
        )
        with self._report.measured("Back again, until all has arrived", len(leaving)):
            self._warehouse.is_up = True
            until(self._is_true)
        self._compare("the warehouse's members after the outage")
        return leaving

    def _refuses(self, left: list[Identity]) -> None:
        """One who has left comes back, which the warehouse refuses; mended, it is sent what it has refused."""
        self._warehouse.refuses = True
        self._story.push([Change(left[0], self._name, realized=True)])
        letters = until(lambda: list(self._a.items(f"{self._destination}/dead-letters")))
        (status, answer) = (letters[0]["status"], letters[0]["answer"]) if letters else (None, "")
        self._report.equal("the dead letters and why", (1, 400), (len(letters), status))
        self._report.equal("whether the warehouse has who came back", False, left[0] in self._held())
        self._report.say(f"One comes back, and the warehouse refuses: a dead letter, {status} {answer}")
        self._warehouse.refuses = False
        replayed = self._a.post(f"{self._destination}/dead-letters/replay", {"all": True})
        self._report.equal("what is replayed", {"replayed": 1, "left": 0}, replayed)
        until(self._is_true)
        self._compare("the warehouse's members after the replay")

    def _ends(self) -> None:
        count = len(self._held())
        with self._report.measured("Activation ended, until all have left", count) as bar:
            self._a.delete(self._activation)
            until(lambda: bar(count - len(self._held()), count) or not self._held())
        self._report.equal("whom the warehouse has at the end", 0, len(self._held()))
        self._report.say("A ends the activation: the warehouse has nobody any more")

    def _health(self) -> Any:
        return self._a.get(f"{self._destination}/health")

    def _wanted(self) -> set[Identity]:
        return self._story.shareable_by_mail()[2]

    def _held(self) -> set[Identity]:
        return {(EMAIL, value) for value in self._warehouse.members(self._name)}

    def _is_true(self) -> bool:
        return self._held() == self._wanted()

    def _compare(self, what: str) -> None:
        self._report.same_members(what, {self._name: self._wanted()}, {self._name: self._held()})
