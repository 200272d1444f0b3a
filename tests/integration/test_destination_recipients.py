"""Destinations as recipients of privacy requests: who is told, what they have taken, and what is a gap."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from functions.approvals import app as approvals
from functions.privacy_requests import app as privacy
from handfast.platform import clock
from tests.worlds.asking import ANN, Asking
from tests.worlds.endpoints import emptied, with_readers
from tests.worlds.line import Line
from tests.worlds.privacy import automatic, subject
from tests.worlds.receiver import DOWN, REFUSES, TAKES, Receiver


class Asked(Line, Asking):
    """A segment activated to an endpoint, and a request of Ann's about it."""

    def standing(self, made: str) -> tuple[str, list[tuple[str, str, str]]]:
        """The request's status, and its recipients."""
        found = self.member.call(privacy, "GET", f"privacy-requests/{made}").body
        return found["status"], [(each["kind"], each["name"], each["status"]) for each in found["recipients"]]


@pytest.fixture
def asked(stores: None, endpoint: Receiver, monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    now: Callable[[], Any] = clock.now
    asked = Asked(*with_readers(), emptied(endpoint))
    monkeypatch.setattr(clock, "now", lambda: now() + asked.later)
    automatic(asked.member.sandbox)
    asked.work()
    return asked


@pytest.mark.parametrize("kind", ["erasure", "opt_out", "objection"])
def test_a_destination_is_told_and_has_taken_it(asked: Asked, kind: str) -> None:
    made = asked.ask(kind)
    asked.wait(seconds=10)
    assert asked.standing(made) == ("completed", [("destination", "Warehouse", "confirmed")])


def test_one_that_does_not_answer_is_waited_for(asked: Asked) -> None:
    asked.endpoint.answers = [DOWN]
    made = asked.ask("erasure")
    asked.wait(seconds=10)
    assert asked.standing(made) == ("running", [("destination", "Warehouse", "sent")])
    asked.endpoint.answers, asked.endpoint.got = [TAKES], []
    asked.wait(minutes=2)
    asked.wait(minutes=2)
    assert asked.got() == [(sha256(ANN.encode()).hexdigest(), "exited")]
    assert asked.standing(made) == ("completed", [("destination", "Warehouse", "confirmed")])
    told = asked.member.call(privacy, "GET", f"privacy-requests/{made}").body["recipients"][0]
    assert told["notifiedAt"] < told["confirmedAt"]


def test_one_that_never_answers_is_a_gap_once_the_deadline_is_over(asked: Asked) -> None:
    asked.endpoint.answers = [DOWN]
    made = asked.ask("erasure")
    asked.wait(days=60)
    status, recipients = asked.standing(made)
    assert (status, recipients) == ("completed_with_gaps", [("destination", "Warehouse", "failed")])


def test_a_refused_exit_is_a_gap_until_it_is_replayed(asked: Asked) -> None:
    asked.endpoint.answers = [REFUSES]
    made = asked.ask("erasure")
    asked.wait(seconds=10)
    assert asked.standing(made) == ("completed_with_gaps", [("destination", "Warehouse", "failed")])
    asked.endpoint.answers = [TAKES]
    assert asked.on("POST", "dead-letters/replay", {"all": True}).status == 200
    asked.work()
    assert asked.member.call(privacy, "POST", f"privacy-requests/{made}/retry").status == 200
    asked.settle()
    asked.wait(seconds=10)
    assert asked.standing(made) == ("completed", [("destination", "Warehouse", "confirmed")])


def test_who_was_left_there_is_a_gap_by_name(asked: Asked) -> None:
    path = f"destinations/{asked.destination}/activations/{asked.activation}"
    assert asked.call("DELETE", path, query={"members": "keep"}).status in (200, 202, 204)
    asked.work()
    made = asked.ask("erasure")
    asked.wait(seconds=10)
    assert asked.standing(made) == ("completed_with_gaps", [("destination", "Warehouse", "not_supported")])
    done = {"note": "removed there by hand", "destinationId": asked.destination}
    completed = asked.member.call(approvals, "POST", f"privacy-requests/{made}/complete", done)
    assert completed.status == 200, completed.body
    assert asked.standing(made) == ("completed", [("destination", "Warehouse", "confirmed")])
    again = asked.member.call(approvals, "POST", f"privacy-requests/{made}/complete", done)
    assert (again.status, again.body["current"]) == (409, "confirmed")


@pytest.mark.parametrize(
    ("more", "pointers"),
    [
        ({"destinationId": "dst_1"}, ["/destinationId"]),
        ({"destinationId": "dst_1", "connectorId": "cn_1"}, [""]),
    ],
)
def test_what_is_done_by_hand_is_done_at_one_place_that_had_the_person(
    asked: Asked, more: dict[str, str], pointers: list[str]
) -> None:
    made = asked.ask("erasure")
    refused = asked.member.call(approvals, "POST", f"privacy-requests/{made}/complete", {"note": "removed", **more})
    assert refused.status == 422
    assert [each["pointer"] for each in refused.body["errors"]] == pointers


def test_nothing_is_waited_for_once_the_person_has_allowed_it_again(asked: Asked) -> None:
    asked.endpoint.answers = [DOWN]
    out = asked.ask("opt_out")
    asked.ask("opt_in")
    asked.wait(minutes=10)
    assert asked.standing(out)[0] == "completed"
    told = asked.member.call(privacy, "GET", f"privacy-requests/{out}").body["recipients"][0]
    assert told["reason"] == "the person has allowed it again since"


def test_a_correction_is_left_to_people(asked: Asked) -> None:
    made = asked.ask("rectification", note="The surname is spelt with a k.")
    assert asked.standing(made)[1] == [("destination", "Warehouse", "not_supported")]


def test_a_preview_and_an_access_name_it(asked: Asked) -> None:
    body = {"type": "erasure", "regulation": "gdpr", "verified": True, "subject": subject(ANN)}
    preview = asked.member.call(privacy, "POST", "privacy-requests", body, query={"dryRun": "true"})
    assert preview.body["recipients"] == [{"name": "Warehouse", "kind": "destination"}]
    made = asked.ask("access")
    found = asked.member.call(privacy, "GET", f"privacy-requests/{made}").body
    assert found["status"] == "completed", found
    package = next(stage for stage in found["stages"] if stage["name"] == "package")
    assert package["detail"]["recipients"] == 1
